"""How much a caller may ask for: requests a minute, attempts at signing in, bytes in one request."""

import threading
import time
from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_service.http.problems import HttpProblem, TooManyRequests, respond

MAX_BODY = 1024 * 1024
MEMBER_PER_MINUTE = 1200
SIGN_IN_ATTEMPTS = 5
"""Wrong passwords in a row for one login from one address; then one a minute."""
SIGN_IN_PER_ADDRESS = 60
_MANY = 50_000


class RateLimits:
    """Token buckets in memory: each holds up to a minute's worth and refills steadily."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def take(self, who: Hashable, per_minute: float, capacity: float | None = None) -> None:
        """Use one token. Raises TooManyRequests, telling how long to wait, when there is none."""
        full = capacity if capacity is not None else per_minute
        with self._lock:
            now = self._clock()
            tokens, since = self._buckets.get(who, (full, now))
            tokens = min(full, tokens + (now - since) * per_minute / 60)
            if tokens < 1:
                raise TooManyRequests((1 - tokens) * 60 / per_minute)
            self._buckets[who] = (tokens - 1, now)
            if len(self._buckets) > _MANY:
                self._forget_idle(now)

    def reset(self, who: Hashable) -> None:
        """Give a full bucket."""
        with self._lock:
            self._buckets.pop(who, None)

    def _forget_idle(self, now: float) -> None:
        """A bucket untouched for ten minutes is full again whatever its size here; if all are busy, start over."""
        self._buckets = {who: kept for who, kept in self._buckets.items() if now - kept[1] < 600}
        if len(self._buckets) > _MANY:
            self._buckets.clear()


def visitor(request: Request) -> str:
    """The address that a request comes from; an IPv6 visitor owns a /64, so that is what counts."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return str(address)


class BodyLimit:
    """Refuses requests with more than `most` bytes of content, whether or not they announce it."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if (
            announced.isascii()
            and announced.isdigit()
            and (len(announced) > 12 or int(announced) > self._most)
        ):
            problem = HttpProblem(413, f"请求内容过大，最多{self._most // 1024} KB，请缩短后再提交")
            await respond(Request(scope, receive), problem)(scope, receive, send)
            return
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most:
                raise HTTPException(413)
            return message

        await self._app(scope, counting, send)
