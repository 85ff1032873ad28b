"""An entry: how it stands, its way through review, what it was before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge import review
from knowledge.entry import EntryText, FaqEntry
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed
from knowledge.learning import Resolution
from knowledge.people import Member
from knowledge.policy import Citation
from knowledge.store import AuditFilter, Records
from qa_service.http import pages_people as names
from qa_service.http.pages_difference import differences
from qa_service.http.pages_feedback import said_of
from qa_service.http.pages_rendering import render, see_other
from qa_service.http.pages_session import Form, PageMember, Posted
from qa_service.http.pages_wording import ACTIONS
from qa_service.http.parts import App
from qa_service.visibility import as_seen, may_read_newest, require_newest

router = APIRouter(prefix="/entries/{entry_id}")
TRAIL = 200
RevisionNumber = Annotated[int, Query(ge=1, le=2**31 - 1)]


@dataclass(frozen=True)
class Refused:
    """A step that could not be taken: which one, why, and the reason that was typed with it."""

    move: str
    message: str
    reason: str
    status: int
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def because(cls, move: str, error: InvalidValue | Conflict | IllegalMove, form: Posted) -> "Refused":
        """What the page says of an error."""
        errors = {f"{move}-reason": error.expected} if isinstance(error, InvalidValue) else {}
        message = "还不能办理，请按提示修改。您填写的内容都还在。" if errors else error.message
        return cls(move, message, form.text("reason"), 422 if errors else 409, errors)


@router.get("")
def entry_page(request: Request, entry_id: int, application: App, member: PageMember) -> Response:
    """The entry as this member may see it."""
    return _entry_page(request, entry_id, application, member)


@router.get("/review")
def review_page(request: Request, entry_id: int, application: App, member: PageMember) -> Response:
    """What there is to sign: the revision, and what it changes of the published one."""
    return _review_page(request, entry_id, application, member)


@router.get("/compare")
def compare_page(
    request: Request,
    entry_id: int,
    application: App,
    member: PageMember,
    earlier: Annotated[RevisionNumber, Query(alias="from")],
    later: Annotated[RevisionNumber, Query(alias="to")],
) -> Response:
    """Two revisions, and what lies between them."""
    with application.store.reading() as records:
        entry = records.entries.get(entry_id)
        require_newest(member, entry, application.settings.stages)
        old, new = records.entries.revision(entry_id, earlier), records.entries.revision(entry_id, later)
        return render(
            request,
            "entry_compare.html",
            section="department",
            entry=entry,
            old=old,
            new=new,
            changes=differences(old.text, new.text),
            people=names.people(records),
            may_edit=_possible(lambda: review.edit(entry, old.text, member, application.clock())),
        )


@router.post("/submit")
def submit(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Hand in for review."""
    do = lambda version: application.publishing.submit(entry_id, version, member)  # noqa: E731 - one expression
    return _move(request, entry_id, form, application, member, "submit", do, "submitted")


@router.post("/recall")
def recall(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Take back from review."""
    do = lambda version: application.publishing.recall(entry_id, version, member)  # noqa: E731 - one expression
    return _move(request, entry_id, form, application, member, "recall", do, "recalled")


@router.post("/withdraw")
def withdraw(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Take off the air."""
    reason = form.text("reason")
    do = lambda version: application.publishing.withdraw(entry_id, version, member, reason)  # noqa: E731 - one expression
    return _move(request, entry_id, form, application, member, "withdraw", do, "withdrawn")


@router.post("/restore")
def restore(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Make an earlier revision the newest."""
    do = lambda version: application.publishing.restore(entry_id, version, form.number("revision"), member)  # noqa: E731
    return _move(request, entry_id, form, application, member, "restore", do, "restored")


@router.post("/reports/close")
def close_reports(
    request: Request, entry_id: int, form: Form, application: App, member: PageMember
) -> Response:
    """The department has looked at what was reported, and the text is right."""
    reason = form.text("reason")
    resolution = Resolution.MISMATCH if form.text("resolution") == "mismatch" else Resolution.CORRECT
    do = lambda _: application.learning.close_reports(entry_id, member, reason, resolution)  # noqa: E731
    return _move(request, entry_id, form, application, member, "close-reports", do, "reports-closed")


@router.post("/sign")
def sign(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Sign the stage that waits."""
    try:
        signed = application.publishing.sign(entry_id, form.number("version"), member)
    except (InvalidValue, Conflict, IllegalMove) as error:
        refused = Refused.because("sign", error, form)
        return _review_page(request, entry_id, application, member, refused)
    done = "published" if signed.published_revision == signed.revision else "signed"
    return see_other("/department/review", done)


@router.post("/return")
def send_back(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Return to the department, saying why."""
    try:
        application.publishing.send_back(entry_id, form.number("version"), member, form.text("reason"))
    except (InvalidValue, Conflict, IllegalMove) as error:
        refused = Refused.because("return", error, form)
        return _review_page(request, entry_id, application, member, refused)
    return see_other("/department/review", "returned")


def _move(
    request: Request,
    entry_id: int,
    form: Posted,
    application: App,
    member: Member,
    move: str,
    do: Callable[[int], object],
    done: str,
) -> Response:
    try:
        do(form.number("version"))
    except (InvalidValue, Conflict, IllegalMove) as error:
        return _entry_page(request, entry_id, application, member, Refused.because(move, error, form))
    return see_other(f"/entries/{entry_id}", done)


def _entry_page(
    request: Request, entry_id: int, application: App, member: Member, refused: Refused | None = None
) -> Response:
    stages, now = application.settings.stages, application.clock()
    with application.store.reading() as records:
        stored = records.entries.get(entry_id)
        entry = as_seen(member, stored, stages, records)
        whole = may_read_newest(member, stored, stages)
        return render(
            request,
            "entry.html",
            refused.status if refused else 200,
            section="department",
            entry=entry,
            whole=whole,
            refused=refused,
            unregistered=_unregistered(entry.text, records),
            stages=stages,
            waiting=review.current_stage(entry, stages),
            signed={sign_off.stage: sign_off for sign_off in entry.sign_offs},
            revisions=tuple(reversed(records.entries.revisions(entry_id))) if whole else (),
            trail=records.audit.list(AuditFilter("entry", entry_id), TRAIL).items if whole else (),
            tickets=records.tickets.for_entry(entry_id) if whole else (),
            said=said_of(stored, records, application, member) if whole else None,
            actions=ACTIONS,
            people=names.people(records),
            names=names.departments(records),
            may={
                "edit": whole and _possible(lambda: review.edit(entry, entry.text, member, now)),
                "submit": whole and _possible(lambda: review.submit(entry, member, now)),
                "recall": whole and _possible(lambda: review.recall(entry, member, now)),
                "sign": whole and _possible(lambda: review.sign(entry, member, now, stages)),
                "withdraw": _possible(lambda: review.withdraw(stored, member, now)),
            },
        )


def _review_page(
    request: Request, entry_id: int, application: App, member: Member, refused: Refused | None = None
) -> Response:
    stages, now = application.settings.stages, application.clock()
    with application.store.reading() as records:
        entry = records.entries.get(entry_id)
        require_newest(member, entry, stages)
        published = entry.published_revision and records.entries.revision(entry_id, entry.published_revision)
        return render(
            request,
            "entry_review.html",
            refused.status if refused else 200,
            section="department",
            entry=entry,
            refused=refused,
            published=published,
            changes=differences(published.text, entry.text) if published else (),
            note=records.entries.revision(entry_id, entry.revision).note,
            unregistered=_unregistered(entry.text, records),
            stages=stages,
            waiting=review.current_stage(entry, stages),
            signed={sign_off.stage: sign_off for sign_off in entry.sign_offs},
            obstacle=_obstacle(lambda: review.sign(entry, member, now, stages)),
            people=names.people(records),
            names=names.departments(records),
        )


def _possible(move: Callable[[], FaqEntry]) -> bool:
    """Whether the rules let this member take a step; asked of the rules themselves."""
    return not _obstacle(move)


def _obstacle(move: Callable[[], FaqEntry]) -> str:
    try:
        move()
    except (IllegalMove, NotAllowed, InvalidValue) as error:
        return error.message
    return ""


def _unregistered(text: EntryText, records: Records) -> frozenset[Citation]:
    """Citations of documents that are not in the register: nothing tells when these lapse."""
    return frozenset(
        citation
        for citation in text.citations
        if not (citation.document_number and records.policies.by_number(citation.document_number))
        and not (citation.document_title and records.policies.by_title(citation.document_title))
    )
