"""Signing in and out, and who one is."""

from datetime import timedelta

from fastapi import APIRouter, Request

from knowledge.errors import NotAllowed
from knowledge.people import Member
from qa_service.accounts import sign_in, sign_out
from qa_service.composition import Application
from qa_service.http.authentication import CurrentMember, SignedIn
from qa_service.http.limits import SIGN_IN_ATTEMPTS, SIGN_IN_PER_ADDRESS, RateLimits, visitor
from qa_service.http.openapi import api_problems, body_problems, declared
from qa_service.http.parts import App, Limits
from qa_service.http.problems import Unauthenticated
from qa_service.http.schemas import people as shapes
from qa_service.membership import Membership

router = APIRouter(prefix="/api/v1", tags=["登录"])


@router.post("/sessions", status_code=201, summary="登录", responses=declared(400, 401, 413, 422, 429, 503))
def open_session(
    request: Request, given: shapes.SignInRequest, application: App, limits: Limits
) -> shapes.SessionOut:
    """以账号和口令登录，返回会话令牌。连续输错会被暂时拒绝。"""
    token, member = throttled_sign_in(request, application, limits, given.login, given.password)
    return shapes.SessionOut(
        token=token,
        expires_at=application.clock() + timedelta(hours=application.settings.session_hours),
        member=shapes.member_out(member),
    )


@router.delete("/sessions", status_code=204, summary="退出登录", responses=api_problems())
def end_session(caller: SignedIn, application: App) -> None:
    """结束当前会话。"""
    sign_out(application.store, caller.token, caller.login, application.clock())


@router.get("/me", summary="本人信息", responses=api_problems())
def me(member: CurrentMember) -> shapes.MemberOut:
    """当前登录的工作人员。"""
    return shapes.member_out(member)


@router.put("/me/password", status_code=204, summary="修改自己的口令", responses=body_problems())
def change_own_password(
    request: Request, given: shapes.OwnPassword, member: CurrentMember, application: App, limits: Limits
) -> None:
    """须提供原口令；修改后本人的登录全部失效，请重新登录。"""
    attempts = ("own-password", member.login)
    limits.take(attempts, 1, SIGN_IN_ATTEMPTS)
    membership = Membership(application.store, application.clock)
    membership.change_own_password(member, given.current, given.password)
    limits.reset(attempts)


def throttled_sign_in(
    request: Request, application: Application, limits: RateLimits, login: str, password: str
) -> tuple[str, Member]:
    """Open a session; returns its token and the member. For the API and the pages alike.

    Raises Unauthenticated for a wrong login or password, TooManyRequests after too many of them.
    """
    address = visitor(request)
    attempts = ("sign-in", login.casefold(), address)
    limits.take(("sign-in", address), SIGN_IN_PER_ADDRESS)
    limits.take(attempts, 1, SIGN_IN_ATTEMPTS)
    settings = application.settings
    try:
        signed_in = sign_in(application.store, login, password, application.clock(), settings.session_hours)
    except NotAllowed as error:
        raise Unauthenticated(error.message) from error
    limits.reset(attempts)
    return signed_in
