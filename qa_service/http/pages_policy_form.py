"""Registering policy documents and correcting their records."""

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from knowledge.errors import Conflict
from qa_service.http import pages_choices as choices
from qa_service.http.pages_entry_fields import Unacceptable
from qa_service.http.pages_policies import WRITERS
from qa_service.http.pages_policy_fields import PolicyFields
from qa_service.http.pages_rendering import Sheet, render, see_other
from qa_service.http.pages_session import Form, PageMember
from qa_service.http.parts import App

router = APIRouter(prefix="/policies")


@router.get("/new")
def new_policy(request: Request, member: PageMember) -> Response:
    """An empty form. Raises NotAllowed for who does not keep the register."""
    member.require(*WRITERS)
    return _form_page(request, PolicyFields(), _NEW)


@router.post("")
def add_policy(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Register a document."""
    member.require(*WRITERS)
    typed = PolicyFields.posted(form)
    try:
        added = application.publishing.add_policy(typed.read(), member)
    except Unacceptable as error:
        return _form_page(request, typed, _NEW, 422, errors=error.problems)
    except Conflict as error:
        return _form_page(request, typed, _NEW, 409, errors={"number": error.message})
    return see_other(f"/policies/{added.id}", "policy-added")


@router.get("/{policy_id}/edit")
def edit_policy(request: Request, policy_id: int, application: App, member: PageMember) -> Response:
    """The record in a form; validity has a form of its own."""
    member.require(*WRITERS)
    with application.store.reading() as records:
        document = records.policies.get(policy_id)
    return _form_page(request, PolicyFields.of(document), _editing(policy_id), version=document.version)


@router.post("/{policy_id}/edit")
def save_policy(
    request: Request, policy_id: int, form: Form, application: App, member: PageMember
) -> Response:
    """Save the record; validity stays as it is."""
    member.require(*WRITERS)
    typed, version = PolicyFields.posted(form), form.number("version")
    with application.store.reading() as records:
        stored = records.policies.get(policy_id)
    kept = replace(typed, validity=stored.validity.value, valid_until=str(stored.valid_until or ""))
    try:
        document = replace(kept.read(), id=policy_id, version=version)
        application.publishing.change_policy(document, member)
    except Unacceptable as error:
        sheet = _editing(policy_id)
        return _form_page(request, typed, sheet, 422, version=version, errors=error.problems)
    except Conflict as error:
        problem = {"": f"{error.message}；您填写的内容还在下面，核对后再次保存将以您的内容为准"}
        return _form_page(request, typed, _editing(policy_id), 409, version=stored.version, errors=problem)
    return see_other(f"/policies/{policy_id}", "policy-saved")


def _form_page(
    request: Request,
    fields: PolicyFields,
    sheet: Sheet,
    status: int = 200,
    *,
    version: int | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "policy_form.html",
        status,
        section="policies",
        fields=fields,
        sheet=sheet,
        version=version,
        errors=errors or {},
        validities=choices.VALIDITIES,
        disclosures=choices.DISCLOSURES,
    )


_NEW = Sheet("登记政策文件", "/policies", "/policies")


def _editing(policy_id: int) -> Sheet:
    return Sheet("修改政策文件", f"/policies/{policy_id}/edit", f"/policies/{policy_id}")
