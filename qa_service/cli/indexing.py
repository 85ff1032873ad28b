"""`zhengda index`: build a fresh snapshot of the index."""

import time

import click

from qa_service.cli.context import CliContext, IndexProgress, command_errors, echo_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。")
@click.pass_obj
@command_errors
def index(context: CliContext, as_json: bool) -> None:
    """重新建立索引。正在运行的服务会自动换用新索引，其间不中断。

    例：zhengda index
    """
    application = context.application(open_index=False)
    try:
        started = time.perf_counter()
        with IndexProgress() as progress:
            manifest = application.index.rebuild(application.today(), progress)
        seconds = time.perf_counter() - started
    finally:
        application.close()
    if as_json:
        echo_json(
            {
                "snapshot": manifest.name,
                "entries": manifest.count,
                "vectors": manifest.vectors,
                "seconds": seconds,
            }
        )
    else:
        click.echo(
            f"索引 {manifest.name}：{manifest.count} 条知识，{manifest.vectors} 个语义向量，用时 {seconds:.1f} 秒"
        )
    if application.encoder_problem:
        click.echo(f"警告：{application.encoder_problem}；目前只能按词语检索", err=True)
