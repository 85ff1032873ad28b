"""Two results over the same questions: what was gained, what was lost, and whether that is more than chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.judging import ANSWERED, Judged
from eval.metrics import MEASURES, rankings, scores
from eval.significance import Interval, difference, mcnemar, permuted


@dataclass(frozen=True)
class Event:
    """Something that a question can come to: `concerns` says of which questions it is asked, `happened` whether it
    did, `good` whether that is wanted, `of_ranking` whether a system that only ranks can have it.
    """

    key: str
    title: str
    concerns: Callable[[Judged], bool]
    happened: Callable[[Judged], bool]
    good: bool
    of_ranking: bool = False


EVENTS = (
    Event(
        "recall_1", "right entry first", lambda j: j.question.answerable, lambda j: j.first_right, True, True
    ),
    Event(
        "recall_10",
        "right entry among the first ten",
        lambda j: j.question.answerable,
        lambda j: j.rank > 0,
        True,
        True,
    ),
    Event("right", "right answer given", lambda j: j.question.answerable, lambda j: j.right, True),
    Event(
        "shown",
        "right answer given or offered",
        lambda j: j.question.answerable,
        lambda j: j.right or j.right_offered,
        True,
    ),
    Event("wrong", "wrong answer given", lambda j: j.question.answerable, lambda j: j.wrong, False),
    Event(
        "answered_unanswerable",
        "unanswerable question answered",
        lambda j: not j.question.answerable,
        lambda j: j.outcome == ANSWERED,
        False,
    ),
)


@dataclass(frozen=True)
class Change:
    """An event before and after over `count` questions: ids of those that got better and worse, and the exact
    two-sided p-value that both are equally likely.
    """

    event: Event
    count: int
    before: int
    after: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p: float


@dataclass(frozen=True)
class Shift:
    """A mean over the answerable questions before and after, the 95% interval of the difference, None when nothing
    moved, and the p-value from swapping.
    """

    title: str
    before: float
    after: float
    interval: Interval | None
    p: float


@dataclass(frozen=True)
class Comparison:
    """Everything about two results. `left_out` counts questions that one of them lacks or has in other words."""

    before: tuple[Judged, ...]
    after: tuple[Judged, ...]
    changes: tuple[Change, ...]
    shifts: tuple[Shift, ...]
    left_out: int

    @property
    def scores(self) -> list[tuple[str, float | None, float | None]]:
        """Every measure's name with its value before and after."""
        before, after = scores(self.before), scores(self.after)
        return [(title, before[key], after[key]) for key, title in MEASURES.items()]


def compare(before: Sequence[Judged], after: Sequence[Judged]) -> Comparison:
    """Compare two results on the questions that both were asked."""
    were = {(j.question.id, j.question.text, j.question.relevant): j for j in before}
    now = {(j.question.id, j.question.text, j.question.relevant): j for j in after}
    common = [key for key in were if key in now]
    old, new = [were[key] for key in common], [now[key] for key in common]
    both_decide = any(j.outcome for j in old) and any(j.outcome for j in new)
    return Comparison(
        tuple(old),
        tuple(new),
        tuple(change(event, old, new) for event in EVENTS if event.of_ranking or both_decide),
        tuple(_shifts(old, new)),
        len(were) + len(now) - 2 * len(common),
    )


def change(event: Event, before: Sequence[Judged], after: Sequence[Judged]) -> Change:
    """How often an event happened before and after, the same questions in the same order."""
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if event.concerns(new)]
    rose = [new.question.id for old, new in pairs if event.happened(new) and not event.happened(old)]
    fell = [new.question.id for old, new in pairs if event.happened(old) and not event.happened(new)]
    gained, lost = (rose, fell) if event.good else (fell, rose)
    return Change(
        event,
        len(pairs),
        sum(event.happened(old) for old, _ in pairs),
        sum(event.happened(new) for _, new in pairs),
        tuple(gained),
        tuple(lost),
        mcnemar(len(gained), len(lost)),
    )


def _shifts(before: Sequence[Judged], after: Sequence[Judged]) -> list[Shift]:
    old = rankings([j for j in before if j.question.answerable])
    new = rankings([j for j in after if j.question.answerable])
    return [
        Shift(
            MEASURES[key],
            float(old[key].mean()) if len(old[key]) else float("nan"),
            float(new[key].mean()) if len(new[key]) else float("nan"),
            difference(old[key], new[key]),
            permuted(old[key], new[key]),
        )
        for key in ("mrr_10", "ndcg_10")
    ]
