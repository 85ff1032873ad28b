"""Asking, for operators with a caller on the line and for every other member."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge import region as regions
from knowledge.conversation import Known
from knowledge.entry import Channel, InsuredGroup
from knowledge.errors import InvalidValue, NotFound
from knowledge.masking import mask
from knowledge.people import Member
from knowledge.store import Feedback
from qa_service.ask import Asker
from qa_service.conversation.conversing import converse, forget
from qa_service.escalating import escalate
from qa_service.http import pages_choices as choices
from qa_service.http.pages_answer import Shown, Talk, known_of, shown, talk_of
from qa_service.http.pages_rendering import is_fragment, render, see_other
from qa_service.http.pages_session import Form, PageMember, Posted
from qa_service.http.parts import App, TheMetrics
from qa_service.presenting import department_names

router = APIRouter()
POPULAR = 8
LONGEST_NOTE = 200
Typed = Annotated[str, Query()]


@router.get("/ask")
def ask_page(
    request: Request,
    application: App,
    member: PageMember,
    q: Typed = "",
    region: Typed = "",
    insured_group: Typed = "",
    audience: Typed = "",
    session: Typed = "",
) -> Response:
    """The page; with a question in the address, also what is found for it. Nothing is recorded."""
    presets = _presets(
        {"region": region, "insured_group": insured_group, "audience": audience, "session": session}
    )
    return _page(request, application, _results(application, member, q, presets))


@router.get("/ask/results")
def preview(
    request: Request,
    application: App,
    member: PageMember,
    q: Typed = "",
    region: Typed = "",
    insured_group: Typed = "",
    audience: Typed = "",
    session: Typed = "",
) -> Response:
    """What is found for the words typed so far. Nothing is recorded."""
    presets = _presets(
        {"region": region, "insured_group": insured_group, "audience": audience, "session": session}
    )
    return render(request, "ask_results.html", **_results(application, member, q, presets))


@router.post("/ask")
def submit(
    request: Request, form: Form, application: App, member: PageMember, metrics: TheMetrics
) -> Response:
    """Ask in earnest: the question is recorded, and queued when nothing answers it."""
    q, presets = form.text("q"), _posted_presets(form)
    results = _results(application, member, q, presets, record=True)
    if isinstance(outcome := results["outcome"], Shown):
        metrics.asked(outcome.kind, Channel.HOTLINE.value, outcome.took_ms)
    if is_fragment(request):
        return render(request, "ask_results.html", **results)
    return _page(request, application, results)


@router.post("/ask/next")
def next_caller(form: Form, application: App, member: PageMember) -> Response:
    """The call has ended: forget what this caller told, and begin with an empty page."""
    ended = _asker(member, _posted_presets(form) | {"region": "", "insured_group": "", "audience": ""})
    forget(ended, application.answering, application.clock())
    return see_other("/ask")


@router.post("/ask/escalate")
def hand_on(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Queue a question by hand, with a note for calling back."""
    typed = {name: form.text(name) for name in ("question", "callback", "department")}
    try:
        filed = escalate(
            typed["question"],
            _asker(member, _posted_presets(form) | {"session": form.text("session")[:64]}),
            application.answering,
            application.clock(),
            typed["callback"][:LONGEST_NOTE],
            typed["department"],
        )
    except (InvalidValue, NotFound) as error:
        problem = error.expected if isinstance(error, InvalidValue) else error.message
        field = "department" if isinstance(error, NotFound) else "escalate-question"
        errors = {field: problem}
        if not is_fragment(request):
            return _page(
                request, application, _results(application, member, "", _posted_presets(form)), typed, errors
            )
        return render(request, "ask_escalate.html", 422, **_escalation(application, typed, errors))
    if not is_fragment(request):
        return see_other(f"/receipt?code={filed.receipt}")
    names = department_names(application.store)
    return render(request, "ask_escalated.html", filed=filed, departments=names)


@router.get("/ask/escalate")
def escalation_form(request: Request, application: App, member: PageMember) -> Response:
    """An empty form for the next question."""
    if not is_fragment(request):
        return see_other("/ask")
    return render(request, "ask_escalate.html", **_escalation(application))


@router.post("/ask/callback")
def callback(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Add a note for calling back to a question that was queued by itself."""
    receipt = form.text("receipt")
    application.inbox.note_callback(receipt, form.text("callback")[:LONGEST_NOTE], member)
    if not is_fragment(request):
        return see_other(f"/receipt?code={receipt}", "callback-noted")
    return render(request, "ask_noted.html")


@router.post("/ask/feedback")
def feedback(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Keep whether an answer helped."""
    given = Feedback(
        question=mask(form.text("q"))[: application.settings.max_question],
        entry_id=form.number("entry_id"),
        revision=form.number("revision"),
        helpful=form.text("helpful") == "yes",
        comment="",
        channel=Channel.HOTLINE,
        at=application.clock(),
    )
    with application.store.reading() as records:
        records.entries.revision(given.entry_id or 0, given.revision or 0)
    application.learning.rate(given, member.login)
    if not is_fragment(request):
        return see_other("/ask")
    return render(request, "ask_thanks.html", helpful=given.helpful)


def _page(
    request: Request,
    application: App,
    results: dict[str, object],
    escalation: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    with application.store.reading() as records:
        popular = [entry_id for entry_id, _ in records.questions.popular(POPULAR)]
        current = records.publications.current(popular, application.today())
    own = application.settings.region
    return render(
        request,
        "ask.html",
        422 if errors else 200,
        section="ask",
        own_region=regions.name(own) if own is not None else "",
        regions=choices.regions(),
        insured_groups=choices.INSURED_GROUPS,
        audiences=choices.AUDIENCES,
        popular=[current[entry_id].text.question for entry_id in popular if entry_id in current],
        degraded=application.encoder_problem or application.index.encoder_error,
        **results,
        **_escalation(application, escalation or {"question": str(results["q"])}, errors),
    )


def _results(
    application: App, member: Member, q: str, presets: dict[str, str], record: bool = False
) -> dict[str, object]:
    """What the result part shows: nothing for an empty box, what is wrong with a question that cannot be asked."""
    context: dict[str, object] = {
        "q": q,
        "presets": presets,
        "session": presets["session"],
        "outcome": None,
        "talk": Talk(),
        "known": known_of(Known(), presets),
        "problem": "",
    }
    if not q.strip():
        return context
    try:
        asker = _asker(member, presets, record)
        reply = converse(q, asker, application.answering, application.clock())
    except InvalidValue as error:
        return context | {"problem": f"{error.field}：{error.expected}"}
    names = department_names(application.store)
    return context | {
        "outcome": shown(reply.outcome, names),
        "talk": talk_of(reply, names),
        "known": known_of(reply.known, presets),
    }


def _escalation(
    application: App, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None
) -> dict[str, object]:
    with application.store.reading() as records:
        offered = choices.departments(records.people.departments())
    empty = {"question": "", "callback": "", "department": ""}
    return {"escalation": empty | (typed or {}), "departments": offered, "errors": errors or {}}


def _posted_presets(form: Posted) -> dict[str, str]:
    return _presets({name: form.text(name) for name in ("region", "insured_group", "audience", "session")})


def _presets(given: dict[str, str]) -> dict[str, str]:
    """What the operator has set for the caller; a call that has no session yet gets one."""
    return given | {"session": given["session"].replace("\x00", "")[:64] or secrets.token_urlsafe(12)}


def _asker(member: Member, presets: dict[str, str], record: bool = True) -> Asker:
    """Raises InvalidValue for a region or an insured group that does not exist."""
    group = presets["insured_group"]
    if group not in {value for value, _ in choices.INSURED_GROUPS}:
        raise InvalidValue("险种", group, "请从列表中选择")
    return Asker(
        channel=Channel.HOTLINE,
        region=regions.parse(presets["region"]) if presets["region"] else None,
        insured_group=InsuredGroup(group).value,
        audience=presets["audience"].replace("\x00", "")[:40],
        session=presets["session"],
        login=member.login,
        record=record,
    )
