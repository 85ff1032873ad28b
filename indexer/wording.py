"""What the index knows about words: domain terms, synonyms, stop phrases, names.

The bundled lists lie in `dictionary/`; a bureau adds its own, and switches bundled ones off, in the knowledge base.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from indexer.normalise import normalise
from knowledge import region
from knowledge.wording import Word, WordKind

ARROW = "=>"
"""Stands between what is said and the formal words in `synonyms.txt`."""


@dataclass(frozen=True)
class Synonym:
    """What people say, and what the departments' texts say instead: from colloquial to formal, never back."""

    said: str
    formal: str


@dataclass(frozen=True)
class Wording:
    """All in use at one moment, normalised (`indexer.normalise`).

    `terms` are words that are never cut, `names` those of places and institutions (terms too, and no synonym or
    correction ever replaces them), `stop_phrases` what a question can lose without loss, longest first.
    """

    terms: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    stop_phrases: tuple[str, ...] = ()
    names: tuple[str, ...] = field(default=())

    @cached_property
    def dictionary_hash(self) -> str:
        """Tells whether texts were cut with these terms and names: an index built with others has to be built again.

        Synonyms and stop phrases act on the question alone and are not part of it.
        """
        words = sorted({*self.terms, *self.names})
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


@cache
def bundled() -> Wording:
    """The wording that comes with the program, before any bureau has added a word."""
    return wording_of(())


def wording_of(words: Iterable[Word], extra_terms: Iterable[str] = ()) -> Wording:
    """The bureau's words over the bundled ones.

    An active word is added; one that is switched off takes the bundled one of the same kind and text (and, of a
    synonym, the same formal words) out. `extra_terms` are the dictionary file's.
    """
    keys = _bundled_keys()
    found = {kind: dict.fromkeys(keys[kind]) for kind in WordKind}
    found[WordKind.TERM].update(dict.fromkeys((normalise(term), "") for term in extra_terms))
    for word in words:
        key = (normalise(word.text), normalise(word.formal))
        if word.active:
            found[word.kind][key] = None
        else:
            found[word.kind].pop(key, None)
    texts = {kind: [text for text, _ in keys if text] for kind, keys in found.items()}
    return Wording(
        terms=tuple(texts[WordKind.TERM]),
        synonyms=tuple(Synonym(*key) for key in found[WordKind.SYNONYM] if all(key) and key[0] != key[1]),
        stop_phrases=tuple(sorted(texts[WordKind.STOP_PHRASE], key=lambda text: (-len(text), text))),
        names=tuple(texts[WordKind.NAME]),
    )


def bundled_words(kind: WordKind) -> tuple[tuple[str, str], ...]:
    """The bundled words of a kind as they are written in the lists: (text, formal words of a synonym or "")."""
    return tuple(
        (said.strip(), formal.strip())
        for said, _, formal in (line.partition(ARROW) for line in lines_of(_FILES[kind]))
    )


def terms_of_file(path: Path) -> tuple[str, ...]:
    """A bureau's own dictionary: one term a line, `#` starts a comment line."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return tuple(term for line in lines if not line.startswith("#") and (term := normalise(line)))


_FILES = {
    WordKind.TERM: "terms.txt",
    WordKind.SYNONYM: "synonyms.txt",
    WordKind.STOP_PHRASE: "stop_phrases.txt",
    WordKind.NAME: "names.txt",
}


@cache
def _bundled_keys() -> dict[WordKind, tuple[tuple[str, str], ...]]:
    """The bundled words, normalised; the names are those of the list and of the regions, long and short."""
    keys = {
        kind: [(normalise(text), normalise(formal)) for text, formal in bundled_words(kind)]
        for kind in WordKind
    }
    keys[WordKind.NAME] += [(normalise(spelling), "") for spelling in region.spellings()]
    return {kind: tuple(dict.fromkeys(of_kind)) for kind, of_kind in keys.items()}


def lines_of(name: str) -> list[str]:
    """The lines of a file in `dictionary/` that are neither empty nor comments."""
    text = files("indexer").joinpath("dictionary", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
