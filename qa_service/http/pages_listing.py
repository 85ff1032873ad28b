"""Long listings in pages of a fixed size."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request

SIZE = 20

PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class Paging:
    """Where in a listing of `total` things a page stands; `path` and `query` lead to the others."""

    number: int
    total: int
    path: str
    query: tuple[tuple[str, str], ...]
    size: int = SIZE

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    def url(self, number: int) -> str:
        """The address of another page of the same listing."""
        return f"{self.path}?{urlencode([*self.query, ('page', str(number))])}"


def paging(request: Request, number: int, total: int, size: int = SIZE) -> Paging:
    """The pages of the listing that a request shows."""
    kept = tuple(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in ("page", "done") and value
    )
    return Paging(number, total, request.url.path, kept, size)


def offset(number: int, size: int = SIZE) -> int:
    """How many things stand before a page."""
    return (number - 1) * size
