"""Files as people make them, each read as the table that they meant."""

import datetime as dt
import sqlite3
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.reading import MAX_BYTES, read_table
from qa_service.tables.table import Table
from tests.qa_service.tables.making import (
    GOOD,
    HEADERS,
    a_row,
    csv_file,
    json_file,
    json_lines_file,
    text_file,
    xlsx_file,
)


def the_only_row(table: Table) -> dict[str, object]:
    assert len(table.rows) == 1
    return dict(table.rows[0].cells)


EXPECTED = dict(zip(("external_id", "department", "question", "answer"), GOOD, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_csv_is_read_in_every_encoding_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    file = csv_file(tmp_path / "问答.csv", [a_row()], encoding)
    assert the_only_row(read_table(file, ENTRY_COLUMNS)) == EXPECTED


def test_traditional_chinese_is_read_in_gb18030_too(tmp_path: Path) -> None:
    row = {"部门": "待遇保障處", "标准问": "生育津貼怎麼申領？", "答案": "由用人單位向醫療保障經辦機構申請。"}
    table = read_table(csv_file(tmp_path / "a.csv", [row], "gb18030"), ENTRY_COLUMNS)
    assert the_only_row(table)["question"] == "生育津貼怎麼申領？"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_may_have_tabs_or_semicolons_between_the_cells(tmp_path: Path, delimiter: str) -> None:
    file = text_file(tmp_path / "a.csv", delimiter.join(HEADERS) + "\r\n" + delimiter.join(GOOD) + "\r\n")
    assert the_only_row(read_table(file, ENTRY_COLUMNS)) == EXPECTED


def test_quotes_commas_and_line_breaks_within_a_csv_cell_are_part_of_it(tmp_path: Path) -> None:
    answer = '称"两定机构"，包括：\n一、医院,\n二、药店'
    table = read_table(csv_file(tmp_path / "a.csv", [a_row(答案=answer)]), ENTRY_COLUMNS)
    assert table.rows[0].cells["answer"] == answer
    assert table.rows[0].number == 2


def test_rows_are_numbered_as_a_spreadsheet_program_shows_them(tmp_path: Path) -> None:
    rows = [a_row(答案="一\n二\n三"), {}, a_row(编号="A-2")]
    table = read_table(csv_file(tmp_path / "a.csv", rows), ENTRY_COLUMNS)
    assert [row.number for row in table.rows] == [2, 4]


def test_a_row_that_is_too_short_has_nothing_in_its_last_columns(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", "部门,标准问,答案,地区,人群\n处,问,答\n")
    assert the_only_row(read_table(file, ENTRY_COLUMNS))["audience"] == ""


def test_a_row_that_is_too_long_has_a_problem(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", "部门,标准问,答案\n处,问,答,多出来的,\n处,问,答,,\n")
    first, second = read_table(file, ENTRY_COLUMNS).rows
    assert [str(problem) for problem in first.problems] == [
        "第2行“多出来的”：这一行比表头多出1格，多半是内容里的逗号没有用引号括起来，请检查"
    ]
    assert second.problems == ()


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    table = read_table(
        xlsx_file(tmp_path / "a.xlsx", [["医保问答（2024年）"], [], HEADERS, GOOD]), ENTRY_COLUMNS
    )
    assert the_only_row(table) == EXPECTED
    assert table.rows[0].number == 4


def test_unknown_columns_are_named_in_a_warning(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path / "a.csv", [a_row(备注="x", 原因="此前的问题")]), ENTRY_COLUMNS)
    assert [str(warning) for warning in table.warnings] == [
        "第1行“备注”列：不认得这一列，已略过；如需导入请改用标准列名"
    ]


def test_the_first_visible_sheet_with_a_recognised_header_is_read(tmp_path: Path) -> None:
    workbook = Workbook()
    hidden = workbook.worksheets[0]
    hidden.append(list(HEADERS))
    hidden.append(["隐藏", "处", "问", "答"])
    hidden.sheet_state = "hidden"
    notes = workbook.create_sheet("填写说明")
    notes.append(["请在下一张表填写"])
    data = workbook.create_sheet("问答")
    data.append(list(HEADERS))
    data.append(list(GOOD))
    workbook.save(tmp_path / "a.xlsx")
    assert the_only_row(read_table(tmp_path / "a.xlsx", ENTRY_COLUMNS)) == EXPECTED


def test_numbers_and_dates_in_a_workbook_read_as_people_see_them(tmp_path: Path) -> None:
    headers = ("编号", "部门", "标准问", "答案", "地区", "生效日期", "失效日期")
    row = (12, "处", "问", 0.85, 330100.0, dt.date(2024, 1, 5), dt.datetime.fromisoformat("2025-01-05 08:30"))
    cells = the_only_row(read_table(xlsx_file(tmp_path / "a.xlsx", [headers, row]), ENTRY_COLUMNS))
    assert cells["external_id"] == "12"
    assert cells["answer"] == "0.85"
    assert cells["region"] == "330100"
    assert cells["effective_from"] == "2024-01-05"
    assert cells["effective_until"] == "2025-01-05 08:30:00"


def test_merged_cells_have_their_value_in_every_row_and_a_warning_says_so(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (HEADERS, GOOD, ("A-2", None, "问", "答"), ("A-3", "办公室", "问", "答")):
        sheet.append(list(row))
    sheet.merge_cells("B2:B3")
    workbook.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", ENTRY_COLUMNS)
    assert [row.cells["department"] for row in table.rows] == ["待遇保障处", "待遇保障处", "办公室"]
    assert ["合并单元格" in str(warning) for warning in table.warnings] == [True]


def test_a_formula_reads_as_its_result(tmp_path: Path) -> None:
    file = workbook_with_a_cell(tmp_path / "a.xlsx", "<f>1+2</f><v>3</v>")
    assert the_only_row(read_table(file, ENTRY_COLUMNS))["audience"] == "3"
    assert read_table(file, ENTRY_COLUMNS).warnings == []


def test_a_formula_without_a_result_is_warned_of(tmp_path: Path) -> None:
    file = xlsx_file(tmp_path / "a.xlsx", [[*HEADERS, "人群"], [*GOOD, "=A1&B1"]])
    table = read_table(file, ENTRY_COLUMNS)
    assert the_only_row(table)["audience"] == ""
    assert [str(warning) for warning in table.warnings] == [
        "第2行“人群”列“=A1&B1”：公式没有结果，按空白读取；如不应空白，请在 Excel 中重新计算并保存"
    ]


def test_a_failed_formula_is_a_problem_of_its_row(tmp_path: Path) -> None:
    file = workbook_with_a_cell(tmp_path / "a.xlsx", "<f>1/0</f><v>#DIV/0!</v>", 't="e"')
    (row,) = read_table(file, ENTRY_COLUMNS).rows
    assert [str(problem) for problem in row.problems] == [
        "第2行“人群”列“#DIV/0!”：单元格是公式错误，请在 Excel 中改正，或改为文字"
    ]


def workbook_with_a_cell(path: Path, xml: str, attributes: str = "") -> Path:
    """A workbook whose 人群 cell is this XML: openpyxl writes no results of formulas."""
    marked = xlsx_file(path.with_name("marked.xlsx"), [[*HEADERS, "人群"], [*GOOD, 77777]])
    with zipfile.ZipFile(marked) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                before = b'<c r="E2" t="n"><v>77777</v></c>'
                assert before in content
                content = content.replace(before, f'<c r="E2" {attributes}>{xml}</c>'.encode())
            target.writestr(name, content)
    return path


def test_json_and_json_lines_may_hold_lists_and_either_language_of_keys(tmp_path: Path) -> None:
    item = {**a_row(), "similar_questions": ["甲|乙", "丙"], "生效日期": None, "地区": 330100}
    for file in (json_file(tmp_path / "a.json", [item]), json_lines_file(tmp_path / "a.jsonl", [item])):
        (row,) = read_table(file, ENTRY_COLUMNS).rows
        assert row.cells["similar_questions"] == ("甲|乙", "丙")
        assert row.cells["effective_from"] == ""
        assert row.cells["region"] == "330100"
        assert row.number == 1


def test_columns_that_no_object_has_are_not_in_the_table(tmp_path: Path) -> None:
    (row,) = read_table(json_file(tmp_path / "a.json", [a_row()]), ENTRY_COLUMNS).rows
    assert "region" not in row.cells


def test_an_object_with_a_repeated_or_nested_field_has_a_problem_of_its_own(tmp_path: Path) -> None:
    good = '{"部门":"处","标准问":"问","答案":"答"}'
    repeated = '{"部门":"处","department":"处","标准问":"问","答案":"答"}'
    nested = '{"部门":{"名称":"处"},"标准问":"问","答案":"答"}'
    table = read_table(text_file(tmp_path / "a.jsonl", f"{good}\n\n{repeated}\n{nested}\n"), ENTRY_COLUMNS)
    assert [[str(problem) for problem in row.problems] for row in table.rows] == [
        [],
        ["第3行“department”列：“部门”出现了不止一次，请只保留一个"],
        ['第4行“部门”列“{"名称": "处"}”：应为文字，不能是对象'],
    ]


@pytest.mark.parametrize("line", ['{"部门":"处","标准', "[1]", '"文字"', "这不是JSON", "{" * 5000])
def test_a_broken_line_of_json_lines_is_a_problem_of_that_line(tmp_path: Path, line: str) -> None:
    file = text_file(tmp_path / "a.jsonl", f'{{"部门":"处","标准问":"问","答案":"答"}}\n{line}\n')
    good, broken = read_table(file, ENTRY_COLUMNS).rows
    assert good.problems == ()
    assert [problem.row for problem in broken.problems] == [2]
    assert "不是完整的 JSON 对象" in str(broken.problems[0])
    assert broken.written == {"原文": line}


def test_a_sqlite_file_is_opened_for_reading_only(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE entries (department, question, answer, extra)")
    connection.execute("INSERT INTO entries VALUES ('处', '问', '答', 1)")
    connection.commit()
    connection.close()
    file.chmod(0o444)
    before = sorted(tmp_path.iterdir())
    assert the_only_row(read_table(file, ENTRY_COLUMNS)) == {
        "department": "处",
        "question": "问",
        "answer": "答",
    }
    assert sorted(tmp_path.iterdir()) == before


def test_a_sqlite_file_may_be_large(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE entries (department, question, answer)")
    connection.execute("INSERT INTO entries VALUES ('处', '问', '答')")
    connection.execute("CREATE TABLE other AS SELECT zeroblob(?) AS filling", [MAX_BYTES])
    connection.commit()
    connection.close()
    assert len(read_table(file, ENTRY_COLUMNS).rows) == 1
