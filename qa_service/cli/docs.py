"""`zhengda docs`: the generated references, and whether they are stale."""

from pathlib import Path

import click

from qa_service.cli.context import command_errors
from qa_service.references import references


@click.command()
@click.option("--check", is_flag=True, help="只检查 docs/ 是否与程序一致，不一致时以 1 退出。")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("docs"), help="写到哪个目录。"
)
@command_errors
def docs(check: bool, folder: Path) -> None:
    """生成命令、设置、接口三份参考文档。

    例：zhengda docs --check
    """
    stale = []
    for name, text in references(click.get_current_context().find_root().command).items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path))
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and stale:
        click.echo(f"参考文档已过时：{'、'.join(stale)}；请运行 make docs", err=True)
        raise SystemExit(1)
    click.echo("参考文档与程序一致" if not stale else f"已写入 {'、'.join(stale)}")
