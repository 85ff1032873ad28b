"""Signing in and out, and one's own password."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from knowledge.errors import InvalidValue, NotAllowed
from knowledge.people import Role
from qa_service.accounts import MIN_PASSWORD, sign_in, sign_out
from qa_service.http.cookies import SESSION_COOKIE, clear_session_cookie, set_session_cookie
from qa_service.http.limits import SIGN_IN_ATTEMPTS
from qa_service.http.pages_rendering import member_of_request, render, see_other
from qa_service.http.pages_session import Form, PageMember, anybody
from qa_service.http.parts import App, Limits
from qa_service.http.problems import TooManyRequests, Unauthenticated
from qa_service.http.sessions import throttled_sign_in
from qa_service.membership import Membership

router = APIRouter()
Anybody = Annotated[None, Depends(anybody)]


@router.head("/")
@router.get("/")
def start(request: Request, member: PageMember) -> Response:
    """The landing page of every member is asking."""
    return see_other("/ask")


@router.get("/sign-in")
def sign_in_form(request: Request, next: str = "") -> Response:
    """The form; who is signed in already goes on."""
    if member_of_request(request) is not None:
        return see_other(_local(next))
    return _sign_in_page(request, next=_local(next))


@router.post("/sign-in")
def sign_in_here(
    request: Request, form: Form, application: App, limits: Limits, _visitor: Anybody
) -> Response:
    """Open a session and go where the visitor was going."""
    login, target = form.text("login"), _local(form.text("next"))
    try:
        token, _ = throttled_sign_in(request, application, limits, login, form.exactly("password"))
    except (Unauthenticated, TooManyRequests) as problem:
        return _sign_in_page(request, problem.status, problem=problem.detail, login=login, next=target)
    response = see_other(target)
    set_session_cookie(response, token, application.settings)
    return response


@router.post("/sign-out")
def sign_out_here(request: Request, application: App, member: PageMember) -> Response:
    """End the session."""
    sign_out(application.store, request.cookies[SESSION_COOKIE], member.login, application.clock())
    response = see_other("/sign-in")
    clear_session_cookie(response, application.settings)
    return response


@router.get("/account")
def account(request: Request, application: App, member: PageMember) -> Response:
    """Who one is here, and the form to change the password."""
    return _account_page(request, application)


@router.post("/account/password")
def change_password(
    request: Request, form: Form, application: App, limits: Limits, member: PageMember
) -> Response:
    """Set a new password; other sessions end, this browser gets a fresh one."""
    password = form.exactly("password")
    if password != form.exactly("again"):
        return _account_page(request, application, {"again": "两次输入的新口令不一致"})
    attempts = ("own-password", member.login)
    limits.take(attempts, 1, SIGN_IN_ATTEMPTS)
    try:
        Membership(application.store, application.clock).change_own_password(
            member, form.exactly("current"), password
        )
    except NotAllowed as error:
        return _account_page(request, application, {"current": error.message})
    except InvalidValue as error:
        return _account_page(request, application, {"password": error.expected})
    limits.reset(attempts)
    settings = application.settings
    token, _ = sign_in(application.store, member.login, password, application.clock(), settings.session_hours)
    response = see_other("/account", "password")
    set_session_cookie(response, token, settings)
    return response


def _sign_in_page(
    request: Request, status: int = 200, *, next: str, problem: str = "", login: str = ""
) -> Response:
    return render(request, "sign_in.html", status, section="sign-in", next=next, problem=problem, login=login)


def _account_page(request: Request, application: App, errors: dict[str, str] | None = None) -> Response:
    member = member_of_request(request)
    assert member is not None  # PageMember has seen to it
    with application.store.reading() as records:
        department = records.people.department(member.department)
    return render(
        request,
        "account.html",
        422 if errors else 200,
        section="account",
        department=department.name,
        roles="、".join(role.label for role in Role if role in member.roles),
        shortest=MIN_PASSWORD,
        errors=errors or {},
    )


def _local(target: str) -> str:
    """Where to go after signing in: a page of ours, whatever the address says."""
    parts = urlsplit(target.replace("\\", "/"))
    local = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if local and not any(char < " " for char in target) else "/ask"
