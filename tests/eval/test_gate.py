"""The gate lets pass what is as good as before and holds what got significantly worse."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval import gate
from eval.judging import Judged
from eval.questions import questions
from tests.eval.making import judged

GOOD = (
    *(judged("answered", "AB", id=f"Q-{n}", confidence=0.9) for n in range(20)),
    *(judged("choices", "BA", options="BA", id=f"C-{n}") for n in range(20)),
    *(judged("unanswered", "BA", "", id=f"U-{n}") for n in range(20)),
)


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    gate.accept(tmp_path, "test", GOOD)
    return tmp_path


def changed(count: int, prefix: str, change: Callable[[Judged], Judged]) -> Sequence[Judged]:
    """GOOD with the first `count` questions of a prefix changed."""
    names = {f"{prefix}-{n}" for n in range(count)}
    return [change(each) if each.question.id in names else each for each in GOOD]


def worse(verdict: gate.Verdict) -> set[str]:
    return {each.event.key for each, _ in verdict.worse}


def test_the_same_results_pass(baseline: Path) -> None:
    verdict = gate.check(baseline, "test", GOOD)
    assert verdict.passed
    assert {len(each.lost) for each, _ in verdict.changes} == {0}


def test_five_entries_lost_fail_and_four_pass(baseline: Path) -> None:
    def lose(each: Judged) -> Judged:
        return replace(each, ranking=("B", "A"), outcome="choices", options=("B", "A"))

    assert gate.check(baseline, "test", changed(4, "Q", lose)).passed
    verdict = gate.check(baseline, "test", changed(5, "Q", lose))
    assert worse(verdict) == {"recall_1", "right"}
    assert "worse for 'right entry first': Q-0 Q-1 Q-2 Q-3 Q-4" in "\n".join(gate.lines(verdict))


def test_what_is_gained_makes_up_for_what_is_lost(baseline: Path) -> None:
    def gain(each: Judged) -> Judged:
        return replace(each, ranking=("A", "B"), outcome="answered", options=())

    both = {each.question.id: each for each in changed(5, "C", gain)}
    lost = [replace(both[f"Q-{n}"], ranking=("B", "A")) for n in range(5)]
    kept = {each.question.id: each for each in lost}
    verdict = gate.check(baseline, "test", [kept.get(each.question.id, each) for each in both.values()])
    assert "recall_1" not in worse(verdict)
    assert worse(verdict) == {"wrong", "shown"}


def test_wrong_answers_fail(baseline: Path) -> None:
    verdict = gate.check(
        baseline, "test", changed(5, "C", lambda j: replace(j, outcome="answered", options=()))
    )
    assert worse(verdict) == {"wrong", "shown"}


def test_answers_to_unanswerable_questions_fail(baseline: Path) -> None:
    verdict = gate.check(baseline, "test", changed(5, "U", lambda j: replace(j, outcome="answered")))
    assert worse(verdict) == {"answered_unanswerable"}


def test_refusing_everything_makes_no_mistake_and_fails(baseline: Path) -> None:
    refusing = [replace(each, outcome="unanswered", options=()) for each in GOOD]
    assert worse(gate.check(baseline, "test", refusing)) == {"right", "shown"}


def test_new_questions_are_not_held_against_it_until_they_are_many(baseline: Path) -> None:
    few = [judged("answered", "BA", id=f"N-{n}") for n in range(6)]
    verdict = gate.check(baseline, "test", [*GOOD, *few])
    assert (verdict.count, verdict.unknown, verdict.passed) == (66, 6, True)
    many = [judged("answered", "BA", id=f"N-{n}") for n in range(7)]
    verdict = gate.check(baseline, "test", [*GOOD, *many])
    assert verdict.stale
    assert not verdict.passed
    assert "gate --accept" in "\n".join(gate.lines(verdict))


def test_a_reworded_question_is_a_new_one(baseline: Path) -> None:
    reworded = [replace(each, question=replace(each.question, text="换个说法")) for each in GOOD[:3]]
    assert gate.check(baseline, "test", [*reworded, *GOOD[3:]]).unknown == 3


def test_without_a_baseline_nothing_passes(tmp_path: Path) -> None:
    assert not gate.check(tmp_path, "test", GOOD).passed


@pytest.mark.parametrize("split", gate.SPLITS)
def test_the_committed_baseline_knows_the_questions(split: str) -> None:
    as_if = [Judged(question, ()) for question in questions(split)]
    assert not gate.check(gate.FOLDER, split, as_if).stale, "python -m eval gate --accept"


def test_the_baseline_is_a_line_a_question_in_the_order_of_ids(baseline: Path) -> None:
    lines = (baseline / "test.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert set(rows[0]) == {"id", "asked", "rank", "outcome", "offered", "confidence"}
    assert rows[0]["rank"] == 2
