"""Asking, searching, typing ahead and feedback."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from indexer.scope import Scope
from knowledge import region
from knowledge.entry import Channel
from knowledge.masking import mask
from knowledge.store import Feedback
from qa_service.ask import Asker, check_question, level_now, search
from qa_service.composition import Application
from qa_service.conversation.conversing import converse
from qa_service.explaining import Detail
from qa_service.http.authentication import Caller, SomeCaller, StaffCaller
from qa_service.http.learning import Reporter
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App, TheMetrics, TheSuggestions
from qa_service.http.schemas import asking as shapes
from qa_service.http.schemas.bounded import Line, QuestionText
from qa_service.presenting import department_names, hit_json, reply_json

router = APIRouter(prefix="/api/v1", tags=["问答"])

GroupQuery = Annotated[shapes.Group | None, Query(description="险种：employee 职工、resident 居民。")]
AudienceQuery = Annotated[shapes.Audience | None, Query(description="人群。")]
ChannelQuery = Annotated[Channel | None, Query(description="渠道，含义同提问。")]


@router.post("/ask", summary="提问", response_model=shapes.AskResponse, responses=body_problems(409))
def ask_question(
    request: shapes.AskRequest, caller: SomeCaller, application: App, metrics: TheMetrics
) -> Response:
    """有把握时给出经审核发布的答案原文和依据；不够有把握时给出选项；都不行时转给归属处室，并给查询码。

    带 `session` 的提问结合上文理解，如先问“职工住院报多少”，再问“那居民的呢”；上文保留30分钟。
    几条答案只差一个没有说明的情况（如险种）时，`clarification` 给出要反问的一句话和选项：把选项的 `label` 或 `value`
    作为下一个问题连同 `session` 发来即可；也可以在 `insured_group`、`audience`、`region` 中注明后重新提问。
    一句话里问了几件事时，`parts` 依次给出各件事的结果，外层各项是第一件的。
    `record` 为 false 时什么都不写入，也不转办，上文可用而不更新。
    `explain` 为 true 时 `explanation` 说明为什么是这个结果：
    相同的词语及经由何种同义词、最接近的问法、得分构成、所用阈值。
    网页公钥人人可见，只得到相同的词语：凭得分和阈值，外人可以逐条试出怎样提问能引出某条答案。
    """
    asker = asker_of(
        caller,
        channel=request.channel,
        region_name=request.region,
        insured_group=request.insured_group,
        audience=request.audience,
        session=request.session,
        record=request.record,
    )
    now = application.clock()
    level = level_now(application.answering, now)
    reply = converse(request.question, asker, application.answering, now, level=level)
    detail = Detail.NOTHING
    if request.explain:
        detail = Detail.EVERYTHING if caller.staff else Detail.WORDS
    answered = reply_json(reply, level.departments, detail)
    metrics.asked(answered["outcome"], asker.channel.value, reply.outcome.took_ms)
    # Written here, in this thread: FastAPI would check the same shape once more, in another.
    said = shapes.AskResponse.model_validate(answered).model_dump_json()
    return Response(said, media_type="application/json")


@router.get("/search", summary="检索", responses=api_problems())
def search_entries(
    caller: StaffCaller,
    application: App,
    q: Annotated[QuestionText, Query(description="问题或关键词。", examples=["生育津贴 申领"])],
    limit: Annotated[int, Query(ge=1, le=100, description="最多几条。")] = 10,
    region_name: Annotated[Line | None, Query(alias="region", description="统筹区：六位代码或名称。")] = None,
    insured_group: GroupQuery = None,
    audience: AudienceQuery = None,
    channel: ChannelQuery = None,
) -> shapes.SearchResponse:
    """按可能性排列的条目，附得分和相同词语，供坐席和工具使用；什么都不记录。"""
    asker = asker_of(
        caller,
        channel=channel,
        region_name=region_name,
        insured_group=insured_group,
        audience=audience,
        record=False,
    )
    question = check_question(q, application.settings.max_question)
    found = search(question, asker, application.answering, application.clock(), limit)
    names = department_names(application.store)
    return shapes.SearchResponse(
        hits=[shapes.HitOut.model_validate(hit_json(hit, names)) for hit in found.hits[:limit]],
        snapshot=found.result.snapshot,
        warning=found.result.warning,
        took_ms=round(found.result.took_ms, 2),
    )


@router.get("/suggest", summary="联想", responses=api_problems())
def suggest(
    caller: SomeCaller,
    application: App,
    suggestions: TheSuggestions,
    q: Annotated[str, Query(max_length=5000, description="已输入的文字。", examples=["生育津贴"])],
    limit: Annotated[int, Query(ge=1, le=20, description="最多几条。")] = 8,
    region_name: Annotated[Line | None, Query(alias="region", description="统筹区：六位代码或名称。")] = None,
    insured_group: GroupQuery = None,
    audience: AudienceQuery = None,
    channel: ChannelQuery = None,
) -> shapes.SuggestResponse:
    """输入时的联想：以输入开头或包含输入的已发布问题，常问的在前；什么都不记录。"""
    asker = asker_of(
        caller, channel=channel, region_name=region_name, insured_group=insured_group, audience=audience
    )
    found = suggestions.suggest(q, _scope(asker, application), limit)
    return shapes.SuggestResponse(
        suggestions=[shapes.SuggestionOut.model_validate(vars(each)) for each in found]
    )


@router.post("/feedback", status_code=201, summary="评价答案", responses=body_problems(404))
def give_feedback(
    request: shapes.FeedbackRequest, caller: SomeCaller, application: App, reporter: Reporter
) -> shapes.FeedbackResponse:
    """对答案的评价和意见；写入前遮盖其中的个人信息。

    认可的问法由归属处室确认后成为相似问；对已作出的回答评价“没有帮助”的，计为一次群众反映答错。
    """
    now = application.clock()
    question = check_question(request.question, application.settings.max_question)
    given = Feedback(
        question=mask(question),
        entry_id=request.entry_id,
        revision=request.revision,
        helpful=request.helpful,
        comment=mask(request.comment),
        channel=caller.channel(request.channel),
        at=now,
    )
    application.learning.rate(given, caller.login, reporter)
    return shapes.FeedbackResponse(received=True)


def asker_of(
    caller: Caller,
    *,
    channel: Channel | None,
    region_name: str | None = None,
    insured_group: str | None = None,
    audience: str | None = None,
    session: str | None = None,
    record: bool = True,
) -> Asker:
    """Who asks, from what the request says. Raises InvalidValue for an unknown region, NotAllowed for a channel."""
    return Asker(
        channel=caller.channel(channel),
        region=region.parse(region_name) if region_name and region_name.strip() else None,
        insured_group=insured_group or "",
        audience=(audience or "").strip(),
        session=session or "",
        login=caller.login,
        record=record,
    )


def _scope(asker: Asker, application: Application) -> Scope:
    return Scope(
        on=application.today(),
        region=asker.region if asker.region is not None else application.settings.region,
        insured_group=asker.insured_group,
        audience=asker.audience,
        channel=asker.channel if asker.channel is not Channel.API else None,
    )
