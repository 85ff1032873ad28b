"""Reading a question as it was meant: without what only greets, with slips corrected and letters spelt out, and with
what the departments' texts say instead of the caller's words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from indexer.correcting import Corrector
from indexer.normalise import CJK, HAN_RUN, normalise, simplify
from indexer.segment import Segmenter
from indexer.slip import Slip
from indexer.spelling import Speller
from indexer.vocabulary import Vocabulary
from indexer.wording import Wording

SYNONYM_WEIGHT = 0.4
POSSIBLE_WEIGHT = 0.4
"""What a term counts that the question does not hold itself, beside one that it does."""
FAR_COMMONER = 10
"""How many times as common as another a word has to be to be meant where the two share a character."""
_SPACED = re.compile(rf"(?<![{CJK}\w])[{CJK}](?: [{CJK}])+(?![{CJK}\w])")
_SLIPPED, _LETTERS = "医宝卡怎么办", "ydjyba"
"""Something to correct and something to spell out."""
_EDGES = " ,，.。!！?？;；:：、~～…·-—"


@dataclass(frozen=True)
class Expansion:
    """A term that is searched for though the question does not hold it.

    `weight` is what it counts beside 1 of a term that the question holds, `said` what stands in the question, `meant`
    the words that the term is of, `how` they were found: "synonym", or as of a `Slip`.
    """

    weight: float
    said: str
    meant: str
    how: str


@dataclass(frozen=True)
class Reading:
    """A question as it is searched for.

    `text` is the question with certain slips corrected: for the encoder, which tells a greeting from a question itself
    and does worse without. `bare` is the same without stop phrases, `terms` the index terms of that with their counts,
    `expansions` further terms. `slips` and `removed` tell what was found in the question.
    """

    asked: str
    text: str
    bare: str
    terms: Counter[str]
    expansions: dict[str, Expansion] = field(default_factory=dict)
    slips: tuple[Slip, ...] = ()
    removed: tuple[str, ...] = ()

    def formally(self) -> tuple[str, dict[str, str]]:
        """The text with people's words replaced by the formal ones, and what stands for what; as it is when it holds
        none.
        """
        known = {each.said: each.meant for each in self.expansions.values() if each.how == "synonym"}
        text, replaced = self.text, dict[str, str]()
        for said in sorted(known, key=len, reverse=True):
            if said in text:
                text = text.replace(said, known[said], 1)
                replaced[said] = known[said]
        return text, replaced


class Reader:
    """Reads questions with one wording. Made once a wording; `read` may be called from many threads."""

    def __init__(self, wording: Wording, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._corrector = Corrector((*wording.terms, *wording.names), segmenter.everyday_count)
        self._speller = Speller(lambda: self._corrector.sounds)
        self._stop_phrases = _by_first(wording.stop_phrases)
        self._formal = defaultdict[str, list[str]](list)
        for synonym in wording.synonyms:
            self._formal[synonym.said].append(synonym.formal)
        self._said = _by_first(self._formal)

    def warm(self, base: Vocabulary) -> None:
        """Load what finding slips needs, so that nobody who asks waits for it."""
        self._corrector.correct(_SLIPPED, base)
        self._speller.spell_out(_LETTERS, base)

    def read(self, question: str, base: Vocabulary | None = None) -> Reading:
        """The question as it was meant, corrected towards the wording's terms and the words of `base`."""
        base = base or Vocabulary()
        plain = _SPACED.sub(lambda spaced: spaced.group().replace(" ", ""), simplify(question))
        text, slips = self._corrected(plain, base)
        bare, removed = self._without_stop_phrases(text)
        terms = Counter(self._segmenter.terms(bare))
        expansions: dict[str, Expansion] = {}
        for said, formal in self._synonyms(normalise(bare)):
            self._expand(expansions, terms, Expansion(SYNONYM_WEIGHT, said, formal, "synonym"))
        for slip in slips:
            if not slip.certain:
                self._expand(expansions, terms, Expansion(POSSIBLE_WEIGHT, slip.typed, slip.meant, slip.how))
        return Reading(question, text, bare, terms, expansions, tuple(slips), removed)

    def _expand(self, expansions: dict[str, Expansion], terms: Counter[str], by: Expansion) -> None:
        for term in self._segmenter.terms(by.meant):
            if term not in terms:
                expansions.setdefault(term, by)

    def _synonyms(self, text: str) -> list[tuple[str, str]]:
        """What the text says in people's words, the longest where several fit, and the formal words for it."""
        found, place = [], 0
        while place < len(text):
            said = self._longest_whole(text, place, self._said)
            found += [(said, formal) for formal in self._formal[said]] if said else []
            place += len(said) or 1
        return found

    def _without_stop_phrases(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text without what it can lose, and what that is; all of it when nothing would be left."""
        lower, kept, removed, place = _lower(text), [], list[str](), 0
        while place < len(text):
            phrase = self._longest_whole(lower, place, self._stop_phrases)
            if phrase:
                removed.append(phrase)
                kept.append("，")
                place += len(phrase)
            else:
                kept.append(text[place])
                place += 1
        if not removed:
            return text, ()
        left = re.sub(r"[，,、 ]*，[，,、 ]*", "，", "".join(kept)).strip(_EDGES)
        return (left, tuple(removed)) if normalise(left) else (text, ())

    def _longest_whole(self, text: str, place: int, phrases: dict[str, tuple[str, ...]]) -> str:
        """The longest of the phrases that stands in the text at a place and cuts no word, "" when none does."""
        return next(
            (
                phrase
                for phrase in phrases.get(text[place], ())
                if text.startswith(phrase, place) and not self._cuts_a_word(text, place, place + len(phrase))
            ),
            "",
        )

    def _cuts_a_word(self, text: str, start: int, end: int) -> bool:
        """Whether a known word stands across one of the phrase's edges: 你好 in 你好像.

        It does not where a word or a listed phrase ends or begins at the edge (你好 before 生孩子, in spite of 好生),
        nor where it would break a word of the phrase that is far commoner (一下 before 生, in spite of 下生).
        """
        return any(
            0 < edge < len(text)
            and not self._word_beside(text, edge, before=edge == start)
            and any(
                self._corrector.known(text[first:last]) and not self._breaks(text, first, last, start, end)
                for first in range(max(0, edge - 4), edge)
                for last in range(edge + 1, min(len(text), first + 6) + 1)
            )
            for edge in (start, end)
        )

    def _breaks(self, text: str, first: int, last: int, start: int, end: int) -> bool:
        """Whether a word across an edge of the phrase shares a part with a word of it that is meant before it: one far
        commoner, which of the field is longer as well (社保卡 before 卡里, and not 个账 before 账户).
        """
        if last > end:
            own = (text[place:end] for place in range(start, first))
        else:
            own = (text[start:place] for place in range(last + 1, end + 1))
        common, length = self._corrector.commonness(text[first:last]), last - first
        return any(
            self._corrector.commonness(word) >= FAR_COMMONER * common
            and (len(word) > length or not self._corrector.of_the_field(word))
            for word in own
        )

    def _word_beside(self, text: str, edge: int, before: bool) -> bool:
        beside = (text[max(0, edge - n) : edge] if before else text[edge : edge + n] for n in range(2, 12))
        return any(
            len(text_beside) > 1
            and (
                self._corrector.known(text_beside)
                or text_beside in self._formal
                or text_beside in self._stop_phrases.get(text_beside[0], ())
            )
            for text_beside in beside
        )

    def _corrected(self, text: str, base: Vocabulary) -> tuple[str, list[Slip]]:
        """The text with letters spelt out and every run of Chinese characters corrected, and the slips found."""
        text, slips = self._speller.spell_out(text, base)

        def corrected(run: re.Match[str]) -> str:
            meant, found = self._corrector.correct(run.group(), base)
            slips.extend(found)
            return meant

        return HAN_RUN.sub(corrected, text), slips


def _lower(text: str) -> str:
    """In small letters, each where it stood."""
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def _by_first(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """First character → the phrases that begin with it, longest first."""
    found = defaultdict[str, list[str]](list)
    for phrase in sorted({*phrases} - {""}, key=lambda phrase: (-len(phrase), phrase)):
        found[phrase[0]].append(phrase)
    return {first: tuple(all_of_it) for first, all_of_it in found.items()}
