"""`zhengda words`."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knowledge.store import Store
from qa_service.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command over a data folder with an empty record."""
    folder = tmp_path / "data"
    folder.mkdir()
    Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}").close()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(folder), "words", *arguments])

    return invoke


def test_a_word_is_added_listed_and_switched_off(run: Run) -> None:
    assert run("add", "坎儿钱", "--formal", "起付标准").output == "已添加同义说法“坎儿钱”→“起付标准”\n"
    assert run("add", "西湖益联保").output == "已添加业务词“西湖益联保”\n"
    assert run("remove", "坎儿钱", "--formal", "起付标准").exit_code == 0
    assert run("remove", "门槛费", "--formal", "起付标准").exit_code == 0
    listed = run("list").output
    assert "同义说法  坎儿钱 → 起付标准（停用）" in listed
    assert "同义说法  门槛费 → 起付标准（停用）  系统自带" in listed
    assert "业务词  西湖益联保\n" in listed
    assert len(json.loads(run("list", "--json", "--kind", "synonym", "--all").output)) > 400


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "门槛费", "--formal", "起付标准"), "系统自带"),
        (("add", "起付标准", "--formal", "门槛费"), "请直接填"),
        (("add", "药"), "应为2到40个字"),
        (("remove", "没有此词"), "请先添加"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run: Run, arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, told in result.stderr, result.stderr.count("\n")) == (1, True, 1)


def test_words_survive_the_way_through_a_file(run: Run, tmp_path: Path) -> None:
    run("add", "坎儿钱", "--formal", "起付标准")
    run("add", "益惠钱塘", "--kind", "name")
    run("remove", "门槛费", "--formal", "起付标准")
    before = run("list", "--json").output
    for name in ("词语.xlsx", "词语.csv"):
        file = tmp_path / name
        assert run("export", str(file)).output == f"已导出3个词语到 {file}\n"
        again = run("import", str(file))
        assert (again.exit_code, "新增0，有变化0，无变化3" in again.output) == (0, True), again.output
    assert run("list", "--json").output == before


def test_a_file_of_words_is_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    rows = [
        ("种类", "群众说法", "规范用语", "状态"),
        ("", "坎儿钱", "起付标准", ""),
        ("", "西湖益联保", "", ""),
        ("套话", "侬好伐啦", "", "使用"),
        ("同义词", "门槛费", "起付标准", "停用"),
        ("同义词", "特病本", "门诊慢特病", ""),
    ]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    tried = run("import", str(file), "--dry-run")
    assert "新增4，有变化0，无变化1" in tried.output
    assert run("list").output == ""
    assert run("import", str(file)).exit_code == 0
    assert len(run("list").output.splitlines()) == 4


def test_rows_that_cannot_be_read_keep_the_file_out(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    rows = (
        "种类,词语,规范用语,状态\n词,西湖益联保,,\n,坎儿钱,门槛费,\n,甲|乙,,\n,同词,,也许\n,重复,,\n,重复,,\n"
    )
    file.write_text(rows, encoding="utf-8")
    result = run("import", str(file))
    assert result.exit_code == 1
    for told in ("第2行“种类”列", "第3行“规范用语”列“门槛费”", "第4行", "第5行“状态”列", "与第7行重复"):
        assert told in result.stderr, result.stderr
    assert run("list").output == ""
