"""The HTTP service: `create_app` puts routers, limits and headers around the application."""

import logging
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from qa_service.composition import Application
from qa_service.http import (
    asking,
    audit,
    calendar,
    entries,
    health,
    history,
    inbox,
    keys,
    learning,
    openapi,
    pages,
    people,
    policies,
    problems,
    reviewing,
    sessions,
    tickets,
    words,
)
from qa_service.http.cross_origin import CrossOrigin
from qa_service.http.headers import SecurityHeaders
from qa_service.http.limits import BodyLimit, RateLimits
from qa_service.http.metrics import Metrics, Timing
from qa_service.suggesting import Suggestions

log = logging.getLogger(__name__)

ROUTERS: Sequence[APIRouter] = (
    asking.router,
    tickets.router,
    sessions.router,
    entries.router,
    reviewing.router,
    history.router,
    policies.router,
    words.router,
    inbox.router,
    learning.router,
    people.router,
    keys.router,
    audit.router,
    calendar.router,
    health.router,
)


def create_app(application: Application, limits: RateLimits | None = None, worker: str = "") -> FastAPI:
    """The ASGI application. While it runs the index follows the record; the caller closes `application`.

    Where several processes serve, `limits` are those that they share, and `worker` is this one's number.
    """
    app = FastAPI(
        title=openapi.TITLE,
        version=version("zhengda"),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_name,
    )
    app.state.application = application
    app.state.limits = limits or RateLimits()
    app.state.metrics = Metrics(application, worker)
    app.state.suggestions = Suggestions(application.store, application.index, application.today)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    pages.install(app)
    app.include_router(pages.router)
    app.openapi = lambda: openapi.describe(app, application.settings.max_question)  # type: ignore[method-assign]  # FastAPI's documented way
    _wrap(app, application)
    return app


def _wrap(app: FastAPI, application: Application) -> None:
    """The middleware, innermost first."""
    app.add_middleware(problems.UnexpectedErrors)
    app.add_middleware(BodyLimit)
    app.add_middleware(Timing, metrics=app.state.metrics)
    if application.settings.website_origins:
        app.add_middleware(CrossOrigin, origins=application.settings.website_origins)
    app.add_middleware(SecurityHeaders, https=application.settings.secure_cookies)
    app.add_middleware(_proxies, trusted=application.settings.trusted_proxies)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    application: Application = app.state.application
    application.follower.start()
    # The first list of suggestions takes seconds on a large base: nobody should wait for it while typing.
    first = threading.Thread(
        target=_list_suggestions, args=(app.state.suggestions,), name="first-suggestions"
    )
    first.start()
    try:
        yield
    finally:
        application.follower.stop()
        first.join()  # it reads the store, which the caller is about to close


def _list_suggestions(suggestions: Suggestions) -> None:
    try:
        suggestions.refresh()
    except Exception:  # the first who types tries again
        log.exception("listing suggestions failed")


def _operation_name(route: APIRoute) -> str:
    """Operation ids are the functions' names, unique and readable: generated clients call them."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"


def _proxies(app: ASGIApp, trusted: str) -> ASGIApp:
    """Takes the visitor's address from X-Forwarded-For, but only where a trusted proxy wrote it."""
    proxied: ASGIApp = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[assignment,arg-type]  # uvicorn types ASGI apart from starlette
    return proxied
