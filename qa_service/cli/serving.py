"""`zhengda serve`: the web service."""

import click

from qa_service.cli.context import CliContext, IndexProgress, command_errors
from qa_service.composition import build
from qa_service.http.serving import serve as serve_http
from qa_service.http.workers import serve_with
from qa_service.installing import demo_accounts, install


@click.command()
@click.option("--demo", is_flag=True, help="数据目录是空的时，先载入示例知识库和演示账号。")
@click.option(
    "--host", "hosts", multiple=True, metavar="地址", help="监听地址，可多次给出；默认见设置 host。"
)
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="监听端口；默认见设置 port。")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="进程数",
    help="用几个进程提供服务，一般不超过处理器核数；每个进程各占一份索引的内存；/metrics 每次由其中一个作答，它自己的指标带 worker（第几个进程）标签，看趋势用 sum(rate(…))，时段取长一些。",
)
@click.pass_obj
@command_errors
def serve(context: CliContext, demo: bool, hosts: tuple[str, ...], port: int | None, workers: int) -> None:
    """启动网站、接口和索引。

    例：zhengda serve --port 8000
    """
    settings = context.settings
    listening = hosts or settings.host, settings.port if port is None else port
    if demo:
        install(settings, samples=True, say=click.echo)
    context.require_data()
    with IndexProgress() as progress:
        application = build(settings, progress=progress)

    def ready(addresses: list[str]) -> None:
        problem = application.encoder_problem
        click.echo(f"政答已启动：{'  '.join(addresses)}")
        accounts = demo_accounts(settings)
        if accounts:
            click.echo("演示账号（口令在首次启动时随机生成）：")
            for account in accounts:
                click.echo(
                    f"  {account.login:<20}{account.password}  {account.name}（{account.department}，{account.roles}）"
                )
        if problem:
            click.echo(f"警告：{problem}；目前只能按词语检索", err=True)
        click.echo("按 Ctrl+C 停止")

    try:
        if workers == 1:
            serve_http(application, listening[0], listening[1], ready)
    finally:
        application.close()
    if workers > 1:  # the index is there now, and opened by each of them
        serve_with(workers, settings.data, *listening, ready)
