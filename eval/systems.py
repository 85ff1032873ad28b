"""The baselines that only rank: words, meaning, and the two fused.

All see the same published entries. To the words a document is the question, the similar questions, the keywords and the
answer; to the encoder each phrasing is one text. Their confidence is the score of the first candidate, which orders
questions and claims nothing more.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import faiss
import jieba
import numpy as np
from rank_bm25 import BM25Okapi

from eval.judging import DEPTH, Judged
from eval.questions import Question
from indexer.encoders import (
    BaseModelEncoder,
    Encoder,
    EncoderUnavailable,
    SentenceTransformersEncoder,
    Vectors,
)
from indexer.fusion import reciprocal_rank_fusion
from indexer.normalise import normalise
from indexer.vector_cache import VectorCache
from knowledge.entry import PublishedEntry

UNADAPTED = "intfloat/multilingual-e5-small"
Scored = list[tuple[str, float]]
"""External ids with their scores, best first."""


class Unadapted:
    """multilingual-e5-small as published, not adapted to this field: over sentence-transformers where that is
    installed and has the model, else the same weights in 4 bits through the bundled engine; `title` says which.

    Entries' texts are kept encoded in a file. Questions are encoded once for all baselines, by `prepare`, so that the
    times of the baselines do not hold the encoding.
    """

    def __init__(self, cache: Path) -> None:
        self._encoder, self.title = _unadapted()
        self._cache = cache
        self._questions: dict[str, Vectors] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Encode questions that will be asked."""
        for text in texts:
            self.question(text)

    def question(self, text: str) -> Vectors:
        """float32 of shape (dimension,)."""
        if text not in self._questions:
            self._questions[text] = self._encoder.encode_questions([text])[0]
        return self._questions[text]

    def texts(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension)."""
        cache = VectorCache(self._cache)
        try:
            return cache.encode(self._encoder, texts)
        finally:
            cache.close()


def _unadapted() -> tuple[Encoder, str]:
    if find_spec("sentence_transformers"):
        try:
            return SentenceTransformersEncoder(UNADAPTED), f"{UNADAPTED} over sentence-transformers"
        except EncoderUnavailable:
            pass  # installed, but without the model and without a way to fetch it
    return BaseModelEncoder(), f"{UNADAPTED} in 4 bits over the bundled engine"


class Bm25:
    """rank-bm25 (Okapi, k1 = 1.5, b = 0.75) over jieba's words, nothing else."""

    name = "bm25"
    title = "rank-bm25 over jieba's words"
    probable = False

    def __init__(self, entries: Sequence[PublishedEntry]) -> None:
        self._ids = [entry.external_id for entry in entries]
        self._bm25: Any = BM25Okapi([list(_jieba_words(_document(entry))) for entry in entries])

    def rank(self, text: str, depth: int) -> list[str]:
        """The external ids of the best entries."""
        return [external_id for external_id, _ in self.score(text, depth)]

    def score(self, text: str, depth: int) -> Scored:
        """The best entries with their BM25."""
        scores = self._bm25.get_scores(list(_jieba_words(text)))
        return [
            (self._ids[place], float(scores[place])) for place in np.argsort(-scores, kind="stable")[:depth]
        ]

    def judge(self, question: Question) -> Judged:
        return judged(question, self.score(question.text, DEPTH))


class EncoderAlone:
    """The nearest phrasing by cosine in an exact faiss index, nothing else."""

    name = "encoder"
    probable = False

    def __init__(self, entries: Sequence[PublishedEntry], encoder: Unadapted) -> None:
        self.title = f"{encoder.title}, flat faiss"
        self._encoder = encoder
        phrasings = [(entry.external_id, text) for entry in entries for text in entry.text.phrasings()]
        self._ids = [external_id for external_id, _ in phrasings]
        self._most = max(len(entry.text.phrasings()) for entry in entries)
        vectors = encoder.texts([text for _, text in phrasings])
        self._index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def score(self, text: str, depth: int) -> Scored:
        """The best entries with the cosine of their nearest phrasing."""
        cosines, places = self._index.search(self._encoder.question(text)[None, :], depth * self._most)
        best: dict[str, float] = {}
        for cosine, place in zip(cosines[0], places[0], strict=True):
            if place >= 0:  # fewer phrasings than asked for
                best.setdefault(self._ids[place], float(cosine))
        return list(best.items())[:depth]

    def judge(self, question: Question) -> Judged:
        return judged(question, self.score(question.text, DEPTH))


class Fused:
    """Reciprocal rank fusion (k = 60, as Cormack et al. published it) of the first 50 of both."""

    name = "rrf"
    probable = False

    def __init__(self, bm25: Bm25, encoder: EncoderAlone) -> None:
        self.title = f"reciprocal rank fusion of {bm25.name} and {encoder.name}"
        self._bm25 = bm25
        self._encoder = encoder

    def judge(self, question: Question) -> Judged:
        by_words = [external_id for external_id, _ in self._bm25.score(question.text, 50)]
        by_meaning = [external_id for external_id, _ in self._encoder.score(question.text, 50)]
        names = list(dict.fromkeys(by_words + by_meaning))
        number = {name: place for place, name in enumerate(names)}
        rankings = {"lexical": [number[i] for i in by_words], "dense": [number[i] for i in by_meaning]}
        fused = reciprocal_rank_fusion(rankings, {}, k=60.0)
        best = sorted(fused, key=lambda place: (-fused[place], place))[:DEPTH]
        return judged(question, [(names[place], fused[place]) for place in best])


def judged(question: Question, scored: Scored, outcome: str = "", options: Sequence[str] = ()) -> Judged:
    """A scored ranking as a judged question, the first score as confidence."""
    ranking = tuple(external_id for external_id, _ in scored[:DEPTH])
    return Judged(question, ranking, outcome, scored[0][1] if scored else 0.0, options=tuple(options))


def _document(entry: PublishedEntry) -> str:
    return "\n".join((*entry.text.phrasings(), *entry.text.keywords, entry.text.answer))


def _jieba_words(text: str) -> Sequence[str]:
    return [word for word in jieba.lcut(normalise(text)) if word.strip()]
