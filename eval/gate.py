"""Nothing that changes search is released when it makes answers significantly worse.

The committed baseline holds one line a question: the rank of the first entry that answers, the outcome, whether the
right one was among the choices, and the confidence. The product as it is now is asked the same questions; for each
split and each event, gains and losses are weighed by an exact one-sided McNemar test. Five lost and none gained is the
least that fails.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.comparing import EVENTS, Change, change
from eval.judging import CHOICES, DEPTH, Judged
from eval.questions import Question
from eval.significance import mcnemar

FOLDER = Path(__file__).with_name("baseline")
SPLITS = ("validation", "test")
GUARDED = ("recall_1", "right", "shown", "wrong", "answered_unanswerable")
"""The events that must not get worse. `right` and `shown` are there because refusing everything makes no mistake."""
SIGNIFICANT = 0.05
KNOWN = 0.9
"""The share of a split's questions that the baseline must know, or it guards too little."""
_OTHER = "another"


@dataclass(frozen=True)
class Verdict:
    """One split against its baseline: the changes of each guarded event with their one-sided p-values, and how many
    questions the baseline does not know in these words.
    """

    split: str
    count: int
    unknown: int
    changes: tuple[tuple[Change, float], ...]

    @property
    def stale(self) -> bool:
        """Whether the baseline knows too few of the questions to guard the split."""
        return self.count - self.unknown < KNOWN * self.count

    @property
    def worse(self) -> tuple[tuple[Change, float], ...]:
        """The events that got significantly worse."""
        return tuple((each, p) for each, p in self.changes if p < SIGNIFICANT)

    @property
    def passed(self) -> bool:
        """Whether the split may be released."""
        return not self.stale and not self.worse


def accept(folder: Path, split: str, judged: Sequence[Judged]) -> None:
    """Make the results of a split its baseline."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(_line(j), ensure_ascii=False) for j in sorted(judged, key=lambda j: j.question.id)]
    (folder / f"{split}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def check(folder: Path, split: str, judged: Sequence[Judged]) -> Verdict:
    """Hold the results of a split against its baseline. Without a baseline every question is unknown."""
    path = folder / f"{split}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    baseline = {row["id"]: row for row in map(json.loads, lines)}
    known = [j for j in judged if baseline.get(j.question.id, {}).get("asked") == _digest(j.question)]
    before = [_remembered(j.question, baseline[j.question.id]) for j in known]
    changes = [change(event, before, known) for event in EVENTS if event.key in GUARDED]
    return Verdict(
        split,
        len(judged),
        len(judged) - len(known),
        tuple((each, mcnemar(len(each.gained), len(each.lost), "less")) for each in changes),
    )


def lines(verdict: Verdict) -> list[str]:
    """What there is to say about a split, the questions that made it worse by id."""
    said = [f"{verdict.split}: {verdict.count} questions, {verdict.unknown} of them not in the baseline"]
    if verdict.stale:
        said.append("  FAIL  the baseline knows too few of them: python -m eval gate --accept")
    for each, p in verdict.changes:
        mark = "WORSE" if (each, p) in verdict.worse else "ok   "
        moved = f"gained {len(each.gained)}, lost {len(each.lost)}, p = {p:.3f}"
        said.append(f"  {mark} {each.event.title}: {each.before} → {each.after} of {each.count} ({moved})")
    for each, _ in verdict.worse:
        said.append(f"  worse for {each.event.title!r}: {' '.join(each.lost)}")
    return said


def _line(judged: Judged) -> dict[str, str | int | float | bool]:
    return {
        "id": judged.question.id,
        "asked": _digest(judged.question),
        "rank": judged.rank,
        "outcome": judged.outcome,
        "offered": judged.right_offered,
        "confidence": round(judged.confidence, 4),
    }


def _remembered(question: Question, row: dict[str, str | int | float | bool]) -> Judged:
    """A result like the one remembered: the right entry at its rank, the others without their names."""
    right = min(question.relevant, default=_OTHER)
    rank = int(row["rank"])
    ranking = [_OTHER] * (rank - 1) + [right] if rank else [_OTHER] * DEPTH
    options = (right,) if row["offered"] else (_OTHER,)
    outcome = str(row["outcome"])
    remembered = Judged(question, tuple(ranking), outcome, float(row["confidence"]))
    return replace(remembered, options=options if outcome == CHOICES else ())


def _digest(question: Question) -> str:
    """Changes with the question's words and with what answers it."""
    asked = "\n".join((question.text, *sorted(question.relevant)))
    return hashlib.sha256(asked.encode()).hexdigest()[:8]
