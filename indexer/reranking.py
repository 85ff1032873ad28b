"""Reading question and entry together: a second look at the few that the search found, where it leaves doubt.

The encoder sees a question and an entry apart, each as one vector. The reranker is the same kind of model, begun from
the encoder's own weights, that takes both as one text and gives one score (a cross-encoder: Nogueira and Cho, "Passage
Re-ranking with BERT", 2019).
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from indexer.encoders import EncoderUnavailable
from indexer.model_encoder import BUNDLED, TOKENIZER_FILE, open_graph
from indexer.normalise import simplify
from indexer.remembering import Recent
from knowledge.entry import PublishedEntry

RERANKER_FILE = "reranker.onnx"
MAX_TOKENS = 128
"""Of question and entry together; a longer text loses its end."""
_REMEMBERED = 20_000
_AT_ONCE = 3


class Reranker:
    """A model that reads pairs. Thread-safe: the session keeps no state between calls. `threads` is how many pairs of
    one call are read at once, each on one core.
    """

    def __init__(self, folder: Path = BUNDLED, threads: int = 1) -> None:
        try:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
            self._tokenizer.enable_truncation(MAX_TOKENS)
            self._session = open_graph(folder / RERANKER_FILE, threads=1)
            self._readers = ThreadPoolExecutor(threads, "second-look")
            self._scores = Recent[float](_REMEMBERED)
            self.score("问", ["答"])
        except Exception as error:
            raise EncoderUnavailable(f"重排模型“{folder}”无法加载（{error}）") from error

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text is answered where the question is: higher is better, comparable for one question.

        Each pair goes through the graph alone, as texts do in the encoder (`indexer.model_encoder`).
        """
        return list(self._readers.map(lambda text: self._score(question, text), texts))

    def _score(self, question: str, text: str) -> float:
        score = self._scores.get((question, text))
        if score is None:
            ids = np.array([self._tokenizer.encode(simplify(question), simplify(text)).ids], np.int64)
            score = float(self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0])
            self._scores.put((question, text), score)
        return score


@cache
def open_reranker(folder: Path = BUNDLED) -> Reranker:
    """The reranker of a model folder, the bundled one where that has none; loaded once a process.

    Raises EncoderUnavailable.
    """
    cores = os.cpu_count() or 1
    return Reranker(folder if (folder / RERANKER_FILE).is_file() else BUNDLED, threads=min(cores, _AT_ONCE))


def read_text(entry: PublishedEntry, phrasing: int) -> str:
    """What of an entry is read beside a question: its own, and the nearest other wording of it, else the first."""
    texts = entry.text.phrasings()
    other = phrasing if 0 < phrasing < len(texts) else 1
    return "；".join((texts[0], *texts[other : other + 1]))
