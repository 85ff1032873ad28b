"""The pages' session cookie, and the proof that a request carrying it was made by our own pages.

A browser sends the cookie with whatever any site makes it send, so an unsafe request needs two proofs more: it says
itself that it comes from here (Sec-Fetch-Site, else Origin), and it carries a token that other sites cannot read.
The token is derived from the session's, so there is nothing to store.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from qa_service.http.problems import HttpProblem
from qa_service.settings import Settings

SESSION_COOKIE = "zhengda_session"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_token(session_token: str) -> str:
    """What a page of this session puts into its forms (`csrf_token`) and sends as the header X-CSRF-Token."""
    return hmac.new(session_token.encode(), b"zhengda csrf", hashlib.sha256).hexdigest()


def page_csrf_token(request: Request) -> str:
    """The token for the pages of the session that the request's cookie opens, "" without one."""
    token = request.cookies.get(SESSION_COOKIE, "")
    return csrf_token(token) if token else ""


def set_session_cookie(response: Response, token: str, settings: Settings) -> None:
    """Give the browser the session: unreadable by scripts, not sent along by other sites' forms."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, settings: Settings) -> None:
    """Take the session back."""
    response.delete_cookie(
        SESSION_COOKIE, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


def require_same_site(request: Request) -> None:
    """Raise a 403 problem for an unsafe request that another site made this browser send. Suits signing in."""
    if request.method not in _SAFE and _from_elsewhere(request):
        raise HttpProblem(403, "这个请求来自其他网站，已拒绝；请在本系统的页面里操作", "cross-site")


async def require_own_page(request: Request, session_token: str) -> None:
    """Raise a 403 problem unless the request is safe, or comes from our own page with its token."""
    if request.method in _SAFE:
        return
    require_same_site(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), csrf_token(session_token).encode()):
        raise HttpProblem(403, "页面已过期，请刷新后重试（缺少或不符的 CSRF 令牌）", "csrf")


def _from_elsewhere(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
