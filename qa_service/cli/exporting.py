"""`zhengda export`."""

from pathlib import Path

import click

from qa_service.cli.context import CliContext, command_errors, echo_json
from qa_service.exporting import Selection, export_entries
from qa_service.exporting.judgments import export_judgments
from qa_service.exporting.target import require_free_target


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="[文件]", required=False)
@click.option(
    "--judgments",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="文件.jsonl",
    help="不导出知识，改为导出经坐席、群众和处室确认的问题及其答案条目，供 python -m eval run --questions 评测。",
)
@click.option("--all", "newest", is_flag=True, help="导出所有条目的最新版本，含草稿（不适用于 .sqlite）。")
@click.option("--department", default="", metavar="处室", help="只导出这个处室的条目：名称或代码。")
@click.option("--public-only", is_flag=True, help="只导出主动公开的内容，供对外提供。")
@click.option("--force", is_flag=True, help="目标文件已经存在时覆盖它。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。")
@click.pass_obj
@command_errors
def export(
    context: CliContext,
    file: Path | None,
    judgments: Path | None,
    newest: bool,
    department: str,
    public_only: bool,
    force: bool,
    as_json: bool,
) -> None:
    """导出已发布的知识：.xlsx、.csv、.json、.jsonl，或自带全文检索的 .sqlite、.db。

    引用了已废止、已失效文件的条目不作答，也不导出。表格可以改过再用 zhengda import 导入。
    不覆盖已有的文件，除非加 --force；从不写入数据目录。

    例：zhengda export 问答.xlsx

    例：zhengda export 公开问答.sqlite --public-only

    例：zhengda export --judgments 实际问题.jsonl
    """
    if (file is None) == (judgments is None):
        raise click.UsageError("请给出一个要导出到的文件，或 --judgments 文件.jsonl，二者取一")
    selection = Selection(newest=newest, department=department, public_only=public_only)
    with context.opened_store() as store:
        target = judgments or file or Path()
        require_free_target(target, store.file, context.settings.data, force)
        count = export_judgments(store, target) if judgments else export_entries(store, target, selection)
    if as_json:
        echo_json({"file": target, "judgments" if judgments else "entries": count})
    else:
        click.echo(f"已导出{count}条到 {target}")
