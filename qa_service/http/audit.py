"""The trail of what was done."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from knowledge.store import AuditFilter
from qa_service.http.authentication import Inspector
from qa_service.http.openapi import api_problems
from qa_service.http.parts import App
from qa_service.http.schemas.bounded import Day, Limit, Line, Offset
from qa_service.http.schemas.entries import AuditPage, audit_page

router = APIRouter(prefix="/api/v1/audit", tags=["管理"])

_EARLIEST, _LATEST = date(2000, 1, 1), date(9000, 1, 1)


@router.get("", summary="审计记录", responses=api_problems())
def audit_trail(
    inspector: Inspector,
    application: App,
    subject: Annotated[Line, Query(description="对象的种类，如 entry、ticket、policy、member。")] = "",
    subject_id: Annotated[Line | None, Query(description="对象的编号。")] = None,
    by: Annotated[Line, Query(description="经办人账号。")] = "",
    since: Annotated[Day | None, Query(description="自哪天起（含）。")] = None,
    until: Annotated[Day | None, Query(description="到哪天为止（含）。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> AuditPage:
    """谁在什么时候做了什么，最近的在前。供审计和管理人员查阅。"""
    matching = AuditFilter(
        subject=subject,
        subject_id=subject_id,
        by=by,
        since=_start_of(since) if since else None,
        until=_start_of(until, next_day=True) if until else None,
    )
    with application.store.reading() as records:
        page = records.audit.list(matching, limit, offset)
    return audit_page(page.items, page.total, limit, offset)


def _start_of(day: date, next_day: bool = False) -> datetime:
    """The first moment here of a day, or of the day after. Held within what time zones can reckon with."""
    within = min(max(day, _EARLIEST), _LATEST) + timedelta(days=int(next_day))
    return datetime.combine(within, time()).astimezone().astimezone(UTC)
