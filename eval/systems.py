"""What is compared: the product as it answers, and three baselines that only rank.

All of them see the same published entries. A baseline's document is the question, the similar questions, the
keywords and the answer.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import jieba
import numpy as np
from rank_bm25 import BM25Okapi

from eval.metrics import Judged
from eval.questions import Question
from indexer.encoders import Encoder
from indexer.fusion import reciprocal_rank_fusion
from indexer.normalise import normalise
from knowledge.entry import PublishedEntry
from qa_service.ask import Answered, Asker, Choices, ask
from qa_service.composition import Application

DEPTH = 10


class System(Protocol):
    """Something that is asked. `name` stands in the tables."""

    @property
    def name(self) -> str: ...

    def judge(self, question: Question) -> Judged:
        """How the question goes."""
        ...


class Product:
    """`ask` as it stands, thresholds and all, recording nothing."""

    name = "zhengda"

    def __init__(self, application: Application) -> None:
        self._application = application

    def judge(self, question: Question) -> Judged:
        outcome = ask(
            question.text[: self._application.settings.max_question],
            Asker(record=False),
            self._application.answering,
            self._application.clock(),
        )
        ranking = tuple(hit.entry.external_id for hit in outcome.hits[:DEPTH])
        kind = (
            "answered"
            if isinstance(outcome, Answered)
            else "choices"
            if isinstance(outcome, Choices)
            else "unanswered"
        )
        options = outcome.options if isinstance(outcome, Choices) else ()
        offered = tuple(option.entry.external_id for option in options)
        return Judged(ranking, question.relevant, kind, offered, outcome.confidence)


class Bm25:
    """rank-bm25 (Okapi, k1 = 1.5, b = 0.75) over jieba's words, nothing else."""

    name = "rank-bm25 + jieba"

    def __init__(self, entries: Sequence[PublishedEntry]) -> None:
        self._ids = [entry.external_id for entry in entries]
        self._bm25: Any = BM25Okapi([list(_jieba_words(_document(entry))) for entry in entries])

    def rank(self, text: str, depth: int) -> list[str]:
        """The external ids of the best entries."""
        scores = self._bm25.get_scores(list(_jieba_words(text)))
        return [self._ids[place] for place in np.argsort(-scores, kind="stable")[:depth]]

    def judge(self, question: Question) -> Judged:
        return Judged(tuple(self.rank(question.text, DEPTH)), question.relevant)


class EncoderAlone:
    """The encoder's nearest phrasing by cosine, nothing else."""

    name = "encoder alone"

    def __init__(self, entries: Sequence[PublishedEntry], encoder: Encoder) -> None:
        self._encoder = encoder
        phrasings = [(entry.external_id, text) for entry in entries for text in entry.text.phrasings()]
        self._ids = [external_id for external_id, _ in phrasings]
        self._vectors = encoder.encode_phrasings([text for _, text in phrasings])

    def rank(self, text: str, depth: int) -> list[str]:
        """The external ids of the best entries."""
        cosines = self._vectors @ self._encoder.encode_questions([text])[0]
        best: dict[str, None] = {}
        for place in np.argsort(-cosines, kind="stable"):
            best[self._ids[place]] = None
            if len(best) == depth:
                break
        return list(best)

    def judge(self, question: Question) -> Judged:
        return Judged(tuple(self.rank(question.text, DEPTH)), question.relevant)


class Fused:
    """Reciprocal rank fusion (k = 60) of the two baselines' first 50."""

    name = "RRF of the two"

    def __init__(self, bm25: Bm25, encoder: EncoderAlone) -> None:
        self._bm25 = bm25
        self._encoder = encoder

    def judge(self, question: Question) -> Judged:
        rankings = (self._bm25.rank(question.text, 50), self._encoder.rank(question.text, 50))
        numbers = {
            external_id: number for number, external_id in enumerate(dict.fromkeys(rankings[0] + rankings[1]))
        }
        fused = reciprocal_rank_fusion(
            {"lexical": [numbers[i] for i in rankings[0]], "dense": [numbers[i] for i in rankings[1]]},
            {},
            k=60.0,
        )
        names = list(numbers)
        ranking = tuple(names[number] for number in sorted(fused, key=lambda n: -fused[n])[:DEPTH])
        return Judged(ranking, question.relevant)


def _document(entry: PublishedEntry) -> str:
    return "\n".join((*entry.text.phrasings(), *entry.text.keywords, entry.text.answer))


def _jieba_words(text: str) -> Sequence[str]:
    return [word for word in jieba.lcut(normalise(text)) if word.strip()]
