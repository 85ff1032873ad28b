"""Writing entries: new ones, and new revisions."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from knowledge import review
from knowledge.errors import Conflict, IllegalMove, InvalidValue
from knowledge.people import Member, Role
from knowledge.store import Records
from qa_service.http import pages_choices as choices
from qa_service.http import pages_people as names
from qa_service.http.pages_difference import differences
from qa_service.http.pages_entry_fields import EntryFields, Unacceptable
from qa_service.http.pages_rendering import Sheet, render, see_other
from qa_service.http.pages_session import Form, PageMember
from qa_service.http.parts import App

router = APIRouter(prefix="/entries")
SPARE_ROWS = 2
OFFERED_POLICIES = 500


@router.get("/new")
def new_entry(request: Request, application: App, member: PageMember) -> Response:
    """An empty form. Raises NotAllowed for who does not write."""
    member.require(Role.EDITOR)
    return form_page(request, application, member, EntryFields(department=member.department), _NEW)


@router.get("/citation-row")
def citation_row(request: Request, member: PageMember) -> Response:
    """One more row for a citation."""
    return render(request, "entry_citation.html", row=("", "", ""))


@router.post("")
def draft(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Save a new entry as a draft."""
    member.require(Role.EDITOR)
    typed = EntryFields.posted(form)
    try:
        text = typed.read(titles(application))
        entry = application.publishing.draft(text, member, note=typed.note)
    except Unacceptable as error:
        return form_page(request, application, member, typed, _NEW, 422, errors=error.problems)
    except InvalidValue as error:
        return form_page(request, application, member, typed, _NEW, 422, errors={"": error.message})
    return see_other(f"/entries/{entry.id}", "drafted")


@router.get("/{entry_id}/edit")
def edit_entry(request: Request, entry_id: int, application: App, member: PageMember) -> Response:
    """The newest revision in a form. Raises NotAllowed for who may not edit it."""
    with application.store.reading() as records:
        entry = records.entries.get(entry_id)
    review.edit(entry, entry.text, member, application.clock())
    fields = EntryFields.of(entry.text)
    return form_page(request, application, member, fields, _editing(entry_id), version=entry.version)


@router.post("/{entry_id}/edit")
def save_entry(request: Request, entry_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Save a new revision; when somebody else was first, show both and save nothing."""
    typed, version = EntryFields.posted(form), form.number("version")
    try:
        text = typed.read(titles(application))
        application.publishing.edit(entry_id, version, text, member, typed.note)
    except Unacceptable as error:
        sheet = _editing(entry_id)
        return form_page(
            request, application, member, typed, sheet, 422, errors=error.problems, version=version
        )
    except (Conflict, IllegalMove) as error:
        return _conflict(request, entry_id, application, member, typed, error)
    return see_other(f"/entries/{entry_id}", "saved")


def _conflict(
    request: Request,
    entry_id: int,
    application: App,
    member: Member,
    typed: EntryFields,
    error: Conflict | IllegalMove,
) -> Response:
    """The form with what was typed, beside what somebody else saved meanwhile."""
    with application.store.reading() as records:
        entry = records.entries.get(entry_id)
        other = records.entries.revision(entry_id, entry.revision)
        by = names.people(records).get(other.author, other.author)
    conflict = {
        "message": error.message,
        "revision": other.number,
        "by": by,
        "at": other.at,
        "mine": other.author == member.login,
        "changes": differences(other.text, typed.read(titles(application))),
    }
    return form_page(
        request,
        application,
        member,
        typed,
        _editing(entry_id),
        409,
        version=entry.version,
        conflict=conflict,
    )


def form_page(
    request: Request,
    application: App,
    member: Member,
    fields: EntryFields,
    sheet: Sheet,
    status: int = 200,
    *,
    template: str = "entry_form.html",
    errors: dict[str, str] | None = None,
    version: int | None = None,
    **context: object,
) -> Response:
    """The form of an entry, filled with `fields`."""
    with application.store.reading() as records:
        departments = _departments(records, member, fields.department)
        policies = records.policies.list(limit=OFFERED_POLICIES).items
    return render(
        request,
        template,
        status,
        **{
            "section": "department",
            "fields": fields,
            "sheet": sheet,
            "errors": errors or {},
            "version": version,
            "conflict": None,
            "departments": departments,
            "policies": policies,
            "regions": choices.regions(),
            "insured_groups": choices.INSURED_GROUPS,
            "audiences": choices.AUDIENCES,
            "channels": choices.CHANNELS,
            "disclosures": choices.DISCLOSURES,
            "spare_rows": SPARE_ROWS,
            **context,
        },
    )


def titles(application: App) -> Callable[[str], str]:
    """Finds the title of a registered document by its number, "" for what is not registered."""

    def title_of(number: str) -> str:
        if not number:
            return ""
        with application.store.reading() as records:
            document = records.policies.by_number(number)
        return document.title if document else ""

    return title_of


def _departments(records: Records, member: Member, chosen: str) -> tuple[choices.Choice, ...]:
    """Administrators choose the owner; everybody else writes for the own department."""
    known = records.people.departments()
    if not member.has(Role.ADMINISTRATOR):
        known = tuple(each for each in known if each.code in (chosen, member.department))
    return choices.departments(known)


_NEW = Sheet("起草新条目", "/entries", "/department", "保存草稿")


def _editing(entry_id: int) -> Sheet:
    return Sheet("修改条目", f"/entries/{entry_id}/edit", f"/entries/{entry_id}", "保存为新版本")
