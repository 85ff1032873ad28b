"""Beside which groups a question is shown when the reranker is trained. Training itself is in tests/training."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.model_encoder import ModelEncoder
from indexer.normalise import simplify
from indexer.reranking import read_text
from indexer.training.material import Group, read_groups
from indexer.training.reranking import RerankingRecipe, _beside, _questions, _read, neighbours
from tests.indexer.making import an_entry

RECIPE = RerankingRecipe(slips=0)


def some_groups(ours: int = 20, others: int = 20, each: int = 5) -> list[Group]:
    """Groups in themes of five, whose texts tell whose they are."""
    numbers = [*(("med", number) for number in range(ours)), *(("tax", number) for number in range(others))]
    return [
        Group(
            id=f"{kind}.{number}",
            theme=f"{kind}-{number // each}",
            phrasings=(f"标准{kind}.{number}", f"相似{kind}.{number}", f"又似{kind}.{number}"),
            asked=(f"问{kind}.{number}", f"又问{kind}.{number}"),
        )
        for kind, number in numbers
    ]


def whose(text: str) -> str:
    """The group that a text, or what is read beside it, tells of."""
    return text.partition(";")[0].lstrip("标准相似又问")


def in_a_ring(groups: Sequence[Group], count: int = 6) -> NDArray[np.intp]:
    """As the nearest of each group those that follow it."""
    own = np.arange(len(groups))[:, None]
    return (own + np.arange(1, count + 1)) % len(groups)


class TestNeighbours:
    QUESTIONS = (
        ("生育津贴怎么领", "生孩子的补贴找谁要"),
        ("异地就医怎么备案", "去外省看病先登记吗"),
        ("生育津贴发多少", "生孩子能领多少钱"),
        ("护照怎么换", "护照到期了怎么办"),
        ("异地备案能取消吗", "外省看病的登记怎么撤"),
        ("护照丢了怎么补", "护照不见了"),
    )

    @pytest.fixture
    def groups(self) -> list[Group]:
        return [Group(str(n), "theme", phrasings, ()) for n, phrasings in enumerate(self.QUESTIONS)]

    def test_are_those_whose_wordings_mean_nearly_the_same(
        self, groups: list[Group], bundled: ModelEncoder
    ) -> None:
        assert neighbours(groups, bundled, 1)[:, 0].tolist() == [2, 4, 0, 5, 1, 3]

    def test_are_never_the_group_itself_nor_one_twice(
        self, groups: list[Group], bundled: ModelEncoder
    ) -> None:
        near = neighbours(groups, bundled, 3)
        assert near.shape == (6, 3)
        for number, row in enumerate(near.tolist()):
            assert number not in row
            assert len(set(row)) == 3

    def test_are_no_more_than_there_are(self, groups: list[Group], bundled: ModelEncoder) -> None:
        assert neighbours(groups, bundled, 50).shape == (6, 5)
        assert neighbours(groups[:1], bundled, 6).shape == (1, 0)

    def test_do_not_count_a_group_for_more_because_it_has_more_wordings(self, bundled: ModelEncoder) -> None:
        groups = [
            Group("1", "theme", ("生育津贴怎么领",), ("津贴",)),
            Group("2", "theme", ("护照怎么换",) * 9, ("护照",)),
            Group("3", "theme", ("生育津贴发多少",), ("多少",)),
        ]
        assert neighbours(groups, bundled, 2)[0].tolist() == [2, 1]


class TestBeside:
    @given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 50))
    def test_none_comes_twice_nor_the_own_and_of_each_question_there_are_as_many(
        self, count: int, each: int, seed: int
    ) -> None:
        groups, random = some_groups(count, 0, each), Random(seed)
        near = in_a_ring(groups, min(6, count - 1))
        for own, group in enumerate(groups):
            theme = [number for number, other in enumerate(groups) if other.theme == group.theme]
            beside = _beside(own, theme, near[own].tolist(), count, RECIPE, random)
            assert own not in beside
            assert len(set(beside)) == len(beside) == min(RECIPE.candidates, count) - 1

    def test_some_are_near_some_of_the_theme_and_the_rest_are_any(self) -> None:
        near, theme = [50, 51, 52, 53, 54, 55], list(range(10))
        seen = [_beside(0, theme, near, 100, RECIPE, Random(seed)) for seed in range(200)]
        for beside in seen:
            assert set(beside[:3]) <= set(near)
            assert set(beside[3:5]) <= set(theme)
        assert {number for beside in seen for number in beside[:3]} == set(near)
        assert {number for beside in seen for number in beside[3:5]} == set(theme) - {0}
        assert len({beside[5] for beside in seen}) > 50


class TestQuestions:
    def some(
        self, groups: list[Group], count: int, recipe: RerankingRecipe = RECIPE
    ) -> list[list[tuple[str, str]]]:
        return list(islice(_questions(groups, in_a_ring(groups), recipe), count))

    def test_the_own_group_comes_first_and_is_the_only_one(self) -> None:
        for pairs in self.some(some_groups(), 300):
            (asked,) = {asked for asked, _ in pairs}
            assert whose(pairs[0][1]) == whose(asked)
            assert whose(asked) not in [whose(text) for _, text in pairs[1:]]
            assert len(pairs) == RECIPE.candidates

    def test_what_was_asked_and_every_wording_but_the_question_itself_is_asked(self) -> None:
        groups = some_groups(20, 0)
        asked = {pairs[0][0] for pairs in self.some(groups, 20 * 4)}
        assert asked == {text for group in groups for text in (*group.asked, *group.phrasings[1:])}

    def test_a_third_are_those_of_other_agencies_however_many_there_are(self) -> None:
        asked = [pairs[0][0] for pairs in self.some(some_groups(20, 200), 20 * 4 * 3)]
        assert sum("tax" in text for text in asked) == len(asked) // 3

    @pytest.mark.parametrize(("ours", "others"), [(20, 0), (0, 20)])
    def test_material_of_one_side_alone_will_do(self, ours: int, others: int) -> None:
        assert len(self.some(some_groups(ours, others), 200)) == 200

    def test_the_same_seed_asks_the_same(self) -> None:
        groups = some_groups()
        assert self.some(groups, 50) == self.some(groups, 50)
        assert self.some(groups, 50) != self.some(groups, 50, replace(RECIPE, seed=6))

    def test_so_many_get_slips_and_never_what_is_read_beside_them(self) -> None:
        group = Group("1", "med", ("异地就医备案需要什么材料", "异地就医备案怎么办理"), ())
        others = [Group(str(n), "med", (f"标准{n}", f"相似{n}"), ()) for n in range(2, 9)]
        own = [
            pairs[0]
            for pairs in self.some([group, *others], 8 * 300, replace(RECIPE, slips=0.3))
            if whose(pairs[0][1]).startswith("异地")
        ]
        assert 40 <= sum(asked != "异地就医备案怎么办理" for asked, _ in own) <= 140
        assert {text for _, text in own} == {"异地就医备案需要什么材料"}

    def test_the_shipped_material_can_be_asked(self) -> None:
        groups = read_groups()
        for pairs in self.some(groups, 2_000, RerankingRecipe()):
            assert len(pairs) == RECIPE.candidates
            assert all(asked and ";" in text for asked, text in pairs)


class TestWhatIsRead:
    GROUP = Group("1", "med", ("生育津贴如何申领", "生孩子的钱怎么领", "津贴找谁要"), ())

    def read(self, group: Group, asked: str) -> set[str]:
        return {_read(group, asked, Random(seed)) for seed in range(30)}

    def test_is_what_is_read_of_such_an_entry_when_serving(self) -> None:
        entry = an_entry(1, self.GROUP.phrasings[0], variants=self.GROUP.phrasings[1:])
        assert self.read(self.GROUP, "咋领") == {simplify(read_text(entry, 1)), simplify(read_text(entry, 2))}

    def test_is_never_the_very_words_that_are_asked(self) -> None:
        assert self.read(self.GROUP, "津贴找谁要") == {"生育津贴如何申领;生孩子的钱怎么领"}

    def test_is_simplified_as_it_is_when_serving(self) -> None:
        assert self.read(Group("1", "med", ("醫保", "社保卡"), ()), "问") == {"医保;社保卡"}


def test_nothing_of_it_needs_torch_before_it_trains() -> None:
    code = "import sys; sys.modules['torch'] = None; import indexer.training.reranking, indexer.training.pipeline"
    subprocess.run([sys.executable, "-c", code], check=True)
