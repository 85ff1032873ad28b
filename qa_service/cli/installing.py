"""`zhengda init`: an empty data folder, or one with the sample knowledge base."""

import click

from qa_service.cli.context import CliContext, command_errors
from qa_service.installing import install


@click.command()
@click.option("--samples", is_flag=True, help="载入示例知识库和演示账号，并打印演示账号的口令。")
@click.pass_obj
@command_errors
def init(context: CliContext, samples: bool) -> None:
    """建立数据目录：数据库、配置文件、管理员账号。

    已建立过的不会改动。例：zhengda --data /srv/zhengda init
    """
    installed = install(context.settings, samples=samples)
    if not installed.accounts:
        click.echo(f"数据目录 {context.settings.data} 已就绪")
        return
    click.echo(
        f"已建立 {context.settings.data}。账号与初始口令（只显示这一次，另存于 {installed.accounts_file}）："
    )
    for account in installed.accounts:
        click.echo(
            f"  {account.login:<22}{account.password}  {account.name}（{account.department}，{account.roles}）"
        )
