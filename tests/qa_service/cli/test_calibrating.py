"""`zhengda calibrate`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knowledge.store import AuditFilter, Store
from qa_service.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZHENGDA_ENCODER", "none")
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite:///{folder / 'zhengda.sqlite'}"
    Store.open(url).close()
    return url


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    """Runs the command over a data folder with an empty record."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(tmp_path / "data"), "calibrate", *arguments])

    return invoke


def test_prints_the_rate_what_rates_buy_and_what_is_missing(run: Run) -> None:
    printed = run().output
    assert printed.startswith("答错率上限 2%，作答门槛 ")
    assert "校准依据：随附的校准数据" in printed
    assert "上限2%（现行）：直接作答" in printed
    assert "本单位的结果：已有0条结果，还差200条才能校准" in printed


def test_a_rate_is_stored_with_who(run: Run, url: str) -> None:
    assert run("--rate", "1.5", "--by", "admin").output.startswith("答错率上限 1.5%")
    read = json.loads(run("--json").output)
    assert read["highest_wrong_rate"] == 0.015
    assert [row["rate"] for row in read["rates"]] == [0.01, 0.015, 0.02, 0.03, 0.05]
    assert (read["outcomes"]["count"], read["outcomes"]["missing"]) == (0, 200)
    store = Store.open(url)
    with store.reading() as records:
        (line,) = records.audit.list(AuditFilter(by="admin")).items
    store.close()
    assert line.detail == "答错率上限由2%改为1.5%"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--apply",), "还差200条才能校准"),
        (("--reset",), "随附的校准"),
        (("--rate", "60"), "不超过50%"),
        (("--apply", "--reset"), "只能用一个"),
        (("--rate", "1", "--apply"), "还差200条才能校准"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_changes_nothing(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, told in result.stderr, result.stderr.count("\n")) == (1, True, 1)
    assert json.loads(run("--json").output)["highest_wrong_rate"] == 0.02
