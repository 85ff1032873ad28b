"""The register of policy documents."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge.policy import Validity
from knowledge.store import PolicyFilter
from qa_service.http.authentication import CurrentMember
from qa_service.http.entries import entry_page
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import policies as shapes
from qa_service.http.schemas.bounded import LARGEST, Limit, Line, Offset
from qa_service.http.schemas.entries import EntryPage
from qa_service.visibility import readable_of

router = APIRouter(prefix="/api/v1/policies", tags=["政策文件"])

PolicyId = Annotated[int, Path(ge=1, le=LARGEST, description="政策文件编号。", examples=[3])]


@router.get("", summary="政策文件列表", responses=api_problems())
def list_policies(
    member: CurrentMember,
    application: App,
    text: Annotated[Line, Query(description="文件名、文号、发文机关或索引号中包含的文字。")] = "",
    q: Annotated[Line, Query(description="text 的简写；两者都给时以 text 为准。")] = "",
    topic: Annotated[Line, Query(description="主题分类。")] = "",
    validity: Annotated[Validity | None, Query(description="效力。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.PolicyPage:
    """最近发布的在前。"""
    matching = PolicyFilter(text=text.strip() or q.strip(), topic=topic.strip(), validity=validity)
    with application.store.reading() as records:
        page = records.policies.list(matching, limit, offset)
    items = [shapes.policy_out(document, application.today()) for document in page.items]
    return shapes.PolicyPage(items=items, total=page.total, limit=limit, offset=offset)


@router.post("", status_code=201, summary="登记政策文件", responses=body_problems(409))
def add_policy(request: shapes.PolicyIn, member: CurrentMember, application: App) -> shapes.PolicyOut:
    """登记一份文件；文号已登记则返回 409。"""
    added = application.publishing.add_policy(request.document(), member)
    return shapes.policy_out(added, application.today())


@router.get("/{policy_id}", summary="查看政策文件", responses=api_problems(404))
def read_policy(policy_id: PolicyId, member: CurrentMember, application: App) -> shapes.PolicyOut:
    """一份文件的登记内容。"""
    with application.store.reading() as records:
        return shapes.policy_out(records.policies.get(policy_id), application.today())


@router.put("/{policy_id}", summary="修改政策文件", responses=body_problems(404, 409))
def change_policy(
    policy_id: PolicyId, request: shapes.PolicyEdit, member: CurrentMember, application: App
) -> shapes.PolicyOut:
    """修改登记内容。变更效力须写明依据；废止、失效后，依据它的条目立即停止对外答复。"""
    document = request.document(policy_id, request.version)
    saved = application.publishing.change_policy(document, member, request.reason)
    return shapes.policy_out(saved, application.today())


@router.get("/{policy_id}/entries", summary="受影响的条目", responses=api_problems(404))
def affected_entries(
    policy_id: PolicyId, member: CurrentMember, application: App, limit: Limit = 50, offset: Offset = 0
) -> EntryPage:
    """以这份文件为依据的条目：修改、废止前先看这里。"""
    with application.store.reading() as records:
        ids = records.policies.citing(records.policies.get(policy_id))
        page = readable_of(member, ids, application.settings.stages, records, limit, offset)
    return entry_page(page, application, limit, offset)
