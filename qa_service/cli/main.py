"""`zhengda`: every command, one file a concept."""

from pathlib import Path

import click

from qa_service.cli.asking import ask
from qa_service.cli.calibrating import calibrate
from qa_service.cli.context import CliContext
from qa_service.cli.docs import docs
from qa_service.cli.exporting import export
from qa_service.cli.importing import import_command, import_policies
from qa_service.cli.in_chinese import Root, in_chinese
from qa_service.cli.indexing import index
from qa_service.cli.installing import init
from qa_service.cli.keys import keys
from qa_service.cli.members import members
from qa_service.cli.proposals import proposals
from qa_service.cli.serving import serve
from qa_service.cli.training import adapt, train
from qa_service.cli.words import words


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="目录",
    help="数据目录；不指定时取环境变量 ZHENGDA_DATA，再不然是当前目录下的 data。",
)
@click.version_option(package_name="zhengda", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, data: Path | None) -> None:
    """政答：医疗保障政策问答知识库。

    例：zhengda init && zhengda import 问答.xlsx --published && zhengda serve
    """
    context.obj = CliContext(data)


for command in (
    init,
    import_command,
    import_policies,
    export,
    index,
    ask,
    serve,
    members,
    words,
    keys,
    proposals,
    calibrate,
    train,
    adapt,
    docs,
):
    main.add_command(command)
in_chinese(main)
