"""Which texts a training step sees together, and how fast it learns. Training itself is in tests/training."""

import math
from collections import Counter
from itertools import groupby, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.training.contrastive import Recipe, _pairs, _schedule, batches
from indexer.training.material import Group

RECIPE = Recipe(batch=16, neighbours=4)


def some_groups(themes: int = 6, each: int = 8, asked: int = 5) -> list[Group]:
    """Groups whose texts tell whose they are."""
    return [
        Group(
            id=f"{theme}-{number}",
            theme=f"theme {theme}",
            phrasings=(f"标准 {theme}-{number}", f"相似 {theme}-{number}"),
            asked=tuple(f"问 {theme}-{number}-{place}" for place in range(asked)),
        )
        for theme in range(themes)
        for number in range(each)
    ]


class TestBatches:
    @given(
        st.integers(1, 8),
        st.integers(1, 10),
        st.integers(0, 6),
        st.integers(2, 40),
        st.integers(1, 10),
        st.integers(0, 5),
    )
    def test_no_group_comes_twice_in_one_nor_a_text_twice_in_an_epoch(
        self, themes: int, each: int, asked: int, size: int, neighbours: int, seed: int
    ) -> None:
        groups = some_groups(themes, each, asked)
        made = list(batches(groups, Recipe(batch=size, neighbours=neighbours), Random(seed)))
        for batch in made:
            assert len({number for number, _ in batch}) == len(batch)
            assert size // 2 <= len(batch) < size + neighbours
        seen = Counter(pair for batch in made for pair in batch)
        assert all(count == 1 for count in seen.values())
        assert all(text in (*groups[number].asked, *groups[number].phrasings[1:]) for number, text in seen)

    def test_nearly_every_text_is_seen(self) -> None:
        groups = some_groups(20)
        seen = {text for batch in batches(groups, RECIPE, Random(1)) for _, text in batch}
        assert len(seen) >= 0.9 * sum(len(group.asked) + 1 for group in groups)

    def test_the_question_itself_is_never_asked(self) -> None:
        asked = {text for batch in batches(some_groups(), RECIPE, Random(1)) for _, text in batch}
        assert not any(text.startswith("标准") for text in asked)

    def test_groups_of_a_theme_come_in_runs(self) -> None:
        groups = some_groups()
        for batch in batches(groups, RECIPE, Random(1)):
            runs = [len(list(run)) for _, run in groupby(batch, key=lambda pair: groups[pair[0]].theme)]
            # A run of four may have lost those that the batch had already.
            assert sum(runs) / len(runs) >= 2

    def test_an_epoch_is_another_each_time_and_the_same_for_the_same_seed(self) -> None:
        groups, random = some_groups(), Random(1)
        first, second = list(batches(groups, RECIPE, random)), list(batches(groups, RECIPE, random))
        assert first != second
        assert first == list(batches(groups, RECIPE, Random(1)))

    def test_fewer_groups_than_half_a_batch_make_none(self) -> None:
        assert list(batches(some_groups(1, 7), RECIPE, Random(1))) == []
        assert len(list(batches(some_groups(1, 8), RECIPE, Random(1)))) == 1


class TestPairs:
    def test_each_text_goes_with_another_wording_of_its_group(self) -> None:
        groups = some_groups(1, 3)
        batch = [(0, "问 0-0-1"), (1, "相似 0-1"), (2, "问 0-2-4")]
        pairs = list(_pairs(groups, batch, Recipe(slips=0), Random(1)))
        assert [asked for asked, _ in pairs] == [text for _, text in batch]
        assert pairs[1][1] == "标准 0-1"
        assert all(
            other in groups[number].phrasings for (number, _), (_, other) in zip(batch, pairs, strict=True)
        )

    def test_what_has_no_other_phrasing_goes_with_what_people_asked(self) -> None:
        group = Group("1", "theme", ("怎么领",), ("怎么领", "咋领"))
        pairs = {
            pair
            for seed in range(20)
            for pair in _pairs([group], [(0, "怎么领")], Recipe(slips=0), Random(seed))
        }
        assert {other for _, other in pairs} == {"怎么领", "咋领"}

    def test_texts_are_simplified_as_they_are_when_serving(self) -> None:
        group = Group("1", "theme", ("醫保", "社保"), ("健保卡",))
        (pair,) = _pairs([group], [(0, "ＡＰＰ怎麼用")], Recipe(slips=0), Random(1))
        assert pair[0] == "APP怎么用"
        assert pair[1] in ("医保", "社保")

    def test_so_many_texts_get_slips(self) -> None:
        groups, random = some_groups(1, 1), Random(1)
        text = "异地就医备案需要什么材料"

        def slipped(share: float) -> int:
            pairs = (next(_pairs(groups, [(0, text)], Recipe(slips=share), random)) for _ in range(300))
            return sum(asked != text for asked, _ in pairs)

        assert slipped(0) == 0
        assert 30 <= slipped(0.2) <= 90
        assert slipped(1) >= 200


class TestSchedule:
    def test_worked_out_by_hand(self) -> None:
        # A hundred steps, ten of them to warm up.
        assert _schedule(0, 100, 0.1) == pytest.approx(0.1)
        assert _schedule(4, 100, 0.1) == pytest.approx(0.5 * 0.96)
        assert _schedule(9, 100, 0.1) == pytest.approx(0.91)
        assert _schedule(50, 100, 0.1) == pytest.approx(0.5)
        assert _schedule(99, 100, 0.1) == pytest.approx(0.02)

    def test_a_single_step_is_taken_in_full(self) -> None:
        assert _schedule(0, 1, 0.1) == 1.0

    @given(st.integers(1, 5000), st.floats(0, 1))
    def test_it_never_stands_still_nor_overshoots(self, steps: int, warm_up: float) -> None:
        rates = [_schedule(step, steps, warm_up) for step in range(0, steps, max(1, steps // 50))]
        assert all(0 < rate <= 1 for rate in rates)
        warm = math.ceil(steps * warm_up)
        after = [_schedule(step, steps, warm_up) for step in range(warm, steps, max(1, steps // 50))]
        assert all(later <= earlier for earlier, later in pairwise(after))
