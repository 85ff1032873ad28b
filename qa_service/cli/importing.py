"""`zhengda import` and `zhengda import-policies`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from knowledge.errors import NotFound, ZhengdaError
from knowledge.people import Role
from knowledge.store import Store
from qa_service.cli.context import CliContext, command_errors, echo_json
from qa_service.importing import ImportReport, import_entries
from qa_service.importing import import_policies as import_documents
from qa_service.importing.bad_rows import default_bad_rows_file

NOTHING_WRITTEN = 1
ROWS_LEFT_OUT = 3
_SHOWN = 20
_DEFAULT_NAME = "\0"  # what no file can be called


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """What both imports have in common."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。"),
        click.option(
            "--by", default=None, metavar="账号", help="经办人账号，记入修订说明和审计；默认为管理员。"
        ),
        click.option(
            "--skip-bad-rows",
            is_flag=False,
            flag_value=_DEFAULT_NAME,
            default=None,
            metavar="[问题行文件]",
            help="略过有问题的行，写入这个文件（多一列“原因”，改好后可再导入）；不写文件名时取“原名-问题行”。",
        ),
        click.option("--dry-run", is_flag=True, help="只检查，逐行逐列报告问题，不写入任何数据。"),
        click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="文件"),
    ):
        command = option(command)
    return command


@click.command("import")
@_options
@click.option("--published", is_flag=True, help="内容已在别处审定：导入后直接发布，修订说明和审计会写明。")
@click.pass_obj
@command_errors
def import_command(
    context: CliContext,
    file: Path,
    dry_run: bool,
    published: bool,
    skip_bad_rows: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """导入知识条目：.xlsx、.csv、.json、.jsonl，或导出的 .sqlite。

    表头用中文或英文列名，如 编号、部门、标准问、相似问、答案、文号、条款。默认导入为各处室的草稿；
    重复导入同一文件不会产生变化。

    例：zhengda import 问答.xlsx --dry-run

    例：zhengda import 问答.xlsx --published --skip-bad-rows 待改.xlsx

    退出码：0 全部导入（试运行时：没有问题）；1 有问题，什么都没有写入；3 已导入，但略过了有问题的行。
    """
    with context.opened_store() as store, _progress(as_json) as progress:
        report = import_entries(
            store,
            file,
            by=chosen_importer(store, by),
            published=published,
            dry_run=dry_run,
            skip_bad_rows=_bad_rows_file(file, skip_bad_rows),
            progress=progress,
        )
    tell(report, "条目", as_json, skip_bad_rows is not None)


@click.command("import-policies")
@_options
@click.pass_obj
@command_errors
def import_policies(
    context: CliContext,
    file: Path,
    dry_run: bool,
    skip_bad_rows: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """导入政策文件库：.xlsx、.csv、.json、.jsonl，或导出的 .sqlite。

    表头用中文或英文列名，如 文号、文件名、发文机关、成文日期、发布日期、效力。
    效力变为废止或失效后，引用它的条目不再用来作答。

    例：zhengda import-policies 文件目录.xlsx --dry-run

    退出码：0 全部导入（试运行时：没有问题）；1 有问题，什么都没有写入；3 已导入，但略过了有问题的行。
    """
    with context.opened_store() as store, _progress(as_json) as progress:
        report = import_documents(
            store,
            file,
            by=chosen_importer(store, by),
            dry_run=dry_run,
            skip_bad_rows=_bad_rows_file(file, skip_bad_rows),
            progress=progress,
        )
    tell(report, "文件", as_json, skip_bad_rows is not None)


def chosen_importer(store: Store, login: str | None) -> str:
    """The login that stands for the import: the one given, else an administrator's, else the system's."""
    with store.reading() as records:
        if login is None:
            active = [m.login for m in records.people.members() if m.has(Role.ADMINISTRATOR)]
            return "administrator" if "administrator" in active else min(active, default="system")
        try:
            member = records.people.member(login)
        except NotFound as error:
            raise ZhengdaError(
                f"没有账号“{login}”，请用 --by 给出已有的账号（zhengda members list）"
            ) from error
    if not member.active:
        raise ZhengdaError(f"账号“{login}”已停用，请换一个经办人账号")
    return login


def _bad_rows_file(file: Path, given: str | None) -> Path | None:
    return default_bad_rows_file(file) if given == _DEFAULT_NAME else Path(given) if given else None


@contextmanager
def _progress(silent: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on standard error, when somebody is there to see it."""
    if silent or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="导入", show_eta=False, file=sys.stderr) as bar:

        def show(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield show


def tell(report: ImportReport, what: str, as_json: bool, skipping: bool) -> None:
    """Print the report and exit with the code that it deserves."""
    if as_json:
        echo_json(asdict(report), indent=2)
    else:
        _print(report, what, skipping)
    if report.problems and not report.applied:
        raise SystemExit(NOTHING_WRITTEN)
    if report.skipped:
        raise SystemExit(ROWS_LEFT_OUT)


def _print(report: ImportReport, what: str, skipping: bool) -> None:
    for warning in report.warnings:
        click.echo(f"提醒：{warning}", err=True)
    for problem in report.problems:
        click.echo(f"问题：{problem}", err=True)
    counts = f"新增{report.created}，有变化{report.changed}，无变化{report.unchanged}，有问题{report.skipped}"
    passes = not report.problems or (skipping and not report.concerns_whole_file())
    if report.applied or (report.dry_run and passes):
        _print_set_up(report)
    if report.applied:
        state = "已直接发布" if report.published else "已存为草稿"
        written = what == "条目" and report.created + report.changed > 0
        click.echo(f"导入完成，{what}{counts}。" + (f"新增和有变化的{state}。" if written else ""))
    elif report.dry_run and passes:
        click.echo(f"试运行，没有写入。正式导入时：{what}{counts}。")
    else:
        _print_refusal(report, f"{what}{counts}")
    if report.bad_rows_file:
        click.echo(f"有问题的行已写入 {report.bad_rows_file}，改正后可再导入。")


def _print_set_up(report: ImportReport) -> None:
    """What the rows needed that was not there, or will need when this is a trial."""
    will = "将" if report.dry_run else ""
    if report.new_departments:
        click.echo(f"{will}新建处室：{'、'.join(report.new_departments)}")
    if report.new_policies:
        shown = "、".join(report.new_policies[:_SHOWN]) + ("等" if len(report.new_policies) > _SHOWN else "")
        click.echo(f"{will}新登记政策文件{len(report.new_policies)}份：{shown}")


def _print_refusal(report: ImportReport, counts: str) -> None:
    """Why nothing was written, or would be, and what can be done."""
    problems = f"有{len(report.problems)}处问题"
    if report.dry_run:
        told = f"试运行，没有写入。{problems}，正式导入会被拒绝，什么都不会写入。"
    else:
        told = f"{problems}，没有写入任何数据。"
    if report.concerns_whole_file():
        click.echo(f"{told}请按上面的提示处理后重新导入。")
    else:
        advice = "请按上面的提示改正后重新导入，或加 --skip-bad-rows 略过有问题的行"
        click.echo(f"{told}{advice}（{counts}）。")
