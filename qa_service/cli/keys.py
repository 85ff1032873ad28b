"""`zhengda keys`: the API keys of integrators."""

import click

from knowledge.entry import Channel
from qa_service.accounts import make_key
from qa_service.cli.context import CliContext, command_errors, echo_json, now


@click.group()
def keys() -> None:
    """管理接口密钥。"""


@keys.command("add")
@click.argument("name", metavar="名称")
@click.option(
    "--channel", type=click.Choice([c.value for c in Channel]), default="api", help="此密钥提问的渠道。"
)
@click.option(
    "--public", is_flag=True, help="网页公钥：可写在网页里，只能提问、联想、反馈、登记和查询待答问题。"
)
@click.option("--per-minute", type=click.IntRange(1, 100_000), default=600, help="每分钟最多请求次数。")
@click.option("--by", default="system", metavar="账号", help="经办人账号，记入审计。")
@click.pass_obj
@command_errors
def add(context: CliContext, name: str, channel: str, public: bool, per_minute: int, by: str) -> None:
    """新建一个密钥；密钥只显示这一次。

    例：zhengda keys add 官网 --channel website --public
    """
    with context.opened_store() as store:
        key, stored = make_key(store, name, Channel(channel), public, per_minute, by, now())
    click.echo(f"密钥 {stored.id}（{name}）：{key}")
    click.echo("请立即保存，以后无法再次查看。", err=True)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
@click.pass_obj
@command_errors
def list_keys(context: CliContext, as_json: bool) -> None:
    """列出全部密钥（只显示前几位）。

    例：zhengda keys list --json
    """
    with context.opened_store() as store, store.reading() as records:
        stored = records.access.api_keys()
    if as_json:
        echo_json(
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "prefix": key.prefix,
                    "channel": key.channel,
                    "public": key.public,
                    "per_minute": key.per_minute,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                }
                for key in stored
            ],
            indent=2,
        )
        return
    for key in stored:
        state = "已吊销" if key.revoked_at else "有效"
        kind = "公钥" if key.public else "密钥"
        click.echo(f"{key.id:>4}  {key.prefix}…  {state}  {kind}  {key.channel.label}  {key.name}")
    if not stored:
        click.echo("还没有密钥。新建：zhengda keys add 名称")


@keys.command("revoke")
@click.argument("key_id", type=int, metavar="编号")
@click.option("--by", default="system", metavar="账号", help="经办人账号，记入审计。")
@click.pass_obj
@command_errors
def revoke(context: CliContext, key_id: int, by: str) -> None:
    """吊销一个密钥，立即生效。

    例：zhengda keys revoke 3
    """
    with context.opened_store() as store, store.writing(by, now()) as records:
        records.access.revoke_key(key_id)
    click.echo(f"密钥 {key_id} 已吊销")
