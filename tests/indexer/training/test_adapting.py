"""What is held out of a bureau's own questions, and whether a tuned encoder found more of it."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders import Vectors
from indexer.training.adapting import (
    LEAST_HELD,
    Adaptation,
    HeldOut,
    compare,
    found_first,
    hold_out,
)
from indexer.training.material import Group, MaterialProblem


def some_groups(count: int = 60, asked: int = 4, similar: int = 4) -> list[Group]:
    return [
        Group(
            id=str(number),
            theme="theme",
            phrasings=(f"标准{number}", *(f"相似{number}乙{place}" for place in range(similar))),
            asked=tuple(f"问{number}丙{place}" for place in range(asked)),
        )
        for number in range(count)
    ]


class TestHoldingOut:
    def test_a_fifth_of_what_was_asked_and_written(self) -> None:
        _, held = hold_out(some_groups(200))
        assert 0.15 <= len(held) / (200 * 8) <= 0.25

    def test_the_same_seed_holds_out_the_same(self) -> None:
        groups = some_groups()
        assert hold_out(groups, seed=7) == hold_out(groups, seed=7)
        assert hold_out(groups, seed=7) != hold_out(groups, seed=8)

    @settings(max_examples=20)
    @given(st.integers(0, 20), st.integers(2, 6), st.integers(0, 6))
    def test_nothing_held_out_is_trained_on(self, seed: int, asked: int, similar: int) -> None:
        groups = some_groups(200, asked, similar)
        kept, held = hold_out(groups, seed)
        trained = {text for group in kept for text in (*group.phrasings, *group.asked)}
        everything = {text for group in groups for text in (*group.phrasings, *group.asked)}
        assert trained.isdisjoint(question.text for question in held)
        assert trained | {question.text for question in held} == everything

    def test_groups_keep_their_places_their_question_and_half_of_the_rest(self) -> None:
        groups = some_groups(200)
        kept, held = hold_out(groups)
        assert [group.id for group in kept] == [group.id for group in groups]
        for before, after in zip(groups, kept, strict=True):
            assert after.phrasings[0] == before.phrasings[0]
            assert len(after.phrasings) - 1 >= (len(before.phrasings) - 1) / 2
            assert len(after.asked) >= len(before.asked) / 2
        assert all(
            question.text in (*groups[question.group].asked, *groups[question.group].phrasings)
            for question in held
        )

    def test_what_was_asked_in_the_words_of_a_phrasing_is_neither_held_out_nor_kept_twice(self) -> None:
        # A wording that people confirmed and the department then accepted is both.
        both = [
            Group(group.id, group.theme, group.phrasings, tuple(f"{text}？" for text in group.phrasings))
            for group in some_groups(200)
        ]
        kept, held = hold_out(both)
        assert all(group.asked == () for group in kept)
        assert held
        assert not any(question.text.endswith("？") for question in held)

    def test_a_group_with_a_question_alone_gives_nothing_away(self) -> None:
        groups = [*some_groups(200), Group("alone", "theme", ("只有标准问",), ())]
        kept, held = hold_out(groups)
        assert kept[-1] == groups[-1]
        assert all(question.group != 200 for question in held)

    @pytest.mark.parametrize("groups", [[], some_groups(5), some_groups(500, asked=0, similar=0)])
    def test_too_few_to_judge_by_are_told_with_how_many_are_needed(self, groups: list[Group]) -> None:
        with pytest.raises(MaterialProblem, match=rf"至少需要{LEAST_HELD}条"):
            hold_out(groups)


class Looking:
    """Puts each text where a table says, in degrees on a circle."""

    def __init__(self, degrees: dict[str, float]) -> None:
        self.name, self.dimension, self._degrees = "looking", 2, degrees

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        angles = np.radians([self._degrees[text] for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)


GROUPS = [Group("a", "t", ("甲", "甲又"), ()), Group("b", "t", ("乙",), ())]
WRITTEN = {"甲": 0.0, "甲又": 90.0, "乙": 45.0}
HELD = [HeldOut("问甲", 0), HeldOut("再问甲", 0), HeldOut("问乙", 1)]


class TestFindingFirst:
    def test_the_nearest_phrasing_of_all_decides(self) -> None:
        encoder = Looking(WRITTEN | {"问甲": 5.0, "再问甲": 60.0, "问乙": 50.0})
        assert found_first(encoder, GROUPS, HELD) == [True, False, True]

    def test_a_second_phrasing_is_as_good_as_the_first(self) -> None:
        assert found_first(Looking(WRITTEN | {"问甲": 88.0}), GROUPS, HELD[:1]) == [True]


class TestComparing:
    BEFORE = Looking(WRITTEN | {"问甲": 5.0, "再问甲": 60.0, "问乙": 50.0})
    AFTER = Looking(WRITTEN | {"问甲": 40.0, "再问甲": 85.0, "问乙": 45.0})

    def test_worked_out_by_hand(self) -> None:
        assert compare(self.BEFORE, self.AFTER, GROUPS, HELD) == Adaptation(
            held=3, before=2, after=2, gained=("再问甲",), lost=("问甲",)
        )

    def test_an_encoder_against_itself_gains_and_loses_nothing(self) -> None:
        assert compare(self.BEFORE, self.BEFORE, GROUPS, HELD) == Adaptation(3, 2, 2, (), ())

    @pytest.mark.parametrize(("before", "after", "worthwhile"), [(2, 1, False), (2, 2, True), (2, 3, True)])
    def test_it_is_worthwhile_unless_it_is_worse(self, before: int, after: int, worthwhile: bool) -> None:
        assert Adaptation(3, before, after, (), ()).worthwhile is worthwhile
