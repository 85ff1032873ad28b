"""`zhengda ask`: ask on the command line, one question or a file of them, without a server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from knowledge import region
from knowledge.entry import Channel, InsuredGroup
from knowledge.errors import InvalidValue, ZhengdaError
from qa_service.ask import Answered, Asker, Choices, Outcome, Unanswered
from qa_service.ask import ask as ask_question
from qa_service.cli.context import CliContext, command_errors, echo_json
from qa_service.composition import Application
from qa_service.conversation.conversing import converse
from qa_service.conversation.reply import Reply
from qa_service.explaining import Detail, explain_outcome, told, told_of
from qa_service.importing import values
from qa_service.markdown import to_plain
from qa_service.presenting import department_names, outcome_json, reply_json


@click.command()
@click.argument("question", required=False)
@click.option(
    "--file",
    "questions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    metavar="文件",
    help='问题文件（.jsonl）：每行一个 JSON 对象，"text" 是问题，可带 region、insured_group、audience。',
)
@click.option("--hits", type=click.IntRange(0, 100), default=0, metavar="N", help="同时列出前 N 条命中。")
@click.option("--channel", type=click.Choice([c.value for c in Channel]), default="api", help="提问渠道。")
@click.option("--region", "region_name", default=None, metavar="地区", help="提问人的统筹区，代码或名称。")
@click.option(
    "--insured-group", default="", metavar="险种", help="提问人的险种：职工（employee）或居民（resident）。"
)
@click.option("--audience", default="", help="提问人群。")
@click.option(
    "--session",
    default="",
    metavar="会话",
    help="会话名：同名的后一次提问结合前一次理解（如“那居民的呢”），30分钟内有效。",
)
@click.option("--record", is_flag=True, help="记录提问；未能回答的转为待答问题。")
@click.option(
    "--explain", is_flag=True, help="说明为什么是这个结果：相同的词语、最接近的问法、得分构成、所用阈值。"
)
@click.option("--json", "as_json", is_flag=True, help="单个问题也以 JSON 打印。")
@click.pass_obj
@command_errors
def ask(
    context: CliContext,
    question: str | None,
    questions: Path | None,
    hits: int,
    channel: str,
    region_name: str | None,
    insured_group: str,
    audience: str,
    session: str,
    record: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """提一个问题，或逐行回答一个文件里的问题。

    例：zhengda ask 生育津贴怎么领    zhengda ask --file questions.jsonl --hits 10

    问为什么：zhengda ask --explain 生孩子的钱怎么领

    连续提问：zhengda ask --session 甲 职工住院报多少    zhengda ask --session 甲 那居民的呢
    """
    if (question is None) == (questions is None):
        raise ZhengdaError("请给出一个问题，或用 --file 指定问题文件（两者取其一）")
    asker = Asker(
        channel=Channel(channel),
        region=region.parse(region_name) if region_name is not None else None,
        insured_group=_insured_group(insured_group),
        audience=audience,
        session=session,
        record=record,
    )
    application = context.application()
    try:
        departments = department_names(application.store)
        detail = Detail.EVERYTHING if explain else Detail.NOTHING
        if questions is not None:
            for row, line in _lines(questions):
                echo_json(_answer_line(application, line, row, asker, hits, departments, detail))
        else:
            reply = converse(
                question or "", asker, application.answering, application.clock(), remember=bool(session)
            )
            if as_json or hits:
                found = reply_json(reply, departments, detail) | _hits(reply.outcome, hits)
                echo_json(found, indent=2)
            else:
                _print_reply(reply, departments, detail)
    finally:
        application.close()


def _insured_group(written: object) -> InsuredGroup:
    """险种 in the spellings that an import takes. Raises InvalidValue."""
    return values.insured_group("险种", str(written))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines that are not blank, numbered from 1. Raises ZhengdaError at one that is no question."""
    shown = "标准输入" if str(path) == "-" else str(path)
    with click.open_file(str(path), encoding="utf-8-sig") as file:
        try:
            for row, line in enumerate(file, start=1):
                if line.strip():
                    yield row, _question_line(line, f"{shown} 第{row}行")
        except UnicodeDecodeError as error:
            raise ZhengdaError(f"{shown} 不是 UTF-8 编码，请另存为 UTF-8 后重试") from error


def _question_line(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ZhengdaError(f'{where}不是有效的 JSON，每行应为一个对象，如 {{"text": "问题"}}') from error
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise ZhengdaError(f'{where}应为带 "text" 的 JSON 对象')
    return value


def _answer_line(
    application: Application,
    line: dict[str, Any],
    row: int,
    asker: Asker,
    hits: int,
    departments: dict[str, str],
    detail: Detail,
) -> dict[str, Any]:
    """One line's result. A question that cannot be asked is unanswered and says why, so that lines stay in step."""
    try:
        own = Asker(
            channel=asker.channel,
            region=region.parse(str(line["region"])) if line.get("region") is not None else asker.region,
            insured_group=_insured_group(line.get("insured_group") or asker.insured_group),
            audience=str(line.get("audience") or asker.audience),
            record=asker.record,
        )
        outcome = ask_question(line["text"], own, application.answering, application.clock())
    except InvalidValue as error:
        nothing = Unanswered(line["text"], 0.0, (), application.index.snapshot)
        return _as_json(nothing, hits, departments, detail) | {"error": f"第{row}行：{error.message}"}
    return _as_json(outcome, hits, departments, detail)


def _as_json(outcome: Outcome, hits: int, departments: dict[str, str], detail: Detail) -> dict[str, Any]:
    return outcome_json(outcome, departments, detail) | _hits(outcome, hits)


def _hits(outcome: Outcome, hits: int) -> dict[str, Any]:
    return {
        "hits": [
            {
                "external_id": hit.entry.external_id,
                "score": round(hit.score, 6),
                "confidence": round(hit.confidence, 4),
                "question": hit.entry.text.question,
            }
            for hit in outcome.hits[:hits]
        ]
    }


def _print_reply(reply: Reply, departments: dict[str, str], detail: Detail) -> None:
    for number, part in enumerate(reply.parts, start=1):
        click.echo(("" if number == 1 else "\n") + f"【{number}】{part.outcome.question}")
        _print_reply(part, departments, detail)
    if reply.parts:
        return
    if reply.understood_as:
        click.echo(f"理解为：{reply.understood_as}")
    if reply.clarification:
        labels = "、".join(option.label for option in reply.clarification.options)
        click.echo(f"{reply.clarification.question}（{labels}）")
    _print(reply.outcome, departments)
    if detail is Detail.EVERYTHING:
        _print_explanation(reply.outcome)


def _print(outcome: Outcome, departments: dict[str, str]) -> None:
    if isinstance(outcome, Answered):
        entry = outcome.answer.entry
        click.echo(f"{entry.text.question}\n\n{entry.text.answer}\n")
        for citation in entry.text.citations:
            click.echo(f"依据：{citation}")
        owner = departments.get(entry.text.department, entry.text.department)
        click.echo(f"{owner} · {entry.external_id} 第{entry.revision}版 · 置信度 {outcome.confidence:.0%}")
    elif isinstance(outcome, Choices):
        click.echo("您想问的是：")
        for number, option in enumerate(outcome.options, start=1):
            click.echo(
                f"  {number}. {option.entry.text.question}（{to_plain(option.entry.text.answer)[:30]}…）"
            )
    else:
        click.echo("知识库里没有能回答这个问题的内容。")
        if outcome.filed:
            click.echo(f"已转相关处室，{outcome.filed.due_on} 前答复，查询码 {outcome.filed.receipt}")
    if outcome.warning:
        click.echo(f"提示：{outcome.warning}", err=True)


def _print_explanation(outcome: Outcome) -> None:
    explanation = explain_outcome(outcome)
    if explanation is None:
        return
    click.echo("\n为什么是这个结果")
    for label, text in told(explanation):
        click.echo(f"  {label}：{text}")
    for of in explanation.entries:
        click.echo(f"\n  {of.entry.text.question}（置信度 {of.confidence:.1%}）")
        for label, text in told_of(of):
            click.echo(f"    {label}：{text}")
