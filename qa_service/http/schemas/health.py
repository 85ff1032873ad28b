"""What /healthz and /readyz answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Alive(BaseModel):
    """进程存活。"""

    status: Literal["ok"] = Field(description="总是 ok。", examples=["ok"])


class Ready(BaseModel):
    """可以提供服务。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "snapshot": "20261121-080000-1f2e+3",
                    "entries": 326,
                    "sequence": 331,
                    "lag": 0,
                    "warnings": [],
                }
            ]
        }
    )

    status: Literal["ready"] = Field(description="总是 ready；未就绪时返回 503。")
    snapshot: str = Field(description="正在使用的索引快照。")
    entries: int = Field(description="可检索的条目数。")
    sequence: int = Field(description="最新的发布序号。")
    lag: int = Field(description="索引尚未跟进的发布数。", ge=0)
    warnings: list[str] = Field(description="降级情况，如语义模型不可用。")
