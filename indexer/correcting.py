"""What a question was meant to say where it says no word: slips of sound, doubled and missing characters.

A correction never touches a character that is part of a known word, known to the general dictionary, the domain's or
the bureau's own. So a question made of known words reads as itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from indexer.segment import function_words
from indexer.slip import Slip
from indexer.sound import BySound, plain_syllables, sound_key, syllables
from indexer.vocabulary import Vocabulary

LONGEST_WORD = 8
CERTAIN = 3.0
"""How many times as likely as the next a word has to be to stand for what was typed."""
TELLING = 5.0
"""How many times as frequent as in everyday language a word of the base has to be for a slip to be meant for it."""
OUTNUMBERED = 50
"""How many times as frequent as the two characters typed a word has to be, when these happen to meet in the base."""
_EVERYDAY = 60_000_000
"""Words counted in jieba's dictionary."""
_UNKNOWN_TERM = 0.5


@dataclass(frozen=True)
class _Guess:
    """A word that may be meant by the characters `start` to `end` of a run, and how likely beside others."""

    start: int
    end: int
    word: str
    strength: float
    exact: bool
    how: str = "sound"


class Corrector:
    """Corrections towards the domain's terms and a base's words. `everyday` gives a word's count in general language,
    0 for no word.
    """

    def __init__(self, terms: Iterable[str], everyday: Callable[[str], int]) -> None:
        self._terms = frozenset(term for term in terms if len(term) > 1)
        self._everyday = everyday

    @cached_property
    def sounds(self) -> BySound:
        """The domain's terms by their sound."""
        return BySound.of(sorted(self._terms))

    @cached_property
    def _gaps(self) -> dict[str, list[tuple[str, int]]]:
        """Terms with one inner character left out → the terms and which character it is."""
        found: dict[str, list[tuple[str, int]]] = {}
        for term in sorted(self._terms):
            for place in range(1, len(term) - 1) if len(term) >= 4 else ():
                found.setdefault(term[:place] + term[place + 1 :], []).append((term, place))
        return found

    def known(self, text: str) -> bool:
        """Whether it is a word."""
        return text in self._terms or self._everyday(text) > 0

    def of_the_field(self, text: str) -> bool:
        """Whether it is one of the domain's terms."""
        return text in self._terms

    def commonness(self, text: str) -> int:
        """How often everyday language has a word, 0 for what is none; a word of the field stands above them all."""
        return _EVERYDAY if text in self._terms else self._everyday(text)

    def covered(self, run: str) -> list[tuple[int, int]]:
        """For each character the span (start, end) of the known words of more than one character over it, (0, 0)
        when there is none.
        """
        spans = [(0, 0)] * len(run)
        for start in range(len(run)):
            for end in range(start + 2, min(len(run), start + LONGEST_WORD) + 1):
                if self.known(run[start:end]):
                    for place in range(start, end):
                        a, b = spans[place]
                        spans[place] = (min(a, start), max(b, end)) if b else (start, end)
        return spans

    def correct(self, run: str, base: Vocabulary) -> tuple[str, list[Slip]]:
        """A run of Chinese characters with certain slips corrected, and all slips that were found."""
        spans = self.covered(run)
        if all(end for _, end in spans):
            return run, []
        run, made = self._without_doubles(run, spans, base)
        spans = self.covered(run) if made else spans
        found = sorted(
            (*self._missing(run, spans), *self._misheard(run, spans, base)),
            key=lambda guess: (guess.start - guess.end, -guess.strength),
        )
        chosen, doubtful = _choose(found)
        pieces, place = [], 0
        for guess in sorted(chosen, key=lambda guess: guess.start):
            pieces += [run[place : guess.start], guess.word]
            made.append(Slip(run[guess.start : guess.end], guess.word, guess.how))
            place = guess.end
        made += [Slip(run[g.start : g.end], g.word, g.how, certain=False) for g in doubtful]
        return "".join((*pieces, run[place:])), made

    def _without_doubles(
        self, run: str, spans: Sequence[tuple[int, int]], base: Vocabulary
    ) -> tuple[str, list[Slip]]:
        """Without the second of two equal characters where no word has them and a word of the field has one."""
        made, kept = [], list(run)
        for place in range(len(run) - 1, 0, -1):
            pair = run[place - 1 : place + 1]
            if pair[0] != pair[1] or (spans[place - 1][1] and spans[place][1]) or self.known(pair):
                continue
            once = "".join(kept[:place] + kept[place + 1 :])
            if self._word_across(once, place - 1, base):
                made.append(Slip(pair, pair[0], "doubled"))
                kept = list(once)
        return "".join(kept), made

    def _word_across(self, run: str, place: int, base: Vocabulary) -> bool:
        """Whether a word of the field has a character in the middle: only then does it come of joining."""
        return any(
            run[start:end] in self._terms or run[start:end] in base.words
            for start in range(max(0, place - LONGEST_WORD + 1), place)
            for end in range(place + 2, min(len(run), start + LONGEST_WORD) + 1)
        )

    def _missing(self, run: str, spans: Sequence[tuple[int, int]]) -> list[_Guess]:
        """Terms of which one character is missing, beside a place where the run says no word."""
        found = []
        for start in range(len(run) - 2):
            for end in range(start + 3, min(len(run), start + LONGEST_WORD) + 1):
                for term, gap in self._gaps.get(run[start:end], ()):
                    beside = (spans[start + gap - 1], spans[start + gap])
                    straddled = any(b and (a < start or b > end) for a, b in spans[start:end])
                    if not all(b for _, b in beside) and not straddled:
                        found.append(_Guess(start, end, term, float(end - start), end - start > 3, "missing"))
        return found

    def _misheard(self, run: str, spans: Sequence[tuple[int, int]], base: Vocabulary) -> list[_Guess]:
        """Words that sound like parts of the run that say no word."""
        heard = [plain_syllables(character) for character in run]
        open_to = [not end and run[place] not in function_words() for place, (_, end) in enumerate(spans)]
        found = []
        for start in range(len(run) - 1):
            for end in range(start + 2, min(len(run), start + LONGEST_WORD) + 1):
                if heard[end - 1] is None or heard[start] is None:
                    break
                if not any(open_to[start:end]):
                    continue
                sounds = [each[0] for each in heard[start:end] if each]
                if len(sounds) == end - start:
                    found += self._meant(run, start, end, sounds, spans, open_to, base)
        return found

    def _meant(
        self,
        run: str,
        start: int,
        end: int,
        sounds: list[str],
        spans: Sequence[tuple[int, int]],
        open_to: Sequence[bool],
        base: Vocabulary,
    ) -> list[_Guess]:
        typed, key = run[start:end], sound_key(sounds)
        words = (*self.sounds.sounds.get(key, ()), *base.sounds.sounds.get(key, ()))
        found = []
        for word in dict.fromkeys(words):
            if word == typed:
                return []
            changed = [start + i for i, (a, b) in enumerate(zip(typed, word, strict=True)) if a != b]
            exact = sounds == plain_syllables(word) or sounds == syllables(word)
            inside = (
                len(typed) >= 4 and exact and all(a >= start and b <= end for a, b in spans[start:end] if b)
            )
            if not all(open_to[place] or (inside and spans[place][1]) for place in changed):
                continue
            exact = exact and (end - start > 2 or not any(base.stands_alone(run[place]) for place in changed))
            if len(changed) > (len(typed) / 2 if not exact else len(typed) - 1):
                continue
            strength = self._strength(word, typed, base)
            if strength:
                found.append(_Guess(start, end, word, strength, exact))
        return found

    def _strength(self, word: str, typed: str, base: Vocabulary) -> float:
        """How likely a word of the field or the base is meant, 0 when it is not telling."""
        frequency = base.frequency(word)
        if len(typed) == 2 and base.frequency(typed) * OUTNUMBERED > frequency:
            return 0.0
        if word in self._terms:
            return frequency + _UNKNOWN_TERM
        everyday = self._everyday(word) / _EVERYDAY
        return float(frequency) if frequency >= 2 and frequency > TELLING * everyday * base.entries() else 0.0


def _choose(found: list[_Guess]) -> tuple[list[_Guess], list[_Guess]]:
    """Guesses to follow, which overlap nowhere, the longest first, and those that are only possible."""
    chosen: list[_Guess] = []
    doubtful: list[_Guess] = []
    for guess in found:
        if any(guess.start < other.end and other.start < guess.end for other in chosen):
            continue
        rivals = [o.strength for o in found if o != guess and (o.start, o.end) == (guess.start, guess.end)]
        certain = guess.exact and guess.strength >= CERTAIN * max(rivals, default=0.0)
        (chosen if certain else doubtful).append(guess)
    return chosen, [
        guess
        for guess in doubtful
        if not any(guess.start < other.end and other.start < guess.end for other in chosen)
    ]
