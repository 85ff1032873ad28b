"""Every kind of bad row: what its author is told, and that the file then changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.store import EntryFilter, Store
from qa_service.importing import import_entries
from tests.qa_service.tables.making import a_row, csv_file, json_lines_file, text_file


@pytest.fixture
def store(sqlite_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(sqlite_url)


def problems(store: Store, file: Path) -> list[str]:
    """What the file is told, having made sure that neither trying nor importing it changed anything."""
    tried = import_entries(store, file, by="system", dry_run=True)
    report = import_entries(store, file, by="system")
    assert tried.problems == report.problems
    assert not tried.applied
    assert not report.applied
    with store.reading() as records:
        assert records.entries.list(EntryFilter()).total == 0
        assert records.people.departments() == ()
        assert records.audit.list().total == 0
    return [str(problem) for problem in report.problems]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"标准问": ""}, "第3行“标准问”列：不能为空"),
        ({"答案": " \n"}, "第3行“答案”列：不能为空"),
        ({"部门": ""}, "第3行“部门”列：不能为空"),
        ({"标准问": "问" * 201}, f"第3行“标准问”列“{'问' * 60}…”：最多200个字，现有201个字，请精简或拆分"),
        ({"答案": "答" * 5001}, f"第3行“答案”列“{'答' * 60}…”：最多5000个字，现有5001个字，请精简或拆分"),
        (
            {"相似问": "短|" + "长" * 300},
            f"第3行“相似问”列“{'长' * 60}…”：最多200个字，现有300个字，请精简或拆分",
        ),
        (
            {"生效日期": "2024-02-30"},
            "第3行“生效日期”列“2024-02-30”：不是有效的日期，请写成 2024-01-05、2024/1/5 或 2024年1月5日，不限日期时留空",
        ),
        (
            {"生效日期": "2024-05-01", "失效日期": "2024年4月30日"},
            "第3行“失效日期”列“2024-04-30”：不能早于生效日期2024-05-01",
        ),
        ({"险种": "农民"}, "第3行“险种”列“农民”：不认得，请填“职工”或“居民”，两者都适用时留空"),
        (
            {"地区": "亚特兰蒂斯"},
            "第3行“地区”列“亚特兰蒂斯”：应为六位行政区划代码（GB/T 2260）或省、市名称，留空表示全国",
        ),
        (
            {"公开属性": "秘密"},
            "第3行“公开属性”列“秘密”：不认得，请填“主动公开”“依申请公开”或“不予公开”，留空为主动公开",
        ),
        (
            {"渠道": "电报"},
            "第3行“渠道”列“电报”：不认得，请填“热线”“网站”“接口”，多个用“|”分隔，都适用时留空",
        ),
        (
            {"文号": "甲|乙", "文件名": "一|二|三"},
            "第3行“文号”列“甲 | 乙 / 一 | 二 | 三 / ”：三列的个数对不上",
        ),
        ({"条款": "第五条"}, "第3行“条款”列“第五条”：没有对应的文号或文件名，请补上其中一项"),
        ({"答案": "甲\x00乙"}, "第3行“答案”列“甲�乙”：含有不可见的控制字符（U+0000），请删除后重试"),
        ({"编号": "长" * 101}, f"第3行“编号”列“{'长' * 60}…”：最多100个字，现有101个字，请精简或拆分"),
    ],
)
def test_a_bad_cell_is_told_by_row_column_and_value(
    store: Store, tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    file = csv_file(
        tmp_path / "a.csv", [a_row(), a_row(**{"编号": "A-2", "标准问": "另一个问题", **changes})]
    )
    (told,) = problems(store, file)
    assert told.startswith(message)


def test_every_problem_of_every_row_is_told_at_once(store: Store, tmp_path: Path) -> None:
    rows = [a_row(险种="甲", 地区="乙", 生效日期="丙"), a_row(编号="A-2", 答案=""), a_row(编号="A-3")]
    told = problems(store, csv_file(tmp_path / "a.csv", rows))
    assert [each.split("列")[0] for each in told] == [
        "第2行“地区”",
        "第2行“险种”",
        "第2行“生效日期”",
        "第3行“答案”",
    ]


def test_two_rows_of_one_number_are_both_told(store: Store, tmp_path: Path) -> None:
    rows = [a_row(), a_row(编号="A-2"), a_row(标准问="别的问题")]
    assert problems(store, csv_file(tmp_path / "a.csv", rows)) == [
        "第2行“编号”列“A-1”：与第4行重复，请给每个条目不同的编号，或删去多余的行",
        "第4行“编号”列“A-1”：与第2行重复，请给每个条目不同的编号，或删去多余的行",
    ]


def test_two_rows_without_a_number_that_ask_the_same_are_both_told(store: Store, tmp_path: Path) -> None:
    rows = [a_row(编号=""), a_row(编号="", 答案="别的答案"), a_row(编号="", 险种="居民")]
    assert problems(store, csv_file(tmp_path / "a.csv", rows)) == [
        "第2行“标准问”列“生育津贴怎么领？”：与第3行重复，标准问和适用范围都相同；请填写不同的编号，或删去多余的行",
        "第3行“标准问”列“生育津贴怎么领？”：与第2行重复，标准问和适用范围都相同；请填写不同的编号，或删去多余的行",
    ]


def test_columns_are_named_as_the_file_names_them(store: Store, tmp_path: Path) -> None:
    item = {"department": "处", "question": "问", "answer": "答", "Insured_Group": "农民"}
    (told,) = problems(store, json_lines_file(tmp_path / "a.jsonl", [item]))
    assert told.startswith("第1行“Insured_Group”列“农民”")


def test_a_file_that_is_no_table_is_told_as_a_whole(store: Store, tmp_path: Path) -> None:
    assert problems(store, text_file(tmp_path / "a.csv", "编号,标准问\n1,问\n"))[0].startswith(
        "第1行：缺少必需的列"
    )
    assert problems(store, tmp_path / "nothing.csv")[0].startswith(f"“{tmp_path / 'nothing.csv'}”"[:61])
