"""Working days, by which deadlines are counted."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_service.composition import national_holidays
from qa_service.http.authentication import Administrator, CurrentMember
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import people as shapes
from qa_service.http.schemas.bounded import Day

router = APIRouter(prefix="/api/v1/calendar", tags=["管理"])


@router.get("", summary="工作日", responses=api_problems())
def list_days(
    member: CurrentMember,
    application: App,
    year: Annotated[int, Query(ge=2000, le=2199, description="哪一年。", examples=[2026])],
) -> shapes.DayList:
    """这一年中与周一至周五上班不同的日子：国务院放假安排，和本单位的设定（优先）。"""
    with application.store.reading() as records:
        days = records.calendar.days()
    known = {
        **{day: (working, "national") for day, working in national_holidays().items()},
        **{day: (working, "set") for day, working in days.items()},
    }
    items = [
        shapes.DayOut.model_validate({"day": day, "working": working, "source": source})
        for day, (working, source) in sorted(known.items())
        if day.year == year
    ]
    return shapes.DayList(items=items)


@router.put("/{day}", summary="设定工作日", responses=body_problems())
def set_day(
    day: Annotated[Day, Path(description="日期。", examples=["2027-02-05"])],
    request: shapes.DaySetting,
    administrator: Administrator,
    application: App,
) -> shapes.DayOut:
    """设定某一天是否上班；此后登记的问题按它计算期限。"""
    with application.store.writing(administrator.login, application.clock()) as records:
        records.calendar.set_day(day, request.working, request.note)
    return shapes.DayOut(day=day, working=request.working, source="set")
