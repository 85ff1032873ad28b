"""What use teaches, on pages: the department's box of wordings and reports, and the operator's two buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge import learning
from knowledge.entry import Channel, EntryStatus, FaqEntry
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed, NotFound, ZhengdaError
from knowledge.learning import Proposal, ProposalState, Standing
from knowledge.people import Member
from knowledge.store import ProposalFilter, Records
from qa_service.http import pages_people as names
from qa_service.http.pages_desk import ALL, desk
from qa_service.http.pages_listing import PageNumber, offset, paging
from qa_service.http.pages_rendering import is_fragment, render, see_other
from qa_service.http.pages_session import Form, PageMember, Posted
from qa_service.http.parts import App
from qa_service.visibility import inbox_department

router = APIRouter()
ENTRIES = 10
"""How many entries with proposals a page shows."""
WORDINGS = 1000
DECIDED = 20
LONGEST_COMMENT = 500
_PAGE = "/department/learning"


@dataclass(frozen=True)
class Group:
    """An entry with the wordings proposed to it; `may` tells whether this member decides, `submits` whether the new
    revision can be handed in at once, `obstacle` why nothing can be added now.
    """

    entry: FaqEntry
    proposals: tuple[Proposal, ...]
    may: bool
    submits: bool
    obstacle: str


@dataclass(frozen=True)
class Reported:
    """An entry that was reported as wrong."""

    entry: FaqEntry
    standing: Standing
    doubted: bool


@router.get(_PAGE)
def learning_page(
    request: Request,
    application: App,
    member: PageMember,
    department: Annotated[str, Query()] = "",
    page: PageNumber = 1,
) -> Response:
    """What was reported wrong first, then the wordings that wait."""
    return _page(request, application, member, department, page)


@router.post(f"{_PAGE}/accept")
def accept(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Take wordings into the entry's next revision."""
    try:
        submit = form.text("then") == "submit"
        entry_id, version = form.number("entry_id"), form.number("version")
        entry = application.learning.accept(entry_id, version, _chosen(form), member, submit)
    except (InvalidValue, Conflict, IllegalMove) as error:
        return _page(request, application, member, refused=error)
    if entry.version == version:
        return see_other(_PAGE, "wordings-in-place")
    return see_other(f"/entries/{entry.id}", "wordings-submitted" if submit else "wordings-accepted")


@router.post(f"{_PAGE}/decline")
def decline(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """These wordings are not wanted."""
    try:
        application.learning.decline(_chosen(form), member)
    except (InvalidValue, Conflict, IllegalMove) as error:
        return _page(request, application, member, refused=error)
    return see_other(_PAGE, "wordings-declined")


@router.post(f"{_PAGE}/reopen")
def reopen(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Undo a refusal."""
    try:
        application.learning.reopen(_chosen(form), member)
    except (InvalidValue, Conflict, IllegalMove) as error:
        return _page(request, application, member, refused=error)
    return see_other(_PAGE, "wordings-reopened")


@router.post("/ask/pick")
def pick(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """The operator chose this entry for the caller."""
    entry_id, revision = form.number("entry_id"), form.number("revision")
    try:
        application.learning.pick(form.text("q"), entry_id, Channel.HOTLINE, member.login, revision)
    except (InvalidValue, Conflict, NotFound) as error:
        return _told(request, error.message, 409)
    return _told(request, "已记下选用这条；来电人的说法交归属处室确认。")


@router.post("/ask/wrong")
def wrong(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """The operator says that the answer is wrong."""
    entry_id, revision = form.number("entry_id"), form.number("revision")
    comment = form.text("comment")[:LONGEST_COMMENT]
    try:
        standing = application.learning.report(
            form.text("q"), entry_id, Channel.HOTLINE, member.login, revision, comment
        )
    except (InvalidValue, Conflict, NotFound) as error:
        return _told(request, error.message, 409)
    now = "，核实之前不再直接作答" if application.learning.doubted(standing) else ""
    return _told(request, f"已反映给归属处室{now}。")


def _told(request: Request, said: str, status: int = 200) -> Response:
    if not is_fragment(request) and status == 200:
        return see_other("/ask")
    return render(request, "ask_learnt.html", status, said=said)


def _chosen(form: Posted) -> tuple[int, ...]:
    """The proposals that were ticked. Raises InvalidValue for what is no number."""
    typed = form.all("proposal")
    if not all(each.isascii() and each.isdigit() and len(each) <= 18 for each in typed):
        raise InvalidValue("问法", "", "请刷新页面后重试")
    return tuple(map(int, typed))


def _page(
    request: Request,
    application: App,
    member: Member,
    department: str = "",
    page: int = 1,
    refused: ZhengdaError | None = None,
) -> Response:
    with application.store.reading() as records:
        office = records.people.office()
        wanted = {"": member.department, ALL: ""}.get(department, department)
        code = inbox_department(member, wanted, office.code if office else "")
        waiting = records.learning.proposed_to(code, ENTRIES, offset(page, ENTRIES))
        return render(
            request,
            "desk_learning.html",
            _status(refused),
            refused=refused.message if refused else "",
            reported=_reported(records, application, code),
            groups=_groups(records, member, waiting.items),
            paging=paging(request, page, waiting.total, ENTRIES),
            declined=_declined(records, member, code),
            people=names.people(records),
            sees_all=inbox_department(member, "", office.code if office else "") == "",
            **desk(application, records, member, code, "learning"),
        )


def _status(refused: ZhengdaError | None) -> int:
    if refused is None:
        return 200
    return 422 if isinstance(refused, InvalidValue) else 409


def _reported(records: Records, application: App, department: str) -> tuple[Reported, ...]:
    standings = records.learning.reported(department)
    entries = records.entries.get_many({each.entry_id for each in standings})
    doubted = application.learning.doubted
    return tuple(Reported(entries[each.entry_id], each, doubted(each)) for each in standings)


def _groups(records: Records, member: Member, entry_ids: Sequence[int]) -> tuple[Group, ...]:
    entries = records.entries.get_many(entry_ids)
    matching = ProposalFilter(entry_ids=tuple(entry_ids), states=(ProposalState.OPEN,))
    proposals = records.learning.proposals(matching, WORDINGS).items if entry_ids else ()
    return tuple(
        Group(
            entry=entries[entry_id],
            proposals=tuple(each for each in proposals if each.entry_id == entry_id),
            may=_may_decide(entries[entry_id], member),
            submits=entries[entry_id].status is EntryStatus.PUBLISHED,
            obstacle="此条目正在审核，审核结束后再加入"
            if entries[entry_id].status is EntryStatus.IN_REVIEW
            else "",
        )
        for entry_id in entry_ids
    )


def _declined(
    records: Records, member: Member, department: str
) -> tuple[tuple[Proposal, FaqEntry, bool], ...]:
    """What was declined, the latest first: the proposal, its entry, and whether this member may undo it."""
    found = records.learning.proposals(ProposalFilter(department, states=(ProposalState.DECLINED,)), WORDINGS)
    latest = sorted(found.items, key=lambda each: (each.decided_at or each.last_at, each.id), reverse=True)
    entries = records.entries.get_many({each.entry_id for each in latest[:DECIDED]})
    return tuple(
        (each, entries[each.entry_id], _may_decide(entries[each.entry_id], member))
        for each in latest[:DECIDED]
    )


def _may_decide(entry: FaqEntry, member: Member) -> bool:
    try:
        learning.require_decider(member, entry.text.department)
    except NotAllowed:
        return False
    return True
