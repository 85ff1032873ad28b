"""我的处室: what the department writes, what waits for one's signature, what people ask it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge import review
from knowledge.entry import EntryStatus, FaqEntry
from knowledge.errors import IllegalMove, NotAllowed
from knowledge.people import Member, Role
from knowledge.review import ReviewStage
from knowledge.store import EntryFilter, Records, TicketFilter
from knowledge.ticket import PENDING, TicketStatus
from qa_service.http import pages_choices as choices
from qa_service.http import pages_people as names
from qa_service.http.pages_listing import SIZE, PageNumber, offset, paging
from qa_service.http.pages_rendering import render
from qa_service.http.pages_session import PageMember
from qa_service.http.parts import App
from qa_service.visibility import inbox_department, sees_every_draft

router = APIRouter()
Typed = Annotated[str, Query()]
ALL = "all"
"""Every department, in an address; an empty one means one's own."""
QUEUE = 100
"""How many entries the review queue shows; nobody has more to sign in a day."""

_TICKETS: dict[str, tuple[str, tuple[TicketStatus, ...]]] = {
    "pending": ("待办", PENDING),
    "overdue": ("已超期", ()),
    "answered": ("已答复待发布", (TicketStatus.ANSWERED,)),
    "closed": ("已办结", (TicketStatus.CLOSED,)),
    "dismissed": ("不予答复", (TicketStatus.DISMISSED,)),
    "all": ("全部", ()),
}


@dataclass(frozen=True)
class Waiting:
    """An entry that waits at a stage; `obstacle` says why this member may not sign it, "" when he or she may."""

    entry: FaqEntry
    stage: ReviewStage
    obstacle: str


@router.get("/department")
def entries(
    request: Request,
    application: App,
    member: PageMember,
    department: Typed = "",
    status: Typed = "",
    text: Typed = "",
    mine: Typed = "",
    page: PageNumber = 1,
) -> Response:
    """The department's entries, by status, words and author."""
    code = _department(member, department)
    wanted = EntryStatus(status) if status in EntryStatus.__members__ else None
    matching = EntryFilter(
        department=code,
        statuses=(wanted,) if wanted else (),
        text=text.strip(),
        author=member.login if mine else "",
    )
    with application.store.reading() as records:
        found = records.entries.list(matching, SIZE, offset(page))
        return render(
            request,
            "desk_entries.html",
            found=found.items,
            paging=paging(request, page, found.total),
            statuses=list(EntryStatus),
            status=wanted.value if wanted else "",
            text=text,
            mine=bool(mine),
            people=names.people(records),
            may_write=member.has(Role.EDITOR),
            sees_all=sees_every_draft(member),
            **desk(application, records, member, code, "entries"),
        )


@router.get("/department/review")
def queue(request: Request, application: App, member: PageMember) -> Response:
    """What waits for this member's signature."""
    with application.store.reading() as records:
        waiting = tuple(_waiting(application, records, member))
        return render(
            request,
            "desk_review.html",
            waiting=waiting,
            people=names.people(records),
            **desk(application, records, member, member.department, "review", waiting),
        )


@router.get("/department/tickets")
def tickets(
    request: Request,
    application: App,
    member: PageMember,
    department: Typed = "",
    show: Typed = "pending",
    text: Typed = "",
    mine: Typed = "",
    page: PageNumber = 1,
) -> Response:
    """The department's inbox, the earliest deadline first."""
    show = show if show in _TICKETS else "pending"
    with application.store.reading() as records:
        office = records.people.office()
        wanted = {"": member.department, ALL: ""}.get(department, department)
        code = inbox_department(member, wanted, office.code if office else "")
        matching = TicketFilter(
            department=code,
            statuses=_TICKETS[show][1],
            overdue_on=application.today() if show == "overdue" else None,
            assignee=member.login if mine else "",
            text=text.strip(),
        )
        found = records.tickets.list(matching, SIZE, offset(page))
        return render(
            request,
            "desk_tickets.html",
            found=found.items,
            paging=paging(request, page, found.total),
            kinds=[(key, label) for key, (label, _) in _TICKETS.items()],
            show=show,
            text=text,
            mine=bool(mine),
            people=names.people(records),
            sees_all=inbox_department(member, "", office.code if office else "") == "",
            **desk(application, records, member, code, "tickets"),
        )


def desk(
    application: App,
    records: Records,
    member: Member,
    code: str,
    tab: str,
    waiting: Sequence[Waiting] | None = None,
) -> dict[str, object]:
    """What stands above every tab: the department, what waits, and how much; first of all what was reported wrong."""
    if waiting is None:
        waiting = tuple(_waiting(application, records, member))
    return {
        "section": "department",
        "tab": tab,
        "department": code,
        "departments": choices.departments(records.people.departments()),
        "names": names.departments(records),
        "to_sign": sum(not each.obstacle for each in waiting),
        "counts": records.tickets.counts(code, application.today()),
        "learning": records.learning.counts(code),
    }


def _department(member: Member, wanted: str) -> str:
    """The department whose entries are listed. Raises NotAllowed for one whose drafts are not open to the member."""
    if wanted and wanted != member.department and not sees_every_draft(member):
        raise NotAllowed("只能查看本处室的条目")
    return wanted or member.department


def _waiting(application: App, records: Records, member: Member) -> Iterator[Waiting]:
    """Entries at the stages that this member's roles sign."""
    stages = application.settings.stages
    for stage in stages:
        if not member.has(stage.role):
            continue
        own = member.department if stage.own_department and not member.has(Role.ADMINISTRATOR) else ""
        for entry in records.entries.awaiting_stage(stage.key, own, stages, limit=QUEUE).items:
            yield Waiting(entry, stage, _obstacle(application, entry, member))


def _obstacle(application: App, entry: FaqEntry, member: Member) -> str:
    try:
        review.sign(entry, member, application.clock(), application.settings.stages)
    except (IllegalMove, NotAllowed) as error:
        return error.message
    return ""
