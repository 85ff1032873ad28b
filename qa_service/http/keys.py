"""The API keys of programs."""

from typing import Annotated

from fastapi import APIRouter, Path

from knowledge.entry import Channel
from qa_service.accounts import make_key
from qa_service.http.authentication import Administrator
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import people as shapes
from qa_service.http.schemas.bounded import LARGEST
from qa_service.membership import Membership

router = APIRouter(prefix="/api/v1/keys", tags=["管理"])


@router.get("", summary="密钥", responses=api_problems())
def list_keys(administrator: Administrator, application: App) -> shapes.KeyList:
    """全部密钥，只显示前几位，含已吊销的。"""
    with application.store.reading() as records:
        keys = records.access.api_keys()
    return shapes.KeyList(items=[shapes.KeyOut.model_validate(shapes.key_fields(key)) for key in keys])


@router.post("", status_code=201, summary="新建密钥", responses=body_problems(409))
def add_key(request: shapes.NewKey, administrator: Administrator, application: App) -> shapes.AddedKey:
    """新建密钥，全文只显示这一次。"""
    key, stored = make_key(
        application.store,
        request.name.strip(),
        Channel.WEBSITE if request.public else request.channel,
        request.public,
        request.per_minute,
        administrator.login,
        application.clock(),
    )
    return shapes.AddedKey.model_validate({**shapes.key_fields(stored), "key": key})


@router.delete("/{key_id}", status_code=204, summary="吊销密钥", responses=api_problems(404))
def revoke_key(
    key_id: Annotated[int, Path(ge=1, le=LARGEST, description="密钥编号。", examples=[2])],
    administrator: Administrator,
    application: App,
) -> None:
    """立即失效，不能恢复。"""
    Membership(application.store, application.clock).revoke_key(key_id, administrator)
