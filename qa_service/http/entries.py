"""Reading and writing entries."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge import region, review
from knowledge.entry import EntryStatus, FaqEntry
from knowledge.people import Member
from knowledge.store import EntryFilter, Page
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import entries as shapes
from qa_service.http.schemas.bounded import LARGEST, Limit, Line, Offset
from qa_service.visibility import all_as_seen, as_seen, readable

router = APIRouter(prefix="/api/v1/entries", tags=["条目"])

EntryId = Annotated[int, Path(ge=1, le=LARGEST, description="条目编号。", examples=[7])]


@router.get("", summary="条目列表", responses=api_problems())
def list_entries(
    member: CurrentMember,
    application: App,
    department: Annotated[Line, Query(description="归属处室的代码。")] = "",
    status: Annotated[list[EntryStatus] | None, Query(description="状态，可多个。")] = None,
    text: Annotated[Line, Query(description="问题、答案或编号中包含的文字。")] = "",
    category: Annotated[Line, Query(description="类目，含其下级。")] = "",
    region_name: Annotated[
        Line | None, Query(alias="region", description="地区：代码或名称，“全国”为全国条目。")
    ] = None,
    cites: Annotated[Line, Query(description="依据的文号或文件名。")] = "",
    published: Annotated[bool | None, Query(description="是否正在对外答复。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.EntryPage:
    """最近变更的在前。本处室的全部可见；其他处室的只列已发布的，显示已发布的一版。"""
    wanted = EntryFilter(
        department=department,
        statuses=tuple(status or ()),
        text=text.strip(),
        category=category.strip("/ "),
        region=region.parse(region_name) if region_name is not None else None,
        cites=cites.strip(),
        published=published,
    )
    matching = readable(member, wanted)
    if matching is None:
        return entry_page(Page((), 0), application, limit, offset)
    with application.store.reading() as records:
        page = records.entries.list(matching, limit, offset)
        seen = all_as_seen(member, page.items, application.settings.stages, records)
    return entry_page(Page(seen, page.total), application, limit, offset)


@router.post("", status_code=201, summary="起草条目", responses=body_problems(404, 409))
def draft_entry(request: shapes.EntryDraft, member: CurrentMember, application: App) -> shapes.EntryOut:
    """起草一个新条目，须是归属处室的编辑。"""
    entry = application.publishing.draft(request.text(), member, request.external_id.strip(), request.note)
    return presented(entry, application)


@router.get("/{entry_id}", summary="查看条目", responses=api_problems(404))
def read_entry(entry_id: EntryId, member: CurrentMember, application: App) -> shapes.EntryOut:
    """本处室和审核环节的人员看到最新一版，其他人看到已发布的一版。"""
    return presented(entry_as_seen(entry_id, member, application), application)


@router.put("/{entry_id}", summary="修改条目", responses=body_problems(404, 409))
def edit_entry(
    entry_id: EntryId, request: shapes.EntryEdit, member: CurrentMember, application: App
) -> shapes.EntryOut:
    """写成新的一版草稿，已有的审签作废；已发布的一版继续对外答复，直到新版发布。"""
    entry = application.publishing.edit(entry_id, request.version, request.text(), member, request.note)
    return presented(entry, application)


def entry_as_seen(entry_id: int, member: Member, application: Application) -> FaqEntry:
    """The entry as this member may see it. Raises NotFound and NotAllowed."""
    with application.store.reading() as records:
        entry = records.entries.get(entry_id)
        return as_seen(member, entry, application.settings.stages, records)


def presented(entry: FaqEntry, application: Application) -> shapes.EntryOut:
    """An entry with the stage that it waits for."""
    stage = review.current_stage(entry, application.settings.stages)
    return shapes.entry_out(entry, shapes.StageOut(key=stage.key, name=stage.name) if stage else None)


def entry_page(page: Page[FaqEntry], application: Application, limit: int, offset: int) -> shapes.EntryPage:
    """A page of entries."""
    items = [presented(entry, application) for entry in page.items]
    return shapes.EntryPage(items=items, total=page.total, limit=limit, offset=offset)
