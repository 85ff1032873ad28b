"""One search: words and meaning, fused, nearest region first."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexer.encoders import Encoding
from indexer.facets import FacetTable
from indexer.fusion import reciprocal_rank_fusion
from indexer.lexical import LexicalHit, LexicalIndex
from indexer.reading import Reading
from indexer.scope import Scope
from indexer.vectors import DenseHit, VectorIndex

DEPTH = 50
"""How deep each of the two rankings is read."""
WEIGHTS = {"lexical": 1.0, "dense": 1.0}
NEARNESS = 0.04
"""How much nearer regions count, a level: a city's own entry goes before its province's on equal match.

They count when the asker's region is known. Of an asker from who knows where, no city is nearer than the nation.
"""


@dataclass(frozen=True)
class Hit:
    """命中: one entry found, with how each side saw it. Ranks count from 1, 0 means not found there.

    `score` is the fused score (comparable within one search only), `lexical` BM25 divided by the greatest BM25 the
    question could reach (0 to 1), `similarity` the cosine of the nearest phrasing, `support` the mean of the two
    nearest, `phrasing` which one is nearest (0 is the question itself, -1 when found by words alone), `nearness` 2 for
    an entry of the asker's city, 1 for one of the province, 0 for the nation's or when the asker's region is not known,
    `answer` the cosine of the entry's answer, `late` what late interaction scores it (`indexer.late_interaction`).
    """

    entry_id: int
    score: float
    lexical: float = 0.0
    lexical_rank: int = 0
    similarity: float = 0.0
    support: float = 0.0
    dense_rank: int = 0
    phrasing: int = -1
    nearness: int = 0
    answer: float = 0.0
    late: float = 0.0


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    `weights` maps each term of the question to its rarity and `unseen_weight` is the rarity of a term that no entry
    holds; `background` is the mean cosine of the hits by meaning, against which one similarity tells something;
    `answers` is the same of their answers; `elsewhere` is how near the question comes to one that is for somebody else;
    `warning` is for people, in Chinese; `region` is where the asker is, as his scope has it.
    """

    hits: tuple[Hit, ...]
    snapshot: str
    weights: dict[str, float] = field(default_factory=dict)
    unseen_weight: float = 0.0
    background: float = 0.0
    answers: float = 0.0
    elsewhere: float = 0.0
    warning: str = ""
    took_ms: float = 0.0
    reading: Reading | None = None
    region: str | None = None


def search_parts(
    reading: Reading,
    encoding: Encoding | None,
    scope: Scope,
    limit: int,
    lexical: LexicalIndex,
    vectors: VectorIndex | None,
    facets: FacetTable,
    snapshot: str = "",
    elsewhere: float = 0.0,
    warning: str = "",
) -> SearchResult:
    """Search the parts of an index; `encoding` is that of the question, None to use words alone.

    The other arguments are passed on in the result.
    """
    started = time.perf_counter()
    mask = facets.mask(scope)
    vector = encoding.vector if encoding is not None else None
    more = {term: expansion.weight for term, expansion in reading.expansions.items()}
    by_words = lexical.search(reading.terms.elements(), facets, mask, scope, DEPTH, more)
    by_meaning: Sequence[DenseHit] = ()
    if vector is not None and vectors is not None:
        by_meaning = vectors.search(vector, facets.entry_ids(), mask, DEPTH)
    weights = lexical.weigh(tuple(reading.terms))
    near = _nearness([*by_words, *by_meaning], facets, scope)
    by_words, by_meaning = _nearest_first(by_words, by_meaning, near)
    fused = _fuse(by_words, by_meaning, near, _greatest_bm25(reading.terms, weights), limit)
    found = {hit.entry_id for hit in fused} | {hit.entry_id for hit in by_meaning}
    answers, late = _compared(encoding, vectors, facets, found, [hit.entry_id for hit in fused])
    hits = tuple(
        replace(hit, answer=answers.get(hit.entry_id, 0.0), late=late.get(hit.entry_id, 0.0)) for hit in fused
    )
    return SearchResult(
        hits=hits,
        snapshot=snapshot,
        weights=weights,
        unseen_weight=lexical.unseen_weight(),
        background=sum(hit.similarity for hit in by_meaning) / len(by_meaning) if by_meaning else 0.0,
        answers=sum(answers[hit.entry_id] for hit in by_meaning) / len(by_meaning) if by_meaning else 0.0,
        elsewhere=elsewhere,
        warning=warning,
        took_ms=(time.perf_counter() - started) * 1000,
        reading=reading,
        region=scope.region,
    )


def _compared(
    encoding: Encoding | None,
    vectors: VectorIndex | None,
    facets: FacetTable,
    found: Iterable[int],
    best: Iterable[int],
) -> tuple[dict[int, float], dict[int, float]]:
    """Entry → the cosine of its answer with the question, of all that was found; and entry → its score by late
    interaction, of the best of them.
    """
    if encoding is None or vectors is None:
        return {}, {}
    rows = {entry_id: row for entry_id in found if (row := facets.row(entry_id)) is not None}
    few = {entry_id: rows[entry_id] for entry_id in best if entry_id in rows}
    answers = vectors.answers.similarities(encoding.vector, list(rows.values()))
    late = vectors.tokens.scores(encoding.tokens, list(few.values()))
    return dict(zip(rows, answers, strict=True)), dict(zip(few, late, strict=True))


def _nearness(found: Sequence[LexicalHit | DenseHit], facets: FacetTable, scope: Scope) -> dict[int, int]:
    """Entry → how near to the asker its region is."""
    rows = {hit.entry_id: facets.row(hit.entry_id) for hit in found} if scope.region is not None else {}
    return {entry_id: facets.nearness(row) for entry_id, row in rows.items() if row is not None}


def _nearest_first(
    by_words: Sequence[LexicalHit], by_meaning: Sequence[DenseHit], near: dict[int, int]
) -> tuple[list[LexicalHit], list[DenseHit]]:
    """Both rankings with what matches equally well, or nearly, in the order of nearness.

    Otherwise the first of two equals would lead by a whole rank, which no weight of regions makes up for.
    """
    words = sorted(by_words, key=lambda hit: -hit.score * (1 + NEARNESS * near.get(hit.entry_id, 0)))
    # All cosines of an encoder lie close together: what counts is how far one rises above the last one found.
    last = by_meaning[-1].similarity if by_meaning else 0.0

    def rise(hit: DenseHit) -> tuple[float, int]:
        level = near.get(hit.entry_id, 0)
        return -(hit.similarity - last) * (1 + NEARNESS * level), -level

    return words, sorted(by_meaning, key=rise)


def _fuse(
    by_words: Sequence[LexicalHit],
    by_meaning: Sequence[DenseHit],
    near: dict[int, int],
    greatest: float,
    limit: int,
) -> tuple[Hit, ...]:
    rankings = {"lexical": [hit.entry_id for hit in by_words], "dense": [hit.entry_id for hit in by_meaning]}
    scores = reciprocal_rank_fusion(rankings, WEIGHTS)
    for entry_id in scores:
        scores[entry_id] *= 1 + NEARNESS * near.get(entry_id, 0)
    words = {hit.entry_id: (rank, hit) for rank, hit in enumerate(by_words, start=1)}
    meaning = {hit.entry_id: (rank, hit) for rank, hit in enumerate(by_meaning, start=1)}
    hits = []
    for entry_id in sorted(scores, key=lambda found: (-scores[found], found))[:limit]:
        lexical_rank, word_hit = words.get(entry_id, (0, None))
        dense_rank, dense_hit = meaning.get(entry_id, (0, None))
        hits.append(
            Hit(
                entry_id=entry_id,
                score=scores[entry_id],
                # Words that stand in the answer too can take a score above the greatest of the question's.
                lexical=min(1.0, word_hit.score / greatest) if word_hit and greatest else 0.0,
                lexical_rank=lexical_rank,
                similarity=dense_hit.similarity if dense_hit else 0.0,
                support=dense_hit.support if dense_hit else 0.0,
                dense_rank=dense_rank,
                phrasing=dense_hit.phrasing if dense_hit else -1,
                nearness=near.get(entry_id, 0),
            )
        )
    return tuple(hits)


def _greatest_bm25(terms: Mapping[str, int], weights: dict[str, float]) -> float:
    """What an entry would score that holds every term of the question in endless repetition: idf * (k1 + 1)."""
    return 2.2 * sum(count * weights[term] for term, count in terms.items())
