"""Search by meaning: the nearest phrasings in faiss, grouped by entry.

Small indexes are scanned exactly. From `CLUSTER_FROM` vectors on, an inverted file is searched: with a filter it
visits only vectors in scope, and a narrower scope visits more clusters in the same time. (A graph index is faster
without a filter and finds next to nothing within one city of three hundred.)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss as untyped_faiss
import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors
from indexer.facets import Mask

faiss: Any = untyped_faiss  # its annotations contradict its documented keyword arguments

CLUSTER_FROM = 20_000
_PROBES = 24


@dataclass(frozen=True)
class DenseHit:
    """An entry found by meaning: the cosine of its nearest phrasing, 0 being the question itself."""

    entry_id: int
    similarity: float
    phrasing: int


class VectorIndex:
    """Vectors of unit length in rows; `_facet` and `_phrasing` tell of each row whose it is."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._facet: NDArray[np.int32] = np.zeros(0, np.int32)
        self._phrasing: NDArray[np.int32] = np.zeros(0, np.int32)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @classmethod
    def of(cls, vectors: Vectors, facets: NDArray[np.int32], phrasings: NDArray[np.int32]) -> "VectorIndex":
        """An index of vectors (n, dimension), the facet row and the phrasing number of each, shapes (n,)."""
        index = cls(vectors.shape[1])
        if len(vectors) >= CLUSTER_FROM:
            clusters = int(2 * np.sqrt(len(vectors)))
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
            clustered.cp.max_points_per_centroid = 48
            clustered.cp.niter = 8
            clustered.train(vectors)
            index._index = clustered
        elif len(vectors):
            index._index.train(vectors)
        index.add(vectors, facets, phrasings)
        return index

    def add(self, vectors: Vectors, facets: NDArray[np.int32], phrasings: NDArray[np.int32]) -> None:
        """Append vectors (n, dimension) with their facet rows and phrasing numbers."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
            self._facet = np.concatenate([self._facet, facets.astype(np.int32)])
            self._phrasing = np.concatenate([self._phrasing, phrasings.astype(np.int32)])

    def search(
        self, question: Vectors, entry_ids: NDArray[np.int64], mask: Mask, limit: int
    ) -> list[DenseHit]:
        """The entries whose phrasings lie nearest to a question (dimension,), nearest first, at most `limit`.

        `mask` says of each facet row whether it is in scope; vectors of rows beyond it are not.
        """
        if not len(self) or not mask.any():
            return []
        known = self._facet < len(mask)
        allowed = known & mask[np.where(known, self._facet, 0)]
        share = float(allowed.mean())
        if not share:
            return []
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)
        wanted = min(limit * 6, len(self))
        if isinstance(self._index, faiss.IndexIVF):
            probes = min(self._index.nlist, int(_PROBES / max(share, 1e-6)) + 1)
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        similarities, rows = self._index.search(question.reshape(1, -1), wanted, params=parameters)
        hits: dict[int, DenseHit] = {}
        for similarity, row in zip(similarities[0], rows[0], strict=True):
            if row < 0 or len(hits) == limit:
                break
            entry_id = int(entry_ids[self._facet[row]])
            if entry_id not in hits:
                hits[entry_id] = DenseHit(entry_id, float(similarity), int(self._phrasing[row]))
        return list(hits.values())

    def save(self, folder: Path) -> None:
        """Write the index to `vectors.faiss` and its columns to `vectors.npz`."""
        faiss.write_index(self._index, str(folder / "vectors.faiss"))
        np.savez(folder / "vectors.npz", facet=self._facet, phrasing=self._phrasing)

    @classmethod
    def load(cls, folder: Path) -> "VectorIndex":
        """Read what `save` wrote."""
        stored = faiss.read_index(str(folder / "vectors.faiss"))
        index = cls(stored.d)
        index._index = stored
        with np.load(folder / "vectors.npz", allow_pickle=False) as columns:
            index._facet = columns["facet"]
            index._phrasing = columns["phrasing"]
        return index
