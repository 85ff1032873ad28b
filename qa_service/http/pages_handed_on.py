"""我转办的问题: what an operator handed on, how far it is, and whom to call back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge.ticket import PENDING, TicketStatus
from qa_service.handed_on import handed_on
from qa_service.http import pages_people as names
from qa_service.http.pages_listing import SIZE, PageNumber, offset, paging
from qa_service.http.pages_rendering import render
from qa_service.http.pages_session import PageMember
from qa_service.http.parts import App

router = APIRouter()

_KINDS: dict[str, tuple[str, tuple[TicketStatus, ...]]] = {
    "all": ("全部", ()),
    "pending": ("办理中", (*PENDING, TicketStatus.ANSWERED)),
    "closed": ("已办结", (TicketStatus.CLOSED,)),
    "dismissed": ("不予答复", (TicketStatus.DISMISSED,)),
}


@router.get("/handed-on")
def list_handed_on(
    request: Request,
    application: App,
    member: PageMember,
    show: Annotated[str, Query()] = "all",
    page: PageNumber = 1,
) -> Response:
    """What the member handed on, those opened last first."""
    show = show if show in _KINDS else "all"
    with application.store.reading() as records:
        found = handed_on(member.login, _KINDS[show][1], records, SIZE, offset(page))
        departments = names.departments(records)
    return render(
        request,
        "handed_on.html",
        section="handed-on",
        found=found.items,
        paging=paging(request, page, found.total),
        kinds=[(key, label) for key, (label, _) in _KINDS.items()],
        show=show,
        names=departments,
    )
