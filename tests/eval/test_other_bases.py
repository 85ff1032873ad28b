"""Knowledge bases made of the sample one."""

from datetime import date

import pytest

from eval.other_bases import SMALL, index_of, parts, questions_alone
from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import EntryText, PublishedEntry

TODAY = date(2026, 3, 2)
ENTRIES = [
    PublishedEntry(
        number,
        f"E-{number:03d}",
        1,
        EntryText(
            question=f"第{number}号办事指南在哪里领取？",
            answer="到服务大厅领取。",
            department="benefits",
            variants=("指南哪里拿",),
            keywords=("指南",),
        ),
    )
    for number in range(1, 2 * SMALL + 8)
]


def test_of_questions_alone_neither_similar_questions_nor_keywords_are_left() -> None:
    alone = questions_alone(ENTRIES)
    assert [entry.text.question for entry in alone] == [entry.text.question for entry in ENTRIES]
    assert {(entry.text.variants, entry.text.keywords) for entry in alone} == {((), ())}
    assert ENTRIES[0].text.variants == ("指南哪里拿",)


@pytest.mark.parametrize(("wanted", "made"), [(1, 1), (2, 2), (9, 2)])
def test_parts_are_drawn_from_the_whole_and_share_nothing(wanted: int, made: int) -> None:
    drawn = parts(ENTRIES, wanted)
    assert [len(part) for part in drawn] == [SMALL] * made
    ids = [entry.id for part in drawn for entry in part]
    assert len(set(ids)) == len(ids)
    assert parts(ENTRIES, wanted) == drawn
    assert ids != sorted(ids)


def test_an_index_of_some_entries_finds_them_and_no_others() -> None:
    some = ENTRIES[:3]
    with index_of(some, Segmenter(), None, TODAY) as (index, source):
        found = index.search("第2号办事指南", Scope(on=TODAY), 10)
    assert found.hits[0].entry_id == 2
    assert {hit.entry_id for hit in found.hits} == {1, 2, 3}
    assert source.current([2, 99], TODAY) == {2: ENTRIES[1]}
