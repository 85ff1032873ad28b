"""How much a caller may ask for: requests a minute, attempts at signing in, bytes in one request."""

import threading
import time
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from ipaddress import IPv6Address, ip_address
from typing import Protocol

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


class Buckets(Protocol):
    """Where token buckets are kept: for each caller the tokens left and the moment, in seconds, at which they were."""

    def exclusively(self) -> AbstractContextManager[object]:
        """Around reading a bucket and writing it: nobody else does meanwhile."""
        ...

    def get(self, who: Hashable) -> tuple[float, float] | None:
        """A caller's bucket, None when there is none: it would be full."""
        ...

    def put(self, who: Hashable, tokens: float, now: float) -> None:
        """Keep a bucket; one that nobody has touched for long may be forgotten for it."""
        ...

    def remove(self, who: Hashable) -> None:
        """Forget a bucket."""
        ...


class OwnBuckets:
    """In the memory of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def exclusively(self) -> AbstractContextManager[object]:
        return self._lock

    def get(self, who: Hashable) -> tuple[float, float] | None:
        return self._kept.get(who)

    def put(self, who: Hashable, tokens: float, now: float) -> None:
        self._kept[who] = (tokens, now)
        if len(self._kept) > _MANY:
            self._forget_idle(now)

    def remove(self, who: Hashable) -> None:
        self._kept.pop(who, None)

    def _forget_idle(self, now: float) -> None:
        """A bucket untouched for ten minutes is full again whatever its size here; if all are busy, start over."""
        self._kept = {who: kept for who, kept in self._kept.items() if now - kept[1] < 600}
        if len(self._kept) > _MANY:
            self._kept.clear()


class RateLimits:
    """Token buckets: each holds up to a minute's worth and refills steadily."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, buckets: Buckets | None = None) -> None:
        self._clock = clock
        self._buckets = buckets if buckets is not None else OwnBuckets()

    def take(self, who: Hashable, per_minute: float, capacity: float | None = None) -> None:
        """Use one token. Raises TooManyRequests, telling how long to wait, when there is none."""
        full = capacity if capacity is not None else per_minute
        with self._buckets.exclusively():
            now = self._clock()
            tokens, since = self._buckets.get(who) or (full, now)
            tokens = min(full, tokens + (now - since) * per_minute / 60)
            if tokens < 1:
                raise TooManyRequests((1 - tokens) * 60 / per_minute)
            self._buckets.put(who, tokens - 1, now)

    def reset(self, who: Hashable) -> None:
        """Give a full bucket."""
        with self._buckets.exclusively():
            self._buckets.remove(who)


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
