"""Asking, searching, typing ahead and feedback."""

from typing import Annotated

from fastapi import APIRouter, Query

from indexer.scope import Scope
from knowledge import region
from knowledge.entry import Channel
from knowledge.masking import mask
from knowledge.store import Feedback
from qa_service.ask import Asker, ask, check_question, search
from qa_service.composition import Application
from qa_service.http.authentication import Caller, SomeCaller, StaffCaller
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App, TheMetrics, TheSuggestions
from qa_service.http.schemas import asking as shapes
from qa_service.http.schemas.bounded import Line, QuestionText
from qa_service.presenting import department_names, hit_json, outcome_json

router = APIRouter(prefix="/api/v1", tags=["问答"])

GroupQuery = Annotated[shapes.Group | None, Query(description="险种：employee 职工、resident 居民。")]
AudienceQuery = Annotated[shapes.Audience | None, Query(description="人群。")]
ChannelQuery = Annotated[Channel | None, Query(description="渠道，含义同提问。")]


@router.post("/ask", summary="提问", responses=body_problems(409))
def ask_question(
    request: shapes.AskRequest, caller: SomeCaller, application: App, metrics: TheMetrics
) -> shapes.AskResponse:
    """有把握时给出经审核发布的答案原文和依据；不够有把握时给出选项；都不行时转给归属处室，并给查询码。

    `record` 为 false 时什么都不写入，也不转办。
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
    outcome = ask(request.question, asker, application.answering, application.clock())
    answered = outcome_json(outcome, department_names(application.store))
    metrics.asked(answered["outcome"], asker.channel.value, outcome.took_ms)
    return shapes.AskResponse.model_validate(answered)


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
    request: shapes.FeedbackRequest, caller: SomeCaller, application: App
) -> shapes.FeedbackResponse:
    """对答案的评价和意见；写入前遮盖其中的个人信息。"""
    now = application.clock()
    question = check_question(request.question, application.settings.max_question)
    with application.store.writing(caller.login or "system", now) as records:
        if request.entry_id is not None:
            records.entries.get(request.entry_id)
        records.questions.add_feedback(
            Feedback(
                question=mask(question),
                entry_id=request.entry_id,
                revision=request.revision,
                helpful=request.helpful,
                comment=mask(request.comment),
                channel=caller.channel(request.channel),
                at=now,
            )
        )
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
