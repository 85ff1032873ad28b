"""Whether the process lives (/healthz), whether it can serve (/readyz), and its figures (/metrics)."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from indexer.live import LiveIndex
from knowledge.errors import ZhengdaError
from qa_service.composition import Application
from qa_service.http.openapi import declared
from qa_service.http.parts import App, TheMetrics
from qa_service.http.problems import HttpProblem, Unauthenticated
from qa_service.http.schemas.health import Alive, Ready

router = APIRouter(tags=["运行"])

_metrics_token = HTTPBearer(
    auto_error=False, scheme_name="metricsToken", description="设置项 metrics_token 的值；未设置时不需要"
)


def reader_of_metrics(
    application: App, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_metrics_token)]
) -> None:
    """Raise Unauthenticated unless the figures are open, or the token that the settings name comes along."""
    wanted = application.settings.metrics_token
    typed = given.credentials if given else ""
    if wanted and not secrets.compare_digest(typed.encode(), wanted.encode()):
        raise Unauthenticated("读取运行指标须带令牌：Authorization: Bearer 加设置项 metrics_token 的值")


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="进程是否存活", responses=declared())
def healthz() -> Alive:
    """进程在运行就返回 200，不检查数据库和索引。"""
    return Alive(status="ok")


@router.get("/readyz", summary="能否提供服务", responses=declared(503))
def readyz(application: App) -> Ready:
    """数据库可用、索引已打开时返回 200；`warnings` 列出降级情况（如语义模型不可用），`lag` 是索引尚未跟进的发布数。"""
    try:
        sequence = application.store.publication_seq()
    except ZhengdaError as error:
        raise HttpProblem(503, error.message, "store-unreachable") from error
    index = application.index
    if not index.snapshot:
        raise HttpProblem(503, "索引尚未打开，请稍候", "index-not-ready")
    return Ready(
        status="ready",
        snapshot=index.snapshot,
        entries=index.entries(),
        sequence=sequence,
        lag=max(0, sequence - index.sequence),
        warnings=_warnings(application, index),
    )


@router.get(
    "/metrics",
    summary="运行指标",
    response_class=Response,
    dependencies=[Depends(reader_of_metrics)],
    responses={
        **declared(401, 503),
        200: {
            "description": "Prometheus 文本格式",
            "content": {
                CONTENT_TYPE_LATEST: {"schema": {"type": "string"}, "example": "zhengda_index_entries 326.0"}
            },
        },
    },
)
def metrics(figures: TheMetrics) -> Response:
    """Prometheus 文本格式：提问（按结果和渠道）、耗时、待答问题、索引条目与滞后、语义模型是否降级。

    设置了 metrics_token 时，须以 `Authorization: Bearer` 带上它。多进程提供服务（serve --workers）时，每次由其中一个
    进程作答，它自己的指标带 `worker` 标签（第几个进程），看趋势用 sum(rate(…))，时段取长一些。
    """
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)


def _warnings(application: Application, index: LiveIndex) -> list[str]:
    degraded = application.encoder_problem or index.encoder_error
    return [f"语义检索不可用，仅按词语检索：{degraded}"] if degraded else []
