"""`zhengda words`: the words that searching knows about."""

from dataclasses import asdict
from pathlib import Path

import click

from knowledge.wording import WordKind, new_word
from qa_service.cli.context import CliContext, command_errors, echo_json, now
from qa_service.cli.importing import chosen_importer, tell
from qa_service.exporting.target import require_free_target
from qa_service.importing.words import export_words, import_words
from qa_service.wording import ListedWord, WordKeeping, WordSearch, add_word, switch_word

_KIND = click.Choice([kind.value for kind in WordKind])
_KIND_HELP = "种类：" + "、".join(f"{kind.value} {kind.label}" for kind in WordKind) + "。"
_by = click.option("--by", default="system", metavar="账号", help="经办人账号，记入沿革和审计。")
_formal = click.option("--formal", default="", metavar="规范用语", help="规范用语，只有同义说法才填。")


@click.group()
def words() -> None:
    """管理检索用的词语：业务词、同义说法、套话、地名和机构名。

    改动随即生效，正在运行的服务两秒内跟进；业务词和名称改动后索引在后台重建。
    """


@words.command("list")
@click.option("--kind", type=_KIND, default=None, help=_KIND_HELP)
@click.option("--text", default="", metavar="文字", help="词语或规范用语中包含的文字。")
@click.option("--all", "everything", is_flag=True, help="连系统自带的一并列出。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
@click.pass_obj
@command_errors
def list_words(context: CliContext, kind: str | None, text: str, everything: bool, as_json: bool) -> None:
    """列出本单位的词语，以及停用了的系统自带词语。

    例：zhengda words list --kind synonym --all
    """
    found = _listed(context, kind, text, everything)
    if as_json:
        echo_json(
            [{name: value for name, value in asdict(word).items() if name != "word"} for word in found], 2
        )
        return
    for word in found:
        state = "" if word.active else "（停用）"
        origin = "  系统自带" if word.bundled else ""
        shown = f"{word.text} → {word.formal}" if word.formal else word.text
        click.echo(f"{word.kind.label}  {shown}{state}{origin}")


@words.command("add")
@click.argument("text", metavar="词语")
@click.option(
    "--kind", type=_KIND, default=None, help=_KIND_HELP + "不写时，有规范用语的是同义说法，否则是业务词。"
)
@_formal
@_by
@click.pass_obj
@command_errors
def add(context: CliContext, text: str, kind: str | None, formal: str, by: str) -> None:
    """添加一个词语。

    例：zhengda words add 门坎钱 --formal 起付标准
    """
    chosen = _kind(kind, formal)
    with context.opened_store() as store, store.writing(by, now()) as records:
        added = add_word(records, new_word(chosen, text, formal))
    click.echo(f"已添加{added}")


@words.command("remove")
@click.argument("text", metavar="词语")
@click.option("--kind", type=_KIND, default=None, help=_KIND_HELP)
@_formal
@_by
@click.pass_obj
@command_errors
def remove(context: CliContext, text: str, kind: str | None, formal: str, by: str) -> None:
    """停用一个词语，本单位的或系统自带的；沿革保留，可在“词语”页面重新启用。

    例：zhengda words remove 门槛费 --formal 起付标准
    """
    chosen = _kind(kind, formal)
    with context.opened_store() as store, store.writing(by, now()) as records:
        gone = switch_word(records, new_word(chosen, text, formal, active=False))
    click.echo(f"已停用{gone}")


@words.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="文件")
@click.option("--dry-run", is_flag=True, help="只检查，逐行逐列报告问题，不写入任何数据。")
@click.option("--by", default=None, metavar="账号", help="经办人账号，记入沿革和审计；默认为管理员。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。")
@click.pass_obj
@command_errors
def import_command(context: CliContext, file: Path, dry_run: bool, by: str | None, as_json: bool) -> None:
    """导入词语：.xlsx、.csv、.json、.jsonl，列名 种类、词语、规范用语、状态。

    已有的词语按“状态”列启用或停用，其余不变；重复导入同一文件不会产生变化。

    例：zhengda words import 词语.xlsx --dry-run

    退出码：0 全部导入（试运行时：没有问题）；1 有问题，什么都没有写入。
    """
    with context.opened_store() as store:
        report = import_words(store, file, by=chosen_importer(store, by), dry_run=dry_run)
    tell(report, "词语", as_json, False)


@words.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="文件")
@click.option("--all", "everything", is_flag=True, help="连系统自带的一并导出。")
@click.option("--force", is_flag=True, help="目标文件已经存在时覆盖它。")
@click.pass_obj
@command_errors
def export(context: CliContext, file: Path, everything: bool, force: bool) -> None:
    """导出本单位的词语：.xlsx、.csv、.json、.jsonl，改过可再导入。

    例：zhengda words export 词语.xlsx
    """
    found = _listed(context, None, "", everything)
    with context.opened_store() as store:
        require_free_target(file, store.file, context.settings.data, force)
    click.echo(f"已导出{export_words(found, file)}个词语到 {file}")


def _listed(context: CliContext, kind: str | None, text: str, everything: bool) -> tuple[ListedWord, ...]:
    matching = WordSearch(WordKind(kind) if kind else None, text)
    with context.opened_store() as store:
        page = WordKeeping(store, lambda: None, now).listing(matching, limit=1_000_000)
    return tuple(word for word in page.items if everything or word.word is not None)


def _kind(given: str | None, formal: str) -> WordKind:
    return WordKind(given) if given else WordKind.SYNONYM if formal else WordKind.TERM
