"""The fields of an entry as people type them, and back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from knowledge import region
from knowledge.document_number import canonical
from knowledge.entry import Channel, EntryText, InsuredGroup
from knowledge.errors import InvalidValue
from knowledge.policy import Citation, Disclosure
from qa_service.comparing import LABELS
from qa_service.http.pages_session import Posted

T = TypeVar("T")
TypedCitation = tuple[str, str, str]
"""Number, title and clause."""
_SEPARATORS = re.compile(r"[、,，;；\n]+")
_NAMES = {label: name for name, label in LABELS.items()}


class Unacceptable(Exception):
    """What cannot be saved: `problems` maps the name of a field to what is wrong with it, "" to the whole."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("；".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class EntryFields:
    """What stands in the form, typed or read from an entry."""

    question: str = ""
    answer: str = ""
    department: str = ""
    variants: str = ""
    citations: tuple[TypedCitation, ...] = ()
    category: str = ""
    keywords: str = ""
    region: str = ""
    insured_group: str = ""
    audience: str = ""
    channels: tuple[str, ...] = ()
    effective_from: str = ""
    effective_until: str = ""
    disclosure: str = Disclosure.ON_INITIATIVE.value
    note: str = ""

    @classmethod
    def of(cls, text: EntryText) -> "EntryFields":
        """The fields of a revision."""
        return cls(
            question=text.question,
            answer=text.answer,
            department=text.department,
            variants="\n".join(text.variants),
            citations=tuple((c.document_number, c.document_title, c.clause) for c in text.citations),
            category="/".join(text.category),
            keywords="、".join(text.keywords),
            region=text.region,
            insured_group=text.insured_group.value,
            audience=text.audience,
            channels=tuple(channel.value for channel in text.channels),
            effective_from=str(text.effective_from or ""),
            effective_until=str(text.effective_until or ""),
            disclosure=text.disclosure.value,
        )

    @classmethod
    def posted(cls, form: Posted) -> "EntryFields":
        """The fields as they were typed."""
        single = (
            "question answer department variants category keywords region insured_group audience "
            "effective_from effective_until disclosure note"
        )
        columns = (form.all(f"citation_{part}") for part in ("number", "title", "clause"))
        return cls(
            **{name: form.text(name) for name in single.split()},
            citations=tuple(row for row in zip(*columns, strict=False) if any(row)),
            channels=form.all("channels"),
        )

    def read(self, title_of: Callable[[str], str] = lambda number: "") -> EntryText:
        """The text of a revision. Raises Unacceptable, naming every field that cannot be read.

        `title_of` gives the title of a registered document, for citations that were typed by number alone.
        """
        reading = _Reading()
        citations = tuple(_citation(row, title_of, reading) for row in self.citations)
        values = {
            "region": reading.of("region", lambda: region.parse(self.region), ""),
            "insured_group": reading.choice(
                "insured_group", InsuredGroup, self.insured_group, InsuredGroup.BOTH
            ),
            "channels": tuple(
                reading.choice("channels", Channel, channel, Channel.API)
                for channel in dict.fromkeys(self.channels)
            ),
            "effective_from": reading.day("effective_from", self.effective_from),
            "effective_until": reading.day("effective_until", self.effective_until),
            "disclosure": reading.choice("disclosure", Disclosure, self.disclosure, Disclosure.NOT_DISCLOSED),
        }
        text = reading.of(
            "",
            lambda: EntryText(
                question=" ".join(self.question.split()),
                answer=self.answer,
                department=self.department,
                variants=tuple(
                    dict.fromkeys(line.strip() for line in self.variants.split("\n") if line.strip())
                ),
                citations=citations,
                category=tuple(part.strip() for part in self.category.split("/") if part.strip()),
                keywords=tuple(
                    dict.fromkeys(word.strip() for word in _SEPARATORS.split(self.keywords) if word.strip())
                ),
                audience=self.audience,
                **values,  # type: ignore[arg-type]  # mypy does not follow keyword dictionaries
            ),
            None,
        )
        if reading.problems or text is None:
            raise Unacceptable(reading.problems)
        return text


@dataclass
class _Reading:
    """Reads field after field and remembers what was wrong."""

    problems: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        """What `read` gives, or `otherwise`; an error that names a field of its own is told there."""
        try:
            return read()
        except InvalidValue as error:
            self.problems.setdefault(_NAMES.get(error.field, name), error.expected)
            return otherwise

    def choice(self, name: str, kind: Callable[[str], T], value: str, otherwise: T) -> T:
        """One of an enumeration's values."""
        try:
            return kind(value)
        except ValueError:
            self.problems[name] = "请从列表中选择"
            return otherwise

    def day(self, name: str, value: str) -> date | None:
        """A date, None for an empty field."""
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problems[name] = "应为日期，形如 2026-01-31"
            return None


def _citation(row: TypedCitation, title_of: Callable[[str], str], reading: _Reading) -> Citation:
    number, title, clause = canonical(row[0]), row[1].strip("《》 "), row[2]
    if not number and not title:
        reading.problems["citations"] = f"条款“{clause}”没有写明文件，请填写文号或文件名"
    return Citation(number, title or title_of(number), clause)
