"""A question that waits for its department: who asked it, and the steps towards an answer."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from knowledge import ticket as tickets
from knowledge.entry import EntryStatus, FaqEntry
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed
from knowledge.people import Member, Role
from knowledge.store import AuditFilter, EntryFilter, Records
from knowledge.ticket import Occurrence, Ticket
from qa_service.ask import Asker, search
from qa_service.http import pages_choices as choices
from qa_service.http import pages_people as names
from qa_service.http.pages_entry import TRAIL, Refused
from qa_service.http.pages_entry_fields import EntryFields, Unacceptable
from qa_service.http.pages_entry_form import form_page, titles
from qa_service.http.pages_rendering import Sheet, render, see_other
from qa_service.http.pages_session import Form, PageMember, Posted
from qa_service.http.pages_wording import ACTIONS
from qa_service.http.parts import App
from qa_service.visibility import require_ticket, sees_callback

router = APIRouter(prefix="/tickets/{ticket_id}")
NEAREST = 8
FOUND = 20


@router.get("")
def ticket_page(
    request: Request,
    ticket_id: int,
    application: App,
    member: PageMember,
    find: Annotated[str, Query()] = "",
) -> Response:
    """The ticket; `find` looks for an entry that answers it already."""
    return _ticket_page(request, ticket_id, application, member, find=find)


@router.get("/answer")
def answer_form(request: Request, ticket_id: int, application: App, member: PageMember) -> Response:
    """The form of an entry, begun with what the askers said."""
    ticket, asked = _readable(ticket_id, application, member)
    tickets.answer(ticket, member, 0)
    first = asked[0] if asked else None
    fields = EntryFields(
        question=ticket.question,
        department=ticket.department,
        region=first.region if first and _same(asked, "region") else "",
        insured_group=first.insured_group if first and _same(asked, "insured_group") else "",
    )
    return _answer_page(request, application, member, ticket, asked, fields)


@router.post("/answer")
def answer(request: Request, ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Draft an entry as the answer."""
    typed, version = EntryFields.posted(form), form.number("version")
    ticket, asked = _readable(ticket_id, application, member)
    try:
        text = typed.read(titles(application))
        _, entry = application.inbox.answer(ticket_id, version, member, text)
    except Unacceptable as error:
        return _answer_page(
            request, application, member, ticket, asked, typed, 422, errors=error.problems, version=version
        )
    except (Conflict, IllegalMove) as error:
        problem = {"": error.message + "；您填写的内容还在下面"}
        return _answer_page(request, application, member, ticket, asked, typed, 409, errors=problem)
    return see_other(f"/entries/{entry.id}", "answered")


@router.post("/answer-with")
def answer_with(
    request: Request, ticket_id: int, form: Form, application: App, member: PageMember
) -> Response:
    """Answer with an entry that exists."""
    try:
        entry_id = form.number("entry_id")
        _, entry = application.inbox.answer_with(ticket_id, form.number("version"), member, entry_id)
    except InvalidValue:
        refused = Refused("answer-with", "请先选择一个条目", "", 422)
        return _ticket_page(request, ticket_id, application, member, refused, form.text("find"))
    except (Conflict, IllegalMove) as error:
        refused = Refused.because("answer-with", error, form)
        return _ticket_page(request, ticket_id, application, member, refused, form.text("find"))
    return see_other(f"/entries/{entry.id}", "merged")


@router.post("/assign")
def assign(request: Request, ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Give to a member of the department."""
    do = lambda version: application.inbox.assign(ticket_id, version, member, form.text("assignee"))  # noqa: E731
    return _move(request, ticket_id, form, application, member, "assign", do, "assigned")


@router.post("/pass-on")
def pass_on(request: Request, ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Hand to another department; whoever may not see it there goes back to the own inbox."""
    department, reason = form.text("department"), form.text("reason")
    do = lambda version: application.inbox.pass_on(ticket_id, version, member, department, reason)  # noqa: E731
    return _move(
        request, ticket_id, form, application, member, "pass-on", do, "passed-on", "/department/tickets"
    )


@router.post("/dismiss")
def dismiss(request: Request, ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Decline to answer, saying why."""
    do = lambda version: application.inbox.dismiss(ticket_id, version, member, form.text("reason"))  # noqa: E731
    return _move(request, ticket_id, form, application, member, "dismiss", do, "dismissed")


@router.post("/reopen")
def reopen(request: Request, ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Take a dismissal or an answer back."""
    do = lambda version: application.inbox.reopen(ticket_id, version, member)  # noqa: E731 - one expression
    return _move(request, ticket_id, form, application, member, "reopen", do, "reopened")


@router.post("/called-back")
def called_back(ticket_id: int, form: Form, application: App, member: PageMember) -> Response:
    """The asker was called back; the note is forgotten."""
    application.inbox.called_back(ticket_id, form.number("occurrence_id"), member)
    return see_other(f"/tickets/{ticket_id}", "called-back")


def _move(
    request: Request,
    ticket_id: int,
    form: Posted,
    application: App,
    member: Member,
    move: str,
    do: Callable[[int], Ticket],
    done: str,
    then: str = "",
) -> Response:
    try:
        do(form.number("version"))
    except (InvalidValue, Conflict, IllegalMove) as error:
        return _ticket_page(request, ticket_id, application, member, Refused.because(move, error, form))
    return see_other(then or f"/tickets/{ticket_id}", done)


def _ticket_page(
    request: Request,
    ticket_id: int,
    application: App,
    member: Member,
    refused: Refused | None = None,
    find: str = "",
) -> Response:
    ticket, asked = _readable(ticket_id, application, member)
    may = _may(ticket, member, application)
    nearest = _answering(ticket, application, find) if may["answer"] else ()
    with application.store.reading() as records:
        known = records.people.departments()
        return render(
            request,
            "ticket.html",
            refused.status if refused else 200,
            section="department",
            ticket=ticket,
            asked=[(each, sees_callback(member, ticket, each)) for each in asked],
            refused=refused,
            may=may,
            find=find,
            nearest=nearest,
            answering=records.entries.get(ticket.entry_id) if ticket.entry_id else None,
            editors=_editors(records, ticket),
            others=choices.departments(each for each in known if each.code != ticket.department),
            names=names.departments(records),
            trail=records.audit.list(AuditFilter("ticket", ticket_id), TRAIL).items,
            actions=ACTIONS,
            people=names.people(records),
        )


def _answer_page(
    request: Request,
    application: App,
    member: Member,
    ticket: Ticket,
    asked: tuple[Occurrence, ...],
    fields: EntryFields,
    status: int = 200,
    errors: dict[str, str] | None = None,
    version: int | None = None,
) -> Response:
    return form_page(
        request,
        application,
        member,
        fields,
        Sheet("答复待答问题", f"/tickets/{ticket.id}/answer", f"/tickets/{ticket.id}", "保存草稿"),
        status,
        template="ticket_answer.html",
        errors=errors,
        version=ticket.version if version is None else version,
        ticket=ticket,
        asked=tuple(dict.fromkeys(each.question for each in asked)),
    )


def _readable(ticket_id: int, application: App, member: Member) -> tuple[Ticket, tuple[Occurrence, ...]]:
    """The ticket and who asked it. Raises NotAllowed when it is not open to the member."""
    with application.store.reading() as records:
        ticket, asked = records.tickets.get(ticket_id), records.tickets.occurrences(ticket_id)
        office = records.people.office()
    require_ticket(member, ticket, office.code if office else "", asked)
    return ticket, asked


def _may(ticket: Ticket, member: Member, application: App) -> dict[str, bool]:
    """Which steps the rules let this member take; asked of the rules themselves."""
    with application.store.reading() as records:
        office = records.people.office()
    by_office = (
        office is not None and member.department == office.code and member.has(Role.EDITOR, Role.PUBLISHER)
    )
    moves: dict[str, Callable[[], Ticket]] = {
        "answer": lambda: tickets.answer(ticket, member, 0),
        "pass_on": lambda: tickets.pass_on(ticket, member, "", "…", by_office),
        "dismiss": lambda: tickets.dismiss(ticket, member, "…", application.clock()),
        "reopen": lambda: tickets.reopen(ticket, member),
    }
    return {name: _possible(move) for name, move in moves.items()}


def _possible(move: Callable[[], Ticket]) -> bool:
    try:
        move()
    except (IllegalMove, NotAllowed):
        return False
    return True


def _answering(ticket: Ticket, application: App, find: str) -> tuple[FaqEntry, ...]:
    """The department's entries that may answer the question already: those found by words, else the nearest ones."""
    with application.store.reading() as records:
        if find.strip():
            wanted = EntryFilter(department=ticket.department, text=find.strip())
            return tuple(
                each
                for each in records.entries.list(wanted, FOUND).items
                if each.status is not EntryStatus.IN_REVIEW
            )
    asker = Asker(record=False)
    hits = search(ticket.question, asker, application.answering, application.clock(), NEAREST).hits
    own = [hit.entry.id for hit in hits if hit.entry.text.department == ticket.department]
    with application.store.reading() as records:
        found = records.entries.get_many(own)
    return tuple(found[entry_id] for entry_id in own if entry_id in found)


def _editors(records: Records, ticket: Ticket) -> tuple[choices.Choice, ...]:
    members = records.people.members(ticket.department)
    return tuple((each.login, each.name) for each in members if each.has(Role.EDITOR))


def _same(asked: tuple[Occurrence, ...], name: str) -> bool:
    return len({getattr(each, name) for each in asked}) == 1
