"""The register of policy documents, and how an entry rests on them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Validity(StrEnum):
    """效力. An entry is served only while no document that it cites has lapsed."""

    IN_FORCE = "IN_FORCE"
    AMENDED = "AMENDED"
    REPEALED = "REPEALED"
    EXPIRED = "EXPIRED"

    @property
    def label(self) -> str:
        return {"IN_FORCE": "现行有效", "AMENDED": "已修改", "REPEALED": "已废止", "EXPIRED": "已失效"}[
            self.value
        ]


class Disclosure(StrEnum):
    """公开属性."""

    ON_INITIATIVE = "ON_INITIATIVE"
    ON_REQUEST = "ON_REQUEST"
    NOT_DISCLOSED = "NOT_DISCLOSED"

    @property
    def label(self) -> str:
        return {"ON_INITIATIVE": "主动公开", "ON_REQUEST": "依申请公开", "NOT_DISCLOSED": "不予公开"}[
            self.value
        ]


@dataclass(frozen=True)
class Citation:
    """条款依据: the document and the clause that an answer rests on.

    `document_number` is canonical where it is a 文号 and "" where the document has none;
    then `document_title` names it.
    """

    document_number: str
    document_title: str = ""
    clause: str = ""

    def __str__(self) -> str:
        title = f"《{self.document_title}》" if self.document_title else ""
        number = f"（{self.document_number}）" if title and self.document_number else self.document_number
        return f"{title}{number}{self.clause}"


@dataclass(frozen=True)
class PolicyDocument:
    """政策文件. `id` is 0 until stored; `valid_until` is the last day of validity."""

    title: str
    number: str
    issuer: str = ""
    co_issuers: tuple[str, ...] = ()
    index_number: str = ""
    topic: str = ""
    signed_on: date | None = None
    published_on: date | None = None
    effective_from: date | None = None
    valid_until: date | None = None
    validity: Validity = Validity.IN_FORCE
    amends: tuple[str, ...] = ()
    repeals: tuple[str, ...] = ()
    disclosure: Disclosure = Disclosure.ON_INITIATIVE
    text: str = ""
    source: str = ""
    id: int = 0
    version: int = field(default=0, compare=False)

    def lapsed(self, on: date) -> bool:
        """Whether nothing may be answered from this document on that day."""
        if self.validity in (Validity.REPEALED, Validity.EXPIRED):
            return True
        return self.valid_until is not None and on > self.valid_until
