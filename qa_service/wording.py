"""Keeping the words that searching knows about: who may, what may be added, and what is listed.

`wording` of the index and the words of the record are two sides of the same: bundled words lie in files of the program
and are switched off by a word of the bureau's that says the same and is not active.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from indexer.normalise import normalise
from indexer.wording import Synonym, bundled_words, wording_of
from knowledge.errors import CircularSynonym, Conflict, InvalidValue, NotFound
from knowledge.people import Member, Role
from knowledge.store import Page, Records, Store
from knowledge.wording import Word, WordKind, WordRevision, changed, new_word

WORDSMITHS = (Role.PUBLISHER, Role.ADMINISTRATOR)
"""Who may change words: a word changes what every department's entries are found by."""


@dataclass(frozen=True)
class ListedWord:
    """A word as it stands in a listing. `bundled` ones come with the program; such a one has a `word` of the bureau's
    only if the bureau has switched it off or on.
    """

    kind: WordKind
    text: str
    formal: str
    active: bool
    bundled: bool
    word: Word | None = None


@dataclass(frozen=True)
class WordSearch:
    """Which words to list; `text` is looked for in what is said and in the formal words, `bundled` tells them apart."""

    kind: WordKind | None = None
    text: str = ""
    active: bool | None = None
    bundled: bool | None = None


@dataclass(frozen=True)
class WordKeeping:
    """The parts that keeping words needs. `changed` is called after a change."""

    store: Store
    changed: Callable[[], None]
    clock: Callable[[], datetime]

    def listing(
        self, matching: WordSearch = WordSearch(), limit: int = 50, offset: int = 0
    ) -> Page[ListedWord]:
        """The bureau's own words, the most recently changed first, then the bundled ones in the lists' order."""
        with self.store.reading() as records:
            everything = _listed(records.words.all())
        found = [word for word in everything if _matches(word, matching)]
        return Page(tuple(found[offset : offset + limit]), len(found))

    def get(self, word_id: int) -> tuple[Word, tuple[WordRevision, ...]]:
        """A word of the bureau's and everything it ever said, the oldest first."""
        with self.store.reading() as records:
            return records.words.get(word_id), records.words.revisions(word_id)

    def add(self, kind: WordKind, text: str, formal: str, by: Member, active: bool = True) -> Word:
        """Add a word, or with `active` false switch a bundled one off.

        Raises InvalidValue or CircularSynonym for what cannot be used; Conflict when it is there already.
        """
        by.require(*WORDSMITHS)
        with self.store.writing(by.login, self.clock()) as records:
            added = add_word(records, new_word(kind, text, formal, active))
        self.changed()
        return added

    def change(
        self,
        word_id: int,
        version: int,
        by: Member,
        text: str | None = None,
        formal: str | None = None,
        active: bool | None = None,
    ) -> Word:
        """Change what a word says, or switch it off or on. `version` is what the caller saw of it."""
        by.require(*WORDSMITHS)
        with self.store.writing(by.login, self.clock()) as records:
            stored = records.words.get(word_id)
            if stored.version != version:
                raise Conflict(f"{stored}刚刚被其他人修改过，请刷新后重试")
            wanted = changed(stored, text, formal, active)
            require_usable(wanted, synonyms_in_use(_others(records, stored)))
            saved = records.words.save(wanted) if wanted != stored else stored
        self.changed()
        return saved

    def switch(self, kind: WordKind, text: str, formal: str, active: bool, by: Member) -> Word:
        """Switch a word off or on by what it says, be it the bureau's or a bundled one."""
        by.require(*WORDSMITHS)
        with self.store.writing(by.login, self.clock()) as records:
            switched = switch_word(records, new_word(kind, text, formal, active))
        self.changed()
        return switched


def is_bundled(word: Word) -> bool:
    """Whether a word that comes with the program says the same."""
    return key_of(word) in _bundled()


def add_word(records: Records, word: Word) -> Word:
    """Store a new word within a transaction. Raises InvalidValue, CircularSynonym or Conflict."""
    if word.active and key_of(word) in _bundled():
        raise Conflict(f"{word}是系统自带的词语，无需添加；停用了的请在列表中启用")
    if not word.active and key_of(word) not in _bundled():
        raise InvalidValue("词语", word.text, f"系统自带的词语中没有这样的{word.kind.label}，无从停用")
    present = records.words.all()
    if any(key_of(each) == key_of(word) for each in present):
        raise Conflict(f"{word}已经有了，请在列表中修改或启用它")
    require_usable(word, synonyms_in_use(present))
    return records.words.add(word)


def switch_word(records: Records, word: Word) -> Word:
    """Within a transaction, switch the stored or bundled word that says the same; NotFound when there is none."""
    stored = next((each for each in records.words.all() if key_of(each) == key_of(word)), None)
    if stored is not None:
        wanted = changed(stored, active=word.active)
        require_usable(wanted, synonyms_in_use(_others(records, stored)))
        return records.words.save(wanted) if wanted != stored else stored
    if key_of(word) not in _bundled():
        raise NotFound(f"没有{word}这个词语，请先添加")
    if word.active:
        raise Conflict(f"{word}已在使用，无需启用")
    return records.words.add(word)


def synonyms_in_use(words: Iterable[Word]) -> tuple[Synonym, ...]:
    """The synonyms that are in use with these words of the bureau's, bundled ones among them."""
    return wording_of(words).synonyms


def require_usable(word: Word, in_use: Iterable[Synonym]) -> None:
    """Raise InvalidValue for a word of which normalising leaves nothing, CircularSynonym for a synonym that with those
    in use would lead in a circle or on to a second word. One that is switched off may say anything.
    """
    said, meant = normalise(word.text), normalise(word.formal)
    if not said:
        raise InvalidValue("词语", word.text, "至少要有一个文字、字母或数字")
    if word.kind is not WordKind.SYNONYM or not word.active:
        return
    if not meant:
        raise InvalidValue("规范用语", word.formal, "至少要有一个文字、字母或数字")
    if said == meant:
        raise CircularSynonym("规范用语", word.formal, "与群众的说法只是写法不同，检索时已视为一样，无需添加")
    for synonym in in_use:
        if synonym.said == meant:
            expected = f"它自己又是“{synonym.formal}”的同义说法，请直接填“{synonym.formal}”"
            raise CircularSynonym("规范用语", word.formal, expected)
        if synonym.formal == said:
            expected = f"它是“{synonym.said}”的规范用语，不能再作为别的词的同义说法"
            raise CircularSynonym("词语", word.text, expected)


def _listed(words: Iterable[Word]) -> list[ListedWord]:
    own = {key_of(word): word for word in words}
    newest_first = sorted(own.items(), key=lambda item: (_moment(item[1]), item[1].id), reverse=True)
    bundled = _bundled()
    listed = [
        ListedWord(word.kind, word.text, word.formal, word.active, False, word)
        for key, word in newest_first
        if key not in bundled
    ]
    for key, (text, formal) in bundled.items():
        ours = own.get(key)
        listed.append(ListedWord(key[0], text, formal, ours is None or ours.active, True, ours))
    return listed


def _matches(word: ListedWord, matching: WordSearch) -> bool:
    text = normalise(matching.text)
    return (
        (matching.kind is None or word.kind is matching.kind)
        and (matching.active is None or word.active == matching.active)
        and (matching.bundled is None or word.bundled == matching.bundled)
        and (not matching.text.strip() or any(text in _normal(side) for side in (word.text, word.formal)))
    )


def _others(records: Records, word: Word) -> list[Word]:
    return [each for each in records.words.all() if each.id != word.id]


_Key = tuple[WordKind, str, str]
_normal = lru_cache(10_000)(normalise)


def key_of(word: Word) -> _Key:
    """What makes two words the same: their kind and what they say, however it is written."""
    return (word.kind, _normal(word.text), _normal(word.formal))


@cache
def _bundled() -> dict[_Key, tuple[str, str]]:
    """What a bundled word says, normalised → as it is written."""
    return {
        (kind, normalise(text), normalise(formal)): (text, formal)
        for kind in WordKind
        for text, formal in bundled_words(kind)
    }


def _moment(word: Word) -> float:
    return word.changed_at.timestamp() if word.changed_at else 0.0
