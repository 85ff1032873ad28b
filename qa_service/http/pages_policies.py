"""The register of policy documents: looking in it, and what rests on a document."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge.errors import Conflict, InvalidValue
from knowledge.people import Member, Role
from knowledge.policy import PolicyDocument, Validity
from knowledge.store import AuditFilter, PolicyFilter, Records
from qa_service.http import pages_choices as choices
from qa_service.http import pages_people as names
from qa_service.http.pages_listing import SIZE, PageNumber, offset, paging
from qa_service.http.pages_policy_fields import Lapse
from qa_service.http.pages_rendering import render, see_other
from qa_service.http.pages_session import Form, PageMember
from qa_service.http.pages_wording import ACTIONS
from qa_service.http.parts import App
from qa_service.visibility import readable_of

router = APIRouter(prefix="/policies")
WRITERS = (Role.EDITOR, Role.PUBLISHER, Role.ADMINISTRATOR)
SHOWN_ENTRIES = 200
Typed = Annotated[str, Query()]


@router.get("")
def policies(
    request: Request,
    application: App,
    member: PageMember,
    text: Typed = "",
    q: Typed = "",
    validity: Typed = "",
    topic: Typed = "",
    page: PageNumber = 1,
) -> Response:
    """The register, the most recently published first; `q` is short for `text`."""
    text = text.strip() or q.strip()
    wanted = Validity(validity) if validity in Validity.__members__ else None
    matching = PolicyFilter(text=text, topic=topic.strip(), validity=wanted)
    with application.store.reading() as records:
        found = records.policies.list(matching, SIZE, offset(page))
    return render(
        request,
        "policies.html",
        section="policies",
        found=found.items,
        paging=paging(request, page, found.total),
        text=text,
        topic=topic,
        validity=wanted.value if wanted else "",
        validities=choices.VALIDITIES,
        may_write=member.has(*WRITERS),
    )


@router.get("/find")
def find(application: App, member: PageMember, number: Typed = "", title: Typed = "") -> Response:
    """To the document of a citation; to a search for it when it is not registered."""
    with application.store.reading() as records:
        document = records.policies.by_number(number) if number else None
        if document is None and title:
            document = records.policies.by_title(title)
    if document is not None:
        return see_other(f"/policies/{document.id}")
    return see_other("/policies?" + urlencode({"text": number or title}))


@router.get("/{policy_id}")
def policy(request: Request, policy_id: int, application: App, member: PageMember) -> Response:
    """A document, how it stands and what rests on it."""
    return _policy_page(request, policy_id, application, member)


@router.post("/{policy_id}/validity")
def change_validity(
    request: Request, policy_id: int, form: Form, application: App, member: PageMember
) -> Response:
    """Change whether the document is in force, saying why."""
    typed = Lapse(form.text("validity"), form.text("valid_until"), form.text("reason"))
    try:
        with application.store.reading() as records:
            stored = records.policies.get(policy_id)
        application.publishing.change_policy(
            typed.applied(stored, form.number("version")), member, typed.reason
        )
    except InvalidValue as error:
        errors = {typed.place_of(error): error.expected}
        return _policy_page(request, policy_id, application, member, typed, errors, error.message, 422)
    except Conflict as error:
        return _policy_page(request, policy_id, application, member, typed, {}, error.message, 409)
    return see_other(f"/policies/{policy_id}", "policy-validity")


def _policy_page(
    request: Request,
    policy_id: int,
    application: App,
    member: Member,
    typed: Lapse | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    today = application.today()
    with application.store.reading() as records:
        document = records.policies.get(policy_id)
        citing = records.policies.citing(document)
        resting = readable_of(member, citing, application.settings.stages, records, SHOWN_ENTRIES, 0)
        answering = _answering(document, citing, application, records)
        trail = records.audit.list(AuditFilter("policy", policy_id)).items
        shown_names = {"names": names.departments(records), "people": names.people(records)}
    return render(
        request,
        "policy.html",
        status,
        section="policies",
        document=document,
        resting=resting,
        answering=answering,
        lapsed=document.lapsed(today),
        typed=typed or Lapse.of(document),
        changing=typed is not None,
        errors=errors or {},
        problem=problem,
        validities=choices.VALIDITIES,
        may_write=member.has(*WRITERS),
        trail=trail,
        actions=ACTIONS,
        **shown_names,
    )


def _answering(document: PolicyDocument, citing: tuple[int, ...], application: App, records: Records) -> int:
    """How many entries answer questions today whose published text rests on the document."""
    current = records.publications.current(citing, application.today())
    return sum(
        any(
            citation.document_number == document.number
            if citation.document_number
            else citation.document_title == document.title
            for citation in entry.text.citations
        )
        for entry in current.values()
    )
