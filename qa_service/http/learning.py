"""Learning from use: operators' picks and reports, and what departments decide on them."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from knowledge.learning import Proposal, ProposalState, Resolution, Standing
from knowledge.people import Member
from knowledge.store import ProposalFilter, Records
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember, SomeCaller, StaffCaller
from qa_service.http.entries import presented
from qa_service.http.limits import visitor
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import learning as shapes
from qa_service.http.schemas.bounded import LARGEST, Limit, Line, Offset
from qa_service.http.schemas.entries import EntryOut
from qa_service.visibility import inbox_department

router = APIRouter(prefix="/api/v1", tags=["学习"])
DepartmentQuery = Annotated[
    Line, Query(description="处室的代码；不填为本处室，办公室和管理、审计人员为全部。")
]


def reporter_of(request: Request, caller: SomeCaller, application: App) -> str:
    """Tells visitors of the website apart; "" for members, who have a login, and for programs, which do not."""
    if caller.key is not None and caller.key.public:
        return application.learning.reporter(visitor(request))
    return ""


Reporter = Annotated[str, Depends(reporter_of)]


@router.post("/picks", status_code=201, summary="记下坐席的选用", responses=body_problems(404, 409))
def pick(request: shapes.PickRequest, caller: StaffCaller, application: App) -> shapes.PickResponse:
    """坐席从选项或检索结果里选用了一条。来电人的说法成为这一条目的待确认问法，由归属处室确认后加入。"""
    made = application.learning.pick(
        request.question, request.entry_id, caller.channel(request.channel), caller.login, request.revision
    )
    return shapes.PickResponse(proposal_id=made.id if made else None)


@router.post("/reports", status_code=201, summary="反映答错了", responses=body_problems(404, 409))
def report_wrong(request: shapes.ReportRequest, caller: StaffCaller, application: App) -> shapes.StandingOut:
    """工作人员反映答案有误。达到设置的次数后，条目在归属处室核实之前只作为选项，不直接作答。"""
    standing = application.learning.report(
        request.question,
        request.entry_id,
        caller.channel(request.channel),
        caller.login,
        request.revision,
        request.comment,
    )
    with application.store.reading() as records:
        return _standings(records, application, [standing])[0]


@router.get("/reports", summary="有反映答错的条目", responses=api_problems())
def list_reported(
    member: CurrentMember, application: App, department: DepartmentQuery = ""
) -> shapes.StandingList:
    """在用版本上有尚未核实的反映的条目。发布新版本、下架或核实后，即不在此列。"""
    with application.store.reading() as records:
        found = records.learning.reported(_department(records, member, department))
        return shapes.StandingList(items=_standings(records, application, found))


@router.post("/reports/close", summary="核实反映", responses=body_problems(404, 409))
def close_reports(
    request: shapes.CloseReportsRequest, member: CurrentMember, application: App
) -> shapes.ClosedReports:
    """归属处室核实，条目的文字无误，写明依据；之后条目照常作答。条目有误的，修改并发布新版本即可。"""
    resolution = Resolution(request.resolution)
    return shapes.ClosedReports(
        closed=application.learning.close_reports(request.entry_id, member, request.reason, resolution)
    )


@router.get("/proposals", summary="群众问法", responses=api_problems())
def list_proposals(
    member: CurrentMember,
    application: App,
    department: DepartmentQuery = "",
    entry_id: Annotated[int | None, Query(ge=1, le=LARGEST, description="只看这一条目的。")] = None,
    state: Annotated[list[ProposalState] | None, Query(description="状态，可多个；不填为待确认的。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.ProposalPage:
    """由坐席选用、群众认可、待答问题办结得来的问法，按条目排列。"""
    with application.store.reading() as records:
        matching = ProposalFilter(
            department=_department(records, member, department),
            entry_ids=(entry_id,) if entry_id else (),
            states=tuple(state or (ProposalState.OPEN,)),
        )
        page = records.learning.proposals(matching, limit, offset)
        items = _proposals(records, page.items)
    return shapes.ProposalPage(items=items, total=page.total, limit=limit, offset=offset)


@router.post("/proposals/accept", summary="加入问法", responses=body_problems(404, 409))
def accept(request: shapes.AcceptRequest, member: CurrentMember, application: App) -> EntryOut:
    """归属处室的编辑把问法加入条目，成为新版本的相似问；照常审核，`submit` 为 true 时一并提交。返回新版本。"""
    entry = application.learning.accept(
        request.entry_id, request.version, request.proposals, member, request.submit
    )
    return presented(entry, application)


@router.post("/proposals/decline", summary="不采用问法", responses=body_problems(404, 409))
def decline(request: shapes.DecideRequest, member: CurrentMember, application: App) -> shapes.Decided:
    """归属处室的编辑决定不采用；再有人这样问，也不再提出。"""
    return _decided(application, application.learning.decline(request.proposals, member))


@router.post("/proposals/reopen", summary="恢复问法", responses=body_problems(404, 409))
def reopen(request: shapes.DecideRequest, member: CurrentMember, application: App) -> shapes.Decided:
    """撤销“不采用”或“已加入”，重新待确认；条目的文字不变。"""
    return _decided(application, application.learning.reopen(request.proposals, member))


def _department(records: Records, member: Member, department: str) -> str:
    office = records.people.office()
    return inbox_department(member, department, office.code if office else "")


def _decided(application: Application, decided: Iterable[Proposal]) -> shapes.Decided:
    with application.store.reading() as records:
        return shapes.Decided(items=_proposals(records, tuple(decided)))


def _proposals(records: Records, proposals: tuple[Proposal, ...]) -> list[shapes.ProposalOut]:
    entries = records.entries.get_many({proposal.entry_id for proposal in proposals})
    return [shapes.ProposalOut.of(proposal, entries[proposal.entry_id]) for proposal in proposals]


def _standings(
    records: Records, application: Application, standings: Iterable[Standing]
) -> list[shapes.StandingOut]:
    found = tuple(standings)
    entries = records.entries.get_many({standing.entry_id for standing in found})
    return [
        shapes.StandingOut.of(each, entries[each.entry_id], application.learning.doubted(each))
        for each in found
    ]
