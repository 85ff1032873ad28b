"""Search without encoding, and the engines that it is compared with, over one prepared base.

Everything runs on one thread: the index searches so for a single question, flat faiss is held to it, and the other
engines know no more.
"""

import random
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

from eval.bench_base import Base
from eval.bench_knowledge import published, regions_for
from eval.bench_measuring import Timing, timed
from eval.systems import Bm25
from indexer.encoders import Encoder, Encoding, Vectors
from indexer.lexical import ANSWER_BOOST, LexicalIndex, asked_terms
from indexer.reading import Reader, Reading
from indexer.scope import Scope
from indexer.search import search_parts
from indexer.segment import Segmenter
from indexer.snapshot import Parts, SnapshotUnusable, open_current
from indexer.vectors import VectorIndex
from indexer.wording import bundled
from knowledge.working_days import china_date

LIMIT = 14
"""How many hits `ask` takes: four choices and ten candidates."""
_SEED = 12345
_SLOW = 20
_DEPTH = 300
Asked = tuple[str, Encoding]


@dataclass(frozen=True)
class SearchFigures:
    """Search from random regions and with no region filter; how well its vectors agree with an exact scan.

    `recall_*` is the share of an exact scan's ten nearest entries that the index finds too.
    """

    from_a_region: Timing
    everywhere: Timing
    recall_from_a_region: float
    recall_everywhere: float
    vectors: int


@dataclass(frozen=True)
class Baselines:
    """The same questions, all entries in scope."""

    rank_bm25: Timing
    fts5: Timing
    flat_faiss: Timing


class OpenedBase:
    """A base's snapshot as a server opens it."""

    def __init__(self, base: Base, encoder: Encoder) -> None:
        self.base = base
        self.segmenter = Segmenter()
        self._reader = Reader(bundled(), self.segmenter)
        self.today = china_date(datetime.now(UTC))
        self.regions = regions_for(base.count) or ("",)
        self.parts = _opened(base.settings.index_folder, self.segmenter, encoder)
        if self.parts.vectors is None:
            raise SnapshotUnusable("the index to measure has no vectors")
        self.vectors: VectorIndex = self.parts.vectors
        self._lexical = LexicalIndex.open(self.parts.folder / "lexical", self.segmenter)

    def search(self, asked: tuple[str, Encoding, Scope]) -> None:
        """One search, its result thrown away."""
        text, encoding, scope = asked
        reading = self.read(text)
        search_parts(reading, encoding, scope, LIMIT, self._lexical, self.vectors, self.parts.facets)

    def read(self, text: str) -> Reading:
        """The question as the server reads it."""
        return self._reader.read(text, self._lexical.vocabulary)

    def scopes(self, count: int, dice: random.Random) -> list[Scope]:
        """As many scopes, each of a random region that has entries of its own."""
        return [Scope(self.today, dice.choice(self.regions)) for _ in range(count)]


def measure_search(opened: OpenedBase, asked: list[Asked]) -> SearchFigures:
    """Times over all questions, after a first round that warms up; recall over some."""
    dice = random.Random(_SEED)
    anywhere = [Scope(opened.today)] * len(asked)
    for scopes in (opened.scopes(len(asked), dice), anywhere):
        timed(opened.search, _with(asked, scopes))
    from_a_region = timed(opened.search, _with(asked, opened.scopes(len(asked), dice)))
    everywhere = timed(opened.search, _with(asked, anywhere))
    some = asked[: 5 * _SLOW]
    return SearchFigures(
        from_a_region,
        everywhere,
        _recall(opened, some, opened.scopes(len(some), dice)),
        _recall(opened, some, anywhere[: len(some)]),
        len(opened.vectors),
    )


def measure_reading(opened: OpenedBase, asked: list[Asked]) -> Timing:
    """Reading the questions alone: slips, stop phrases, synonyms, terms. A first round warms up."""
    texts = [text for text, _ in asked]
    timed(opened.read, texts[:20])
    return timed(opened.read, texts[20:])


def measure_baselines(opened: OpenedBase, asked: list[Asked], matrix: Vectors) -> Baselines:
    """The same questions to the engines one would otherwise take; rank-bm25 is asked a few only."""
    texts = [text for text, _ in asked]
    flat_faiss = _flat_faiss(matrix, [encoding.vector for _, encoding in asked[: 5 * _SLOW]])
    database = _full_text(opened)
    try:
        queries = [_match(opened.segmenter.terms(text)) for text in texts[: 5 * _SLOW]]
        timed(lambda query: _fts5(database, query), queries[:3])
        fts5 = timed(lambda query: _fts5(database, query), queries)
    finally:
        database.close()
    bm25 = Bm25(list(published(opened.base.count)))
    timed(lambda text: bm25.rank(text, LIMIT), texts[:1])
    return Baselines(timed(lambda text: bm25.rank(text, LIMIT), texts[:_SLOW]), fts5, flat_faiss)


def _opened(folder: Path, segmenter: Segmenter, encoder: Encoder) -> Parts:
    parts = open_current(folder, segmenter, encoder)
    if parts is None:
        raise SnapshotUnusable(f"no index in {folder}")
    return parts


def _with(asked: list[Asked], scopes: list[Scope]) -> list[tuple[str, Encoding, Scope]]:
    return [(text, encoding, scope) for (text, encoding), scope in zip(asked, scopes, strict=True)]


def _recall(opened: OpenedBase, asked: list[Asked], scopes: list[Scope]) -> float:
    facets = opened.parts.facets
    found = []
    for (_, encoding), scope in zip(asked, scopes, strict=True):
        ours, exact = (
            opened.vectors.search(encoding.vector, facets.entry_ids(), facets.mask(scope), 10, exhaustive)
            for exhaustive in (False, True)
        )
        found.append(len({h.entry_id for h in ours} & {h.entry_id for h in exact}) / max(1, len(exact)))
    return float(np.mean(found)) if found else 0.0


def _flat_faiss(matrix: Vectors, asked: list[Vectors]) -> Timing:
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(matrix.shape[1])
    flat.add(matrix)

    def nearest(vector: Vectors) -> None:
        flat.search(vector.reshape(1, -1), min(_DEPTH, len(matrix)))

    timed(nearest, asked[:3])
    return timed(nearest, asked)


def _full_text(opened: OpenedBase) -> sqlite3.Connection:
    """A full-text table over the very terms that the product indexes, made once."""
    path = opened.base.settings.data / "fts5.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return database
    database.execute("BEGIN")
    database.execute("CREATE VIRTUAL TABLE entry USING fts5(asked, answer, tokenize='unicode61')")
    database.executemany(
        "INSERT INTO entry (rowid, asked, answer) VALUES (?, ?, ?)",
        (
            (
                entry.id,
                " ".join(asked_terms(entry, opened.segmenter)),
                " ".join(opened.segmenter.terms(entry.text.answer)),
            )
            for entry in published(opened.base.count)
        ),
    )
    database.execute("COMMIT")
    return database


def _match(terms: list[str]) -> str:
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms)) or '"-"'


def _fts5(database: sqlite3.Connection, query: str) -> None:
    database.execute(
        "SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY bm25(entry, 1.0, ?) LIMIT 50",
        (query, ANSWER_BOOST),
    ).fetchall()
