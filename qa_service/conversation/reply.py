"""What a conversation gives back: an outcome, how the question was understood, what is asked back."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypedDict

from indexer.calibration import Thresholds
from knowledge.conversation import Clarification, Known, Option
from qa_service.ask import Answered, Choices, Found, Outcome, Ranked, Unanswered

LEAST_LEFT = 0.1
"""However sure the first hit was, so much is left for the others to share: what is nearly nothing stays little."""


class _Behind(TypedDict):
    note: str
    thresholds: Thresholds
    found: Found | None


class Turn(StrEnum):
    """What somebody's words were: a question by itself, one that leans on the last, or the answer to ours."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    CLARIFIED = "clarified"


@dataclass(frozen=True)
class Reply:
    """`understood_as` is the question that was searched when it is not the one typed.

    `parts` are the replies to each of several questions asked in one breath; the fields beside it are those of the
    first. `known` is what was used of what the asker has told.
    """

    outcome: Outcome
    turn: Turn = Turn.QUESTION
    understood_as: str = ""
    clarification: Clarification | None = None
    known: Known = field(default_factory=Known)
    parts: tuple["Reply", ...] = ()


def as_choices(outcome: Outcome, options: tuple[Ranked, ...]) -> Choices:
    """The outcome with these to choose from and the other hits behind them."""
    rest = tuple(hit for hit in outcome.hits if hit not in options)
    chosen = replace(outcome, confidence=options[0].confidence, hits=(*options, *rest))
    return Choices(*_common(chosen), **_behind(outcome), options=options)


def told_already(outcome: Outcome, entry_id: int, most: int) -> Outcome:
    """The outcome given that an entry is not the answer: the others share what is left, and it comes last.

    P(i | not that one) = P(i) / (1 - P(that one)); none gets more than the probability that any answers. `most` is how
    many choices there may be.
    """
    told = next((hit for hit in outcome.hits if hit.entry.id == entry_id), None)
    if told is None or len(outcome.hits) == 1:
        return outcome
    left = max(1.0 - told.confidence, LEAST_LEFT)
    others = tuple(
        replace(hit, confidence=max(hit.confidence, min(outcome.reach, hit.confidence / left)))
        for hit in outcome.hits
        if hit.entry.id != entry_id
    )
    rest = replace(outcome, confidence=others[0].confidence, hits=(*others, told))
    if isinstance(outcome, Unanswered):
        return rest
    if outcome.thresholds.answers(others[0].confidence) and not others[0].doubted:
        return Answered(*_common(rest), **_behind(outcome))
    return as_choices(rest, (*others[: most - 1], told))


def narrowed(outcome: Outcome, option: Option, most: int) -> Outcome:
    """The outcome once somebody has chosen an option.

    When one entry remains it answers: the asker has said what the model could not tell, so that what is left to doubt
    is whether anything here answers at all.
    """
    left = tuple(hit for hit in outcome.hits if hit.entry.id in option.entries)
    if not left:
        return outcome
    if left[0].doubted or (len(left) > 1 and outcome.hits[0] not in left):
        return as_choices(outcome, left[:most])
    if len(left) > 1:
        return outcome
    only = replace(left[0], confidence=max(left[0].confidence, outcome.reach))
    rest = tuple(hit for hit in outcome.hits if hit.entry.id != only.entry.id)
    told = replace(outcome, confidence=only.confidence, hits=(only, *rest))
    return Answered(*_common(told), **_behind(outcome))


def _common(outcome: Outcome) -> tuple[str, float, tuple[Ranked, ...], str, float, str]:
    """What every outcome is made of."""
    return (
        outcome.question,
        outcome.confidence,
        outcome.hits,
        outcome.snapshot,
        outcome.reach,
        outcome.warning,
    )


def _behind(outcome: Outcome) -> _Behind:
    """What it was decided on."""
    return {"note": outcome.note, "thresholds": outcome.thresholds, "found": outcome.found}
