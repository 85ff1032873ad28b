"""Which entries are in a scope."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.facets import FacetTable
from indexer.scope import Scope
from knowledge.entry import Channel, InsuredGroup, PublishedEntry
from knowledge.policy import Disclosure
from tests.indexer.making import TODAY, an_entry
from tests.indexer.scopes import is_in, knowledge, scopes


def found(table: FacetTable, scope: Scope) -> set[int]:
    return {int(entry) for entry in table.entry_ids()[table.mask(scope)]}


def expected(entries: list[PublishedEntry], scope: Scope) -> set[int]:
    return {entry.id for entry in entries if is_in(scope, entry.text)}


@given(knowledge(), st.lists(scopes, min_size=1, max_size=5))
def test_the_mask_holds_exactly_the_entries_in_scope(
    entries: list[PublishedEntry], asked: list[Scope]
) -> None:
    table = FacetTable.of(entries)
    for scope in asked:
        assert found(table, scope) == expected(entries, scope)


@given(knowledge(), st.data())
def test_the_mask_follows_entries_that_are_replaced_and_removed(
    entries: list[PublishedEntry], data: st.DataObject
) -> None:
    table, alive = FacetTable.of(entries), {entry.id: entry for entry in entries}
    asked = data.draw(scopes)
    for entry in data.draw(knowledge(most=8)):
        table.mask(asked)  # the answer that is remembered must not outlive the change
        if data.draw(st.booleans()):
            table.remove(entry.id)
            alive.pop(entry.id, None)
        else:
            table.add(entry)
            alive[entry.id] = entry
        assert found(table, asked) == expected(list(alive.values()), asked)
        assert len(table) == len(alive)


@given(entries=knowledge(), scope=scopes)
def test_a_table_that_was_saved_and_loaded_answers_the_same(
    tmp_path_factory: pytest.TempPathFactory, entries: list[PublishedEntry], scope: Scope
) -> None:
    path = tmp_path_factory.mktemp("facets") / "facets.npz"
    table = FacetTable.of(entries)
    table.remove(entries[0].id)
    table.save(path)
    loaded = FacetTable.load(path)
    assert found(loaded, scope) == found(table, scope)
    assert loaded.revisions() == table.revisions()
    assert [loaded.row(entry.id) for entry in entries] == [table.row(entry.id) for entry in entries]


def test_a_loaded_table_takes_new_entries_regions_and_audiences(tmp_path: Path) -> None:
    FacetTable.of([an_entry(1, region="330100", audience="学生")]).save(tmp_path / "facets.npz")
    table = FacetTable.load(tmp_path / "facets.npz")
    table.add(an_entry(2, region="440300", audience="退休人员"))
    assert found(table, Scope(TODAY, region="440300")) == {2}
    assert found(table, Scope(TODAY, audience="退休人员")) == {2}
    assert found(table, Scope(TODAY, audience="学生")) == {1}


def test_a_table_without_entries_can_be_saved_and_loaded(tmp_path: Path) -> None:
    FacetTable().save(tmp_path / "facets.npz")
    table = FacetTable.load(tmp_path / "facets.npz")
    assert len(table) == table.rows == 0
    assert not table.mask(Scope(TODAY)).any()
    table.add(an_entry(1))
    assert found(table, Scope(TODAY)) == {1}


def test_many_more_entries_fit_than_it_first_makes_room_for() -> None:
    table = FacetTable.of(an_entry(id) for id in range(1, 3001))
    assert len(table) == 3000
    assert int(table.mask(Scope(TODAY)).sum()) == 3000


class TestAnEntryThatChanges:
    def test_gets_a_new_row_and_its_old_one_dies(self) -> None:
        table = FacetTable.of([an_entry(1), an_entry(2)])
        assert table.add(an_entry(1, revision=2)) == 2
        assert table.row(1) == 2
        assert (len(table), table.rows) == (2, 3)
        assert list(table.mask(Scope(TODAY))) == [False, True, True]
        assert table.revisions() == {1: 2, 2: 1}

    def test_a_removed_one_has_no_row(self) -> None:
        table = FacetTable.of([an_entry(1)])
        table.remove(1)
        assert table.row(1) is None
        assert table.revisions() == {}

    def test_removing_what_is_not_there_does_nothing(self) -> None:
        table = FacetTable.of([an_entry(1)])
        table.remove(99)
        assert len(table) == 1


class TestOneByOne:
    def test_a_citys_question_sees_its_own_its_provinces_and_the_nations_entries(self) -> None:
        table = FacetTable.of(
            an_entry(id, region=region)
            for id, region in enumerate(("330100", "330000", "", "330200", "440000"), start=1)
        )
        assert found(table, Scope(TODAY, region="330100")) == {1, 2, 3}
        assert found(table, Scope(TODAY, region="330000")) == {2, 3}
        assert found(table, Scope(TODAY, region="")) == {3}
        assert found(table, Scope(TODAY, region=None)) == {1, 2, 3, 4, 5}

    def test_nearness_grows_from_nation_to_city(self) -> None:
        table = FacetTable.of(
            an_entry(id, region=region) for id, region in enumerate(("", "330000", "330100"), start=1)
        )
        assert [table.nearness(row) for row in range(3)] == [0, 1, 2]

    def test_the_first_and_the_last_day_are_included(self) -> None:
        table = FacetTable.of([an_entry(1, effective_from=TODAY, effective_until=TODAY)])
        assert found(table, Scope(TODAY)) == {1}
        assert found(table, Scope(TODAY - timedelta(days=1))) == set()
        assert found(table, Scope(TODAY + timedelta(days=1))) == set()

    @pytest.mark.parametrize(
        ("insured_group", "seen"), [("employee", {1, 3}), ("resident", {2, 3}), ("", {1, 2, 3})]
    )
    def test_an_entry_for_both_insured_groups_is_seen_by_each(
        self, insured_group: str, seen: set[int]
    ) -> None:
        groups = (InsuredGroup.EMPLOYEE, InsuredGroup.RESIDENT, InsuredGroup.BOTH)
        table = FacetTable.of(an_entry(id, insured_group=group) for id, group in enumerate(groups, start=1))
        assert found(table, Scope(TODAY, insured_group=insured_group)) == seen

    def test_the_website_shows_what_is_disclosed_on_initiative_only(self) -> None:
        table = FacetTable.of(
            an_entry(id, disclosure=disclosure) for id, disclosure in enumerate(Disclosure, start=1)
        )
        assert found(table, Scope(TODAY, channel=Channel.WEBSITE)) == {1}
        assert found(table, Scope(TODAY, channel=Channel.HOTLINE)) == {1, 2, 3}

    def test_the_regions_need_not_narrow_a_search_that_sees_them_all(self) -> None:
        table = FacetTable.of([an_entry(1), an_entry(2, region="330100")])
        assert table.restricts_region(Scope(TODAY)) is None
        assert table.restricts_region(Scope(TODAY, region="330100")) is None
        assert table.restricts_region(Scope(TODAY, region="440300")) == ("",)
