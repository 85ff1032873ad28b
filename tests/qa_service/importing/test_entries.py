"""What an import does to the store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge import review
from knowledge.entry import EntryStatus, FaqEntry, InsuredGroup
from knowledge.policy import Citation, Disclosure
from knowledge.store import AuditFilter, EntryFilter, Store
from qa_service.importing import import_entries
from tests import cast
from tests.knowledge.making import an_entry
from tests.qa_service.importing.asking import counts, the_entry, told
from tests.qa_service.tables.making import FULL, a_row, csv_file, json_lines_file, xlsx_file


def how_much_is_stored(store: Store) -> tuple[int, int, int]:
    with store.reading() as records:
        entries = records.entries.list(EntryFilter(), limit=10_000)
        revisions = sum(entry.revision for entry in entries.items)
        return entries.total, revisions, records.audit.list(AuditFilter()).total


def test_every_column_arrives_where_it_belongs(staffed_store: Store, tmp_path: Path) -> None:
    report = import_entries(staffed_store, csv_file(tmp_path / "问答.csv", [FULL]), by="admin")
    assert counts(report) == (1, 0, 0, 0)
    assert report.applied
    text = the_entry(staffed_store).text
    assert text.question == "生育津贴怎么领？"
    assert text.answer == "由用人单位申请。"
    assert text.department == "benefits"
    assert text.variants == ("津贴怎么申请", "生孩子的钱怎么领", "生育钱")
    assert text.citations == (
        Citation("国办发〔2019〕10号", "合并实施意见", "二"),
        Citation("主席令第35号", "社会保险法", "第五十六条"),
    )
    assert text.category == ("待遇保障", "生育保险")
    assert text.keywords == ("津贴", "产假")
    assert (text.region, text.insured_group, text.audience) == ("330100", InsuredGroup.EMPLOYEE, "女职工")
    assert [channel.value for channel in text.channels] == ["hotline", "website"]
    assert (text.effective_from, text.effective_until) == (date(2024, 1, 5), date(2026, 12, 31))
    assert text.disclosure is Disclosure.ON_REQUEST


def test_without_published_an_entry_becomes_a_draft_of_its_department(
    staffed_store: Store, tmp_path: Path
) -> None:
    import_entries(staffed_store, csv_file(tmp_path / "问答.csv", [FULL]), by="admin")
    entry = the_entry(staffed_store)
    assert (entry.status, entry.revision, entry.published_revision) == (EntryStatus.DRAFT, 1, None)
    assert (entry.author, entry.text.department) == ("admin", "benefits")
    assert staffed_store.publication_seq() == 0


def test_with_published_an_entry_is_on_the_air_and_history_says_by_whom_and_from_where(
    staffed_store: Store, tmp_path: Path
) -> None:
    file = csv_file(tmp_path / "问答.csv", [FULL])
    import_entries(staffed_store, file, by="admin", published=True)
    entry = the_entry(staffed_store)
    note = "批量导入：来自文件 问答.csv，已在别处审定，由 admin 直接发布"
    with staffed_store.reading() as records:
        (revision,) = records.entries.revisions(entry.id)
        (line,) = records.audit.list(AuditFilter(subject="entry")).items
        assert records.publications.current([entry.id], date(2026, 3, 2)).keys() == {entry.id}
    assert (entry.status, entry.published_revision) == (EntryStatus.PUBLISHED, 1)
    assert entry.published_at is not None
    assert (revision.note, revision.author) == (note, "admin")
    assert (line.action, line.by) == ("entry.imported", "admin")
    assert note in line.detail


@pytest.mark.parametrize("published", [False, True])
def test_importing_the_same_file_twice_changes_nothing(
    staffed_store: Store, tmp_path: Path, published: bool
) -> None:
    rows = [FULL, a_row(编号="", 标准问="没有编号的问题"), a_row(编号="A-3", 部门="新设处")]
    file = csv_file(tmp_path / "问答.csv", rows)
    assert counts(import_entries(staffed_store, file, by="admin", published=published)) == (3, 0, 0, 0)
    before = how_much_is_stored(staffed_store)
    again = import_entries(staffed_store, file, by="admin", published=published)
    assert counts(again) == (0, 0, 3, 0)
    assert again.new_departments == again.new_policies == []
    assert how_much_is_stored(staffed_store) == before


def test_the_same_content_in_another_format_is_the_same(staffed_store: Store, tmp_path: Path) -> None:
    import_entries(staffed_store, csv_file(tmp_path / "a.csv", [FULL], "gb18030"), by="admin")
    others = [
        xlsx_file(tmp_path / "a.xlsx", [list(FULL), list(FULL.values())]),
        json_lines_file(tmp_path / "a.jsonl", [FULL]),
    ]
    for file in others:
        assert counts(import_entries(staffed_store, file, by="admin")) == (0, 0, 1, 0)


def test_a_row_without_a_number_keeps_its_entry_when_its_answer_is_corrected(
    staffed_store: Store, tmp_path: Path
) -> None:
    first = csv_file(tmp_path / "a.csv", [a_row(编号="")])
    import_entries(staffed_store, first, by="admin")
    second = csv_file(tmp_path / "b.csv", [a_row(编号="", 答案="改过的答案。", 部门="待遇结算处")])
    assert counts(import_entries(staffed_store, second, by="admin")) == (0, 1, 0, 0)


def test_a_changed_row_becomes_a_new_revision_and_the_old_one_is_kept(
    staffed_store: Store, tmp_path: Path
) -> None:
    import_entries(staffed_store, csv_file(tmp_path / "a.csv", [a_row()]), by="admin", published=True)
    changed = csv_file(tmp_path / "b.csv", [a_row(答案="改过的答案。")])
    report = import_entries(staffed_store, changed, by="admin")
    entry = the_entry(staffed_store)
    assert counts(report) == (0, 1, 0, 0)
    assert (entry.status, entry.revision, entry.published_revision) == (EntryStatus.DRAFT, 2, 1)
    with staffed_store.reading() as records:
        answers = [revision.text.answer for revision in records.entries.revisions(entry.id)]
        on_the_air = records.publications.current([entry.id], date(2026, 3, 2))[entry.id].text.answer
    assert answers == ["由用人单位申请。", "改过的答案。"]
    assert on_the_air == "由用人单位申请。"


def test_importing_a_draft_again_as_published_puts_it_on_the_air(
    staffed_store: Store, tmp_path: Path
) -> None:
    file = csv_file(tmp_path / "a.csv", [a_row()])
    import_entries(staffed_store, file, by="admin")
    assert counts(import_entries(staffed_store, file, by="admin", published=True)) == (0, 1, 0, 0)
    assert the_entry(staffed_store).status is EntryStatus.PUBLISHED
    assert counts(import_entries(staffed_store, file, by="admin", published=True)) == (0, 0, 1, 0)


def test_columns_that_the_file_does_not_have_leave_what_is_there(
    staffed_store: Store, tmp_path: Path
) -> None:
    import_entries(staffed_store, csv_file(tmp_path / "a.csv", [FULL]), by="admin")
    before = the_entry(staffed_store).text
    import_entries(staffed_store, csv_file(tmp_path / "b.csv", [a_row(答案="改过的答案。")]), by="admin")
    assert the_entry(staffed_store).text == replace(before, answer="改过的答案。")
    import_entries(staffed_store, csv_file(tmp_path / "c.csv", [a_row(相似问="")]), by="admin")
    assert the_entry(staffed_store).text.variants == ()


def test_dates_that_contradict_what_is_there_are_a_problem(staffed_store: Store, tmp_path: Path) -> None:
    import_entries(staffed_store, csv_file(tmp_path / "a.csv", [FULL]), by="admin")
    report = import_entries(
        staffed_store, csv_file(tmp_path / "b.csv", [a_row(失效日期="2020-01-01")]), by="admin"
    )
    assert told(report) == ["第2行“失效日期”列“2020-01-01”：不能早于生效日期2024-01-05"]


class TestWhatIsWorkedOnHereIsNotOverwritten:
    @pytest.fixture
    def imported(self, staffed_store: Store, tmp_path: Path) -> FaqEntry:
        import_entries(staffed_store, csv_file(tmp_path / "a.csv", [a_row()]), by="admin", published=True)
        return the_entry(staffed_store)

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Path:
        return csv_file(tmp_path / "b.csv", [a_row(答案="文件里的新答案。")])

    def edited(self, store: Store, entry: FaqEntry) -> FaqEntry:
        text = replace(entry.text, answer="处室改的答案。")
        with store.writing(by="editor") as records:
            return records.entries.save(
                review.edit(entry, text, cast.EDITOR, datetime.now(UTC)), "entry.edited"
            )

    @pytest.mark.parametrize("published", [False, True])
    def test_an_entry_in_review(
        self, staffed_store: Store, imported: FaqEntry, changed: Path, published: bool
    ) -> None:
        draft = self.edited(staffed_store, imported)
        with staffed_store.writing(by="editor") as records:
            submitted = review.submit(draft, cast.EDITOR, datetime.now(UTC))
            records.entries.save(submitted, "entry.submitted")
        report = import_entries(staffed_store, changed, by="admin", published=published)
        assert told(report) == [
            "第2行“编号”列“A-1”：此条目正在审核，不能用文件覆盖；请等审核结束，或撤回后再导入"
        ]
        assert the_entry(staffed_store).status is EntryStatus.IN_REVIEW

    @pytest.mark.parametrize("published", [False, True])
    def test_an_entry_with_a_newer_draft(
        self, staffed_store: Store, imported: FaqEntry, changed: Path, published: bool
    ) -> None:
        self.edited(staffed_store, imported)
        report = import_entries(staffed_store, changed, by="admin", published=published)
        assert told(report) == [
            "第2行“编号”列“A-1”：本系统内有未发布的修改（第2版，editor），不会被文件覆盖；请先处理该草稿，或删去这一行"
        ]
        assert the_entry(staffed_store).text.answer == "处室改的答案。"

    def test_an_entry_that_was_taken_off_the_air(
        self, staffed_store: Store, imported: FaqEntry, changed: Path, tmp_path: Path
    ) -> None:
        with staffed_store.writing(by="publisher") as records:
            withdrawn = review.withdraw(imported, cast.PUBLISHER, datetime.now(UTC))
            records.entries.save(withdrawn, "entry.withdrawn")
        same = import_entries(staffed_store, tmp_path / "a.csv", by="admin", published=True)
        assert counts(same) == (0, 0, 1, 0)
        assert told(same) == [
            "第2行“编号”列“A-1”：此条目已在本系统下架，没有重新发布；如需恢复，请在本系统内修改后送审"
        ]
        other = import_entries(staffed_store, changed, by="admin", published=True)
        assert counts(other) == (0, 0, 0, 1)
        assert the_entry(staffed_store).published_revision is None
        as_draft = import_entries(staffed_store, changed, by="admin")
        assert counts(as_draft) == (0, 1, 0, 0)
        assert the_entry(staffed_store).status is EntryStatus.DRAFT

    def test_but_a_draft_that_was_imported_and_not_touched_is(
        self, staffed_store: Store, imported: FaqEntry, changed: Path, tmp_path: Path
    ) -> None:
        import_entries(staffed_store, changed, by="admin")
        corrected = csv_file(tmp_path / "c.csv", [a_row(答案="再次改正的答案。")])
        assert counts(import_entries(staffed_store, corrected, by="admin")) == (0, 1, 0, 0)
        assert the_entry(staffed_store).revision == 3

    def test_a_published_local_revision_is_replaced_with_a_warning(
        self, staffed_store: Store, imported: FaqEntry, changed: Path
    ) -> None:
        draft = self.edited(staffed_store, imported)
        with staffed_store.writing(by="publisher") as records:
            on_the_air = replace(
                draft, status=EntryStatus.PUBLISHED, published_revision=2, published_at=datetime.now(UTC)
            )
            records.entries.save(on_the_air, "entry.published")
        report = import_entries(staffed_store, changed, by="admin", published=True)
        assert counts(report) == (0, 1, 0, 0)
        assert told(report) == [
            "第2行“编号”列“A-1”：第2版是在本系统内修改的（editor），已由文件内容替代；旧版本保留，可以恢复"
        ]


class TestBadRows:
    ROWS = (
        a_row(备注="留着"),
        a_row(编号="A-2", 标准问="二", 答案="", 备注="缺答案"),
        a_row(编号="A-3", 标准问="三", 险种="农民", 生效日期="明天"),
        a_row(编号="A-4", 标准问="四"),
    )

    def test_one_bad_row_keeps_the_whole_file_out(self, staffed_store: Store, tmp_path: Path) -> None:
        before = how_much_is_stored(staffed_store)
        report = import_entries(staffed_store, csv_file(tmp_path / "a.csv", self.ROWS), by="admin")
        assert counts(report) == (2, 0, 0, 2)
        assert not report.applied
        assert how_much_is_stored(staffed_store) == before

    @pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json", ".jsonl"])
    def test_skipped_rows_go_to_a_file_that_can_be_corrected_and_imported(
        self, staffed_store: Store, tmp_path: Path, suffix: str
    ) -> None:
        bad = tmp_path / f"待改{suffix}"
        source = csv_file(tmp_path / "a.csv", self.ROWS)
        report = import_entries(staffed_store, source, by="admin", skip_bad_rows=bad)
        assert counts(report) == (2, 0, 0, 2)
        assert report.applied
        assert report.bad_rows_file == bad
        once_more = import_entries(staffed_store, bad, by="admin")
        assert {problem.column for problem in once_more.problems} == {"答案", "险种", "生效日期"}
        assert "原因" not in "".join(map(str, once_more.warnings))
        if suffix == ".csv":
            text = bad.read_text("utf-8-sig")
            assert "缺答案" in text
            assert "第4行“险种”列“农民”：不认得" in text
            corrected = text.replace("A-2,待遇保障处,二,", "A-2,待遇保障处,二,答案").replace("农民", "居民")
            bad.write_text(corrected.replace("明天", "2024-01-05"), encoding="utf-8")
            assert counts(import_entries(staffed_store, bad, by="admin")) == (2, 0, 0, 0)

    def test_a_file_of_good_rows_leaves_no_file_of_bad_ones(
        self, staffed_store: Store, tmp_path: Path
    ) -> None:
        bad = tmp_path / "待改.csv"
        report = import_entries(
            staffed_store, csv_file(tmp_path / "a.csv", [a_row()]), by="admin", skip_bad_rows=bad
        )
        assert report.applied
        assert report.bad_rows_file is None
        assert not bad.exists()

    def test_a_trial_writes_no_file(self, staffed_store: Store, tmp_path: Path) -> None:
        bad = tmp_path / "待改.csv"
        import_entries(
            staffed_store,
            csv_file(tmp_path / "a.csv", self.ROWS),
            by="admin",
            dry_run=True,
            skip_bad_rows=bad,
        )
        assert not bad.exists()

    def test_a_broken_line_of_json_lines_is_kept_as_it_was(
        self, staffed_store: Store, tmp_path: Path
    ) -> None:
        file = json_lines_file(tmp_path / "a.jsonl", [a_row()])
        file.write_text(file.read_text("utf-8") + '{"编号": "A-9", "标准', encoding="utf-8")
        bad = tmp_path / "待改.jsonl"
        report = import_entries(staffed_store, file, by="admin", skip_bad_rows=bad)
        assert counts(report) == (1, 0, 0, 1)
        assert '"原文": "{\\"编号\\": \\"A-9\\", \\"标准"' in bad.read_text("utf-8")

    def test_a_conflict_while_writing_undoes_everything(self, staffed_store: Store, tmp_path: Path) -> None:
        rows = [a_row(编号=f"A-{number}", 标准问=f"问题{number}") for number in range(100)]
        file = csv_file(tmp_path / "a.csv", [*rows, a_row(编号="A-100", 答案="")])
        bad = tmp_path / "待改.csv"

        def interfere(done: int, of: int) -> None:
            if done == 100:  # all are compared, none is written: now somebody else adds one of them
                with staffed_store.writing(by="editor") as records:
                    records.entries.add(an_entry("A-50"))

        report = import_entries(staffed_store, file, by="admin", skip_bad_rows=bad, progress=interfere)
        assert not report.applied
        assert "导入期间有人修改了相同的内容，没有写入任何数据，请重新导入" in str(report.problems[0])
        assert report.bad_rows_file is None
        assert not bad.exists()
        with staffed_store.reading() as records:
            assert records.entries.list(EntryFilter()).total == 1


def test_progress_counts_up_to_the_end(staffed_store: Store, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    rows = [a_row(编号=f"A-{number}", 标准问=f"问题{number}") for number in range(450)]
    import_entries(
        staffed_store,
        csv_file(tmp_path / "a.csv", rows),
        by="admin",
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == (900, 900)


def test_script_tags_are_text(staffed_store: Store, tmp_path: Path) -> None:
    script = "<script>alert('x')</script>"
    import_entries(
        staffed_store, csv_file(tmp_path / "a.csv", [a_row(标准问=script, 答案=script)]), by="admin"
    )
    text = the_entry(staffed_store).text
    assert (text.question, text.answer) == (script, script)


@pytest.mark.slow
def test_20_000_rows_are_imported_in_less_than_a_minute(
    sqlite_url: str, open_store: Callable[[str], Store], tmp_path: Path
) -> None:
    rows = [{**FULL, "编号": f"A-{number}", "标准问": f"第{number}个问题"} for number in range(20_000)]
    store = open_store(sqlite_url)
    started = datetime.now(UTC)
    report = import_entries(store, csv_file(tmp_path / "a.csv", rows), by="system", published=True)
    assert report.created == 20_000
    assert (datetime.now(UTC) - started).total_seconds() < 60
