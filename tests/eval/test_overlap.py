"""How much of a text stands in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.overlap import NearCopies, bigrams, distribution, jaccard, overlap, with_entries
from tests.eval.making import asked

TEXTS = st.text("甲乙丙丁", min_size=1, max_size=8)


def test_worked_out_by_hand() -> None:
    # 异地 地就 就医 against 异地 地备 备案: one of five
    assert overlap("异地就医", "异地备案") == pytest.approx(1 / 5)


def test_script_and_punctuation_make_no_difference() -> None:
    assert overlap("異地就醫？", "异地就医") == 1.0


def test_a_single_character_is_its_own_pair() -> None:
    assert bigrams("医") == {"医"}
    assert overlap("医", "医保") == 0.0


@given(TEXTS, st.lists(TEXTS, max_size=6), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_the_inverted_file_finds_what_comparing_with_each_finds(
    text: str, known: list[str], least: float
) -> None:
    expected = sorted(each for each in known if jaccard(bigrams(text), bigrams(each)) >= least)
    assert sorted(found for found, _ in NearCopies(known, least).of(text)) == expected


def test_the_nearest_comes_first() -> None:
    found = NearCopies(["异地备案", "异地就医"], 0.1).of("异地就医")
    assert found == [("异地就医", 1.0), ("异地备案", pytest.approx(1 / 5))]


def test_a_question_is_held_against_every_phrasing_of_its_entries_alone() -> None:
    question = asked("异地就医", relevant="A")  # its words are 问题 and the id
    found = with_entries(
        [question, asked("x", relevant="")], {"A": ["异地备案", "问题异地"], "B": [question.text]}
    )
    # 问题 题异 异地 地就 就医 holds all three pairs of the second phrasing
    assert list(found) == ["spoken"]
    assert found["spoken"] == pytest.approx((3 / 5,))


def test_the_distribution_is_told_in_quantiles() -> None:
    header, rows = distribution({"spoken": [0.0, 0.1, 0.2]})
    assert header == ["style", "questions", "median", "p90", "p99", "greatest"]
    assert rows == [["spoken", "3", "0.10", "0.18", "0.20", "0.20"]]
