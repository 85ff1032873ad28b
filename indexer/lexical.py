"""Search by words: BM25 in tantivy over terms that we segment ourselves.

Two fields. `asked` holds what the entry is asked by (question, similar questions, keywords), `answer` its answer;
an occurrence in the question counts `QUESTION_WEIGHT` times. Scores are BM25 with k1 = 1.2 and b = 0.75, as tantivy
fixes them (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from indexer.facets import FacetTable, Mask
from indexer.scope import Scope
from indexer.segment import Segmenter
from indexer.vocabulary import Vocabulary
from knowledge.entry import PublishedEntry

QUESTION_WEIGHT = 2
ANSWER_BOOST = 0.3
MAX_QUERY_TERMS = 200
"""A story of 150 characters has about as many; cutting it to its rarest words keeps what is beside the point."""
_WRITER_HEAP = 64_000_000
_LARGE = 50_000
_COMMON = {"asked": 0.5, "answer": 0.2}
"""The share of the entries of a large index that a term may stand in and still be searched for."""


@dataclass(frozen=True)
class LexicalHit:
    """An entry found by words, with its BM25 score."""

    entry_id: int
    score: float


def asked_terms(entry: PublishedEntry, segmenter: Segmenter) -> list[str]:
    """The terms of the `asked` field, the question's repeated by its weight."""
    return _asked(entry, segmenter)[1]


def _asked(entry: PublishedEntry, segmenter: Segmenter) -> tuple[set[str], list[str]]:
    """The words by which an entry is asked, and the terms of the `asked` field."""
    text = entry.text
    words, terms = segmenter.words_and_terms(text.question)
    terms, known = terms * QUESTION_WEIGHT, set(words)
    for phrase in (*text.variants, *text.keywords):
        words, more = segmenter.words_and_terms(phrase)
        terms += more
        known.update(words)
    return known, terms


def _counts(index: Any) -> tuple[Callable[[str], int], Callable[[], int]]:
    """How many entries a term stands in, and how many there are, of the engine's index. Bound to nothing else: in a
    circle with what it is part of, an index given up would keep its files mapped until the garbage is collected.
    """
    return (
        lambda term: int(index.searcher().doc_freq("asked", term)),
        lambda: int(index.searcher().num_docs),
    )


class LexicalIndex:
    """A tantivy index in a folder. One process writes; `search` may be called from many threads."""

    def __init__(self, index: Any, folder: Path, segmenter: Segmenter) -> None:
        self._index = index
        self._folder = folder
        self._segmenter = segmenter
        self._schema = index.schema
        self._writer: Any = None
        self.vocabulary = Vocabulary((), None, *_counts(index))

    @classmethod
    def create(cls, folder: Path, segmenter: Segmenter) -> "LexicalIndex":
        """An empty index in a folder, which is made."""
        folder.mkdir(parents=True)
        return cls(tantivy.Index(_schema(), path=str(folder)), folder, segmenter)

    @classmethod
    def open(cls, folder: Path, segmenter: Segmenter) -> "LexicalIndex":
        """The index in a folder. Raises OSError or ValueError when there is none that can be read."""
        index = cls(tantivy.Index.open(str(folder)), folder, segmenter)
        index.vocabulary = Vocabulary.load(folder, *_counts(index._index))
        return index

    def replace(self, entries: Iterable[PublishedEntry], removed: Iterable[int] = ()) -> None:
        """Index these entries anew and forget the removed ones, visible to searches when it returns."""
        writer = self._writer = self._writer or self._index.writer(_WRITER_HEAP, 1)
        for entry_id in removed:
            writer.delete_documents_by_query(self._entry(entry_id))
        for entry in entries:
            writer.delete_documents_by_query(self._entry(entry.id))
            writer.add_document(self._document(entry))
        writer.commit()
        self._index.reload()

    def add_new(self, entries: Iterable[PublishedEntry]) -> None:
        """Index entries that the index does not hold yet; not visible before `finish`."""
        self._writer = self._writer or self._index.writer(_WRITER_HEAP * 2, 1)
        for entry in entries:
            self._writer.add_document(self._document(entry))

    def finish(self) -> None:
        """Commit, wait for merges, let go of the writer and keep the vocabulary."""
        if self._writer is not None:
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
        self._index.reload()
        self.vocabulary.save(self._folder)

    def _entry(self, entry_id: int) -> Any:
        # Deleting by query: `delete_documents_by_term` takes the number for a signed one and deletes nothing.
        return tantivy.Query.term_query(self._schema, "entry", entry_id)

    def _document(self, entry: PublishedEntry) -> Any:
        document = tantivy.Document()
        document.add_unsigned("entry", entry.id)
        document.add_text("region", entry.text.region or "nation")
        words, terms = _asked(entry, self._segmenter)
        self.vocabulary.add(words)
        document.add_text("asked", " ".join(terms))
        document.add_text("answer", " ".join(self._segmenter.terms(entry.text.answer)))
        return document

    def unseen_weight(self) -> float:
        """The BM25 weight of a term that no entry holds."""
        return math.log1p((self._index.searcher().num_docs + 0.5) / 0.5)

    def weigh(self, terms: Sequence[str]) -> dict[str, float]:
        """The BM25 weight (inverse document frequency) of each distinct term over the `asked` field."""
        searcher = self._index.searcher()
        count = searcher.num_docs
        return {
            term: math.log1p((count - frequency + 0.5) / (frequency + 0.5))
            for term in dict.fromkeys(terms)
            for frequency in (min(count, searcher.doc_freq("asked", term)),)
        }

    def search(
        self,
        terms: Iterable[str],
        facets: FacetTable,
        mask: Mask,
        scope: Scope,
        limit: int,
        expansions: Mapping[str, float] | None = None,
    ) -> list[LexicalHit]:
        """The best entries in scope for the query's terms, best first.

        `expansions` are further terms with what each counts beside 1. Of a very long text the `MAX_QUERY_TERMS` most
        frequent terms count. The region narrows the search inside the engine; the rest of the scope is applied to
        what it finds, and it is asked for more until enough pass.
        """
        counts = Counter(terms)
        if len(counts) > MAX_QUERY_TERMS:
            counts = Counter(dict(counts.most_common(MAX_QUERY_TERMS)))
        if not counts or not mask.any():
            return []
        weights = {**(expansions or {}), **counts}
        query = self._query(weights, facets.restricts_region(scope))
        searcher = self._index.searcher()
        total = searcher.num_docs
        wanted = limit
        while True:
            found = searcher.search(query, limit=wanted, count=False).hits
            hits = self._in_scope(searcher, found, facets, mask)
            if len(hits) >= limit or len(found) < wanted or wanted >= total:
                return hits[:limit]
            wanted *= 4

    def _query(self, counts: Mapping[str, float], regions: tuple[str, ...] | None) -> Any:
        weights = {
            (field, term): boost * count
            for term, count in counts.items()
            for field, boost in (("asked", 1.0), ("answer", ANSWER_BOOST))
        }
        words = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, self._term(field, term, weight))
                for (field, term), weight in (self._telling(weights) or weights).items()
            ]
        )
        if regions is None:
            return words
        names = [code or "nation" for code in regions]
        within = tantivy.Query.term_set_query(self._schema, "region", names)
        silent = tantivy.Query.const_score_query(within, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, silent), (tantivy.Occur.Must, words)])

    def _term(self, field: str, term: str, weight: float) -> Any:
        query = tantivy.Query.term_query(self._schema, field, term, "freq")
        return query if weight == 1 else tantivy.Query.boost_query(query, weight)

    def _telling(self, weights: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
        """In a large index, the terms that some entries hold but not too many: the others cost half of the time
        and move next to nothing. In a small one, all.
        """
        searcher = self._index.searcher()
        total = searcher.num_docs
        if total < _LARGE:
            return weights
        return {
            (field, term): weight
            for (field, term), weight in weights.items()
            if 0 < searcher.doc_freq(field, term) <= _COMMON[field] * total
        }

    @staticmethod
    def _in_scope(searcher: Any, found: list[Any], facets: FacetTable, mask: Mask) -> list[LexicalHit]:
        ids = searcher.fast_field_values("entry", [address for _, address in found])
        hits = []
        for (score, _), entry_id in zip(found, ids, strict=True):
            row = facets.row(int(entry_id))
            if row is not None and row < len(mask) and mask[row]:
                hits.append(LexicalHit(int(entry_id), float(score)))
        return hits


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("entry", stored=False, indexed=True, fast=True)
    builder.add_text_field("region", tokenizer_name="raw", index_option="basic")
    for field in ("asked", "answer"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
