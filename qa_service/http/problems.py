"""Every error in one shape: RFC 9457 problem details, with Chinese texts for people and a stable `code` for programs.

InvalidValue 422 · NotFound 404 · Conflict 409 · IllegalMove 409 · NotAllowed 403 · other ZhengdaError 503
HttpProblem and its kin below: what only HTTP knows of
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indexer.snapshot import SnapshotUnusable
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed, NotFound, ZhengdaError
from qa_service.http.validation import described, named, pointer_of_field

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "请求无法读取",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    409: "与现状冲突",
    413: "请求内容过大",
    422: "内容不符合要求",
    429: "请求过于频繁",
    500: "服务内部出错",
    503: "服务暂不可用",
}
_CODES = {
    400: "bad-request",
    401: "unauthenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    429: "too-many-requests",
    500: "internal-error",
}
_DETAILS = {
    400: "请求内容无法读取，请检查格式和编码（UTF-8 的 JSON）",
    404: "没有这个地址，请检查链接",
    405: "这个地址不支持此请求方法",
    413: "请求内容过大，请缩短后再提交",
}
_STATUSES: tuple[tuple[type[ZhengdaError], int], ...] = (
    (InvalidValue, 422),
    (NotFound, 404),
    (Conflict, 409),
    (IllegalMove, 409),
    (NotAllowed, 403),
)


class ProblemItem(BaseModel):
    """One value that is not acceptable."""

    pointer: str = Field(
        description="出错的位置：请求体为 JSON 指针（#/question，整个请求体为 #），其余为参数名。",
        max_length=500,
    )
    location: str = Field(description="body、query、path、header 或 cookie。", max_length=20)
    detail: str = Field(description="哪里不符合要求、应当怎样填写。", max_length=2000)


class Problem(BaseModel):
    """问题详情（RFC 9457）。全部错误都是这一种结构。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:zhengda:problem:invalid-value",
                    "title": "内容不符合要求",
                    "status": 422,
                    "detail": "question：不能为空",
                    "instance": "/api/v1/ask",
                    "code": "invalid-value",
                    "errors": [{"pointer": "#/question", "location": "body", "detail": "不能为空"}],
                }
            ]
        }
    )

    type: str = Field(description="问题的种类，urn:zhengda:problem:代码。", max_length=200)
    title: str = Field(description="问题的种类，供人阅读。", max_length=200)
    status: int = Field(description="HTTP 状态码。", ge=400, le=599)
    detail: str = Field(description="这一次出了什么问题、应当怎么办。")
    instance: str = Field(description="请求的地址。")
    code: str = Field(description="稳定的代码，供程序判断。", max_length=100)
    errors: list[ProblemItem] | None = Field(None, description="逐项列出不符合要求的内容。")


@dataclass
class HttpProblem(Exception):
    """An error that only HTTP knows of."""

    status: int
    detail: str
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()


class Unauthenticated(HttpProblem):
    """Nobody known is calling."""

    def __init__(self, detail: str = "请先登录，或在请求中提供有效的密钥") -> None:
        super().__init__(401, detail, headers={"WWW-Authenticate": 'Bearer realm="zhengda"'})


class TooManyRequests(HttpProblem):
    """A rate limit was reached; `wait` is in seconds."""

    def __init__(self, wait: float, detail: str = "请求过于频繁，请稍后再试") -> None:
        super().__init__(429, detail, headers={"Retry-After": str(max(1, round(wait)))})


def install(app: FastAPI) -> None:
    """Answer every expected error of the application with a problem."""
    app.add_exception_handler(ZhengdaError, _domain)
    app.add_exception_handler(SnapshotUnusable, _not_ready)
    app.add_exception_handler(HttpProblem, _http_problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)


def respond(request: Request, problem: HttpProblem) -> Response:
    """The response for a problem: JSON, or a page where one asks for pages and the pages know how to show it."""
    code = problem.code or _CODES.get(problem.status, "error")
    content: dict[str, Any] = {
        "type": f"urn:zhengda:problem:{code}",
        "title": TITLES.get(problem.status) or HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "code": code,
    }
    if problem.errors:
        content["errors"] = [dict(item) for item in problem.errors]
    as_page = getattr(request.app.state, "problem_page", None)
    if as_page is not None and _wants_page(request):
        page: Response = as_page(request, content)
        page.headers.update(problem.headers)
        return page
    return JSONResponse(content, problem.status, dict(problem.headers), media_type=MEDIA_TYPE)


class UnexpectedErrors:
    """Innermost of the middleware: what nobody expected is logged under a number, and the caller gets the number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 when it fails before a response has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            number = secrets.token_hex(4)
            log.exception("unexpected error %s on %s %s", number, scope["method"], scope["path"])
            if started:
                raise
            problem = HttpProblem(500, f"服务内部出错，已记录，编号 {number}；请稍后重试，或把编号告诉管理员")
            await respond(Request(scope, receive), problem)(scope, receive, send)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, ZhengdaError)  # registered for this class alone
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 503)
    errors: tuple[Mapping[str, str], ...] = ()
    if isinstance(error, InvalidValue):
        errors = (pointer_of_field(error.field, error.expected),)
    if status == 503:
        log.error("%s %s: %s", request.method, request.url.path, error.message)
    return respond(request, HttpProblem(status, error.message, error.code, errors=errors))


def _not_ready(request: Request, error: Exception) -> Response:
    return respond(request, HttpProblem(503, str(error), "index-not-ready", {"Retry-After": "5"}))


def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpProblem)  # registered for this class alone
    return respond(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # registered for this class alone
    items = tuple(described(item) for item in error.errors())
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return respond(request, HttpProblem(400, _DETAILS[400], "bad-json", errors=items))
    shown = "；".join(named(item) for item in items[:5])
    return respond(request, HttpProblem(422, shown, "invalid-value", errors=items))


def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for this class alone
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    detail = _DETAILS.get(error.status_code, TITLES.get(error.status_code, str(error.detail)))
    return respond(request, HttpProblem(error.status_code, detail, headers=headers))


def _allowed(request: Request) -> list[str]:
    """The methods of this address, over all its routes; one route knows only its own."""
    routes = request.app.routes
    return [
        method
        for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
