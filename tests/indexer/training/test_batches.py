"""Which texts a training step sees together, and how fast it learns. Training itself is in tests/training."""

import math
from collections import Counter
from dataclasses import replace
from itertools import groupby, islice, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.training.contrastive import Recipe, _endless_pairs, _pairs, batches, schedule
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


def answered(groups: list[Group], share: int = 1) -> list[Group]:
    """The groups, every so many with an answer that tells whose it is."""
    return [
        replace(group, answer=f"答 {group.id}") if number % share == 0 else group
        for number, group in enumerate(groups)
    ]


class TestSteps:
    """What is drawn together: other wordings, or all of a step the answers."""

    def steps(
        self, groups: list[Group], count: int = 400, recipe: Recipe = RECIPE
    ) -> list[list[tuple[str, str]]]:
        return list(islice(_endless_pairs(groups, recipe, Random(1)), count))

    def with_answers(self, steps: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
        return [step for step in steps if any(other.startswith("答") for _, other in step)]

    def test_so_many_of_them_are_with_answers_and_those_with_nothing_else(self) -> None:
        steps = self.steps(answered(some_groups()), recipe=replace(RECIPE, answers=0.25))
        with_answers = self.with_answers(steps)
        assert 60 <= len(with_answers) <= 140
        assert all(other.startswith("答") for step in with_answers for _, other in step)

    def test_each_text_goes_with_the_answer_of_its_own_group(self) -> None:
        steps = self.steps(answered(some_groups()), 100, replace(RECIPE, answers=1, slips=0))
        for asked, answer in (pair for step in steps for pair in step):
            group = answer.removeprefix("答 ")
            assert asked == f"相似 {group}" or asked.startswith(f"问 {group}-")

    def test_groups_without_an_answer_are_left_out_of_those_alone(self) -> None:
        groups = answered(some_groups(), 3)
        steps = self.steps(groups, recipe=replace(RECIPE, slips=0))
        with_answers = self.with_answers(steps)
        assert with_answers
        answers = {answer for step in with_answers for _, answer in step}
        assert answers == {group.answer for group in groups if group.answer}
        others = {other for step in steps if step not in with_answers for _, other in step}
        assert others == {text for group in groups for text in group.phrasings}

    @pytest.mark.parametrize(("enough", "groups_with"), [(True, 8), (False, 7)])
    def test_there_are_none_when_fewer_groups_have_one_than_half_a_batch(
        self, enough: bool, groups_with: int
    ) -> None:
        groups = some_groups()
        groups = answered(groups[:groups_with]) + groups[groups_with:]
        assert bool(self.with_answers(self.steps(groups))) is enough

    def test_there_are_none_when_none_are_wanted(self) -> None:
        assert not self.with_answers(self.steps(answered(some_groups()), recipe=replace(RECIPE, answers=0)))

    @given(st.integers(1, 3), st.integers(1, 12), st.integers(0, 3), st.integers(2, 20), st.integers(1, 4))
    def test_they_never_end_and_are_never_empty(
        self, themes: int, each: int, asked: int, size: int, share: int
    ) -> None:
        groups, recipe = answered(some_groups(themes, each, asked), share), Recipe(batch=size, answers=0.5)
        if not any(batches(groups, recipe, Random(0))):
            return
        for step in self.steps(groups, 20, recipe):
            assert size // 2 <= len(step)
            assert all(asked and other for asked, other in step)

    def test_answers_are_simplified_like_every_text(self) -> None:
        group = Group("1", "theme", ("医保", "社保"), (), "醫保碼在ＡＰＰ裡")
        (pair,) = _pairs([group], [(0, "社保")], Recipe(slips=0), Random(1), with_answers=True)
        assert pair == ("社保", "医保码在APP里")


class TestSchedule:
    def test_worked_out_by_hand(self) -> None:
        # A hundred steps, ten of them to warm up.
        assert schedule(0, 100, 0.1) == pytest.approx(0.1)
        assert schedule(4, 100, 0.1) == pytest.approx(0.5 * 0.96)
        assert schedule(9, 100, 0.1) == pytest.approx(0.91)
        assert schedule(50, 100, 0.1) == pytest.approx(0.5)
        assert schedule(99, 100, 0.1) == pytest.approx(0.02)

    def test_a_single_step_is_taken_in_full(self) -> None:
        assert schedule(0, 1, 0.1) == 1.0

    @given(st.integers(1, 5000), st.floats(0, 1))
    def test_it_never_stands_still_nor_overshoots(self, steps: int, warm_up: float) -> None:
        rates = [schedule(step, steps, warm_up) for step in range(0, steps, max(1, steps // 50))]
        assert all(0 < rate <= 1 for rate in rates)
        warm = math.ceil(steps * warm_up)
        after = [schedule(step, steps, warm_up) for step in range(warm, steps, max(1, steps // 50))]
        assert all(later <= earlier for earlier, later in pairwise(after))
