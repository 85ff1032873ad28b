"""What click says by itself is said in Chinese."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import click
import pytest
from click import core, decorators, exceptions, parser, types
from click.testing import CliRunner

from qa_service.cli.in_chinese import SENTENCES, Root, in_chinese, said
from qa_service.cli.main import main

NEVER_SEEN = {
    # What our commands do not ask for: times, UUIDs, files that click opens itself.
    "Choice({choices})",
    "{value!r} is not a valid UUID.",
    "{value!r} does not match the format {format}.",
    "{value!r} does not match the formats {formats}.",
    "unknown error",
    "Could not open file {filename!r}: {message}",
    "Invalid start character for option ({option})",
    # What stands around a sentence: we write that ourselves.
    "Error: {message}",
    "Try '{command} {option}' for help.",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "Missing {param_type}",
    "Missing parameter: {param_name}",
    "file",
    "directory",
    "path",
}


def sentences_of(*modules: ModuleType) -> Iterator[str]:
    """Every text that modules of click hand to gettext."""
    for module in modules:
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                count = {"_": 1, "ngettext": 2}.get(node.func.id, 0)
                for each in node.args[:count]:
                    if isinstance(each, ast.Constant):
                        yield str(each.value)


def test_every_sentence_that_refuses_a_value_or_an_option_is_known() -> None:
    assert set(sentences_of(exceptions, parser, types)) - set(SENTENCES) - NEVER_SEEN == set()


def test_every_sentence_we_know_is_one_of_clicks() -> None:
    assert set(SENTENCES) - set(sentences_of(core, decorators, exceptions, parser, types)) == set()


@pytest.mark.parametrize("theirs", SENTENCES)
def test_a_sentence_with_values_in_it_is_said_in_chinese(theirs: str) -> None:
    names = re.findall(r"\{(\w+)", theirs)
    message = theirs.format(**dict.fromkeys(names, "甲"))
    assert said(message) == SENTENCES[theirs].format(**dict.fromkeys(names, "甲"))


def test_what_is_none_of_clicks_sentences_stays_as_it_is() -> None:
    assert said("处室“甲”不存在") == "处室“甲”不存在"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing"], "没有命令 nothing。"),
        (["aks"], "没有命令 aks。是不是要用 ask？"),
        (["keys", "nothing"], "没有命令 nothing。"),
        (["--nothing"], "没有选项 --nothing。"),
        (["ask", "--hitz", "1"], "没有选项 --hitz。是不是要用 --hits？"),
        (["serve", "--port"], "选项 --port 后面要写一个值。"),
        (["serve", "--port", "甲"], "选项 --port：“甲”不是整数。"),
        (["serve", "--port", "70000"], "选项 --port：“70000”超出范围，应为0到65535。"),
        (["serve", "--demo=1"], "选项 --demo 后面不带值。"),
        (["serve", "甲", "乙"], "多余的参数：甲 乙"),
        (["import"], "缺少参数“文件”。"),
        (["import", "/"], "参数“文件”：“/”是目录，这里要的是文件。"),
        (["keys", "revoke", "甲"], "参数“编号”：“甲”不是整数。"),
        (
            ["keys", "add", "官网", "--channel", "甲"],
            "选项 --channel：“甲”不可用，可选：hotline、website、api。",
        ),
        (["members", "add", "zhang"], "缺少选项 --name。"),
        (["ask", "--file", "/没有"], "选项 --file：文件“/没有”不存在，请核对路径。"),
    ],
)
def test_a_mistyped_command_is_told_in_chinese_and_ends_with_2(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"错误：{told}\n")


def test_an_error_shows_the_usage_and_where_to_read_more() -> None:
    result = CliRunner().invoke(main, ["keys", "revoke"], prog_name="zhengda")
    assert result.stderr.splitlines() == [
        "用法：zhengda keys revoke [选项] 编号",
        "查看说明：zhengda keys revoke --help",
        "",
        "错误：缺少参数“编号”。",
    ]


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["keys", "add", "-h"], ["members"]])
def test_the_help_has_no_words_of_clicks_left(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments, prog_name="zhengda")
    shown = result.output
    english = [
        "Usage",
        "Options",
        "Commands",
        "Show",
        "OPTIONS",
        "COMMAND",
        "INTEGER",
        "RANGE",
        "TEXT",
        "x<=",
    ]
    assert [word for word in [*english, "[required]"] if word in shown] == []
    assert "用法：zhengda" in shown


def test_notes_behind_an_option_are_in_chinese() -> None:
    @click.command()
    @click.option("--days", type=click.IntRange(min=1), default=5, show_default=True, help="天数。")
    @click.option("--name", required=True, help="姓名。")
    def noted(days: int, name: str) -> None:
        raise AssertionError

    shown = CliRunner().invoke(in_chinese(noted), ["--help"]).output
    assert "天数。  [默认：5；不小于1]" in shown
    assert "姓名。  [必填]" in shown


def test_an_interrupted_command_says_so() -> None:
    @click.group(cls=Root)
    def root() -> None:
        pass

    @root.command()
    def waiting() -> None:
        raise KeyboardInterrupt

    result = CliRunner().invoke(root, ["waiting"])
    assert (result.exit_code, result.stderr) == (1, "\n已中止\n")
