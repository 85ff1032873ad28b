"""词语: the words that searching knows about, as the bureau keeps them.

Four kinds: domain terms that are never cut apart, synonyms from what people say to what the texts say, stop phrases
that a question loses without loss, and names of places and institutions. A word is never removed: it is switched off,
and every change stays with who made it and when.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import InvalidValue


class WordKind(StrEnum):
    """What a word is for."""

    TERM = "term"
    SYNONYM = "synonym"
    STOP_PHRASE = "stop_phrase"
    NAME = "name"

    @property
    def label(self) -> str:
        return {"term": "业务词", "synonym": "同义说法", "stop_phrase": "套话", "name": "地名和机构名"}[
            self.value
        ]


MIN_LENGTH = 2
MAX_LENGTH = 40
_SEPARATORS = frozenset("\n\r\t|；;，,、。！？!?")
_ARROWS = ("=>", "->", "→", "⇒")


@dataclass(frozen=True)
class Word:
    """A word of the bureau's. `formal` is a synonym's alone: what the texts say where people say `text`.

    An inactive word takes the bundled one of the same kind, text and formal words out of use.
    `id` and `version` are 0 until stored; `changed_by` is the login of who changed it last.
    """

    kind: WordKind
    text: str
    formal: str = ""
    active: bool = True
    changed_by: str = ""
    changed_at: datetime | None = None
    id: int = 0
    version: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.kind.label}“{self.text}”" + (f"→“{self.formal}”" if self.formal else "")


@dataclass(frozen=True)
class WordRevision:
    """What a word said from one moment on, and who made it say so."""

    version: int
    text: str
    formal: str
    active: bool
    changed_by: str
    changed_at: datetime


def new_word(kind: WordKind, text: str, formal: str = "", active: bool = True) -> Word:
    """A word that may be stored. Raises InvalidValue naming the field, the value and what is expected."""
    said = _trimmed("词语", text)
    if kind is not WordKind.SYNONYM:
        if formal.strip():
            raise InvalidValue("规范用语", formal, f"只有{WordKind.SYNONYM.label}才填规范用语")
        return Word(kind, said, active=active)
    meant = _trimmed("规范用语", formal)
    if said == meant:
        raise InvalidValue("规范用语", formal, "不能与群众的说法相同")
    return Word(kind, said, meant, active)


def changed(
    word: Word, text: str | None = None, formal: str | None = None, active: bool | None = None
) -> Word:
    """The word with some of its values replaced. Raises InvalidValue like `new_word`."""
    checked = new_word(
        word.kind,
        word.text if text is None else text,
        word.formal if formal is None else formal,
        word.active if active is None else active,
    )
    return replace(word, text=checked.text, formal=checked.formal, active=checked.active)


def _trimmed(name: str, text: str) -> str:
    text = " ".join(part for part in text.split(" ") if part)
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise InvalidValue(name, text, f"应为{MIN_LENGTH}到{MAX_LENGTH}个字")
    if _SEPARATORS & set(text) or any(arrow in text for arrow in _ARROWS) or not text.isprintable():
        raise InvalidValue(name, text, "每次填一个词，不能含有换行、逗号、顿号、分号、竖线、箭头等分隔符号")
    return text
