"""One form for every way of typing the same words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.normalise import normalise, simplify

_TYPED = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("医保，。 　.%５①㈱乾隆裡薴ＡİǅßﬁⅣ\u200b"))
)


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("ＤＲＧ付费", "drg付费"),
        ("２０２６年", "2026年"),
        ("醫療保險報銷", "医疗保险报销"),
        ("異地就醫備案", "异地就医备案"),
        ("⽣育津贴", "生育津贴"),  # the Kangxi radicals that PDF files hold
        ("Covid-19", "covid 19"),
        ("门诊，怎么报销？！", "门诊怎么报销"),
        ("  门 诊\t报　销 ", "门诊报销"),
        ("DRG  和\nDIP", "drg和dip"),
        ("App Store", "app store"),
        ("医\u200b保\ufeff", "医保"),
        ("医保_报销__比例", "医保报销比例"),
        ("（2021）14号", "2021 14号"),
        ("①怎么办", "1怎么办"),
    ],
)
def test_ways_of_typing_the_same_words_come_out_alike(typed: str, same_as: str) -> None:
    assert normalise(typed) == same_as


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("报销50%吗", "报销50%吗"),
        ("比例为 0.5 倍", "比例为0.5倍"),
        ("共2.5%。", "共2.5%"),
        ("用%号", "用号"),
        ("完了.", "完了"),
        ("1.2.3", "1.2.3"),
        (".5", "5"),
    ],
)
def test_a_point_and_a_per_cent_sign_stay_where_they_belong_to_a_number(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize("nothing", ["", " ", "？！。", "\u200b", "——", "…", "_", "😀", "\x00"])
def test_what_holds_no_word_becomes_nothing(nothing: str) -> None:
    assert normalise(nothing) == ""


def test_simplifying_keeps_case_and_punctuation() -> None:
    assert simplify("醫保App，可以用嗎？") == "医保App,可以用吗?"


def test_half_a_character_does_no_harm() -> None:
    # A surrogate without its other half cannot be encoded; command lines and JSON can bring one in.
    assert normalise("医\ud83d保") == "医保"


@given(_TYPED)
@example("薴")  # Simplified in two steps: 薴, 苧, 苎
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(_TYPED)
def test_what_comes_out_has_no_capitals_no_double_spaces_and_no_edges(text: str) -> None:
    normal = normalise(text)
    assert normal == normal.strip()
    assert "  " not in normal
    assert normal.lower() == normal


@given(_TYPED, st.sampled_from(["，", "？", " ", "\u3000", "、", "\u200b"]))
def test_punctuation_around_a_text_makes_no_difference(text: str, mark: str) -> None:
    assert normalise(mark + text + mark) == normalise(text)
