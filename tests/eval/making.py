"""Judged questions in a line."""

from eval.judging import Judged
from eval.questions import Question


def asked(
    id: str = "Q-1",
    relevant: str = "A",
    style: str = "spoken",
    theme: str = "maternity",
    kind: str = "near",
    split: str = "test",
) -> Question:
    """A question that the entries named by the letters of `relevant` answer; "" for an unanswerable one."""
    return Question(id, f"问题{id}", style, theme, split, frozenset(relevant), "" if relevant else kind)


def judged(
    outcome: str,
    ranking: str,
    relevant: str = "A",
    options: str = "",
    confidence: float = 0.5,
    id: str = "Q-1",
    style: str = "spoken",
    theme: str = "maternity",
    kind: str = "near",
    split: str = "test",
    ms: float = 10.0,
) -> Judged:
    """What a system made of it: each letter of `ranking` and `options` is an entry."""
    question = asked(id, relevant, style, theme, kind, split)
    return Judged(question, tuple(ranking), outcome, confidence, confidence, tuple(options), ms)
