"""The building blocks of requests and responses: bounded texts, ids, pages."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
LARGEST = 2**53 - 1
"""The greatest integer that every JSON reader keeps exact."""


def _storable(text: str) -> str:
    """Without NUL, which databases refuse."""
    return text.replace("\x00", "")


def _integer(value: Any) -> Any:
    """JSON knows true and "1" apart from 1; pydantic would take them."""
    if isinstance(value, bool | str):
        raise ValueError("应为整数")
    return value


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("应为 true 或 false")
    return value


def _day(value: Any) -> Any:
    """Pydantic would also take seconds since 1970."""
    if isinstance(value, str) and _DAY.match(value):
        return value
    raise ValueError("应为日期，形如 2026-01-31")


def texts(most: int, required: bool = False) -> Any:
    """The constraints of a text of at most `most` characters; a required one is more than blanks."""
    if required:
        return Field(min_length=1, max_length=most, pattern=r"\S")
    return Field(max_length=most)


INTEGER = BeforeValidator(_integer)
"""Comes last: what is before it in an annotation shows in the API's description."""
Storable = AfterValidator(_storable)
Line = Annotated[str, texts(200), Storable]
RequiredLine = Annotated[str, texts(200, required=True), Storable]
Note = Annotated[str, texts(1000), Storable]
Reason = Annotated[str, texts(1000, required=True), Storable]
LongText = Annotated[str, texts(200_000), Storable]
QuestionText = Annotated[str, texts(5000, required=True), Storable]
Boolean = Annotated[bool, BeforeValidator(_boolean), WithJsonSchema({"type": "boolean"})]
Id = Annotated[int, Field(ge=1, le=LARGEST), INTEGER]
RevisionNumber = Annotated[int, Field(ge=1, le=2**31 - 1), INTEGER]
Version = Annotated[
    int,
    Field(ge=0, le=2**31 - 2, description="读取时所见的版本；他人先改过则返回 409。", examples=[1]),
    INTEGER,
]
Day = Annotated[date, BeforeValidator(_day)]
Limit = Annotated[int, Query(ge=1, le=200, description="每页最多几条。")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="跳过前几条。")]


class Request(BaseModel):
    """A request's body: nothing beyond what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listing(BaseModel):
    """Part of a listing."""

    total: int = Field(description="符合条件的总数。", ge=0)
    limit: int = Field(description="每页最多几条。")
    offset: int = Field(description="跳过了几条。")
