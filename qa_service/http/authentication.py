"""Who calls.

Members come with a session: the pages' cookie, or `Authorization: Bearer` with the token of POST /api/v1/sessions.
Programs come with an API key, `zsk_…` or the website's public `zpk_…`, as `Authorization: Bearer` or `X-API-Key`.
Where a request comes from opens nothing: a call from this machine needs the same proof as any other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from knowledge.entry import Channel
from knowledge.errors import NotAllowed
from knowledge.people import Member, Role
from knowledge.store import ApiKey
from qa_service.accounts import digest, member_of
from qa_service.http.cookies import SESSION_COOKIE, require_own_page
from qa_service.http.limits import MEMBER_PER_MINUTE, RateLimits, visitor
from qa_service.http.parts import App, application_of, limits_of
from qa_service.http.problems import Unauthenticated

KEY_PREFIXES = ("zsk_", "zpk_")

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="会话令牌（POST /api/v1/sessions 取得）或接口密钥 zsk_…、zpk_…",
)
_api_key = APIKeyHeader(
    name="X-API-Key", auto_error=False, scheme_name="apiKey", description="接口密钥 zsk_…，或网页公钥 zpk_…"
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    scheme_name="cookie",
    description="页面登录后的会话；修改类请求还须带 X-CSRF-Token",
)


@dataclass(frozen=True)
class Caller:
    """A member, or a program with a key; `token` is the session's, "" for keys."""

    member: Member | None = None
    key: ApiKey | None = None
    token: str = ""
    by_cookie: bool = False

    @property
    def staff(self) -> bool:
        """Whether this is a member or a program that keeps its key secret."""
        return self.member is not None or (self.key is not None and not self.key.public)

    @property
    def login(self) -> str:
        """The member's login, "" for programs."""
        return self.member.login if self.member else ""

    def channel(self, wanted: Channel | None) -> Channel:
        """The channel to ask on: what the caller names, else its own.

        A key in a web page is held to the website's channel, so that it opens nothing that is not public.
        """
        if self.key is not None and self.key.public:
            if wanted not in (None, Channel.WEBSITE):
                raise NotAllowed("网页公钥只能用于网站渠道（website）")
            return Channel.WEBSITE
        if wanted is not None:
            return wanted
        return self.key.channel if self.key else Channel.HOTLINE


def identified(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    api_key: Annotated[str | None, Depends(_api_key)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller | None:
    """Who calls, None for nobody. Raises Unauthenticated when a token or key is given that is not valid.

    A cookie that has expired counts as none: its owner may still read what is public.
    """
    application = application_of(request)  # not as dependencies: each costs every request as much as a query
    token = api_key or (bearer.credentials if bearer else "")
    if token:
        caller = (
            _with_key(application, token)
            if token.startswith(KEY_PREFIXES)
            else _with_session(application, token)
        )
        if caller is None:
            raise Unauthenticated("凭证无效或已过期，请重新登录或检查密钥")
        return caller
    if cookie:
        member = member_of(application.store, cookie, application.clock())
        return Caller(member=member, token=cookie, by_cookie=True) if member else None
    return None


async def anybody(request: Request, caller: Annotated[Caller | None, Depends(identified)]) -> Caller | None:
    """The caller or None, after the rate limit, and for a cookie after the check that our own page sends it."""
    limits = await limits_of(request)
    _count(request, limits, caller, application_of(request).settings.website_per_minute)
    if caller is not None and caller.by_cookie:
        await require_own_page(request, caller.token)
    return caller


async def somebody(caller: Annotated[Caller | None, Depends(anybody)]) -> Caller:
    """A caller with any proof. Raises Unauthenticated."""
    if caller is None:
        raise Unauthenticated
    return caller


async def staff(caller: Annotated[Caller, Depends(somebody)]) -> Caller:
    """A member, or a program with a secret key."""
    if not caller.staff:
        raise NotAllowed("网页公钥不能使用此接口")
    return caller


async def signed_in(caller: Annotated[Caller, Depends(somebody)]) -> Caller:
    """A caller who is a member with a session."""
    if caller.member is None:
        raise NotAllowed("此接口供工作人员使用，请用账号登录；密钥不能代替账号")
    return caller


async def current_member(caller: Annotated[Caller, Depends(signed_in)]) -> Member:
    """The member who calls."""
    assert caller.member is not None  # signed_in has seen to it
    return caller.member


def member_with(*roles: Role) -> Callable[[Member], Awaitable[Member]]:
    """A dependency: the member who calls, who must hold one of the roles."""

    async def required(member: Annotated[Member, Depends(current_member)]) -> Member:
        member.require(*roles)
        return member

    return required


def cookie_member(request: Request) -> Member | None:
    """The member that the pages' cookie stands for, None when nobody is signed in. For pages; reads nothing else."""
    token = request.cookies.get(SESSION_COOKIE, "")
    application = application_of(request)
    return member_of(application.store, token, application.clock()) if token else None


AnyCaller = Annotated[Caller | None, Depends(anybody)]
SomeCaller = Annotated[Caller, Depends(somebody)]
StaffCaller = Annotated[Caller, Depends(staff)]
SignedIn = Annotated[Caller, Depends(signed_in)]
CurrentMember = Annotated[Member, Depends(current_member)]
Administrator = Annotated[Member, Depends(member_with(Role.ADMINISTRATOR))]
Inspector = Annotated[Member, Depends(member_with(Role.AUDITOR, Role.ADMINISTRATOR))]


def _with_key(application: App, token: str) -> Caller | None:
    with application.store.reading() as records:
        key = records.access.key_by_hash(digest(token))
    return Caller(key=key) if key else None


def _with_session(application: App, token: str) -> Caller | None:
    member = member_of(application.store, token, application.clock())
    return Caller(member=member, token=token) if member else None


def _count(request: Request, limits: RateLimits, caller: Caller | None, website_per_minute: int) -> None:
    if caller is not None and caller.member is not None:
        limits.take(("member", caller.member.login), MEMBER_PER_MINUTE)
    elif caller is not None and caller.key is not None and not caller.key.public:
        limits.take(("key", caller.key.id), caller.key.per_minute)
    else:
        key = caller.key if caller is not None else None
        # The visitor first: one who asks too much uses up nothing of what the key has for all of them.
        limits.take(("visitor", key.id if key else 0, visitor(request)), website_per_minute)
        if key is not None:
            limits.take(("key", key.id), key.per_minute)
