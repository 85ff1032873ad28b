"""Runs are kept question by question and come back as they were."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from eval.runs import NoSuchRun, Run, SystemRun, listed, load, record
from tests.eval.making import judged

BETTER = (
    judged("answered", "AB", confidence=0.91, id="Q-1", ms=12.5),
    judged("choices", "BCA", options="BC", confidence=0.4, id="Q-2", style="story"),
    judged("unanswered", "", "", id="Q-3", kind="abuse"),
)
WORSE = tuple(
    judged("", "BA", (each.question.relevant and "A") or "", id=each.question.id) for each in BETTER
)


def a_run(*systems: SystemRun, at: str = "2026-03-01T08:00:00+00:00") -> Run:
    return Run(at, ("test",), 400, "snapshot-1", "some-encoder", 0.7, 0.35, systems)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "evaluation.sqlite"


def test_a_run_comes_back_as_it_was(history: Path) -> None:
    written = record(history, a_run(SystemRun("zhengda", "the product", True, BETTER)))
    assert written.id == 1
    assert load(history, 1) == written


def test_the_newest_is_found_without_its_number(history: Path) -> None:
    for _ in range(2):
        record(history, a_run(SystemRun("zhengda", "the product", True, BETTER)))
    assert load(history).id == 2


def test_every_question_can_be_asked_for_with_sql(history: Path) -> None:
    record(history, a_run(SystemRun("zhengda", "the product", True, BETTER)))
    database = Database(history)
    found = database.execute(
        "select question, rank, style from judged join questions on id = question and questions.run = judged.run"
        " where rank > 1"
    ).fetchall()
    database.close()
    assert found == [("Q-2", 3, "story")]


def test_runs_are_listed_newest_first(history: Path) -> None:
    record(history, a_run(SystemRun("zhengda", "the product", True, BETTER)))
    both = SystemRun("zhengda", "", True, BETTER[:2]), SystemRun("bm25", "", False, WORSE[:2])
    record(history, a_run(*both))
    assert [(each.id, each.questions, each.systems) for each in listed(history)] == [
        (2, 2, ("zhengda", "bm25")),
        (1, 3, ("zhengda",)),
    ]


def test_a_run_that_is_not_there_says_which_are(history: Path) -> None:
    with pytest.raises(NoSuchRun, match="recorded: none"):
        load(history)
    record(history, a_run(SystemRun("zhengda", "", True, BETTER)))
    with pytest.raises(NoSuchRun, match=r"no run 7 .* recorded: 1"):
        load(history, 7)
    with pytest.raises(NoSuchRun, match="no system 'bm25'; it has zhengda"):
        load(history, 1).system("bm25")
