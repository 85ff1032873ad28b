"""The engine's ranking is held to rank-bm25, the textbook's implementation, over the same terms.

Same k1 = 1.2 and b = 0.75. Two things are taken from the engine: the inverse document frequency, which is
ln(1 + (N - n + 0.5) / (n + 0.5)) where Okapi's may turn negative, and lengths of documents, which it keeps in one byte
(exact to 40, then in steps that double every eight). A last test compares with rank-bm25 as it comes.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from eval.questions import questions
from indexer.facets import FacetTable
from indexer.lexical import ANSWER_BOOST, LexicalHit, LexicalIndex, asked_terms
from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import PublishedEntry
from tests.indexer.making import TODAY, an_entry, fill


class Reference(BM25Okapi):  # type: ignore[misc]  # published without types
    """BM25Okapi with the engine's k1, inverse document frequency and rounded lengths."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        super().__init__(documents, k1=1.2, b=0.75)
        self.doc_len: list[int] = [_kept_length(len(document)) for document in documents]

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for term, frequency in nd.items():
            self.idf[term] = math.log(1 + (self.corpus_size - frequency + 0.5) / (frequency + 0.5))


def _kept_length(length: int) -> int:
    """The length that the engine keeps of a document: exact to 40, then eight steps of 2, of 4, of 8…"""
    kept, step = 40, 2
    if length <= kept:
        return length
    while length >= kept + 8 * step:
        kept, step = kept + 8 * step, step * 2
    return kept + (length - kept) // step * step


class BothSides:
    """The engine and rank-bm25 over the same entries."""

    def __init__(self, folder: Path, segmenter: Segmenter, entries: Sequence[PublishedEntry]) -> None:
        self.ids = [entry.id for entry in entries]
        self.segmenter = segmenter
        self._index = fill(LexicalIndex.create(folder / "lexical", segmenter), entries)
        self._facets = FacetTable.of(entries)
        asked = [asked_terms(entry, segmenter) for entry in entries]
        answers = [segmenter.terms(entry.text.answer) for entry in entries]
        self._asked, self._answers = Reference(asked), Reference(answers)
        self.unmodified: Any = BM25Okapi(asked)

    def engine(self, question: str, limit: int) -> list[LexicalHit]:
        terms, scope = self.segmenter.terms(question), Scope(TODAY)
        return self._index.search(terms, self._facets, self._facets.mask(scope), scope, limit)

    def reference(self, question: str) -> dict[int, float]:
        """Entry → score, of those that score at all."""
        terms = self.segmenter.terms(question)
        scores = self._asked.get_scores(terms) + ANSWER_BOOST * self._answers.get_scores(terms)
        return {id: float(score) for id, score in zip(self.ids, scores, strict=True) if score > 0}


@pytest.fixture(scope="module")
def sides(
    tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter, samples: tuple[PublishedEntry, ...]
) -> BothSides:
    return BothSides(tmp_path_factory.mktemp("sides"), segmenter, samples)


def _sampled(count: int) -> Iterable[str]:
    """Questions of every theme and style, spread over the split that nothing was fitted on."""
    asked = questions("test")
    return [question.text for question in asked[:: len(asked) // count]][:count]


def test_scores_agree_on_the_sample_base(sides: BothSides) -> None:
    for question in _sampled(150):
        expected = sides.reference(question)
        found = sides.engine(question, limit=len(sides.ids))
        assert {hit.entry_id for hit in found} == set(expected)
        assert [hit.score for hit in found] == pytest.approx(
            [expected[hit.entry_id] for hit in found], rel=1e-4
        )


def test_the_order_agrees_on_the_sample_base(sides: BothSides) -> None:
    for question in _sampled(150):
        expected = sides.reference(question)
        ranked = [expected[hit.entry_id] for hit in sides.engine(question, limit=50)]
        assert ranked == pytest.approx(sorted(expected.values(), reverse=True)[:50], rel=1e-4)


def test_the_first_ten_are_nearly_those_of_rank_bm25_as_it_comes(
    tmp_path: Path, segmenter: Segmenter, samples: tuple[PublishedEntry, ...]
) -> None:
    # k1 = 1.5, an idf that may be negative, exact lengths; the answers are left out on both sides.
    sides = BothSides(
        tmp_path, segmenter, [an_entry(e.id, e.text.question, variants=e.text.variants) for e in samples]
    )
    shared, first = 0.0, 0
    asked = [question for question in _sampled(150) if sides.engine(question, limit=1)]
    assert len(asked) > 140
    for question in asked:
        scores = sides.unmodified.get_scores(segmenter.terms(question))
        theirs = [sides.ids[place] for place in np.argsort(-scores, kind="stable")[:10]]
        ours = [hit.entry_id for hit in sides.engine(question, limit=10)]
        shared += len(set(theirs) & set(ours)) / 10
        first += theirs[0] == ours[0]
    assert shared / len(asked) >= 0.9
    assert first / len(asked) >= 0.9


_WORDS = st.lists(
    st.sampled_from(["医保", "报销", "备案", "门诊", "住院", "药品", "生育", "津贴", "异地", "缴费"]),
    min_size=1,
)


@settings(max_examples=30)  # each builds an index
@given(
    questions=st.lists(_WORDS, min_size=1, max_size=12),
    answers=st.lists(_WORDS, min_size=12, max_size=12),
    asked=_WORDS,
)
def test_scores_agree_on_any_base(
    tmp_path_factory: pytest.TempPathFactory,
    segmenter: Segmenter,
    questions: list[list[str]],
    answers: list[list[str]],
    asked: list[str],
) -> None:
    entries = [
        an_entry(id, "，".join(question)[:200], answer="，".join(answer))
        for id, (question, answer) in enumerate(zip(questions, answers, strict=False), start=1)
    ]
    sides = BothSides(tmp_path_factory.mktemp("any"), segmenter, entries)
    expected = sides.reference("，".join(asked))
    found = {hit.entry_id: hit.score for hit in sides.engine("，".join(asked), limit=20)}
    assert found == pytest.approx(expected, rel=1e-4)
