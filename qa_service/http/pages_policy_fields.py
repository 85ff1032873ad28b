"""The fields of a policy document as people type them, and back."""

from dataclasses import dataclass, replace
from datetime import date

from knowledge.document_number import DocumentNumber
from knowledge.errors import InvalidValue
from knowledge.policy import Disclosure, PolicyDocument, Validity
from qa_service.http.pages_entry_fields import Unacceptable
from qa_service.http.pages_session import Posted

LONGEST = {"title": 200, "issuer": 100, "index_number": 100, "topic": 60, "source": 500}
_SINGLE = (
    "title number issuer co_issuers index_number topic signed_on published_on effective_from valid_until"
)
_MORE = "validity amends repeals disclosure text source reason"


@dataclass(frozen=True)
class PolicyFields:
    """What stands in the form, typed or read from the register."""

    title: str = ""
    number: str = ""
    issuer: str = ""
    co_issuers: str = ""
    index_number: str = ""
    topic: str = ""
    signed_on: str = ""
    published_on: str = ""
    effective_from: str = ""
    valid_until: str = ""
    validity: str = Validity.IN_FORCE.value
    amends: str = ""
    repeals: str = ""
    disclosure: str = Disclosure.ON_INITIATIVE.value
    text: str = ""
    source: str = ""
    reason: str = ""

    @classmethod
    def of(cls, document: PolicyDocument) -> "PolicyFields":
        """The fields of a document."""
        return cls(
            title=document.title,
            number=document.number,
            issuer=document.issuer,
            co_issuers="\n".join(document.co_issuers),
            index_number=document.index_number,
            topic=document.topic,
            signed_on=str(document.signed_on or ""),
            published_on=str(document.published_on or ""),
            effective_from=str(document.effective_from or ""),
            valid_until=str(document.valid_until or ""),
            validity=document.validity.value,
            amends="\n".join(document.amends),
            repeals="\n".join(document.repeals),
            disclosure=document.disclosure.value,
            text=document.text,
            source=document.source,
        )

    @classmethod
    def posted(cls, form: Posted) -> "PolicyFields":
        """The fields as they were typed."""
        return cls(**{name: form.text(name) for name in f"{_SINGLE} {_MORE}".split()})

    def read(self) -> PolicyDocument:
        """The document. Raises Unacceptable, naming every field that cannot be read."""
        problems: dict[str, str] = {}
        if not self.title.strip("《》 "):
            problems["title"] = "不能为空，请填写文件名"
        for name, longest in LONGEST.items():
            if len(getattr(self, name)) > longest:
                problems[name] = f"最多{longest}个字"
        days = {
            name: _day(name, getattr(self, name), problems)
            for name in ("signed_on", "published_on", "effective_from", "valid_until")
        }
        number = _number(self.number, problems)
        if self.validity not in Validity.__members__:
            problems["validity"] = "请从列表中选择"
        if self.disclosure not in Disclosure.__members__:
            problems["disclosure"] = "请从列表中选择"
        if problems:
            raise Unacceptable(problems)
        return PolicyDocument(
            title=" ".join(self.title.strip("《》 ").split()),
            number=number,
            issuer=self.issuer,
            co_issuers=_lines(self.co_issuers),
            index_number=self.index_number,
            topic=self.topic,
            signed_on=days["signed_on"],
            published_on=days["published_on"],
            effective_from=days["effective_from"],
            valid_until=days["valid_until"],
            validity=Validity(self.validity),
            amends=_lines(self.amends),
            repeals=_lines(self.repeals),
            disclosure=Disclosure(self.disclosure),
            text=self.text,
            source=self.source,
        )


@dataclass(frozen=True)
class Lapse:
    """A change of validity as it was typed."""

    validity: str
    valid_until: str
    reason: str

    @classmethod
    def of(cls, document: PolicyDocument) -> "Lapse":
        """How a document stands."""
        return cls(document.validity.value, str(document.valid_until or ""), "")

    def applied(self, document: PolicyDocument, version: int) -> PolicyDocument:
        """The document with the change, as seen at `version`. Raises InvalidValue."""
        if self.validity not in Validity.__members__:
            raise InvalidValue("效力", self.validity, "请从列表中选择")
        problems: dict[str, str] = {}
        until = _day("valid_until", self.valid_until, problems)
        if problems:
            raise InvalidValue("有效期至", self.valid_until, problems["valid_until"])
        return replace(document, validity=Validity(self.validity), valid_until=until, version=version)

    def place_of(self, error: InvalidValue) -> str:
        """The field that an error is about."""
        return {"效力": "validity", "有效期至": "valid_until"}.get(error.field, "reason")


def _day(name: str, value: str, problems: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        problems[name] = "应为日期，形如 2026-01-31"
        return None


def _number(value: str, problems: dict[str, str]) -> str:
    """The canonical number; a document may have none."""
    if not value:
        return ""
    try:
        return str(DocumentNumber.parse(value))
    except InvalidValue as error:
        problems["number"] = error.expected + "；没有文号的文件请留空"
        return ""


def _lines(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in value.split("\n") if line.strip()))
