"""The scope narrows the search itself: what is in scope is found however much out of scope matches better."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.facets import FacetTable
from indexer.lexical import LexicalIndex
from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import Channel, InsuredGroup, PublishedEntry
from knowledge.policy import Disclosure
from tests.indexer.making import TODAY, an_entry, fill
from tests.indexer.scopes import is_in, knowledge, scopes


def build(folder: Path, segmenter: Segmenter, entries: list[PublishedEntry]) -> LexicalIndex:
    return fill(LexicalIndex.create(folder / "lexical", segmenter), entries)


@settings(max_examples=40)  # each builds an index
@given(entries=knowledge(), asked=st.lists(scopes, min_size=1, max_size=4), limit=st.integers(1, 30))
def test_what_is_found_is_what_is_found_without_a_scope_less_what_is_outside(
    tmp_path_factory: pytest.TempPathFactory,
    segmenter: Segmenter,
    entries: list[PublishedEntry],
    asked: list[Scope],
    limit: int,
) -> None:
    index = build(tmp_path_factory.mktemp("scope"), segmenter, entries)
    facets = FacetTable.of(entries)
    everywhere = FacetTable.of(an_entry(entry.id, entry.text.question) for entry in entries)
    terms = segmenter.terms("生育津贴如何申领")
    all_hits = index.search(terms, everywhere, everywhere.mask(Scope(TODAY)), Scope(TODAY), len(entries))
    texts = {entry.id: entry.text for entry in entries}
    for scope in asked:
        hits = index.search(terms, facets, facets.mask(scope), scope, limit)
        inside = [hit for hit in all_hits if is_in(scope, texts[hit.entry_id])]
        assert {hit.entry_id for hit in hits} <= {hit.entry_id for hit in inside}
        # Equal scores may come in any order.
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in inside[:limit]])


@pytest.mark.parametrize(
    ("special", "scope"),
    [
        ({"region": "330100"}, Scope(TODAY, region="330100")),
        ({"insured_group": InsuredGroup.EMPLOYEE}, Scope(TODAY, insured_group="employee")),
        ({"audience": "学生"}, Scope(TODAY, audience="学生")),
        ({"channels": (Channel.HOTLINE,)}, Scope(TODAY, channel=Channel.HOTLINE)),
        ({"disclosure": Disclosure.ON_INITIATIVE}, Scope(TODAY, channel=Channel.WEBSITE)),
        ({"effective_from": TODAY}, Scope(TODAY)),
    ],
)
def test_one_entry_in_scope_is_found_behind_hundreds_that_match_better(
    tmp_path: Path, segmenter: Segmenter, special: dict[str, Any], scope: Scope
) -> None:
    outside: dict[str, Any] = {
        "region": "440300",
        "insured_group": InsuredGroup.RESIDENT,
        "audience": "退休人员",
        "channels": (Channel.API,),
        "disclosure": Disclosure.NOT_DISCLOSED,
        "effective_from": TODAY.replace(year=2030),
    }
    changes = {name: outside[name] for name in special}
    better = [an_entry(id, "门诊报销比例", **changes) for id in range(1, 400)]
    entries = [*better, an_entry(400, "住院以后再看门诊能不能一起报销呢", **special)]
    facets = FacetTable.of(entries)
    hits = build(tmp_path, segmenter, entries).search(
        segmenter.terms("门诊报销比例"), facets, facets.mask(scope), scope, 5
    )
    assert [hit.entry_id for hit in hits] == [400]


def test_the_region_does_not_change_the_scores(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = [an_entry(1, "门诊报销比例", region="330100"), an_entry(2, "住院报销比例", region="440300")]
    index, facets = build(tmp_path, segmenter, entries), FacetTable.of(entries)
    terms = segmenter.terms("门诊报销")
    narrow, wide = Scope(TODAY, region="330100"), Scope(TODAY)
    hits = index.search(terms, facets, facets.mask(narrow), narrow, 5)
    every = index.search(terms, facets, facets.mask(wide), wide, 5)
    assert [hit.entry_id for hit in hits] == [1]
    assert hits[0].score == pytest.approx(every[0].score)
