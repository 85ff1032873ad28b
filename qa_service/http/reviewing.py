"""An entry's way through review, and off the air again."""

from typing import Annotated

from fastapi import APIRouter, Query

from knowledge.errors import NotAllowed
from knowledge.people import Member
from knowledge.review import ReviewStage
from knowledge.store import Page
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember
from qa_service.http.entries import EntryId, entry_page, presented
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import entries as shapes
from qa_service.http.schemas.bounded import Limit, Line, Offset

router = APIRouter(prefix="/api/v1", tags=["审核"])


@router.post("/entries/{entry_id}/submit", summary="提交审核", responses=body_problems(404, 409))
def submit(
    entry_id: EntryId, request: shapes.Move, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """把草稿交给第一个审核环节。"""
    return presented(application.publishing.submit(entry_id, request.version, member), application)


@router.post("/entries/{entry_id}/recall", summary="撤回", responses=body_problems(404, 409))
def recall(
    entry_id: EntryId, request: shapes.Move, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """把审核中的一版撤回为草稿，已有的审签作废。"""
    return presented(application.publishing.recall(entry_id, request.version, member), application)


@router.post("/entries/{entry_id}/sign", summary="审签", responses=body_problems(404, 409))
def sign(entry_id: EntryId, request: shapes.Move, member: CurrentMember, application: App) -> shapes.EntryOut:
    """审签当前环节；最后一个环节审签后即发布，并办结它所答复的待答问题。起草人不能审签，一人不能审签两个环节。"""
    return presented(application.publishing.sign(entry_id, request.version, member), application)


@router.post("/entries/{entry_id}/return", summary="退回", responses=body_problems(404, 409))
def send_back(
    entry_id: EntryId, request: shapes.MoveWithReason, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """写明原因，退回归属处室修改。"""
    entry = application.publishing.send_back(entry_id, request.version, member, request.reason)
    return presented(entry, application)


@router.post("/entries/{entry_id}/withdraw", summary="下架", responses=body_problems(404, 409))
def withdraw(
    entry_id: EntryId, request: shapes.MoveWithReason, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """写明原因，停止对外答复，立即生效。"""
    entry = application.publishing.withdraw(entry_id, request.version, member, request.reason)
    return presented(entry, application)


@router.get("/review-queue", summary="待我审签", responses=api_problems(404))
def review_queue(
    member: CurrentMember,
    application: App,
    stage: Annotated[Line, Query(description="环节代码；不填为本人能审签的第一个环节。")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.EntryPage:
    """等待本人所在环节审签的条目。"""
    wanted = _stage(member, application, stage)
    if wanted is None:
        return entry_page(Page((), 0), application, limit, offset)
    department = member.department if wanted.own_department else ""
    with application.store.reading() as records:
        page = records.entries.awaiting_stage(
            wanted.key, department, application.settings.stages, limit, offset
        )
    return entry_page(page, application, limit, offset)


def _stage(member: Member, application: Application, key: str) -> ReviewStage | None:
    """The stage named, or the member's first one. Raises NotAllowed for a stage that is not the member's."""
    mine = [stage for stage in application.settings.stages if member.has(stage.role)]
    if not key:
        return mine[0] if mine else None
    for stage in mine:
        if stage.key == key:
            return stage
    raise NotAllowed("您不负责这一审核环节")
