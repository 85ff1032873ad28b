"""The published scoring of two other products, rebuilt over the same entries and the unadapted encoder.

What is rebuilt is how they score and when they answer by themselves, not the products: their splitting of documents,
their encoders and the language model behind them are left out.
"""

from collections.abc import Sequence
from typing import Any

import faiss
import jieba

from eval.judging import ANSWERED, CHOICES, DEPTH, UNANSWERED, Judged
from eval.questions import Question
from eval.systems import EncoderAlone, Scored, Unadapted, judged
from eval.text_rank import text_rank
from knowledge.entry import PublishedEntry


class CosinePlusTextRank:
    """Cosine and text rank added up, as MaxKB 2 blends them.

    Source: 1Panel-dev/MaxKB, `apps/knowledge/sql/blend_search.sql`, `apps/knowledge/vector/pg_vector.py` and
    `apps/common/utils/ts_vecto_util.py`: of the nearest `min(10 × top_n, 500)` rows by cosine distance, each scores
    `1 - distance + ts_rank_cd(row, websearch_to_tsquery('simple', query), 32)`; the best row of a paragraph counts, and
    scores above the threshold are kept. Both texts are cut by jieba in full mode, and `websearch_to_tsquery` joins the
    words of the query by AND, so that the second part is 0 unless a row holds every one of them.

    Rows are what MaxKB embeds of a question-and-answer base: the paragraph (question and answer) and each of its
    problems (the phrasings). Defaults taken over: similarity above 0.6, top_n 3, and 0.9 for answering directly, which
    an administrator switches on for a document. Below that MaxKB hands the paragraphs to a language model; here they
    count as choices.
    """

    name = "maxkb"
    probable = False
    similarity = 0.6
    directly = 0.9
    top_n = 3

    def __init__(self, entries: Sequence[PublishedEntry], encoder: Unadapted) -> None:
        self.title = f"cosine + ts_rank_cd as MaxKB adds them, {encoder.title}"
        self._encoder = encoder
        rows = [(entry.external_id, text) for entry in entries for text in _rows(entry)]
        self._ids = [external_id for external_id, _ in rows]
        self._words = [full_mode_words(text) for _, text in rows]
        vectors = encoder.texts([text for _, text in rows])
        self._index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def score(self, text: str, top_n: int = DEPTH) -> Scored:
        """The entries whose score exceeds the similarity, best first, at most `top_n`."""
        nearest = min(10 * top_n, 500, len(self._ids))
        cosines, places = self._index.search(self._encoder.question(text)[None, :], nearest)
        query = set(full_mode_words(text))
        best: dict[str, float] = {}
        for cosine, place in zip(cosines[0], places[0], strict=True):
            score = float(cosine) + text_rank(self._words[place], query)
            best[self._ids[place]] = max(score, best.get(self._ids[place], score))
        kept = [(external_id, score) for external_id, score in best.items() if score > self.similarity]
        return sorted(kept, key=lambda found: -found[1])[:top_n]

    def judge(self, question: Question) -> Judged:
        scored = self.score(question.text)
        if not scored:
            return judged(question, scored, UNANSWERED)
        if scored[0][1] >= self.directly:
            return judged(question, scored, ANSWERED)
        return judged(question, scored, CHOICES, [external_id for external_id, _ in scored[: self.top_n]])


class CosineThreshold:
    """The nearest phrasing when its cosine reaches a fixed threshold, else nothing, as annotation replies in Dify do.

    Source: langgenius/dify, `api/core/app/features/annotation_reply/annotation_reply.py`: the one nearest annotation
    whose score is not below `score_threshold` is the reply. 0.9 is what its console starts from
    (`ANNOTATION_DEFAULT` in `web/config/index.ts`); 0.8 is the other value often chosen.
    """

    probable = False

    def __init__(self, encoder: EncoderAlone, threshold: float) -> None:
        self.name = f"cosine-{threshold}"
        self.title = (
            f"fixed cosine threshold {threshold} as Dify's annotation replies have it, {encoder.title}"
        )
        self._encoder = encoder
        self._threshold = threshold

    def judge(self, question: Question) -> Judged:
        scored = self._encoder.score(question.text, DEPTH)
        return judged(question, scored, ANSWERED if scored[0][1] >= self._threshold else UNANSWERED)


def full_mode_words(text: str) -> list[str]:
    """The words of jieba's full mode as PostgreSQL's `simple` configuration keeps them: lower case, no punctuation."""
    return [word.lower() for word in jieba.lcut(text, cut_all=True) if any(c.isalnum() for c in word)]


def _rows(entry: PublishedEntry) -> list[str]:
    return [f"{entry.text.question}\n{entry.text.answer}", *entry.text.phrasings()]
