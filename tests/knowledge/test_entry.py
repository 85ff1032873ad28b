"""What a revision may say, and what is derived from it."""

from datetime import date

import pytest

from knowledge.entry import (
    MAX_ANSWER,
    MAX_QUESTION,
    MAX_VARIANTS,
    Channel,
    EntryStatus,
    EntryText,
    InsuredGroup,
    merge_variants,
)
from knowledge.errors import InvalidValue
from tests.knowledge.making import a_text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"question": " "}, "标准问"),
        ({"question": "问" * (MAX_QUESTION + 1)}, "标准问"),
        ({"answer": ""}, "答案"),
        ({"answer": "答" * (MAX_ANSWER + 1)}, "答案"),
        ({"department": ""}, "部门"),
        ({"variants": ("",)}, "相似问"),
        ({"variants": ("问" * (MAX_QUESTION + 1),)}, "相似问"),
        ({"variants": ("问",) * (MAX_VARIANTS + 1)}, "相似问"),
        ({"effective_from": date(2026, 2, 1), "effective_until": date(2026, 1, 31)}, "失效日期"),
    ],
)
def test_an_unacceptable_value_is_named_by_its_field(values: dict[str, object], field: str) -> None:
    acceptable: dict[str, object] = {"question": "问", "answer": "答", "department": "benefits"}
    with pytest.raises(InvalidValue) as raised:
        EntryText(**{**acceptable, **values})  # type: ignore[arg-type]
    assert raised.value.field == field


def test_the_longest_texts_are_acceptable() -> None:
    longest = EntryText(
        "问" * MAX_QUESTION, "答" * MAX_ANSWER, "benefits", ("问" * MAX_QUESTION,) * MAX_VARIANTS
    )
    assert len(longest.phrasings()) == MAX_VARIANTS + 1


@pytest.mark.parametrize(
    ("first", "last", "on", "effective"),
    [
        (None, None, date(2026, 1, 1), True),
        (date(2026, 1, 1), None, date(2026, 1, 1), True),
        (date(2026, 1, 2), None, date(2026, 1, 1), False),
        (None, date(2026, 1, 1), date(2026, 1, 1), True),
        (None, date(2025, 12, 31), date(2026, 1, 1), False),
    ],
)
def test_the_first_and_the_last_day_are_both_effective(
    first: date | None, last: date | None, on: date, effective: bool
) -> None:
    assert a_text(effective_from=first, effective_until=last).effective(on) is effective


def test_phrasings_begin_with_the_question() -> None:
    assert a_text("甲？", variants=("乙", "丙")).phrasings() == ("甲？", "乙", "丙")


def test_merging_variants_adds_what_is_new_in_order() -> None:
    text = a_text("甲？", variants=("乙",))
    more = ["丙 ", "乙", "甲？", "", "丁", "丙", "长" * (MAX_QUESTION + 1)]
    assert merge_variants(text, more) == ("乙", "丙", "丁")


def test_merging_variants_stops_at_the_limit() -> None:
    assert len(merge_variants(a_text(variants=("乙",)), map(str, range(999)))) == MAX_VARIANTS


def test_every_state_group_and_channel_has_a_name_to_show() -> None:
    for each in (*EntryStatus, *InsuredGroup, *Channel):
        assert each.label
