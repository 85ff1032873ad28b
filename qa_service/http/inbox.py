"""A department's inbox of questions that nobody could answer."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge.people import Member
from knowledge.store import Records, TicketFilter
from knowledge.ticket import Ticket, TicketStatus
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember
from qa_service.http.entries import presented
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import tickets as shapes
from qa_service.http.schemas.bounded import LARGEST, Limit, Line, Offset
from qa_service.http.schemas.entries import Move, MoveWithReason
from qa_service.visibility import inbox_department, require_ticket, sees_callback

router = APIRouter(prefix="/api/v1/inbox", tags=["收件箱"])

TicketId = Annotated[int, Path(ge=1, le=LARGEST, description="待答问题编号。", examples=[12])]


@router.get("", summary="收件箱", responses=api_problems())
def list_tickets(
    member: CurrentMember,
    application: App,
    department: Annotated[
        Line, Query(description="处室的代码；不填为本处室，办公室和管理、审计人员为全部。")
    ] = "",
    status: Annotated[list[TicketStatus] | None, Query(description="状态，可多个。")] = None,
    overdue: Annotated[bool, Query(description="只看超期的。")] = False,
    assignee: Annotated[Line, Query(description="经办人账号。")] = "",
    text: Annotated[Line, Query(description="问题中包含的文字。")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.TicketPage:
    """待答问题，期限近的在前。"""
    today = application.today()
    with application.store.reading() as records:
        matching = TicketFilter(
            department=inbox_department(member, department, _office(records)),
            statuses=tuple(status or ()),
            overdue_on=today if overdue else None,
            assignee=assignee,
            text=text.strip(),
        )
        page = records.tickets.list(matching, limit, offset)
    items = [_ticket(ticket, application) for ticket in page.items]
    return shapes.TicketPage(items=items, total=page.total, limit=limit, offset=offset)


@router.get("/{ticket_id}", summary="查看待答问题", responses=api_problems(404))
def read_ticket(ticket_id: TicketId, member: CurrentMember, application: App) -> shapes.TicketDetail:
    """一个待答问题和它的每次提问。其他处室的返回 403。"""
    with application.store.reading() as records:
        return _detail(ticket_id, member, application, records)


@router.post("/{ticket_id}/assign", summary="分派", responses=body_problems(404, 409))
def assign(
    ticket_id: TicketId, request: shapes.AssignRequest, member: CurrentMember, application: App
) -> shapes.TicketOut:
    """分派给本处室的一名编辑。"""
    ticket = application.inbox.assign(ticket_id, request.version, member, request.assignee)
    return _ticket(ticket, application)


@router.post("/{ticket_id}/answer", summary="答复", responses=body_problems(404, 409))
def answer(
    ticket_id: TicketId, request: shapes.AnswerRequest, member: CurrentMember, application: App
) -> shapes.AnsweredTicket:
    """以新条目或已有条目答复，提问人的原话成为相似问；条目经审核发布后，问题自动办结，查询码可见答案。"""
    if request.entry is not None:
        ticket, entry = application.inbox.answer(ticket_id, request.version, member, request.entry.text())
    else:
        ticket, entry = application.inbox.answer_with(
            ticket_id, request.version, member, request.entry_id or 0
        )
    return shapes.AnsweredTicket(ticket=_ticket(ticket, application), entry=presented(entry, application))


@router.post("/{ticket_id}/pass-on", summary="转办", responses=body_problems(404, 409))
def pass_on(
    ticket_id: TicketId, request: shapes.PassOnRequest, member: CurrentMember, application: App
) -> shapes.TicketOut:
    """写明原因，转给另一处室；期限不变。"""
    ticket = application.inbox.pass_on(ticket_id, request.version, member, request.department, request.reason)
    return _ticket(ticket, application)


@router.post("/{ticket_id}/dismiss", summary="不予答复", responses=body_problems(404, 409))
def dismiss(
    ticket_id: TicketId, request: MoveWithReason, member: CurrentMember, application: App
) -> shapes.TicketOut:
    """写明原因，不予答复；提问人凭查询码可见原因。"""
    return _ticket(application.inbox.dismiss(ticket_id, request.version, member, request.reason), application)


@router.post("/{ticket_id}/reopen", summary="重新办理", responses=body_problems(404, 409))
def reopen(ticket_id: TicketId, request: Move, member: CurrentMember, application: App) -> shapes.TicketOut:
    """收回不予答复，或收回条目尚未发布的答复。"""
    return _ticket(application.inbox.reopen(ticket_id, request.version, member), application)


@router.post("/{ticket_id}/callback-done", summary="已回电", responses=body_problems(404))
def callback_done(
    ticket_id: TicketId, request: shapes.CallbackDone, member: CurrentMember, application: App
) -> shapes.TicketDetail:
    """已给提问人回电：删除回电备注，审计中留有记录。登记的坐席和办理处室可以操作。"""
    application.inbox.called_back(ticket_id, request.occurrence_id, member)
    with application.store.reading() as records:
        return _detail(ticket_id, member, application, records)


def _ticket(ticket: Ticket, application: Application) -> shapes.TicketOut:
    return shapes.TicketOut.model_validate(shapes.ticket_fields(ticket, application.today()))


def _detail(
    ticket_id: int, member: Member, application: Application, records: Records
) -> shapes.TicketDetail:
    ticket = records.tickets.get(ticket_id)
    occurrences = records.tickets.occurrences(ticket_id)
    require_ticket(member, ticket, _office(records), occurrences)
    asked = [shapes.occurrence_out(each, sees_callback(member, ticket, each)) for each in occurrences]
    return shapes.TicketDetail.model_validate(
        {**shapes.ticket_fields(ticket, application.today()), "asked": asked}
    )


def _office(records: Records) -> str:
    office = records.people.office()
    return office.code if office else ""
