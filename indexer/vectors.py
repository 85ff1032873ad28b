"""Search by meaning: the nearest phrasings in faiss, grouped by entry.

Small indexes are scanned exactly. From `CLUSTER_FROM` vectors on, an inverted file is searched: with a filter it
visits only vectors in scope, and a narrower scope visits more clusters in the same time. (A graph index is faster
without a filter and finds next to nothing within one city of three hundred. Eight bits a component instead of
sixteen lose two of a hundred hits and save no time.)
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as untyped_faiss
import numpy as np
from numpy.typing import NDArray

from indexer.answers import AnswerVectors
from indexer.encoders import Vectors
from indexer.facets import Mask
from indexer.late_interaction import TokenVectors

faiss: Any = untyped_faiss  # its annotations contradict its documented keyword arguments

CLUSTER_FROM = 20_000
_CLUSTERS = 4
"""Clusters a square root of the number of vectors."""
_EFFORT = 7_000
"""For how many vectors there is time to compare them: so many fill the clusters visited when all are in scope."""
_SKIPPING = 0.15
"""The time to pass over a vector out of scope, as a share of that to compare one in scope."""
_COMPARED = 1.5
"""How many vectors in scope are compared at least, a vector wanted."""
_DEEPER = 6
"""How many vectors are asked for, an entry wanted: its other phrasings lie near too."""
_SELECTIONS = 512


@dataclass(frozen=True)
class DenseHit:
    """An entry found by meaning: the cosine of its nearest phrasing, 0 being the question itself.

    `support` is the mean cosine of its two nearest phrasings: one that merely shares a turn of phrase with the question
    stands alone. Of a second phrasing that was not found it is known that it is no nearer than the last one found.
    """

    entry_id: int
    similarity: float
    phrasing: int
    support: float = 0.0


@dataclass(frozen=True)
class _Selection:
    """Which of `size` vectors a mask lets through: `count` of them, one bit each."""

    mask: Mask
    size: int
    bits: NDArray[np.uint8]
    count: int


class VectorIndex:
    """Vectors of unit length in rows; `_facet` and `_phrasing` tell of each row whose it is. `answers` has those of the
    entries' answers, `tokens` those of the single tokens of both.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._facet: NDArray[np.intp] = np.zeros(0, np.intp)
        self._phrasing: NDArray[np.int32] = np.zeros(0, np.int32)
        self.answers = AnswerVectors()
        self.tokens = TokenVectors()
        self._selections: OrderedDict[int, _Selection] = OrderedDict()
        self._selecting = threading.Lock()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @classmethod
    def of(
        cls,
        vectors: Vectors,
        facets: NDArray[np.int32],
        phrasings: NDArray[np.int32],
        answers: Vectors | NDArray[np.float16] | None = None,
    ) -> "VectorIndex":
        """An index of vectors (n, dimension), the facet row and the phrasing number of each, shapes (n,), and of the
        answers' vectors by facet row.
        """
        index = cls(vectors.shape[1])
        if len(vectors) >= CLUSTER_FROM:
            clusters = int(_CLUSTERS * np.sqrt(len(vectors)))
            quantizer = faiss.IndexFlatIP(index.dimension)
            clustered = faiss.IndexIVFScalarQuantizer(
                quantizer,
                index.dimension,
                clusters,
                faiss.ScalarQuantizer.QT_fp16,
                faiss.METRIC_INNER_PRODUCT,
                False,
            )
            clustered.own_fields = True
            quantizer.this.disown()
            clustered.cp.max_points_per_centroid = 32
            clustered.cp.niter = 6
            clustered.train(vectors)
            index._index = clustered
        elif len(vectors):
            index._index.train(vectors)
        index.add(vectors, facets, phrasings)
        if answers is not None:
            index.answers = AnswerVectors(answers.astype(np.float16))
        return index

    def add(self, vectors: Vectors, facets: NDArray[np.int32], phrasings: NDArray[np.int32]) -> None:
        """Append vectors (n, dimension) with their facet rows and phrasing numbers."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
            self._facet = np.concatenate([self._facet, facets.astype(np.intp)])
            self._phrasing = np.concatenate([self._phrasing, phrasings.astype(np.int32)])

    def search(
        self,
        question: Vectors,
        entry_ids: NDArray[np.int64],
        mask: Mask,
        limit: int,
        exhaustive: bool = False,
    ) -> list[DenseHit]:
        """The entries whose phrasings lie nearest to a question (dimension,), nearest first, at most `limit`.

        `mask` says of each facet row whether it is in scope; vectors of rows beyond it are not. An `exhaustive`
        search compares every vector in scope, however many there are: others are measured against it.
        """
        if not len(self):
            return []
        selection = self._select(mask)
        if not selection.count:
            return []
        wanted = limit * _DEEPER
        while True:
            wanted = min(wanted, selection.count)
            similarities, rows = self._nearest(question, selection, wanted, exhaustive)
            hits = self._grouped(similarities, rows, entry_ids, limit)
            # Few entries with very many phrasings may have filled the places; look deeper then.
            if len(hits) == limit or wanted == selection.count:
                return hits
            wanted *= 4

    def _nearest(
        self, question: Vectors, selection: _Selection, wanted: int, exhaustive: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Cosines and rows of the nearest vectors in the selection, shapes (wanted,); row -1 where there is none."""
        # With nothing to leave out, the engine is spared from asking of each vector.
        everything = selection.count == selection.size
        selector = None if everything else faiss.IDSelectorBitmap(selection.bits)
        if isinstance(self._index, faiss.IndexIVF):
            by_time = _EFFORT / (selection.count + _SKIPPING * selection.size)
            by_number = _COMPARED * wanted / selection.count
            share = 1.0 if exhaustive else min(1.0, max(by_time, by_number))
            probes = int(np.ceil(self._index.nlist * share))
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        with _one_thread():
            similarities, rows = self._index.search(question.reshape(1, -1), wanted, params=parameters)
        return similarities[0], rows[0]

    def _grouped(
        self,
        similarities: NDArray[np.float32],
        rows: NDArray[np.int64],
        entry_ids: NDArray[np.int64],
        limit: int,
    ) -> list[DenseHit]:
        found = rows[rows >= 0]
        if not len(found):
            return []
        entries, phrasings = entry_ids[self._facet[found]].tolist(), self._phrasing[found].tolist()
        best: dict[int, tuple[float, int]] = {}
        second: dict[int, float] = {}
        for similarity, entry_id, phrasing in zip(similarities.tolist(), entries, phrasings, strict=False):
            if entry_id not in best:
                best[entry_id] = (similarity, phrasing)
            else:
                second.setdefault(entry_id, similarity)
        last = float(similarities[len(found) - 1])
        nearest = list(best.items())[:limit]
        return [
            DenseHit(entry_id, similarity, phrasing, (similarity + second.get(entry_id, last)) / 2)
            for entry_id, (similarity, phrasing) in nearest
        ]

    def _select(self, mask: Mask) -> _Selection:
        """The vectors that the mask lets through, remembered as long as the same mask comes again."""
        with self._selecting:
            known = self._selections.get(id(mask))
            if known is not None and known.mask is mask and known.size == len(self):
                self._selections.move_to_end(id(mask))
                return known
        facet = self._facet
        if len(facet) and int(facet.max()) >= len(mask):  # vectors of entries that the mask does not know yet
            mask_of_all = np.zeros(int(facet.max()) + 1, np.bool_)
            mask_of_all[: len(mask)] = mask
        else:
            mask_of_all = mask
        allowed = mask_of_all.take(facet)
        bits = np.packbits(allowed, bitorder="little")
        made = _Selection(mask, len(allowed), bits, int(np.count_nonzero(allowed)))
        with self._selecting:
            self._selections[id(mask)] = made
            while len(self._selections) > _SELECTIONS:
                self._selections.popitem(last=False)
        return made

    def save(self, folder: Path) -> None:
        """Write the index to `vectors.faiss`, its columns to `vectors.npz` and the answers beside them. (A
        `TokenWriter` has written the tokens.)
        """
        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        np.savez(folder / "vectors.npz", facet=self._facet.astype(np.int32), phrasing=self._phrasing)
        self.answers.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "VectorIndex":
        """Read what `save` and a `TokenWriter` wrote."""
        stored = faiss.read_index(str(folder / "vectors.faiss"))
        index = cls(stored.d)
        index._index = stored
        with np.load(folder / "vectors.npz", allow_pickle=False) as columns:
            index._facet = columns["facet"].astype(np.intp)
            index._phrasing = columns["phrasing"]
        index.answers = AnswerVectors.load(folder)
        index.tokens = TokenVectors.load(folder)
        return index


@contextmanager
def _one_thread() -> Iterator[None]:
    """A single question is no work for two: the engine's threads would spin while they wait for one another, and on
    a busy machine that takes ten times as long as the search. (The number is each calling thread's own.)
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
