"""Search by meaning, against the arithmetic done in full."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import indexer.vectors
from indexer.encoders import TOKEN_DIMENSION, Vectors
from indexer.late_interaction import Packed, TokenWriter, pack
from indexer.vectors import DenseHit, VectorIndex

Floats = NDArray[np.float32]
DIMENSION = 32


def directions(count: int, seed: int, centres: int = 60, dimension: int = DIMENSION) -> Vectors:
    """Unit vectors that lie in bunches, as those of phrasings do."""
    # The bunches are the same for every seed: questions lie where entries lie.
    middle = np.random.default_rng(0).normal(size=(centres, dimension))
    chance = np.random.default_rng(seed)
    points = middle[chance.integers(centres, size=count)] + 0.5 * chance.normal(size=(count, dimension))
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / lengths, np.float32)


def saved_and_loaded(index: VectorIndex, folder: Path, tokens: Sequence[Packed] = ()) -> VectorIndex:
    """The index as a snapshot keeps it, with the tokens of the first rows."""
    with TokenWriter(folder) as writer:
        writer.add(range(len(tokens)), tokens)
    index.save(folder)
    return VectorIndex.load(folder)


class Phrasings:
    """Vectors of phrasings, `each` of them an entry; entry 1000 + n stands in facet row n."""

    def __init__(self, entries: int, each: int = 3, seed: int = 1) -> None:
        self.vectors = directions(entries * each, seed)
        self.rows = np.repeat(np.arange(entries, dtype=np.int32), each)
        self.numbers = np.tile(np.arange(each, dtype=np.int32), entries)
        self.entry_ids = np.arange(1000, 1000 + entries, dtype=np.int64)
        self.everything = np.ones(entries, dtype=bool)

    def index(self) -> VectorIndex:
        return VectorIndex.of(self.vectors, self.rows, self.numbers)

    def nearest(self, question: Floats, mask: NDArray[np.bool_], limit: int) -> list[tuple[int, float]]:
        """(entry, cosine of its nearest phrasing) by comparing with every vector."""
        cosines = self.vectors @ question
        best = {
            int(self.entry_ids[row]): float(cosines[self.rows == row].max()) for row in np.flatnonzero(mask)
        }
        return sorted(best.items(), key=lambda item: -item[1])[:limit]


def assert_same(hits: list[DenseHit], nearest: list[tuple[int, float]]) -> None:
    # The index keeps 16 bits a number, so that two neighbours may change places.
    assert [hit.similarity for hit in hits] == pytest.approx([cosine for _, cosine in nearest], abs=2e-3)
    strays = {hit.entry_id for hit in hits} ^ {entry for entry, _ in nearest}
    last = nearest[-1][1] if nearest else 0.0
    cosines = {hit.entry_id: hit.similarity for hit in hits} | dict(nearest)
    assert all(abs(cosines[entry] - last) < 2e-3 for entry in strays)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.05])
def test_a_small_index_finds_exactly_the_nearest_entries(share: float) -> None:
    phrasings = Phrasings(300)
    index = phrasings.index()
    mask = np.random.default_rng(2).random(300) < share
    for question in directions(40, seed=3):
        hits = index.search(question, phrasings.entry_ids, mask, 10)
        assert_same(hits, phrasings.nearest(question, mask, 10))


def test_each_entry_is_found_once_by_its_nearest_phrasing() -> None:
    phrasings = Phrasings(3)
    hits = phrasings.index().search(phrasings.vectors[4], phrasings.entry_ids, phrasings.everything, 10)
    assert (hits[0].entry_id, hits[0].phrasing) == (1001, 1)
    assert hits[0].similarity == pytest.approx(1.0, abs=2e-3)
    assert sorted(hit.entry_id for hit in hits) == [1000, 1001, 1002]


def test_an_entry_with_very_many_phrasings_does_not_push_others_out() -> None:
    crowd, question = directions(200, seed=4, centres=1), directions(1, seed=5, centres=1)[0]
    others = directions(20, seed=6)
    vectors = np.concatenate([crowd, others])
    rows = np.concatenate([np.zeros(200, np.int32), np.arange(1, 21, dtype=np.int32)])
    index = VectorIndex.of(vectors, rows, np.zeros(220, np.int32))
    hits = index.search(question, np.arange(21, dtype=np.int64), np.ones(21, dtype=bool), 10)
    assert len(hits) == 10
    assert hits[0].entry_id == 0


class TestSupport:
    """The mean cosine of an entry's two nearest phrasings."""

    @staticmethod
    def found(cosines: dict[int, tuple[float, ...]], limit: int = 10) -> dict[int, DenseHit]:
        """Entries with phrasings at these cosines to the question."""
        flat = [(entry, cosine) for entry, each in cosines.items() for cosine in each]
        vectors = np.zeros((len(flat), DIMENSION), np.float32)
        for place, (_, cosine) in enumerate(flat):
            vectors[place, :2] = cosine, np.sqrt(1 - cosine**2)
        ids = np.array(sorted(cosines), np.int64)
        rows = np.array([int(np.searchsorted(ids, entry)) for entry, _ in flat], np.int32)
        numbers = np.array([number for each in cosines.values() for number in range(len(each))], np.int32)
        question = np.eye(1, DIMENSION, dtype=np.float32)[0]
        index = VectorIndex.of(vectors, rows, numbers)
        return {hit.entry_id: hit for hit in index.search(question, ids, np.ones(len(ids), bool), limit)}

    def test_worked_out_by_hand(self) -> None:
        hits = self.found({1: (0.9, 0.5, 0.8), 2: (0.86, 0.85)})
        assert hits[1].support == pytest.approx((0.9 + 0.8) / 2, abs=2e-3)
        assert hits[2].support == pytest.approx((0.86 + 0.85) / 2, abs=2e-3)
        assert (hits[1].phrasing, hits[2].phrasing) == (0, 0)

    def test_a_phrasing_that_stands_alone_is_backed_by_what_was_found_last(self) -> None:
        hits = self.found({1: (0.9,), 2: (0.6, 0.4)})
        assert hits[1].support == pytest.approx((0.9 + 0.4) / 2, abs=2e-3)

    def test_the_only_phrasing_there_is_backs_itself(self) -> None:
        assert self.found({1: (0.9,)})[1].support == pytest.approx(0.9, abs=2e-3)

    def test_a_second_phrasing_that_was_not_asked_for_counts_as_the_last_one_found(self) -> None:
        # Six vectors are asked for, an entry wanted: those at 0.95 to 0.9. The one at 0.2 stays unseen.
        hits = self.found({1: (0.95, 0.2), 2: (0.94, 0.93, 0.92, 0.91, 0.9)}, limit=1)
        assert hits[1].support == pytest.approx((0.95 + 0.9) / 2, abs=2e-3)

    def test_it_is_never_more_than_the_cosine_of_the_nearest(self) -> None:
        phrasings = Phrasings(300)
        index = phrasings.index()
        for question in directions(20, seed=14):
            hits = index.search(question, phrasings.entry_ids, phrasings.everything, 10)
            assert all(hit.support <= hit.similarity for hit in hits)


class TestNothingToFind:
    def test_in_an_empty_index(self) -> None:
        index = VectorIndex(DIMENSION)
        assert len(index) == 0
        assert index.search(directions(1, 1)[0], np.zeros(0, np.int64), np.zeros(0, dtype=bool), 5) == []

    def test_when_the_scope_is_empty(self) -> None:
        phrasings = Phrasings(5)
        nobody = np.zeros(5, dtype=bool)
        assert phrasings.index().search(phrasings.vectors[0], phrasings.entry_ids, nobody, 5) == []

    def test_when_only_rows_without_vectors_are_in_scope(self) -> None:
        phrasings = Phrasings(5)
        mask = np.array([False] * 5 + [True])
        ids = np.append(phrasings.entry_ids, 9)
        assert phrasings.index().search(phrasings.vectors[0], ids, mask, 5) == []

    def test_behind_the_end_of_a_mask_that_was_made_before(self) -> None:
        phrasings = Phrasings(5)
        hits = phrasings.index().search(
            phrasings.vectors[14], phrasings.entry_ids, phrasings.everything[:4], 5
        )
        assert sorted(hit.entry_id for hit in hits) == [1000, 1001, 1002, 1003]


def test_vectors_that_are_added_are_found_at_once() -> None:
    phrasings = Phrasings(10)
    index, new = phrasings.index(), directions(1, seed=7)
    index.add(new, np.array([10], np.int32), np.array([0], np.int32))
    hits = index.search(new[0], np.append(phrasings.entry_ids, 77), np.ones(11, dtype=bool), 1)
    assert [hit.entry_id for hit in hits] == [77]


def test_adding_nothing_changes_nothing() -> None:
    index = Phrasings(2).index()
    index.add(np.zeros((0, DIMENSION), np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert len(index) == 6


@pytest.mark.parametrize("cluster_from", [10, 100_000])
def test_an_index_that_was_saved_and_loaded_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster_from: int
) -> None:
    monkeypatch.setattr(indexer.vectors, "CLUSTER_FROM", cluster_from)
    phrasings = Phrasings(200)
    index = phrasings.index()
    loaded = saved_and_loaded(index, tmp_path)
    assert len(loaded) == len(index) == 600
    for question in directions(5, seed=8):
        found = [
            each.search(question, phrasings.entry_ids, phrasings.everything, 10) for each in (index, loaded)
        ]
        assert found[0] == found[1]


class TestAnswers:
    """Of each facet row one vector more, beside those that are searched."""

    def test_are_kept_by_row_and_saved_with_the_rest(self, tmp_path: Path) -> None:
        phrasings, answers = Phrasings(20), directions(20, seed=20)
        index = VectorIndex.of(phrasings.vectors, phrasings.rows, phrasings.numbers, answers)
        index.answers.add(directions(1, seed=21), np.array([20], np.int32))
        question = directions(1, seed=22)[0]
        expected = pytest.approx((answers @ question).tolist(), abs=2e-3)
        assert index.answers.similarities(question, list(range(20))) == expected
        loaded = saved_and_loaded(index, tmp_path)
        assert loaded.answers.similarities(question, list(range(20))) == expected
        # What was added since is replayed from the record, not saved.
        assert loaded.answers.similarities(question, [20]) == [0]

    def test_do_not_change_what_is_found(self) -> None:
        phrasings = Phrasings(50)
        index = VectorIndex.of(phrasings.vectors, phrasings.rows, phrasings.numbers, directions(50, seed=20))
        assert len(index) == 150
        for question in directions(5, seed=23):
            found = [
                each.search(question, phrasings.entry_ids, phrasings.everything, 10)
                for each in (index, phrasings.index())
            ]
            assert found[0] == found[1]

    def test_an_index_made_without_them_has_none(self, tmp_path: Path) -> None:
        index, question = Phrasings(3).index(), directions(1, seed=22)[0]
        for each in (index, saved_and_loaded(index, tmp_path), VectorIndex(DIMENSION)):
            assert each.answers.similarities(question, [0, 1, 2]) == [0, 0, 0]


class TestTokens:
    QUESTION = np.eye(TOKEN_DIMENSION, dtype=np.float32)[:2]

    def test_are_kept_by_row_and_loaded_with_the_rest(self, tmp_path: Path) -> None:
        tokens = [pack(self.QUESTION), pack(self.QUESTION[:1])]
        loaded = saved_and_loaded(Phrasings(2).index(), tmp_path, tokens)
        assert loaded.tokens.scores(self.QUESTION, [0, 1, 2]) == pytest.approx([1.0, 0.5, 0.0])

    def test_an_index_made_without_them_has_none(self, tmp_path: Path) -> None:
        index = Phrasings(2).index()
        for each in (index, saved_and_loaded(index, tmp_path), VectorIndex(DIMENSION)):
            assert each.tokens.scores(self.QUESTION, [0, 1]) == [0, 0]


class TestClustered:
    """Above `CLUSTER_FROM` vectors only some clusters are visited; little may be missed by that."""

    @pytest.fixture
    def phrasings(self, monkeypatch: pytest.MonkeyPatch) -> Phrasings:
        monkeypatch.setattr(indexer.vectors, "CLUSTER_FROM", 5_000)
        return Phrasings(3_000)

    @pytest.mark.parametrize("share", [1.0, 0.3, 0.05, 0.005])
    def test_it_finds_at_least_19_of_20_of_the_nearest_entries(
        self, phrasings: Phrasings, share: float
    ) -> None:
        index = phrasings.index()
        assert "IVF" in type(index._index).__name__
        mask = np.random.default_rng(9).random(3_000) < share
        right = wanted = 0
        for question in directions(60, seed=10):
            nearest = {entry for entry, _ in phrasings.nearest(question, mask, 10)}
            hits = index.search(question, phrasings.entry_ids, mask, 10)
            right += len(nearest & {hit.entry_id for hit in hits})
            wanted += len(nearest)
        assert right / wanted >= 0.95

    def test_it_never_leaves_the_scope(self, phrasings: Phrasings) -> None:
        index = phrasings.index()
        mask = np.random.default_rng(11).random(3_000) < 0.02
        allowed = set(phrasings.entry_ids[mask])
        for question in directions(20, seed=12):
            hits = index.search(question, phrasings.entry_ids, mask, 50)
            assert {hit.entry_id for hit in hits} <= allowed

    def test_it_takes_new_vectors(self, phrasings: Phrasings) -> None:
        index, new = phrasings.index(), directions(1, seed=13)
        index.add(new, np.array([3_000], np.int32), np.array([0], np.int32))
        hits = index.search(new[0], np.append(phrasings.entry_ids, 7), np.ones(3_001, dtype=bool), 1)
        assert [hit.entry_id for hit in hits] == [7]
