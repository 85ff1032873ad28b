"""Every kind of file that cannot be read as a table: what the message says, and that nothing is guessed."""

import contextlib
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.reading import MAX_BYTES, read_table
from qa_service.tables.table import MAX_ROWS, UnreadableFile
from tests.qa_service.tables.making import GOOD, HEADERS, a_row, csv_file, json_file, text_file, xlsx_file

HEADER = ",".join(HEADERS)


def complaint(file: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_table(file, ENTRY_COLUMNS)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.json", "a.jsonl", "a.sqlite"])
def test_a_file_of_no_bytes_is_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert complaint(tmp_path / name) == f"“{name}”：文件是空的（0 字节）"


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "\ufeff\n\n ,,\n"), ("a.json", " \n"), ("a.jsonl", "\n\n"), ("a.json", "[]")]
)
def test_a_file_of_blanks_is_empty(tmp_path: Path, name: str, text: str) -> None:
    assert "空的" in complaint(text_file(tmp_path / name, text))


def test_a_workbook_of_blanks_is_empty(tmp_path: Path) -> None:
    assert "空的" in complaint(xlsx_file(tmp_path / "a.xlsx", [[]]))


def test_a_header_alone_is_not_enough(tmp_path: Path) -> None:
    expected = "第1行：只有表头，没有数据行，请在表头下面填写内容"
    assert complaint(text_file(tmp_path / "a.csv", HEADER + "\n,,,\n")) == expected
    assert complaint(xlsx_file(tmp_path / "a.xlsx", [HEADERS])) == expected


def test_missing_columns_are_named_together_with_what_was_found(tmp_path: Path) -> None:
    expected = "第1行：缺少必需的列“部门”、“答案”；认到的表头是：编号、标准问、备注。请补上这些列，或改用中文或英文的标准列名"
    assert complaint(text_file(tmp_path / "a.csv", "编号,标准问,备注\n1,问,x\n")) == expected
    assert complaint(xlsx_file(tmp_path / "a.xlsx", [["编号", "标准问", "备注"], [1, "问", "x"]])) == expected


def test_missing_fields_of_json_are_named(tmp_path: Path) -> None:
    message = complaint(json_file(tmp_path / "a.json", [{"标准问": "问", "备注": ""}]))
    assert message.startswith(
        "所有对象都缺少必需的字段“部门”（department）、“答案”（answer）；认到的字段是：标准问、备注"
    )


def test_a_column_that_occurs_twice_is_ambiguous(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", f"{HEADER},answer\n{','.join(GOOD)},x\n")
    assert complaint(file) == "第1行：列“答案”出现了2次（答案、answer），请只保留一列"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl"])
def test_binary_garbage_is_not_text(tmp_path: Path, name: str, seed: int) -> None:
    (tmp_path / name).write_bytes(random.Random(seed).randbytes(5000))
    assert "不是文本文件" in complaint(tmp_path / name)


def test_utf16_is_refused_by_name(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "a.csv", [a_row()], "utf-16")
    assert complaint(file) == "“a.csv”：文件编码是 UTF-16，请另存为 UTF-8 编码（CSV 请选“CSV UTF-8”）"


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("shift_jis", "部署,医療保険の手続き,窓口で申請"),
        ("big5", "處室,生育津貼怎麼申領,由用人單位申請"),
        ("latin-1", "départe,où çà,déjà né"),
    ],
)
def test_an_encoding_that_is_neither_of_the_two_is_refused(tmp_path: Path, encoding: str, line: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(f"department,question,answer\n{line}\n".encode(encoding))
    assert "既不是 UTF-8 也不是 GB18030" in complaint(file)


def test_one_broken_byte_does_not_turn_utf8_into_another_encoding(tmp_path: Path) -> None:
    lines = ["department,question,answer", *("待遇保障处,生育津贴怎么领,由用人单位申请",) * 20]
    raw = bytearray("\n".join(lines).encode())
    at = len("\n".join(lines[:10]).encode()) + 3
    raw[at] = 0xFF
    (tmp_path / "a.csv").write_bytes(raw)
    assert (
        complaint(tmp_path / "a.csv") == "第11行：有不能按 UTF-8 读出的字节，文件可能已损坏，请重新导出或另存"
    )


@pytest.mark.parametrize("tail", ['处,"问,答\n', '处,"问"题,答\n'])
def test_quotes_that_do_not_pair_are_told_with_their_row(tmp_path: Path, tail: str) -> None:
    message = complaint(text_file(tmp_path / "a.csv", "部门,标准问,答案\n处,问,答\n" + tail))
    assert message.startswith("第3行：引号没有成对")


def test_a_cell_without_end_is_told(tmp_path: Path) -> None:
    file = text_file(tmp_path / "a.csv", '部门,标准问,答案\n处,问,"' + "答" * 200_000 + '"\n')
    assert complaint(file).startswith("第2行：有一格超过131,072个字")


@pytest.mark.parametrize(
    ("made", "renamed", "expected"),
    [
        ("a.xlsx", "b.csv", "扩展名是 .csv，内容却是 Excel 工作簿（.xlsx），请把扩展名改回来"),
        ("a.xlsx", "b.json", "扩展名是 .json，内容却是 Excel 工作簿（.xlsx），请把扩展名改回来"),
        ("a.csv", "b.xlsx", "扩展名是 .xlsx，内容不是 Excel 工作簿（.xlsx）"),
        ("a.csv", "b.json", "内容不是 JSON；如果是表格，请把扩展名改为 .csv"),
        ("a.csv", "b.jsonl", "内容不是每行一个 JSON 对象"),
        ("a.csv", "b.sqlite", "内容不是 SQLite 文件"),
        ("a.json", "b.csv", "内容却像 JSON"),
        ("a.json", "b.jsonl", "请把扩展名改为 .json"),
        ("a.jsonl", "b.json", "请把扩展名改为 .jsonl"),
        ("a.jsonl", "b.csv", "内容却像 JSON"),
        ("a.sqlite", "b.xlsx", "内容却是 SQLite 文件（.sqlite），请把扩展名改回来"),
        (
            "a.xls",
            "b.xlsx",
            "内容却是 旧版 Excel 文件（.xls），或加了密码的工作簿，请用 Excel 打开后另存为 .xlsx",
        ),
        ("a.xls", "b.xls", "请用 Excel 打开后另存为 .xlsx"),
        ("a.csv", "b.txt", "不支持这种文件，可以导入 .csv、.xlsx、.json、.jsonl、.sqlite、.db"),
        ("a.csv", "b", "不支持这种文件"),
    ],
)
def test_a_renamed_file_is_recognised_by_its_content(
    tmp_path: Path, made: str, renamed: str, expected: str
) -> None:
    csv_file(tmp_path / "a.csv", [a_row()])
    xlsx_file(tmp_path / "a.xlsx", [HEADERS, GOOD])
    json_file(tmp_path / "a.json", [a_row()])
    text_file(tmp_path / "a.jsonl", '{"标准问": "问"}\n{"标准问": "问"}\n')
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    sqlite3.connect(tmp_path / "a.sqlite").execute("CREATE TABLE t (x)").connection.close()
    if made != renamed:
        shutil.copy(tmp_path / made, tmp_path / renamed)
    message = complaint(tmp_path / renamed)
    assert expected in message
    assert renamed in message or message.startswith(("第", "内容"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_damaged(tmp_path: Path, share: float) -> None:
    whole = xlsx_file(tmp_path / "whole.xlsx", [HEADERS, *[GOOD] * 200]).read_bytes()
    (tmp_path / "a.xlsx").write_bytes(whole[: int(len(whole) * share)])
    assert complaint(tmp_path / "a.xlsx").startswith("“a.xlsx”：Excel 文件不完整或已损坏")


@pytest.mark.parametrize("seed", range(20))
def test_a_corrupted_workbook_is_damaged_or_read_but_never_a_crash(tmp_path: Path, seed: int) -> None:
    with_formulas = [[*GOOD, "=1+1"]] * 50
    raw = bytearray(xlsx_file(tmp_path / "whole.xlsx", [[*HEADERS, "人群"], *with_formulas]).read_bytes())
    chance = random.Random(seed)
    for _ in range(30):
        raw[chance.randrange(4, len(raw))] = chance.randrange(256)
    (tmp_path / "a.xlsx").write_bytes(raw)
    with contextlib.suppress(UnreadableFile):
        read_table(tmp_path / "a.xlsx", ENTRY_COLUMNS)


def test_a_zip_archive_that_is_no_workbook_is_damaged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "Excel 文件不完整或已损坏" in complaint(tmp_path / "a.xlsx")


def test_a_workbook_that_unpacks_into_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(310):
            sheet.write(bytes(1024 * 1024))
    assert "解压后过大" in complaint(tmp_path / "a.xlsx")


def test_a_stray_cell_in_the_far_corner_is_told_instead_of_taking_all_memory(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(list(HEADERS))
    sheet.append(list(GOOD))
    sheet["XFD1048576"] = "x"
    workbook.save(tmp_path / "a.xlsx")
    assert "XFD1048576" in complaint(tmp_path / "a.xlsx")


def test_a_workbook_without_a_visible_sheet_says_so(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(list(HEADERS))
    workbook.create_sheet("图").sheet_state = "visible"
    workbook.worksheets[0].sheet_state = "veryHidden"
    workbook.save(tmp_path / "a.xlsx")
    assert "文件是空的" in complaint(tmp_path / "a.xlsx")


@pytest.mark.parametrize("value", [{"标准问": "问"}, "文字", 3, None, {"entries": []}])
def test_json_must_be_a_list_of_objects(tmp_path: Path, value: object) -> None:
    assert "应为列表" in complaint(json_file(tmp_path / "a.json", value)) or isinstance(
        value, str | int | None
    )


def test_json_whose_items_are_not_objects_lacks_every_field(tmp_path: Path) -> None:
    assert "缺少必需的字段" in complaint(json_file(tmp_path / "a.json", [1, [2], "三"]))


@pytest.mark.parametrize("text", ['[{"标准问": "问"},\n{"标准问": ', "[" * 100_000, '[{"a": 1e400000}'])
def test_broken_json_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    assert "不是完整的 JSON" in complaint(text_file(tmp_path / "a.json", text))


def test_a_file_of_more_than_50_megabytes_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(HEADER.encode())
        file.truncate(MAX_BYTES + 1024 * 1024)
    assert complaint(tmp_path / "a.csv") == "“a.csv（51.0 MB）”：超过50 MB，请拆成几个文件分别导入"


def everything_as_csv(path: Path) -> None:
    path.write_text("部门,标准问,答案\n" + "处,问,答\n" * (MAX_ROWS + 1), encoding="utf-8")


def everything_as_json_lines(path: Path) -> None:
    path.write_text('{"部门":"处","标准问":"问","答案":"答"}\n' * (MAX_ROWS + 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "make"), [("a.csv", everything_as_csv), ("a.jsonl", everything_as_json_lines)]
)
def test_a_file_of_too_many_rows_is_to_be_split(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    assert (
        complaint(tmp_path / name)
        == "第100001行：超过100,000行，一次最多导入100,000行，请拆成几个文件分别导入"
    )


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    assert "文件或目录不存在" in complaint(tmp_path / "nothing.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "这是一个目录" in complaint(tmp_path / "folder.csv")


def test_a_sqlite_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    assert "没有“entries”表" in complaint(tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "b.db") as connection:
        connection.execute("CREATE TABLE entries (question, answer)")
    connection.close()
    assert "缺少必需的列：department" in complaint(tmp_path / "b.db")


def test_a_damaged_sqlite_file_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "whole.db") as connection:
        connection.execute("CREATE TABLE entries (department, question, answer)")
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?)", [("处", "问" * 500, "答")] * 100)
    connection.close()
    raw = (tmp_path / "whole.db").read_bytes()
    (tmp_path / "a.db").write_bytes(raw[:6000])
    assert "SQLite 文件已损坏" in complaint(tmp_path / "a.db")
