"""`zhengda proposals`: what people's wordings wait for a department."""

import click

from knowledge.learning import ProposalState
from knowledge.store import ProposalFilter
from qa_service.cli.context import CliContext, command_errors, echo_json

_PAGE = 500


@click.group()
def proposals() -> None:
    """查看待处室确认的群众问法。"""


@proposals.command("list")
@click.option("--department", default="", metavar="处室", help="只看这个处室的：名称或代码。")
@click.option(
    "--state",
    type=click.Choice([state.value for state in ProposalState], case_sensitive=False),
    default=ProposalState.OPEN.value,
    show_default=True,
    help="状态：OPEN 待确认、ACCEPTED 已加入、DECLINED 不采用。",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
@click.pass_obj
@command_errors
def list_proposals(context: CliContext, department: str, state: str, as_json: bool) -> None:
    """列出群众问法：次数、来源、所属条目。

    例：zhengda proposals list --department 待遇保障处
    """
    with context.opened_store() as store, store.reading() as records:
        known = records.people
        owner = known.department_named(department) or known.department(department) if department else None
        matching = ProposalFilter(owner.code if owner else "", states=(ProposalState(state),))
        found = list(records.learning.proposals(matching, _PAGE).items)
        while len(found) % _PAGE == 0 and (
            more := records.learning.proposals(matching, _PAGE, len(found)).items
        ):
            found += more
        entries = records.entries.get_many({each.entry_id for each in found})
    if as_json:
        rows = [
            {
                "id": each.id,
                "entry": entries[each.entry_id].external_id,
                "question": entries[each.entry_id].text.question,
                "wording": each.wording,
                "count": each.count,
                "sources": {source.value: times for source, times in each.sources.items()},
                "state": each.state,
                "last_at": each.last_at,
            }
            for each in found
        ]
        echo_json(rows, indent=2)
        return
    for each in found:
        sources = "，".join(f"{source.label}{times}" for source, times in each.sources.items())
        entry = entries[each.entry_id]
        click.echo(
            f"{each.id:>6}  {each.wording}  {each.count}次（{sources}） → {entry.external_id} {entry.text.question}"
        )
