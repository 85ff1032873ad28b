"""`zhengda members`: accounts, for when nobody can sign in to manage them."""

import click

from knowledge.people import Member, Role
from qa_service.accounts import change_password, hash_password, new_password
from qa_service.cli.context import CliContext, command_errors, echo_json, now


@click.group()
def members() -> None:
    """管理账号。"""


@members.command("list")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
@click.pass_obj
@command_errors
def list_members(context: CliContext, as_json: bool) -> None:
    """列出账号、处室和角色。

    例：zhengda members list
    """
    with context.opened_store() as store, store.reading() as records:
        everyone = records.people.members()
        names = {department.code: department.name for department in records.people.departments()}
    if as_json:
        echo_json(
            [
                {
                    "login": member.login,
                    "name": member.name,
                    "department": member.department,
                    "roles": sorted(member.roles),
                    "active": member.active,
                }
                for member in everyone
            ],
            indent=2,
        )
        return
    for member in everyone:
        roles = "、".join(role.label for role in Role if role in member.roles)
        state = "" if member.active else "（已停用）"
        click.echo(f"{member.login:<22}{member.name}  {names.get(member.department, '')}  {roles}{state}")


@members.command("add")
@click.argument("login", metavar="账号")
@click.option("--name", required=True, metavar="姓名", help="姓名。")
@click.option("--department", required=True, metavar="处室", help="处室代码或名称。")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([r.value for r in Role]),
    help="角色，可多次给出。",
)
@click.option("--by", default="system", metavar="账号", help="经办人账号，记入审计。")
@click.pass_obj
@command_errors
def add(context: CliContext, login: str, name: str, department: str, roles: tuple[str, ...], by: str) -> None:
    """新建账号，打印初始口令。

    例：zhengda members add zhang.wei --name 张伟 --department 待遇保障处 --role editor
    """
    password = new_password()
    with context.opened_store() as store, store.writing(by, now()) as records:
        owner = records.people.department_named(department) or records.people.department(department)
        member = Member(login, name, owner.code, frozenset(Role(role) for role in roles))
        records.people.add_member(member, hash_password(password))
    click.echo(f"账号 {login} 的初始口令：{password}")


@members.command("password")
@click.argument("login", metavar="账号")
@click.option("--by", default="system", metavar="账号", help="经办人账号，记入审计。")
@click.pass_obj
@command_errors
def password(context: CliContext, login: str, by: str) -> None:
    """重置口令，打印新口令；此账号的登录全部失效。

    例：zhengda members password office.admin
    """
    fresh = new_password()
    with context.opened_store() as store:
        with store.reading() as records:
            records.people.member(login)
        change_password(store, login, fresh, by, now())
    click.echo(f"账号 {login} 的新口令：{fresh}")
