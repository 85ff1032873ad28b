"""What the entries' answers are about: one vector an entry, beside those of its phrasings.

An answer says more than any of its questions, and two entries asked by nearly the same words differ in it. It is
compared with a question for the few entries that were found; nothing is found by it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors

ANSWER_LENGTH = 200
"""How many characters of an answer are encoded. (With the first 60 instead less is answered at 2% wrong, a tenth.)"""
_FILE = "answers.npy"


class AnswerVectors:
    """Vectors of unit length by facet row, in 16 bits; a row without one is as unlike a question as any."""

    def __init__(self, stored: NDArray[np.float16] | None = None) -> None:
        self._stored = stored if stored is not None else np.zeros((0, 0), np.float16)
        self._added: dict[int, NDArray[np.float16]] = {}

    def add(self, vectors: Vectors, rows: NDArray[np.int32]) -> None:
        """Take in vectors (n, dimension) of the facet rows (n,)."""
        self._added.update(zip(rows.tolist(), vectors.astype(np.float16), strict=True))

    def similarities(self, question: Vectors, rows: list[int]) -> list[float]:
        """The cosine of a question (dimension,) with the answer of each row, 0 where there is none."""
        if not rows:
            return []
        vectors = np.zeros((len(rows), len(question)), np.float32)
        wanted = np.array(rows)
        stored = wanted < len(self._stored)
        if stored.any():
            vectors[stored] = self._stored[wanted[stored]]
        for place, row in enumerate(rows):
            if row in self._added:
                vectors[place] = self._added[row]
        return [float(cosine) for cosine in vectors @ question]

    def save(self, folder: Path) -> None:
        """Write those that it was made of."""
        np.save(folder / _FILE, self._stored, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "AnswerVectors":
        """Read what `save` wrote."""
        return cls(np.load(folder / _FILE, allow_pickle=False))
