"""词语: the bureau's words and everything they ever said."""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from knowledge.errors import Conflict, NotFound
from knowledge.store.audit import Audit
from knowledge.store.schema import counters, word_revisions, words
from knowledge.store.transaction import STALE, AnyRow, Collection, Page, Transaction, writes
from knowledge.wording import Word, WordKind, WordRevision

COUNTER = "words"
SEQ = select(counters.c.value).where(counters.c.name == COUNTER)


@dataclass(frozen=True)
class WordFilter:
    """Which words to list; `text` is looked for in what is said and in the formal words."""

    kind: WordKind | None = None
    text: str = ""
    active: bool | None = None


class WordList(Collection):
    """Words by id and by what they say. Every change counts up the sequence that searching follows."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    def sequence(self) -> int:
        """How often words were changed so far. The counter's row is locked until the change is committed, so the
        numbers come in commit order.
        """
        return int(self._tx.scalar(SEQ) or 0)

    def get(self, word_id: int) -> Word:
        """The word; NotFound when there is none."""
        row = self._tx.first(select(words).where(words.c.id == word_id))
        if row is None:
            raise _unknown(word_id)
        return _word(row)

    def find(self, kind: WordKind, text: str, formal: str = "") -> Word | None:
        """The word of this kind that says just this, or None."""
        same = (words.c.kind == kind.value, words.c.text == text, words.c.formal == formal)
        row = self._tx.first(select(words).where(*same))
        return _word(row) if row else None

    def all(self) -> tuple[Word, ...]:
        """Every word, in the order in which they were added."""
        return tuple(_word(row) for row in self._tx.rows(select(words).order_by(words.c.id)))

    def list(self, matching: WordFilter = WordFilter(), limit: int = 50, offset: int = 0) -> Page[Word]:
        """Words, the most recently changed first."""
        newest_first = (words.c.changed_at.desc(), words.c.id.desc())
        statement = select(words).where(*_conditions(matching)).order_by(*newest_first)
        return self._tx.page(statement, _word, limit, offset)

    def revisions(self, word_id: int) -> tuple[WordRevision, ...]:
        """What the word said over time, the oldest first. NotFound when there is no such word."""
        mine = select(word_revisions).where(word_revisions.c.word_id == word_id)
        found = self._tx.rows(mine.order_by(word_revisions.c.version))
        if not found:
            raise _unknown(word_id)
        return tuple(_revision(row) for row in found)

    @writes
    def add(self, word: Word) -> Word:
        """Store a new word. Conflict when the bureau has it already, be it switched off."""
        added = replace(word, version=1, changed_by=self._tx.by, changed_at=self._tx.at)
        taken = f"{added}已经有了，请在列表中修改或启用它"
        added = replace(added, id=self._tx.insert_unique(words, _row(added), taken))
        self._note(added)
        self._audit.add("word.added", "word", added.id, _line(added))
        return added

    @writes
    def add_many(self, new: Iterable[Word]) -> builtins.list[Word]:
        """Store new words, all or none as far as the caller lets the Conflict end the transaction."""
        return [self.add(word) for word in new]

    @writes
    def save(self, word: Word) -> Word:
        """Store a changed word. Conflict when somebody changed it since it was read, or another says the same."""
        stored = self.get(word.id)
        saved = replace(word, kind=stored.kind, version=word.version + 1)
        saved = replace(saved, changed_by=self._tx.by, changed_at=self._tx.at)
        same = self.find(saved.kind, saved.text, saved.formal)
        if same is not None and same.id != saved.id:
            raise Conflict(f"{saved}已经有了，请修改或启用原有的那一条")
        fresh = words.update().where(words.c.id == word.id, words.c.version == word.version)
        if self._tx.run(fresh.values(**_row(saved))) == 0:
            raise Conflict(f"{stored}{STALE}")
        self._note(saved)
        self._audit.add(_action(stored, saved), "word", saved.id, _line(saved))
        return saved

    def _note(self, word: Word) -> None:
        """Keep the word's revision and count the change."""
        said = {name: value for name, value in _row(word).items() if name != "kind"}
        self._tx.run(word_revisions.insert(), {"word_id": word.id, **said})
        self._tx.count_up(COUNTER)


def _conditions(matching: WordFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.kind is not None:
        found.append(words.c.kind == matching.kind.value)
    if matching.text:
        places = (words.c.text, words.c.formal)
        found.append(or_(*(place.icontains(matching.text.strip(), autoescape=True) for place in places)))
    if matching.active is not None:
        found.append(words.c.active == matching.active)
    return found


def _action(stored: Word, saved: Word) -> str:
    if stored.active == saved.active:
        return "word.changed"
    return "word.switched_on" if saved.active else "word.switched_off"


def _line(word: Word) -> str:
    return f"{word}" if word.active else f"{word}（停用）"


def _unknown(word_id: int) -> NotFound:
    return NotFound(f"没有编号为 {word_id} 的词语")


def _row(word: Word) -> dict[str, Any]:
    return {
        "kind": word.kind.value,
        "text": word.text,
        "formal": word.formal,
        "active": word.active,
        "changed_by": word.changed_by,
        "changed_at": word.changed_at,
        "version": word.version,
    }


def _word(row: AnyRow) -> Word:
    stored = dict(row._mapping)
    return Word(kind=WordKind(stored.pop("kind")), **stored)


def _revision(row: AnyRow) -> WordRevision:
    stored = dict(row._mapping)
    del stored["word_id"]
    return WordRevision(**stored)
