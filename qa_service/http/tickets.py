"""Questions filed by hand, and what their askers read with the receipt."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge.errors import InvalidValue, NotAllowed
from knowledge.ticket import TicketStatus
from qa_service.escalating import escalate
from qa_service.handed_on import handed_on
from qa_service.http.asking import asker_of
from qa_service.http.authentication import AnyCaller, CurrentMember, SomeCaller
from qa_service.http.openapi import api_problems, body_problems, declared
from qa_service.http.parts import App
from qa_service.http.schemas import tickets as shapes
from qa_service.http.schemas.bounded import Limit, Offset
from qa_service.presenting import answer_json, department_names
from qa_service.receipts import read_receipt

router = APIRouter(prefix="/api/v1/tickets", tags=["待答问题"])


@router.post("", status_code=201, summary="登记没有答案的问题", responses=body_problems(404, 409))
def file_ticket(
    request: shapes.EscalationRequest, caller: SomeCaller, application: App
) -> shapes.EscalationResponse:
    """群众或坐席登记一个没有答案的问题：并入同样的待答问题，或新开一个，转给归属处室，返回查询码。

    坐席和对接系统可指定处室（`department`）并留回电备注（`callback`）。
    """
    if not caller.staff and (request.department or request.callback):
        raise NotAllowed("网页公钥不能指定处室或留回电备注")
    asker = asker_of(
        caller,
        channel=request.channel,
        region_name=request.region,
        insured_group=request.insured_group,
        audience=request.audience,
        session=request.session,
    )
    filed = escalate(
        request.question,
        asker,
        application.answering,
        application.clock(),
        callback=request.callback or "",
        department=request.department or "",
    )
    names = department_names(application.store)
    return shapes.EscalationResponse(
        receipt=filed.receipt,
        department=names.get(filed.department, filed.department),
        due_on=filed.due_on,
        joined=filed.joined,
        ticket_id=filed.ticket_id if caller.staff else None,
    )


@router.get("", summary="我转办的问题", responses=api_problems())
def list_handed_on(
    member: CurrentMember,
    application: App,
    mine: Annotated[
        bool, Query(description="只列本人转办的，目前只能如此；处室办理的见收件箱 /api/v1/inbox。")
    ] = True,
    status: Annotated[list[TicketStatus] | None, Query(description="状态，可多个。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.HandedOnPage:
    """本人登记、或本人提问时未能回答而转出的问题，新登记的在前：办到哪一步、查询码、要不要回电。"""
    if not mine:
        raise InvalidValue("mine", "false", "应为 true；处室办理的问题请用 /api/v1/inbox")
    with application.store.reading() as records:
        page = handed_on(member.login, tuple(status or ()), records, limit, offset)
    items = [shapes.handed_on_out(each, application.today()) for each in page.items]
    return shapes.HandedOnPage(items=items, total=page.total, limit=limit, offset=offset)


@router.get("/{receipt}", summary="凭查询码查询", responses=declared(401, 403, 404, 422, 429, 503))
def read_ticket(
    receipt: Annotated[str, Path(max_length=40, description="查询码。", examples=["7KQ2M9XWPA"])],
    caller: AnyCaller,
    application: App,
) -> shapes.ReceiptOut:
    """谁有查询码谁就能查：状态、期限、（遮盖过的）问题、办结后的已发布答案、不予答复的原因。不显示回电备注。"""
    today = application.today()
    staff = caller is not None and caller.staff
    with application.store.reading() as records:
        progress = read_receipt(receipt, records, today, staff)
    names = department_names(application.store)
    ticket, asked = progress.ticket, progress.occurrence
    return shapes.ReceiptOut.model_validate(
        {
            "receipt": asked.receipt,
            "question": asked.question,
            "status": ticket.status,
            "status_label": ticket.status.label,
            "department": names.get(ticket.department, ticket.department),
            "asked_at": asked.asked_at,
            "due_on": ticket.due_on,
            "overdue": ticket.overdue(today),
            "answer": answer_json(progress.answer, names) if progress.answer else None,
            "reason": progress.reason,
        }
    )
