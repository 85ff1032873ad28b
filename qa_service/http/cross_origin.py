"""What a bureau's own website may call from its pages: asking, typing ahead, feedback, filing, reading a receipt.

The website is another origin, so its visitors' browsers ask here first (Fetch Standard, "CORS protocol"). Cookies are
never accepted from there: the website calls with its public key. Everything else stays closed to other origins.
"""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("POST", re.compile(r"/api/v1/ask")),
    ("GET", re.compile(r"/api/v1/suggest")),
    ("POST", re.compile(r"/api/v1/feedback")),
    ("POST", re.compile(r"/api/v1/tickets")),
    ("GET", re.compile(r"/api/v1/tickets/[^/]+")),
)
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = "Retry-After"


class CrossOrigin:
    """Lets pages of these origins call what is open to them. Others get the same answers, which browsers withhold."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on and mark the response as readable there."""
        method = _open_method(scope["path"]) if scope["type"] == "http" else ""
        if not method:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("origin", "")
        welcome = origin in self._origins
        if welcome and scope["method"] == "OPTIONS" and asked.get("access-control-request-method") == method:
            preflight = Response(
                status_code=204, headers={"Access-Control-Allow-Methods": method, **_PREFLIGHT}
            )
            _mark(preflight.headers, origin)
            await preflight(scope, receive, send)
            return
        readable = welcome and scope["method"] == method

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if readable:
                    _mark(headers, origin)
                    headers["Access-Control-Expose-Headers"] = _EXPOSED
                else:
                    headers.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, sending)


def _open_method(path: str) -> str:
    return next((method for method, pattern in _OPEN if pattern.fullmatch(path)), "")


def _mark(headers: MutableHeaders, origin: str) -> None:
    headers["Access-Control-Allow-Origin"] = origin
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers.add_vary_header("Origin")
