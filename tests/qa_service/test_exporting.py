"""What is exported can be imported again, opened safely, and searched."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from knowledge import region
from knowledge.entry import Channel, EntryStatus, EntryText, InsuredGroup
from knowledge.errors import InvalidValue, NotFound, ZhengdaError
from knowledge.people import Department
from knowledge.policy import Citation, Disclosure, PolicyDocument, Validity
from knowledge.store import EntryFilter, Store
from qa_service.cli.main import main
from qa_service.exporting import EXPORTABLE, Selection, export_entries
from qa_service.exporting.entry_cells import coded_cells, spoken_cells
from qa_service.importing import import_entries, import_policies
from qa_service.importing.entry_rows import check_entries
from qa_service.samples import load_samples
from qa_service.tables import cells
from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.reading import read_table
from qa_service.tables.writing import write_table
from tests import cast
from tests.knowledge.making import TODAY, a_published_entry, a_text, an_entry, revised
from tests.qa_service.stocked import stored

TABLES = (".csv", ".xlsx", ".json", ".jsonl")
DATABASES = (".sqlite", ".db")


@pytest.fixture
def new_store(tmp_path: Path, open_store: Callable[[str], Store]) -> Callable[[], Store]:
    """Opens one empty store after the other."""
    numbers = iter(range(100))
    return lambda: open_store(f"sqlite:///{tmp_path / f'store{next(numbers)}.sqlite'}")


def texts(store: Store) -> dict[str, EntryText]:
    """Newest wording by external id, the department by its name."""
    with store.reading() as records:
        names = {department.code: department.name for department in records.people.departments()}
        return {
            entry.external_id: replace(entry.text, department=names[entry.text.department])
            for entry in records.entries.list(EntryFilter(), limit=10_000).items
        }


# ── the round trip ──────────────────────────────────────────────────────────────────────────────────────────────────

CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from(
    "=+-@'\"|｜\\,;、；\n\t _x0041_#"
)
ANYTHING = st.text(CHARACTERS, max_size=30)
LINE = ANYTHING.map(lambda text: cells.one_line(cells.clean(text)))
WORD = LINE.filter(bool)
PARAGRAPHS = ANYTHING.map(cells.clean).filter(bool)
NAME = st.text("医保待遇处abc12", min_size=1, max_size=8)
DAYS = st.dates(date(1950, 1, 1), date(2199, 12, 31))
CITATIONS = st.one_of(
    st.builds(
        Citation,
        st.sampled_from(["国办发〔2021〕14号", "主席令第35号", "2021年第22号"]),
        NAME | st.just(""),
        LINE,
    ),
    st.builds(Citation, st.just(""), NAME, LINE),
)


@st.composite
def wordings(draw: st.DrawFn) -> EntryText:
    """Any wording that an import can bring about."""
    question = draw(WORD)
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=2)))
    return EntryText(
        question=question,
        answer=draw(PARAGRAPHS),
        department=draw(NAME),
        variants=tuple(v for v in draw(st.lists(WORD, max_size=4, unique=True)) if v != question),
        citations=tuple(draw(st.lists(CITATIONS, max_size=3, unique=True))),
        category=tuple(draw(st.lists(NAME, max_size=3))),
        keywords=tuple(draw(st.lists(WORD, max_size=3, unique=True))),
        region=draw(st.sampled_from(["", *region.names()])),
        insured_group=draw(st.sampled_from(InsuredGroup)),
        audience=draw(LINE),
        channels=tuple(channel for channel in Channel if draw(st.booleans())),
        effective_from=days[0] if draw(st.booleans()) else None,
        effective_until=days[1] if draw(st.booleans()) else None,
        disclosure=draw(st.sampled_from(Disclosure)),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@pytest.mark.parametrize("suffix", TABLES)
@settings(max_examples=60)
@given(said=st.lists(wordings(), min_size=1, max_size=3))
def test_any_wording_survives_the_way_through_a_file(
    folder: Path, suffix: str, said: list[EntryText]
) -> None:
    # A table for people has no lists and no codes; JSON may have either.
    for to_cells in (spoken_cells, coded_cells) if "json" in suffix else (spoken_cells,):
        file = folder / f"round{suffix}"
        rows = [to_cells(f"A-{n}", text, text.department) for n, text in enumerate(said)]
        headers = [column.key for column in ENTRY_COLUMNS]
        write_table(file, headers, ([row[key] for key in headers] for row in rows))
        checked = check_entries(read_table(file, ENTRY_COLUMNS))
        assert [str(problem) for problem in checked.problems] == []
        assert [row.text(row.fields["department"]) for row in checked.rows] == said


@pytest.mark.parametrize("suffix", EXPORTABLE)
def test_the_sample_knowledge_base_survives_an_export_and_an_import(
    new_store: Callable[[], Store], tmp_path: Path, suffix: str
) -> None:
    first, second = new_store(), new_store()
    load_samples(first, lambda password: "hash")
    file = tmp_path / f"out{suffix}"
    count = export_entries(first, file)
    report = import_entries(second, file, by="system", published=True)
    assert report.problems == []
    assert report.created == count > 300
    before = texts(first)
    assert texts(second) == {external_id: before[external_id] for external_id in texts(second)}
    again = import_entries(second, file, by="system", published=True)
    assert (again.created, again.changed, again.unchanged) == (0, 0, count)


def test_a_database_brings_its_departments_and_documents_in_full(
    new_store: Callable[[], Store], tmp_path: Path
) -> None:
    first, second = new_store(), new_store()
    document = PolicyDocument(
        "某通知", "国办发〔2021〕14号", issuer="国办", signed_on=date(2021, 4, 13), text="全文"
    )
    with first.writing(by="system") as records:
        records.policies.add(document)
    stored(first, a_text(citations=(Citation("国办发〔2021〕14号", "某通知", "二"),)))
    export_entries(first, tmp_path / "out.sqlite")
    report = import_entries(second, tmp_path / "out.sqlite", by="system", published=True)
    assert report.new_departments == ["待遇保障处"]
    with second.reading() as records:
        assert records.people.departments() == (cast.BENEFITS,)
        brought = records.policies.by_number("国办发〔2021〕14号")
    assert brought is not None
    assert replace(brought, id=0) == document
    with second.reading() as records:
        assert import_policies(second, tmp_path / "out.sqlite", by="system").unchanged == 1


# ── what is selected ────────────────────────────────────────────────────────────────────────────────────────────────


def exported(store: Store, folder: Path, selection: Selection = Selection(), on: date = TODAY) -> list[str]:
    """External ids, by way of a file."""
    file = folder / "selected.jsonl"
    export_entries(store, file, selection, on)
    return [json.loads(line)["external_id"] for line in file.read_text("utf-8").splitlines()]


def test_only_what_is_answered_today_is_exported(staffed_store: Store, tmp_path: Path) -> None:
    with staffed_store.writing(by="admin") as records:
        records.policies.add(PolicyDocument("旧办法", "医保发〔2019〕1号", validity=Validity.REPEALED))
        until_march = PolicyDocument("试行办法", "医保发〔2020〕2号", valid_until=date(2026, 3, 31))
        records.policies.add(until_march)
        records.entries.add(a_published_entry("A-1"))
        records.entries.add(an_entry("A-2"))
        records.entries.add(a_published_entry("A-3", "医保发〔2019〕1号"))
        records.entries.add(a_published_entry("A-4", "医保发〔2020〕2号"))
        withdrawn = a_published_entry(
            "A-5", status=EntryStatus.WITHDRAWN, published_revision=None, published_at=None
        )
        records.entries.add(withdrawn)
    assert exported(staffed_store, tmp_path) == ["A-1", "A-4"]
    assert exported(staffed_store, tmp_path, on=date(2026, 4, 1)) == ["A-1"]


def test_the_published_revision_is_exported_unless_the_newest_is_asked_for(
    staffed_store: Store, tmp_path: Path
) -> None:
    with staffed_store.writing(by="editor") as records:
        entry = records.entries.add(a_published_entry("A-1"))
        records.entries.save(revised(entry, "改过的问题"), "entry.edited")
        records.entries.add(an_entry("A-2"))
    assert exported(staffed_store, tmp_path) == ["A-1"]
    assert "生育津贴如何申领？" in (tmp_path / "selected.jsonl").read_text("utf-8")
    assert exported(staffed_store, tmp_path, Selection(newest=True)) == ["A-1", "A-2"]
    assert "改过的问题" in (tmp_path / "selected.jsonl").read_text("utf-8")


def test_one_department_and_what_is_public_can_be_selected(staffed_store: Store, tmp_path: Path) -> None:
    internal = a_text(disclosure=Disclosure.NOT_DISCLOSED)
    other = replace(a_text(), department="settlement")
    stored(staffed_store, a_text(), internal, other)
    for name in ("待遇结算处", "settlement"):
        assert exported(staffed_store, tmp_path, Selection(department=name)) == ["A-3"]
    assert exported(staffed_store, tmp_path, Selection(public_only=True)) == ["A-1", "A-3"]
    with pytest.raises(NotFound, match="没有名称或代码为“月球处”的处室"):
        export_entries(staffed_store, tmp_path / "a.csv", Selection(department="月球处"))


# ── safe to open ────────────────────────────────────────────────────────────────────────────────────────────────────

FORMULAS = ('=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(A1)", "＝1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula(
    new_store: Callable[[], Store], tmp_path: Path, formula: str
) -> None:
    store = new_store()
    stored(store, EntryText(formula, formula, "benefits", variants=(f"{formula} 二",), keywords=(formula,)))
    export_entries(store, tmp_path / "a.xlsx")
    rows = list(load_workbook(tmp_path / "a.xlsx").worksheets[0].iter_rows())
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert all(cell.quotePrefix for cell in rows[1] if cell.value is not None)
    assert rows[1][3].value == formula


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_csv_file_begins_like_a_formula(
    new_store: Callable[[], Store], tmp_path: Path, formula: str
) -> None:
    store = new_store()
    stored(store, EntryText(formula, formula, "benefits"))
    export_entries(store, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        _, row = csv.reader(file)
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_a_cell_longer_than_excel_holds_is_told_and_leaves_no_file(
    new_store: Callable[[], Store], tmp_path: Path
) -> None:
    store = new_store()
    stored(store, a_text(variants=tuple(f"{n:03d}" + "问" * 190 for n in range(200))))
    with pytest.raises(InvalidValue, match=r"最多32,767个字.*请改为导出 \.jsonl"):
        export_entries(store, tmp_path / "a.xlsx")
    assert list(tmp_path.glob("*a.xlsx*")) == []
    assert export_entries(store, tmp_path / "a.jsonl") == 1


def test_a_failed_export_leaves_the_older_file_as_it_was(
    new_store: Callable[[], Store], tmp_path: Path
) -> None:
    store = new_store()
    stored(store, a_text(variants=tuple(f"{n:03d}" + "问" * 190 for n in range(200))))
    (tmp_path / "a.xlsx").write_text("older")
    with pytest.raises(InvalidValue):
        export_entries(store, tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_text() == "older"


def test_where_nothing_can_be_written_the_reason_is_told(
    new_store: Callable[[], Store], tmp_path: Path
) -> None:
    for suffix in EXPORTABLE:
        with pytest.raises(ZhengdaError, match=r"无法写入 .*文件或目录不存在"):
            export_entries(new_store(), tmp_path / "nowhere" / f"a{suffix}")
    with pytest.raises(InvalidValue, match="扩展名应为"):
        export_entries(new_store(), tmp_path / "a.pdf")
    with pytest.raises(InvalidValue, match="SQLite 文件只收已发布的内容"):
        export_entries(new_store(), tmp_path / "a.sqlite", Selection(newest=True))


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def data_folder(tmp_path: Path, wordings: Iterable[EntryText]) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}")
    stored(store, *wordings)
    store.close()
    return folder


def test_the_command_exports_and_counts(tmp_path: Path) -> None:
    folder = data_folder(tmp_path, [a_text(), a_text("第二个问题")])
    file = tmp_path / "问答.xlsx"
    result = CliRunner().invoke(main, ["--data", str(folder), "export", str(file)])
    assert (result.exit_code, result.stdout) == (0, f"已导出2条到 {file}\n")
    result = CliRunner().invoke(main, ["--data", str(folder), "export", str(file), "--force", "--json"])
    assert json.loads(result.stdout) == {"file": str(file), "entries": 2}
    result = CliRunner().invoke(main, ["--data", str(folder), "export", str(tmp_path / "a.pdf")])
    assert (result.exit_code, "扩展名应为" in result.stderr) == (1, True)


def test_the_command_replaces_no_file_unless_told_to(tmp_path: Path) -> None:
    folder = data_folder(tmp_path, [a_text()])
    file = tmp_path / "a.csv"
    file.write_text("older")
    command = ["--data", str(folder), "export", str(file)]
    refused = CliRunner().invoke(main, command)
    assert (refused.exit_code, file.read_text()) == (1, "older")
    assert (
        refused.stderr == f"错误：文件 {file} 已经存在，为免覆盖没有导出；请换一个文件名，或加 --force 覆盖\n"
    )
    assert CliRunner().invoke(main, [*command, "--force"]).exit_code == 0
    assert file.read_text() != "older"


def test_the_command_never_writes_to_the_database_or_into_the_data_folder(tmp_path: Path) -> None:
    folder = data_folder(tmp_path, [a_text()])
    database = folder / "zhengda.sqlite"
    (tmp_path / "link.sqlite").symlink_to(database)
    (tmp_path / "hard.sqlite").hardlink_to(database)
    before = database.read_bytes()
    for target in (database, tmp_path / "link.sqlite", tmp_path / "hard.sqlite", folder / "index" / "a.csv"):
        refused = CliRunner().invoke(main, ["--data", str(folder), "export", str(target), "--force"])
        assert (refused.exit_code, "错误：" in refused.stderr) == (1, True)
    assert database.read_bytes() == before
    assert not (folder / "index").exists()


def test_a_database_outside_the_data_folder_is_never_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = data_folder(tmp_path, [a_text()]) / "zhengda.sqlite"
    monkeypatch.setenv("ZHENGDA_DATABASE_URL", f"sqlite:///{database}")
    for end in ("", "-wal", "-shm"):
        target = database.with_name(database.name + end)
        refused = CliRunner().invoke(main, ["--data", str(tmp_path / "d"), "export", str(target), "--force"])
        assert (refused.exit_code, "正在使用的数据库" in refused.stderr) == (1, True)


def test_department_of_an_entry_without_record_is_exported_by_its_code(
    new_store: Callable[[], Store], tmp_path: Path
) -> None:
    store = new_store()
    with store.writing(by="system") as records:
        records.people.add_department(Department("office", "办公室", is_office=True))
        records.entries.add(a_published_entry("A-1"))
    export_entries(store, tmp_path / "a.jsonl")
    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["department"] == "benefits"
