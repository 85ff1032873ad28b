"""`python -m eval` from end to end, on the sample base with words alone, which takes no encoding."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eval.commands import main
from eval.lineup import NAMES

FEW = ("--encoder", "none", "--limit", "36")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("eval")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def recorded(data: Path) -> Path:
    """A data folder with run 1, of the product and rank-bm25."""
    done = run("run", *FEW, "--systems", "zhengda,bm25", "--data", data)
    assert done.exit_code == 0, done.output
    for words in ("36 questions of test", "recall@1", "all unanswerable", "calibration error (15 bins)"):
        assert words in done.output
    return data


def test_without_a_command_it_runs(recorded: Path) -> None:
    done = run(*FEW, "--split", "validation", "--systems", "zhengda", "--data", recorded, "--json")
    found = json.loads(done.stdout)
    assert found["splits"] == ["validation"]
    assert found["systems"]["zhengda"]["groups"]["all answerable"]["recall_1"]["value"] > 0.2
    assert "Brier score" in found["systems"]["zhengda"]["confidence"]


def test_recorded_runs_are_listed(recorded: Path) -> None:
    assert "36 questions of test  words alone  zhengda, bm25" in run("runs", "--data", recorded).output
    assert json.loads(run("runs", "--data", recorded, "--json").stdout)[-1]["id"] == 1


def test_two_results_are_compared(recorded: Path) -> None:
    done = run("compare", "1:bm25", "1", "--data", recorded)
    assert done.exit_code == 0
    assert "36 questions in both, 0 left out" in done.output
    assert "right entry first" in done.output
    found = json.loads(run("compare", "1", "1", "--data", recorded, "--json").stdout)
    assert found["changes"]["wrong"]["better"] == found["changes"]["wrong"]["worse"] == []


def test_a_run_becomes_a_page(recorded: Path, tmp_path: Path) -> None:
    done = run("report", 1, "--data", recorded, "--output", tmp_path / "page.html")
    assert done.output.strip() == str(tmp_path / "page.html")
    assert "Evaluation run 1" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_gate_holds_what_got_worse_and_lets_pass_what_did_not(data: Path, tmp_path: Path) -> None:
    gate = ("gate", *FEW, "--split", "test", "--data", data, "--baseline", tmp_path)
    missing = run(*gate)
    assert missing.exit_code == 1
    assert "gate --accept" in missing.output
    assert run(*gate, "--accept").exit_code == 0
    passed = run(*gate)
    assert passed.exit_code == 0, passed.output
    assert "36 questions, 0 of them not in the baseline" in passed.output

    # As if every answerable question had once had its entry first: what is now is worse.
    rows = [json.loads(line) for line in (tmp_path / "test.jsonl").read_text(encoding="utf-8").splitlines()]
    better = [row | {"rank": 1} for row in rows]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in better), encoding="utf-8")
    failed = run(*gate)
    assert failed.exit_code == 1
    assert "WORSE right entry first" in failed.output


def test_overlaps_are_told_by_style() -> None:
    assert "near-copy" in run("overlap").output
    assert set(json.loads(run("overlap", "--json").stdout)) >= {"spoken", "story"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--systems", "google"), f"there are {', '.join(NAMES)}"),
        (("compare", "x", "1"), "'x' is no run"),
        (("compare", "99", "1"), "no run 99"),
        (("compare", "1:google", "1"), "no system 'google'"),
        (("report", "99"), "no run 99"),
        (("run", "--split", "tune"), "'tune' is not one of"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    recorded: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments, "--data", recorded)
    assert done.exit_code != 0
    assert said in done.output


@pytest.mark.parametrize("command", ["", "run", "runs", "compare", "report", "gate", "overlap"])
def test_every_command_has_help(command: str) -> None:
    done = run(*command.split(), "--help")
    assert done.exit_code == 0
    assert "Example:" in done.output or command == "runs"
