"""What an entry was before: revisions, their differences, the trail of what was done."""

from typing import Annotated

from fastapi import APIRouter, Query

from knowledge.people import Member
from knowledge.store import AuditFilter, Records
from qa_service.comparing import compare
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember
from qa_service.http.entries import EntryId, presented
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import entries as shapes
from qa_service.http.schemas.bounded import Limit, Offset
from qa_service.visibility import require_newest

router = APIRouter(prefix="/api/v1/entries/{entry_id}", tags=["沿革"])

RevisionNumber = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.get("/revisions", summary="全部版本", responses=api_problems(404))
def revisions(entry_id: EntryId, member: CurrentMember, application: App) -> shapes.RevisionList:
    """每一版的内容、起草人和时间，最早的在前。"""
    with application.store.reading() as records:
        _require(entry_id, member, application, records)
        found = records.entries.revisions(entry_id)
    return shapes.RevisionList(items=[shapes.revision_out(revision) for revision in found])


@router.get("/compare", summary="对比两版", responses=api_problems(404))
def compare_revisions(
    entry_id: EntryId,
    member: CurrentMember,
    application: App,
    earlier: Annotated[RevisionNumber, Query(alias="from", description="前一版。", examples=[1])],
    later: Annotated[RevisionNumber, Query(alias="to", description="后一版。", examples=[2])],
) -> shapes.Comparison:
    """逐个字段列出不同之处。"""
    with application.store.reading() as records:
        _require(entry_id, member, application, records)
        old = records.entries.revision(entry_id, earlier)
        new = records.entries.revision(entry_id, later)
    changes = [shapes.change_out(change) for change in compare(old.text, new.text)]
    return shapes.Comparison(from_revision=earlier, to_revision=later, changes=changes)


@router.get("/history", summary="审计记录", responses=api_problems(404))
def history(
    entry_id: EntryId, member: CurrentMember, application: App, limit: Limit = 50, offset: Offset = 0
) -> shapes.AuditPage:
    """谁在什么时候对这个条目做了什么，最近的在前。"""
    with application.store.reading() as records:
        _require(entry_id, member, application, records)
        page = records.audit.list(AuditFilter(subject="entry", subject_id=entry_id), limit, offset)
    return shapes.audit_page(page.items, page.total, limit, offset)


@router.post("/restore", summary="恢复旧版", responses=body_problems(404, 409))
def restore(
    entry_id: EntryId, request: shapes.RestoreRequest, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """把旧版的内容写成新的一版草稿，重新走审核。"""
    entry = application.publishing.restore(entry_id, request.version, request.revision, member)
    return presented(entry, application)


def _require(entry_id: int, member: Member, application: Application, records: Records) -> None:
    require_newest(member, records.entries.get(entry_id), application.settings.stages)
