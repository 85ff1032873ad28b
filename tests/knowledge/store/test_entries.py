"""Entries: storing, finding, changing, and their revisions."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import review
from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry, InsuredGroup, SignOff
from knowledge.errors import Conflict, NotFound
from knowledge.people import Role
from knowledge.policy import Citation, Disclosure
from knowledge.review import ReviewStage
from knowledge.store import AuditFilter, EntryFilter, Store
from tests import cast
from tests.knowledge.making import NOON, a_published_entry, a_text, an_entry, revised, withdrawn

FULL_TEXT = EntryText(
    question="灵活就业人员能否享受生育津贴？",
    answer="参加职工医保的灵活就业人员，按参保地规定享受。\n\n- 备好材料\n- **到窗口**办理",
    department="benefits",
    variants=("没单位能领生育津贴吗", "自己交社保有没有产假钱"),
    citations=(Citation("国务院令第735号", "社会保险经办条例", "第六条"), Citation("", "社会保险法", "")),
    category=("生育待遇", "津贴"),
    keywords=("生育津贴", "灵活就业"),
    region="330100",
    insured_group=InsuredGroup.EMPLOYEE,
    audience="灵活就业人员",
    channels=(Channel.HOTLINE, Channel.WEBSITE),
    effective_from=date(2026, 1, 1),
    effective_until=date(2027, 12, 31),
    disclosure=Disclosure.ON_REQUEST,
)


def test_an_entry_comes_back_as_it_went_in(store: Store) -> None:
    sign_offs = (SignOff("department_head", "head", NOON), SignOff("bureau_leader", "leader", NOON))
    whole = FaqEntry(
        external_id="SYJT-007",
        status=EntryStatus.PUBLISHED,
        revision=1,
        text=FULL_TEXT,
        author="editor",
        sign_offs=sign_offs,
        return_reason="原因",
        published_revision=1,
        published_at=NOON,
        updated_at=NOON,
    )
    with store.writing(by="editor") as records:
        added = records.entries.add(whole, note="初稿")
    assert added == replace(whole, id=added.id)
    assert added.version == 1
    with store.reading() as records:
        found = records.entries.get(added.id)
        assert found == added
        assert found.version == 1
        assert records.entries.by_external_id("SYJT-007") == added
        assert records.entries.get_many([added.id, 99]) == {added.id: added}
        (revision,) = records.entries.revisions(added.id)
    assert (revision.number, revision.author, revision.at, revision.note) == (1, "editor", NOON, "初稿")
    assert revision.text == FULL_TEXT


def test_an_entry_without_a_moment_is_updated_at_the_moment_of_the_transaction(store: Store) -> None:
    with store.writing(by="editor", at=NOON) as records:
        assert records.entries.add(an_entry(updated_at=None)).updated_at == NOON


plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
filled = plain.filter(str.strip)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
texts = st.builds(
    EntryText,
    question=filled,
    answer=filled,
    department=filled,
    variants=st.lists(filled, max_size=3).map(tuple),
    citations=st.lists(st.builds(Citation, plain, plain, plain), max_size=3).map(tuple),
    category=st.lists(filled.filter(lambda part: "/" not in part), max_size=3).map(tuple),
    keywords=st.lists(plain, max_size=3).map(tuple),
    region=st.sampled_from(["", "330000", "330100"]),
    insured_group=st.sampled_from(InsuredGroup),
    audience=plain,
    channels=st.lists(st.sampled_from(Channel), unique=True).map(tuple),
    effective_from=st.none() | days,
    effective_until=st.none(),
    disclosure=st.sampled_from(Disclosure),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(texts)
def test_any_text_comes_back_character_for_character(store: Store, text: EntryText) -> None:
    with store.writing(by="editor") as records:
        added = records.entries.add(an_entry(records.entries.new_external_id("any"), text=text))
    with store.reading() as records:
        assert records.entries.get(added.id).text == text


def test_a_taken_external_id_is_a_conflict(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.entries.add(an_entry("BENEFITS-000001"))
        with pytest.raises(Conflict, match="BENEFITS-000001"):
            records.entries.add(an_entry("BENEFITS-000001"))


def test_new_external_ids_count_by_department_and_skip_what_imports_took(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.entries.add(an_entry("BENEFITS-000002"))
        new = [records.entries.new_external_id("benefits") for _ in range(2)]
        assert new == ["BENEFITS-000001", "BENEFITS-000003"]
        assert records.entries.new_external_id("office") == "OFFICE-000001"


def test_a_draft_that_says_another_revision_is_published_is_refused(store: Store) -> None:
    with store.writing(by="editor") as records, pytest.raises(ValueError, match="published"):
        records.entries.add(an_entry(published_revision=2))


class TestSaving:
    def test_a_higher_revision_is_kept_beside_the_older_ones(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry(), note="初稿")
            saved = records.entries.save(
                revised(entry, "新的问法？"), "entry.edited", "改问法", note="按来电修改"
            )
        assert (saved.version, saved.revision) == (2, 2)
        with store.reading() as records:
            assert records.entries.get(entry.id) == saved
            notes = [(each.number, each.note) for each in records.entries.revisions(entry.id)]
            assert notes == [(1, "初稿"), (2, "按来电修改")]
            assert records.entries.revision(entry.id, 1).text == entry.text
            (_, line) = reversed(records.audit.list(AuditFilter("entry", entry.id)).items)
        assert (line.action, line.subject_id, line.detail) == ("entry.edited", str(entry.id), "改问法")

    def test_a_move_keeps_the_revision_and_its_author(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry())
            submitted = records.entries.save(review.submit(entry, cast.EDITOR, NOON), "entry.submitted")
            signed = records.entries.save(review.sign(submitted, cast.HEAD, NOON), "entry.signed")
            assert records.entries.get(entry.id) == signed
            assert len(records.entries.revisions(entry.id)) == 1
        assert signed.author == "editor"
        assert signed.sign_offs == (SignOff("department_head", "head", NOON),)

    def test_a_stale_version_is_a_conflict_that_tells_to_reload(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry())
            records.entries.save(revised(entry, "先到的问法"), "entry.edited")
            with pytest.raises(Conflict, match="请重新打开"):
                records.entries.save(revised(entry, "后到的问法"), "entry.edited")
            assert records.entries.get(entry.id).text.question == "先到的问法"

    def test_a_changed_text_without_a_new_revision_is_refused(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry())
            with pytest.raises(ValueError, match="new revision"):
                records.entries.save(replace(entry, text=a_text("偷换的问法")), "entry.edited")

    def test_an_older_revision_cannot_become_the_newest(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.save(revised(records.entries.add(an_entry()), "二"), "entry.edited")
            with pytest.raises(ValueError, match="older"):
                records.entries.save(replace(entry, revision=1), "entry.edited")

    def test_a_revision_that_was_never_reviewed_here_cannot_be_published(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry())
            with pytest.raises(ValueError, match="published"):
                records.entries.save(replace(entry, published_revision=7), "entry.published")

    def test_several_are_saved_with_a_line_each(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            added = records.entries.add_many([a_published_entry(f"A-{number}") for number in range(3)])
            changes = [(withdrawn(entry), f"下架{entry.external_id}") for entry in added]
            saved = records.entries.save_many(changes, "entry.withdrawn")
            lines = records.audit.list(limit=3).items
        assert [entry.version for entry in saved] == [2, 2, 2]
        assert {line.detail for line in lines} == {"下架A-0", "下架A-1", "下架A-2"}

    def test_several_are_saved_all_or_none(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            first, second = records.entries.add_many([an_entry("A-1"), an_entry("A-2")])
            records.entries.save(revised(second, "已改"), "entry.edited")
            with pytest.raises(Conflict, match="A-2"):
                records.entries.save_many(
                    [(revised(first, "一"), ""), (revised(second, "二"), "")], "entry.edited"
                )
            assert records.entries.get(first.id) == first

    def test_the_same_entry_twice_in_one_bulk_is_a_conflict(self, store: Store) -> None:
        with store.writing(by="editor") as records:
            entry = records.entries.add(an_entry())
        with pytest.raises(Conflict), store.writing(by="editor") as records:
            records.entries.save_many([(entry, ""), (entry, "")], "entry.edited")


class TestListing:
    @pytest.fixture
    def furnished(self, store: Store) -> Store:
        with store.writing(by="system") as records:
            earlier = a_text("住院押金交多少？", region="330100", category=("住院",))
            records.entries.add(an_entry("A-1", updated_at=NOON - timedelta(days=1), text=earlier))
            prenatal = a_text("产前检查能报吗？", category=("生育", "检查"), variants=("孕检Bao销",))
            records.entries.add(a_published_entry("B-2", updated_at=NOON, text=prenatal))
            neighbour = replace(a_text("100%报销吗？", category=("生育保险",)), department="settlement")
            later = NOON + timedelta(days=1)
            records.entries.add(an_entry("C-3", updated_at=later, author="colleague", text=neighbour))
        return store

    @pytest.mark.parametrize(
        ("matching", "expected"),
        [
            (EntryFilter(), ["C-3", "B-2", "A-1"]),
            (EntryFilter(department="benefits"), ["B-2", "A-1"]),
            (EntryFilter(statuses=(EntryStatus.PUBLISHED, EntryStatus.WITHDRAWN)), ["B-2"]),
            (EntryFilter(published=True), ["B-2"]),
            (EntryFilter(published=False), ["C-3", "A-1"]),
            (EntryFilter(region="330100"), ["A-1"]),
            (EntryFilter(region=""), ["C-3", "B-2"]),
            (EntryFilter(category="生育"), ["B-2"]),
            (EntryFilter(category="生育/检查"), ["B-2"]),
            (EntryFilter(author="colleague"), ["C-3"]),
            (EntryFilter(author="nobody"), []),
            (EntryFilter(text="押金"), ["A-1"]),
            (EntryFilter(text="孕检bao"), ["B-2"]),
            (EntryFilter(text="用人单位"), ["C-3", "B-2", "A-1"]),
            (EntryFilter(text="c-3"), ["C-3"]),
            (EntryFilter(text="100%"), ["C-3"]),
            (EntryFilter(text="_"), []),
            (EntryFilter(department="benefits", text="报", published=True), ["B-2"]),
        ],
    )
    def test_each_filter_keeps_its_own(
        self, furnished: Store, matching: EntryFilter, expected: list[str]
    ) -> None:
        with furnished.reading() as records:
            page = records.entries.list(matching)
        assert [entry.external_id for entry in page.items] == expected
        assert page.total == len(expected)

    def test_a_page_knows_the_total(self, furnished: Store) -> None:
        with furnished.reading() as records:
            page = records.entries.list(limit=1, offset=1)
        assert [entry.external_id for entry in page.items] == ["B-2"]
        assert page.total == 3

    def test_a_document_finds_those_that_cite_it_in_any_spelling_of_its_number(self, store: Store) -> None:
        with store.writing(by="system") as records:
            records.entries.add(an_entry("A-1", "医保发〔2022〕8号"))
            titled = a_text(citations=(Citation("", "社会保险法"),))
            records.entries.add(an_entry("A-2", text=titled))
            cites = [
                records.entries.list(EntryFilter(cites=cites))
                for cites in ("医保发[2022]8号", "《社会保险法》")
            ]
        assert [[entry.external_id for entry in page.items] for page in cites] == [["A-1"], ["A-2"]]

    def test_what_only_an_older_revision_said_is_not_found(self, store: Store) -> None:
        with store.writing(by="system") as records:
            entry = records.entries.add(an_entry("A-1", "医保发〔2022〕8号"))
            records.entries.save(revised(entry, "新问法", citations=()), "entry.edited")
            assert records.entries.list(EntryFilter(cites="医保发〔2022〕8号")).total == 0
            assert records.entries.list(EntryFilter(text="如何申领")).total == 0


class TestAwaitingAStage:
    def test_each_stage_sees_what_waits_for_its_signature(self, store: Store) -> None:
        with store.writing(by="system") as records:
            drafts = records.entries.add_many([an_entry(f"A-{number}") for number in range(4)])
            submitted = [review.submit(entry, cast.EDITOR, NOON) for entry in drafts[1:]]
            submitted[1] = review.sign(submitted[1], cast.HEAD, NOON)
            submitted[2] = review.sign(review.sign(submitted[2], cast.HEAD, NOON), cast.LEADER, NOON)
            records.entries.save_many([(entry, "") for entry in submitted], "entry.submitted")
            waiting = {
                stage.key: [entry.external_id for entry in records.entries.awaiting_stage(stage.key).items]
                for stage in review.DEFAULT_STAGES
            }
        assert waiting == {"department_head": ["A-1"], "bureau_leader": ["A-2"], "office_publish": ["A-3"]}

    def test_only_the_named_department_is_shown(self, store: Store) -> None:
        with store.writing(by="system") as records:
            records.entries.add(an_entry(status=EntryStatus.IN_REVIEW))
            assert records.entries.awaiting_stage("department_head", "benefits").total == 1
            assert records.entries.awaiting_stage("department_head", "settlement").total == 0

    def test_the_order_of_the_bureaus_own_stages_counts(self, store: Store) -> None:
        stages = (
            ReviewStage("proof_1", "一校", Role.REVIEWER),
            ReviewStage("proof_10", "十校", Role.PUBLISHER),
        )
        signed = (SignOff("proof_1", "proof_10", NOON),)
        with store.writing(by="system") as records:
            records.entries.add(an_entry(status=EntryStatus.IN_REVIEW, sign_offs=signed))
            assert records.entries.awaiting_stage("proof_1", stages=stages).total == 0
            assert records.entries.awaiting_stage("proof_10", stages=stages).total == 1

    def test_a_stage_that_does_not_exist_is_not_found(self, store: Store) -> None:
        with store.reading() as records, pytest.raises(NotFound, match="nowhere"):
            records.entries.awaiting_stage("nowhere")


class TestBulk:
    def test_twenty_thousand_rows_are_imported_at_once(self, store: Store) -> None:
        many = [
            a_published_entry(f"X-{number}", f"医保发〔2022〕{number % 50 + 1}号") for number in range(20_000)
        ]
        with store.writing(by="system") as records:
            added = records.entries.add_many(many, note="导入")
        assert [entry.external_id for entry in added] == [entry.external_id for entry in many]
        with store.reading() as records:
            assert records.entries.list(limit=1).total == 20_000
            assert records.publications.seq() == 20_000
            assert records.audit.list(limit=1).total == 20_000
            for entry in (added[0], added[11_111], added[-1]):
                assert records.entries.get(entry.id) == entry

    def test_nothing_is_a_bulk_too(self, store: Store) -> None:
        with store.writing(by="system") as records:
            assert records.entries.add_many([], "", "entry.imported") == []
            assert records.entries.save_many([], "entry.edited") == []

    @pytest.mark.parametrize("names", [["A-1", "OLD", "A-2"], ["A-1", "A-2", "A-1"]])
    def test_one_taken_id_stops_them_all(self, store: Store, names: list[str]) -> None:
        with store.writing(by="system") as records:
            records.entries.add(an_entry("OLD"))
            with pytest.raises(Conflict, match=r"OLD|A-1"):
                records.entries.add_many([an_entry(name) for name in names])
            assert records.entries.list().total == 1
