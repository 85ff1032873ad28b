"""What only large indexes do, on small ones that are told to be large: clusters, and terms left out."""

from pathlib import Path

import numpy as np
import pytest

import indexer.lexical
import indexer.vectors
from indexer.facets import FacetTable
from indexer.lexical import LexicalIndex
from indexer.scope import Scope
from indexer.segment import Segmenter
from indexer.vectors import VectorIndex
from tests.indexer.making import TODAY, an_entry, fill

ENTRIES, EACH, DIMENSION = 2_000, 3, 32


class Clustered:
    """A clustered index of bunched vectors; entry n stands in facet row n."""

    def __init__(self) -> None:
        chance = np.random.default_rng(0)
        self._bunches = chance.normal(size=(60, DIMENSION))
        self.vectors = self.directions(ENTRIES * EACH, seed=1)
        self.rows = np.repeat(np.arange(ENTRIES, dtype=np.int32), EACH)
        self.index = VectorIndex.of(self.vectors, self.rows, np.zeros(ENTRIES * EACH, np.int32))
        self.entry_ids = np.arange(ENTRIES, dtype=np.int64)

    def directions(self, count: int, seed: int) -> np.ndarray:
        chance = np.random.default_rng(seed)
        points = self._bunches[chance.integers(60, size=count)] + 0.5 * chance.normal(size=(count, DIMENSION))
        return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)

    def nearest(self, question: np.ndarray, mask: np.ndarray, limit: int) -> list[int]:
        cosines = np.where(mask[self.rows], self.vectors @ question, -2.0)
        best = cosines.reshape(ENTRIES, EACH).max(axis=1)
        return [int(entry) for entry in np.argsort(-best)[:limit] if best[entry] > -2]


@pytest.fixture(scope="module")
def clustered() -> Clustered:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexer.vectors, "CLUSTER_FROM", 100)
        return Clustered()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time: few clusters are visited."""
    monkeypatch.setattr(indexer.vectors, "_EFFORT", 600)


def agreement(clustered: Clustered, mask: np.ndarray, exhaustive: bool = False) -> float:
    """The share of the ten nearest entries that the index finds, over many questions."""
    found = []
    for question in clustered.directions(60, seed=3):
        hits = clustered.index.search(question, clustered.entry_ids, mask, 10, exhaustive)
        exact = clustered.nearest(question, mask, 10)
        found.append(len({hit.entry_id for hit in hits} & set(exact)) / len(exact))
    return float(np.mean(found))


@pytest.mark.usefixtures("hurried")
class TestClusteredVectors:
    def test_nearly_all_of_the_nearest_are_found(self, clustered: Clustered) -> None:
        assert 0.8 < agreement(clustered, np.ones(ENTRIES, bool)) < 1.0

    def test_an_exhaustive_search_misses_none(self, clustered: Clustered) -> None:
        # Save for neighbours that change places because the index keeps 16 bits a number.
        assert agreement(clustered, np.ones(ENTRIES, bool), exhaustive=True) > 0.995

    def test_a_narrow_scope_is_searched_as_well_as_a_wide_one(self, clustered: Clustered) -> None:
        mask = np.random.default_rng(5).random(ENTRIES) < 0.03
        assert agreement(clustered, mask) > 0.95

    @pytest.mark.parametrize("some", [1, 7])
    def test_a_scope_of_few_entries_is_found_whole(self, clustered: Clustered, some: int) -> None:
        mask = np.zeros(ENTRIES, bool)
        mask[:: ENTRIES // some] = True
        hits = clustered.index.search(clustered.vectors[50], clustered.entry_ids, mask, 20)
        assert {hit.entry_id for hit in hits} == set(np.flatnonzero(mask).tolist())


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.lexical, "_LARGE", 10)


@pytest.mark.usefixtures("large")
class TestTermsInALargeIndex:
    def found(self, folder: Path, segmenter: Segmenter, question: str) -> list[int]:
        entries = [
            an_entry(n, f"医保第{n:02d}号事项怎么办理", answer="到医保窗口办理。") for n in range(1, 21)
        ]
        entries.append(an_entry(21, "生育津贴如何申领", answer="由医保经办机构支付。"))
        index, facets = fill(LexicalIndex.create(folder, segmenter), entries), FacetTable.of(entries)
        scope = Scope(TODAY)
        hits = index.search(segmenter.terms(question), facets, facets.mask(scope), scope, 30)
        return [hit.entry_id for hit in hits]

    def test_what_most_entries_hold_finds_none_beside_what_few_hold(
        self, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        assert self.found(tmp_path / "index", segmenter, "医保生育津贴") == [21]

    def test_what_most_entries_hold_is_searched_for_when_there_is_nothing_else(
        self, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        assert len(self.found(tmp_path / "index", segmenter, "医保")) == 21
