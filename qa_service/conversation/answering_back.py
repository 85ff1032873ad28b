"""The answer to a clarifying question: a button's value, or what people type instead."""

import re

from indexer.normalise import normalise
from indexer.segment import bigrams
from knowledge.conversation import About, Clarification, Option, Pending
from knowledge.region import lineage
from qa_service.conversation import facets
from qa_service.conversation.contrasts import by_contrast

LONGEST_ANSWER = 20
"""Whoever types more than this says something else than one of the options."""
SAID = 0.5
"""The share of a typed answer's pairs of characters that have to stand in an option's label."""
_ORDINAL = re.compile(r"^(?:第|选)?([1-4一二三四])(?:个|项|种|条)?$")
_DIGITS = {digit: place % 4 for place, digit in enumerate("1234一二三四")}
_NEITHER = re.compile("其他|其它|都不是|不是")


def chosen(pending: Pending, typed: str) -> Option | None:
    """Which option somebody chose, None when what was typed is no answer to it."""
    options = pending.clarification.options
    said = normalise(typed)
    for option in options:
        if said in (normalise(option.label), normalise(option.value)):
            return option
    if found := _ORDINAL.match(said):
        place = _DIGITS[found[1]]
        return options[place] if place < len(options) else None
    # What was offered without a question is no answer's only frame: the next words may be another question.
    if len(said) > LONGEST_ANSWER or not pending.clarification.question:
        return None
    return _READERS[pending.clarification.about](pending.clarification, typed)


def _group(asked: Clarification, typed: str) -> Option | None:
    groups = facets.mentioned(typed).groups
    return _with_value(asked, next(iter(groups))) if len(groups) == 1 else None


def _audience(asked: Clarification, typed: str) -> Option | None:
    offered = [option.value for option in asked.options]
    named = facets.audience_of(typed, offered)
    if not named and _NEITHER.search(typed):
        named = facets.OTHERS
    return _with_value(asked, named)


def _region(asked: Clarification, typed: str) -> Option | None:
    code = facets.region_of(typed)
    if code is None:
        return None
    near = next((option for place in lineage(code) if (option := _with_value(asked, place))), None)
    return Option(near.label, code, near.entries) if near else None


def _wording(asked: Clarification, typed: str) -> Option | None:
    labels = [option.label for option in asked.options]
    for sides in by_contrast("", [typed, *labels]):
        if sides[0] and sides[1:].count(sides[0]) == 1:
            return asked.options[sides[1:].index(sides[0])]
    said = frozenset(bigrams(normalise(typed)))
    overlaps = [len(said & frozenset(bigrams(normalise(label)))) for label in labels]
    best = max(overlaps)
    if said and best >= SAID * len(said) and overlaps.count(best) == 1:
        return asked.options[overlaps.index(best)]
    return None


_READERS = {
    About.INSURED_GROUP: _group,
    About.AUDIENCE: _audience,
    About.REGION: _region,
    About.WORDING: _wording,
}


def _with_value(asked: Clarification, value: str) -> Option | None:
    return next((option for option in asked.options if option.value == value), None)
