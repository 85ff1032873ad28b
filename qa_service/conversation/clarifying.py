"""When the best entries differ by something that the caller did not say, that is asked, and nothing else.

What decides is how alike the entries are, whether the caller's words fit them equally, and shares of their confidence
among each other; never a confidence by itself. A new encoder or a refitted model moves all of them together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from indexer.normalise import normalise
from indexer.segment import Segmenter
from knowledge import region
from knowledge.conversation import About, Clarification, Option
from knowledge.entry import EntryText, InsuredGroup
from qa_service.ask import Answered, Asker, Outcome, Ranked, Unanswered
from qa_service.conversation import facets
from qa_service.conversation.contrasts import by_contrast, dice, difference, without_sides

CLOSE = 0.3
"""A candidate is in question when it is at least so probable, beside the first."""
NARROW = 0.5
"""A first hit that would be answered is in question when the next is at least so probable beside it."""
TWIN = 0.33
"""Two entries ask the same of different people when their questions, without the words for people, are so alike."""
ALIKE_BUT_ONE_SIDE = 0.5
"""The same for two entries of the two sides of a contrast, without the words for these."""
AS_NEAR = 0.75
"""Of several twins those are in question that are at least so alike beside the most alike one."""
FITS_TOO = 0.6
"""A twin is in question when it has at least so many of the caller's words that the first hit has, however improbable
it looks: the model tells by the rest of the words, and the caller said nothing that tells."""
TWINS_WITHIN = 6
"""How far down a twin is looked for."""
CLEAN = 0.6
"""The share of the confidence in question that a choice must tell apart."""
MOST_IN_QUESTION = 5
MOST_OPTIONS = 4
OTHERS_LABEL = "其他人员"


@dataclass(frozen=True)
class _Case:
    """What a clarification is made of. `close` are the candidates in question, the most probable first."""

    asked: str
    asker: Asker
    own_region: str | None
    close: tuple[Ranked, ...]
    segmenter: Segmenter


def clarification(
    outcome: Outcome, asked: str, asker: Asker, own_region: str | None, segmenter: Segmenter
) -> Clarification | None:
    """The question whose answer tells the best entries apart, None when none does.

    `asker` is what is known of who asks; `own_region` where the bureau is, None when that is not set.
    """
    close = _in_question(outcome, _Open.of(asked, asker, own_region))
    if len(close) < 2:
        return None
    case = _Case(asked, asker, own_region, close, segmenter)
    return next((found for split in _SPLITS if (found := split(case))), None)


@dataclass(frozen=True)
class _Open:
    """What is not known of the asker, neither told nor named in the question; `named` are the audiences it names."""

    group: bool
    audience: bool
    region: bool
    named: frozenset[str]

    @classmethod
    def of(cls, asked: str, asker: Asker, own_region: str | None) -> "_Open":
        named = facets.mentioned(asked)
        return cls(
            group=not asker.insured_group and not named.groups,
            audience=not asker.audience,
            region=asker.region is None and own_region is None,
            named=named.audiences,
        )

    def alikeness(self, one: Ranked, other: Ranked) -> float:
        """How much two entries ask the same of people who may both be the asker, 0 to 1."""
        return alikeness(one, other) if self.tells_apart(one.entry.text, other.entry.text) else 0.0

    def tells_apart(self, left: EntryText, right: EntryText) -> bool:
        """Whether two entries are for different people by something that is not known."""
        return (
            (self.group and left.insured_group != right.insured_group)
            or (
                self.audience
                and left.audience != right.audience
                and not {left.audience, right.audience} & self.named
            )
            or (self.region and left.region != right.region)
        )


def _in_question(outcome: Outcome, unknown: _Open) -> tuple[Ranked, ...]:
    """The first hit and what may be meant instead: nothing, when it was given this very question."""
    if isinstance(outcome, Unanswered) or not outcome.hits:
        return ()
    first, *rest = outcome.hits
    if normalise(outcome.question) in map(normalise, first.entry.text.phrasings()):
        return ()
    alike = {
        hit: max(unknown.alikeness(first, hit), _alike_but_one_side(outcome.question, first, hit))
        for hit in rest[: TWINS_WITHIN - 1]
        if _fits_too(first, hit)
    }
    nearest = max(alike.values(), default=0.0)
    if nearest >= TWIN:
        twins = [hit for hit, likeness in alike.items() if likeness >= max(TWIN, AS_NEAR * nearest)]
        return (first, *twins[: MOST_IN_QUESTION - 1])
    least = NARROW if isinstance(outcome, Answered) else CLOSE
    close = [hit for hit in rest if hit.confidence >= least * first.confidence]
    return (first, *close[: MOST_IN_QUESTION - 1])


def _fits_too(first: Ranked, other: Ranked) -> bool:
    """Whether the caller's words fit another hit about as well as the first."""
    said, there = set(first.candidate.matched), set(other.candidate.matched)
    return len(said & there) >= FITS_TOO * len(said)


def alikeness(one: Ranked, other: Ranked) -> float:
    """How much two entries ask the same, 0 to 1, whoever they are for: Dice's coefficient of the pairs of characters of
    their questions without the words for people.
    """
    left, right = (facets.without(hit.entry.text.question) for hit in (one, other))
    return dice(left, right)


def _twins(one: Ranked, other: Ranked) -> bool:
    left, right = one.entry.text, other.entry.text
    same = (left.audience, left.region) == (right.audience, right.region)
    return not same and alikeness(one, other) >= TWIN


def _alike_but_one_side(asked: str, one: Ranked, other: Ranked) -> float:
    """How much two entries ask the same of two sides of a contrast of which the question names neither; else 0."""
    bare = without_sides(asked, [hit.entry.text.question for hit in (one, other)])
    likeness = dice(bare[0], bare[1]) if bare else 0.0
    return likeness if likeness >= ALIKE_BUT_ONE_SIDE else 0.0


def _by_group(case: _Case) -> Clarification | None:
    if case.asker.insured_group or facets.mentioned(case.asked).groups:
        return None
    groups = [hit.entry.text.insured_group.value for hit in case.close]
    options = _options(case, groups, {g.value: f"{g.label}医保" for g in InsuredGroup if g}, common="")
    return _asking(About.INSURED_GROUP, "您参加的是职工医保还是居民医保？", options)


def _by_audience(case: _Case) -> Clarification | None:
    named = {hit.entry.text.audience for hit in case.close} - {""}
    if not named or case.asker.audience or named & facets.mentioned(case.asked).audiences:
        return None
    first = case.close[0]
    alike = tuple(hit for hit in case.close if hit is first or _twins(first, hit))
    values = [hit.entry.text.audience or facets.OTHERS for hit in alike]
    labels = {value: OTHERS_LABEL if value == facets.OTHERS else value for value in values}
    options = _options(case, values, labels, close=alike)
    return _asking(About.AUDIENCE, f"您问的是哪种情况：{_listed(options)}？", options)


def _by_region(case: _Case) -> Clarification | None:
    if case.asker.region is not None or case.own_region is not None:
        return None
    first = case.close[0]
    alike = tuple(hit for hit in case.close if hit is first or _twins(first, hit))
    places = [hit.entry.text.region for hit in alike]
    options = _options(case, places, {place: region.name(place) for place in places if place}, close=alike)
    return _asking(About.REGION, f"您在哪里参保：{_listed(options)}？", options)


def _by_wording(case: _Case) -> Clarification | None:
    questions = [hit.entry.text.question for hit in case.close]
    for sides in by_contrast(case.asked, questions):
        if options := _options(case, sides, {side: side for side in sides if side}):
            return _asking(About.WORDING, f"您问的是{_listed(options)}？", options)
    apart = difference(questions[0], questions[1], case.segmenter)
    if apart is None or any(part in normalise(case.asked) or facets.mentioned(part) for part in apart):
        return None
    sides = (*apart, *[""] * (len(questions) - 2))
    options = _options(case, sides, {side: side for side in apart})
    return _asking(About.WORDING, f"您问的是“{apart[0]}”还是“{apart[1]}”？", options)


_SPLITS: tuple[Callable[[_Case], Clarification | None], ...] = (
    _by_group,
    _by_audience,
    _by_region,
    _by_wording,
)


def _options(
    case: _Case,
    values: Sequence[str],
    labels: Mapping[str, str],
    common: str | None = None,
    close: tuple[Ranked, ...] | None = None,
) -> tuple[Option, ...]:
    """An option for each labelled value that candidates have; nothing where that is no clean choice.

    `values` are the candidates' in their order. Those whose value is `common` remain whatever is chosen.
    """
    close = close or case.close
    offered = [value for value in dict.fromkeys(values) if value in labels]
    told = sum(hit.confidence for hit, value in zip(close, values, strict=True) if value in labels)
    clean = told >= CLEAN * sum(hit.confidence for hit in case.close) and values[0] in offered
    if not clean or not 2 <= len(offered) <= MOST_OPTIONS:
        return ()
    return tuple(
        Option(
            labels[value],
            value,
            tuple(hit.entry.id for hit, own in zip(close, values, strict=True) if own in (value, common)),
        )
        for value in offered
    )


def _asking(about: About, question: str, options: tuple[Option, ...]) -> Clarification | None:
    return Clarification(about, question, options) if options else None


def _listed(options: Sequence[Option]) -> str:
    labels = [option.label for option in options]
    return "、".join(labels[:-1]) + f"还是{labels[-1]}" if len(labels) > 1 else ""
