"""How one question went, for any system, and asking many."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from eval.questions import CONFIRMED, KINDS, REPORTED, STYLES, Question

DEPTH = 10
"""How many entries of a ranking are judged."""
ANSWERED, CHOICES, UNANSWERED = "answered", "choices", "unanswered"


@dataclass(frozen=True)
class Judged:
    """One question and what a system made of it.

    `ranking` are external ids, best first, at most `DEPTH`; `outcome` is ANSWERED, CHOICES, UNANSWERED, or "" for a
    system that only ranks; `confidence` is what the system thinks of its first candidate (a probability for the
    product, a score that orders for the others); `reach` the probability that any of the first few answers;
    `options` what was offered as choices; `ms` how long it took.
    """

    question: Question
    ranking: tuple[str, ...]
    outcome: str = ""
    confidence: float = 0.0
    reach: float = 0.0
    options: tuple[str, ...] = ()
    ms: float = 0.0

    @property
    def rank(self) -> int:
        """The rank of the first entry that answers, from 1; 0 when none is in the ranking."""
        found = (rank for rank, item in enumerate(self.ranking, start=1) if item in self.question.relevant)
        return next(found, 0)

    @property
    def first_right(self) -> bool:
        """Whether the first candidate answers."""
        return self.rank == 1

    @property
    def right(self) -> bool:
        """An answer was given and it answers."""
        return self.outcome == ANSWERED and self.first_right

    @property
    def wrong(self) -> bool:
        """An answer was given and it does not answer.

        Where nobody has told what answers, only an answer that was reported as wrong is known to be.
        """
        if self.question.kind == REPORTED:
            return self.outcome == ANSWERED and not self.question.wrong.isdisjoint(self.ranking[:1])
        return self.outcome == ANSWERED and not self.first_right

    @property
    def right_offered(self) -> bool:
        """Choices were offered and one of them answers."""
        return self.outcome == CHOICES and any(item in self.question.relevant for item in self.options)


class System(Protocol):
    """Something that is asked. `name` is what the command line calls it, `title` says what exactly it is;
    `probable` whether its confidence claims to be a probability.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def probable(self) -> bool: ...

    def judge(self, question: Question) -> Judged:
        """How the question goes; the time is taken by the caller."""
        ...


def judge_all(system: System, asked: Iterable[Question]) -> tuple[Judged, ...]:
    """Ask a system every question, one after the other."""
    asked = tuple(asked)
    judged = []
    for number, question in enumerate(asked, start=1):
        started = time.perf_counter()
        went = system.judge(question)
        judged.append(replace(went, ms=(time.perf_counter() - started) * 1000))
        if sys.stderr.isatty() and (number % 20 == 0 or number == len(asked)):
            end = "\n" if number == len(asked) else ""
            print(f"\r\033[K{system.name} {number}/{len(asked)}", end=end, file=sys.stderr, flush=True)
    return tuple(judged)


ALL_ANSWERABLE, ALL_UNANSWERABLE = "all answerable", "all unanswerable"


def groups(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """All answerable questions, each style of them, all unanswerable ones, each kind of them; without empty groups."""
    judged = list(judged)
    found = {ALL_ANSWERABLE: [j for j in judged if j.question.answerable]}
    found |= {
        style: [j for j in found[ALL_ANSWERABLE] if j.question.style == style]
        for style in (*STYLES, CONFIRMED)
    }
    found[ALL_UNANSWERABLE] = [j for j in judged if not j.question.answerable]
    found |= {
        kind: [j for j in found[ALL_UNANSWERABLE] if j.question.kind == kind] for kind in (*KINDS, REPORTED)
    }
    return {name: group for name, group in found.items() if group}


def by_theme(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The answerable questions of each theme, in alphabetical order."""
    found: dict[str, list[Judged]] = {}
    for each in sorted(judged, key=lambda j: j.question.theme):
        if each.question.answerable:
            found.setdefault(each.question.theme, []).append(each)
    return found
