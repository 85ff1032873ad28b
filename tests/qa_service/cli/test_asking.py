"""`zhengda ask` with a file of questions, as people run it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from knowledge.entry import InsuredGroup
from knowledge.store import Store
from qa_service.cli.main import main
from tests.knowledge.making import a_text
from tests.qa_service.stocked import stored


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an entry for employees and one for residents, searched by words."""
    monkeypatch.setenv("ZHENGDA_ENCODER", "none")
    folder = tmp_path / "data"
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}")
    question = "门诊慢特病怎么认定"
    stored(
        store,
        a_text(question, insured_group=InsuredGroup.EMPLOYEE),
        a_text(f"居民{question}", insured_group=InsuredGroup.RESIDENT),
    )
    store.close()
    return folder


def ask(data: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "ask", *map(str, arguments)])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_that_cannot_be_asked_says_why_and_the_run_goes_on(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    text = "门诊慢特病怎么认定"
    asked: list[dict[str, Any]] = [
        {"text": text, "insured_group": "军人"},
        {"text": text, "region": "火星"},
        {"text": text, "insured_group": ["职工"]},
        {"text": text, "insured_group": "职工"},
        {"text": text, "insured_group": "居民"},
    ]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in asked), encoding="utf-8")
    result = ask(data, "--file", file, "--hits", "1")
    assert result.exit_code == 0, result.output
    soldier, martian, listed, employee, resident = lines(result)
    assert "error" in listed
    assert "第1行：险种：“军人”不符合要求" in soldier["error"]
    assert "第2行：地区：“火星”不符合要求" in martian["error"]
    assert soldier["outcome"] == martian["outcome"] == "unanswered"
    assert "error" not in employee | resident
    assert [line["hits"][0]["question"] for line in (employee, resident)] == [text, f"居民{text}"]


@pytest.mark.parametrize("written", ["resident", "居民"])
def test_the_insured_group_can_be_written_in_chinese(data: Path, written: str) -> None:
    result = ask(data, "门诊慢特病怎么认定", "--hits", "1", "--insured-group", written)
    assert json.loads(result.stdout)["hits"][0]["question"] == "居民门诊慢特病怎么认定"


def test_an_insured_group_that_does_not_exist_is_refused(data: Path) -> None:
    result = ask(data, "门诊慢特病怎么认定", "--insured-group", "军人")
    assert (result.exit_code, "请填“职工”或“居民”" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "门诊"}\n'.encode("gb18030"), "{file} 不是 UTF-8 编码，请另存为 UTF-8 后重试"),
        (
            b'\n{"text": \n',
            '{file} 第2行不是有效的 JSON，每行应为一个对象，如 {{"text": "问题"}}',
        ),
        (b'["text"]\n', '{file} 第1行应为带 "text" 的 JSON 对象'),
    ],
)
def test_a_file_that_is_no_list_of_questions_is_told_in_one_line(
    data: Path, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(content)
    result = ask(data, "--file", file)
    assert (result.exit_code, result.stderr) == (1, f"错误：{message.format(file=file)}\n")


def test_a_named_session_goes_on_where_it_stopped(data: Path) -> None:
    first = ask(data, "--session", "甲", "职工门诊慢特病怎么认定")
    assert first.exit_code == 0, first.output
    second = ask(data, "--session", "甲", "那居民的呢", "--json")
    assert "居民" in json.loads(second.stdout)["understood_as"]
    alone = ask(data, "--session", "乙", "那居民的呢", "--json")
    assert json.loads(alone.stdout)["understood_as"] == ""


def test_an_explanation_is_told_in_chinese(data: Path) -> None:
    shown = ask(data, "--explain", "请问门诊慢特病怎么认定").stdout
    assert "为什么是这个结果" in shown
    for label in (
        "判定：",
        "检索所用的问题：",
        "相同的词语：",
        "得分构成：",
        "阈值：",
        "索引快照：",
        "版本：",
    ):
        assert label in shown
    assert "（略去：请问）" in shown
    assert "为什么是这个结果" not in ask(data, "门诊慢特病怎么认定").stdout


def test_lines_and_json_are_explained_when_that_is_asked_for(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"text": "门诊慢特病怎么认定"}\n', encoding="utf-8")
    assert lines(ask(data, "--file", file, "--explain"))[0]["explanation"]["entries"]
    assert json.loads(ask(data, "--json", "--explain", "门诊慢特病怎么认定").stdout)["explanation"]["entries"]
    assert "explanation" not in lines(ask(data, "--file", file))[0]
