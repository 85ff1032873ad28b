"""The words that searching knows about."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge.wording import WordKind
from qa_service.http.authentication import CurrentMember
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import words as shapes
from qa_service.http.schemas.bounded import LARGEST, Limit, Line, Offset
from qa_service.wording import WordSearch, is_bundled

router = APIRouter(prefix="/api/v1/words", tags=["词语"])

WordId = Annotated[int, Path(ge=1, le=LARGEST, description="词语编号。", examples=[3])]


@router.get("", summary="词语列表", responses=api_problems())
def list_words(
    member: CurrentMember,
    application: App,
    kind: Annotated[WordKind | None, Query(description="种类。")] = None,
    text: Annotated[Line, Query(description="词语或规范用语中包含的文字。")] = "",
    active: Annotated[bool | None, Query(description="是否使用。")] = None,
    bundled: Annotated[bool | None, Query(description="是否系统自带。")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.WordPage:
    """本单位的词语在前，其后是系统自带的。"""
    page = application.words.listing(WordSearch(kind, text, active, bundled), limit, offset)
    items = [shapes.listed_out(word) for word in page.items]
    return shapes.WordPage(items=items, total=page.total, limit=limit, offset=offset)


@router.post("", status_code=201, summary="添加词语", responses=body_problems(409))
def add_word(request: shapes.WordIn, member: CurrentMember, application: App) -> shapes.WordOut:
    """添加一个词语，或以 active=false 停用系统自带的一个。发布员和管理员可以办理，提问检索随即按它进行。"""
    added = application.words.add(request.kind, request.text, request.formal, member, request.active)
    return shapes.word_out(added, is_bundled(added))


@router.get("/{word_id}", summary="查看词语", responses=api_problems(404))
def read_word(word_id: WordId, member: CurrentMember, application: App) -> shapes.WordHistory:
    """一个词语和它的沿革：谁在什么时候改成了什么。"""
    word, revisions = application.words.get(word_id)
    return shapes.history_out(word, is_bundled(word), revisions)


@router.put("/{word_id}", summary="修改词语", responses=body_problems(404, 409))
def change_word(
    word_id: WordId, request: shapes.WordEdit, member: CurrentMember, application: App
) -> shapes.WordOut:
    """修改、停用或启用一个词语。词语不会被删除，只会停用。"""
    saved = application.words.change(
        word_id, request.version, member, request.text, request.formal, request.active
    )
    return shapes.word_out(saved, is_bundled(saved))
