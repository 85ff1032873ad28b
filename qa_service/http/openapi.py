"""The description of the API: what every operation may answer, errors included."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from qa_service.http.problems import MEDIA_TYPE, TITLES, Problem, ProblemItem

Responses = dict[int | str, dict[str, Any]]

TITLE = "政答 接口"
DESCRIPTION = """医保政策问答：按经审核发布的原文作答，注明文号和条款；不能回答的转给归属处室。

- 工作人员：`POST /api/v1/sessions` 登录，之后以 `Authorization: Bearer 令牌` 调用。
- 对接系统：`X-API-Key: zsk_…`（或 `Authorization: Bearer zsk_…`），可提问、检索、联想、反馈、登记和查询待答问题。
- 网站：公钥 `zpk_…` 只能提问、联想、反馈、登记和查询待答问题，按来访地址限制次数。

错误一律为 `application/problem+json`（RFC 9457），`code` 供程序判断，`detail` 供人阅读。
修改类请求带 `version`（读取时所见的版本），他人先改过则返回 409，什么都不会改变。"""
TAGS = [
    {"name": "问答", "description": "提问、检索、联想、反馈。"},
    {"name": "待答问题", "description": "登记没有答案的问题，凭查询码查询进展。"},
    {"name": "登录", "description": "会话与本人信息。"},
    {"name": "条目", "description": "知识条目的起草、修改与查阅。"},
    {"name": "审核", "description": "提交、审签、退回、发布与下架。"},
    {"name": "沿革", "description": "版本、对比与审计记录。"},
    {"name": "政策文件", "description": "政策文件登记与效力。"},
    {"name": "词语", "description": "检索用的业务词、同义说法、套话和名称。"},
    {"name": "收件箱", "description": "处室办理待答问题。"},
    {"name": "学习", "description": "坐席的选用和反映，待处室确认的群众问法。"},
    {"name": "管理", "description": "处室、人员、密钥、审计、工作日。"},
    {"name": "运行", "description": "存活、就绪与指标。"},
]
_EXAMPLES = {
    400: ("bad-json", "请求内容无法读取，请检查格式和编码（UTF-8 的 JSON）"),
    401: ("unauthenticated", "请先登录，或在请求中提供有效的密钥"),
    403: ("not-allowed", "这属于其他处室，只有归属处室的人员可以办理"),
    404: ("not-found", "没有编号为 7 的条目"),
    409: ("conflict", "条目 BENEFITS-000007 刚刚被他人修改过，请刷新后重试；您的内容尚未保存"),
    413: ("too-large", "请求内容过大，最多1024 KB，请缩短后再提交"),
    422: ("invalid-value", "question：不能为空"),
    429: ("too-many-requests", "请求过于频繁，请稍后再试"),
    500: ("internal-error", "服务内部出错，已记录，编号 5f0c2a91；请稍后重试，或把编号告诉管理员"),
    503: ("index-not-ready", "索引尚未就绪，请稍后再试"),
}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "怎样证明身份", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "多少秒后再试", "schema": {"type": "string"}}},
}


def declared(*statuses: int) -> Responses:
    """The problems that an operation may answer with."""
    return {status: _problem(status) for status in sorted({*statuses, 500})}


def api_problems(*statuses: int) -> Responses:
    """The problems of every operation that needs a caller, and these."""
    return declared(401, 403, 422, 429, 503, *statuses)


def body_problems(*statuses: int) -> Responses:
    """`api_problems` of an operation that takes a body, and these."""
    return api_problems(400, 413, *statuses)


def describe(app: FastAPI, max_question: int) -> dict[str, Any]:
    """The OpenAPI document of the application; `max_question` is the setting of that name."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=TITLE, version=app.version, description=DESCRIPTION, routes=app.routes, tags=TAGS
    )
    schemas = document["components"]["schemas"]
    template = "#/components/schemas/{model}"
    _, found = models_json_schema(
        [(Problem, "serialization"), (ProblemItem, "serialization")], ref_template=template
    )
    schemas.update(found["$defs"])
    for model in ("AskRequest", "EscalationRequest"):
        schemas[model]["properties"]["question"]["maxLength"] = max_question
    for path in ("/api/v1/tickets/{receipt}", "/metrics"):
        # The receipt is proof enough; the figures are open where no token is set.
        document["paths"][path]["get"]["security"].append({})
    app.openapi_schema = document
    return document


def _problem(status: int) -> dict[str, Any]:
    code, detail = _EXAMPLES[status]
    example = {
        "type": f"urn:zhengda:problem:{code}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "instance": "/api/v1/…",
        "code": code,
    }
    described: dict[str, Any] = {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if status in _HEADERS:
        described["headers"] = _HEADERS[status]
    return described
