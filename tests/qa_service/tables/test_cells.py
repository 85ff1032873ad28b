import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import InvalidValue
from qa_service.tables import cells

ITEMS = st.text(st.sampled_from("医保ab|｜\\、,，; ；\t=+-@'\""), max_size=8).map(cells.one_line)


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ("甲|乙", ("甲", "乙")),
        ("甲｜乙", ("甲", "乙")),
        ("甲\n乙\n\n 丙 ", ("甲", "乙", "丙")),
        ("甲|乙\n丙", ("甲", "乙", "丙")),
        ("", ()),
        ("||", ()),
        (("甲|乙", " ", "丙"), ("甲|乙", "丙")),
        (r"甲\|乙|丙", ("甲|乙", "丙")),
        (r"甲\\|乙", ("甲\\", "乙")),
        (r"C:\医保", (r"C:\医保",)),
    ],
)
def test_similar_questions_are_separated_by_bars_or_line_breaks(
    written: cells.Cell, items: tuple[str, ...]
) -> None:
    assert cells.split_list(written) == items


def test_empty_places_count_where_columns_line_up() -> None:
    assert cells.split_aligned("甲 | | 丙") == ("甲", "", "丙")
    assert cells.split_aligned(("", "乙")) == ("", "乙")
    assert cells.split_aligned("甲\n乙") == ("甲", "乙")
    assert cells.split_aligned(" | ") == ()


def test_words_are_also_separated_by_commas_unless_a_bar_separates_them() -> None:
    assert cells.split_words("津贴、生育，产假;报销") == ("津贴", "生育", "产假", "报销")
    assert cells.split_words("低保、特困|孤儿") == ("低保、特困", "孤儿")
    assert cells.split_words("低保、特困 |") == ("低保、特困",)


@given(st.lists(ITEMS.filter(bool)))
def test_joined_lists_are_split_into_the_same_items(items: list[str]) -> None:
    assert cells.split_list(cells.join_lines(items)) == tuple(items)
    assert cells.split_words(cells.join_words(items)) == tuple(items)


@given(st.lists(ITEMS, min_size=1).filter(any))
def test_joined_columns_are_split_into_the_same_places(items: list[str]) -> None:
    assert cells.split_aligned(cells.join_bars(items)) == tuple(items)


@given(st.text(st.sampled_from("=+-@'＝1a\n \"")))
def test_guarding_against_formulas_loses_nothing(text: str) -> None:
    assert cells.unguard_formula(cells.guard_formula(text)) == text


@given(st.sampled_from("=+-@"), st.text(max_size=5))
def test_no_guarded_cell_begins_like_a_formula(sign: str, rest: str) -> None:
    line = io.StringIO()
    csv.writer(line).writerow([cells.guard_formula(sign + rest)])
    assert line.getvalue().lstrip('"')[0] == "'"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x9f", "\ud800", "\uffff"])
def test_characters_that_no_document_can_hold_are_refused_by_name(character: str) -> None:
    with pytest.raises(InvalidValue, match=f"U\\+{ord(character):04X}"):
        cells.require_writable("答案", f"甲{character}乙")


def test_every_kind_of_line_break_becomes_one_and_invisible_marks_go() -> None:
    assert cells.clean("\ufeff 甲\r\n乙\v丙\u2028丁\u200b ") == "甲\n乙\n丙\n丁"
