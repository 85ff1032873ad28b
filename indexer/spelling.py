"""Words that were typed in Latin letters: pinyin, first letters of the syllables, and both mixed."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from indexer.slip import Slip
from indexer.sound import BySound, is_syllable
from indexer.vocabulary import Vocabulary

_TOKEN = re.compile(r"(?<![a-z0-9])[a-z]{2,40}(?:[ '][a-z]+)*(?![a-z0-9])", re.IGNORECASE)
_NO_INITIALS = re.compile("[iuv]")
_COSTS = {"pinyin": 1.0, "initials": 1.6}
_SHORT = 0.9
"""What a piece of two letters costs more: nearly every two letters are the first of some word."""
_CERTAIN = 3.0
_NEXT_TO = 4.0
"""How many times as likely a word is that the base has beside the character which stands there."""
_POSSIBLE = 3


@dataclass(frozen=True)
class _Piece:
    """Letters that spell words, the likeliest first, with how likely each is."""

    letters: str
    words: tuple[tuple[str, float], ...]
    how: str

    @property
    def cost(self) -> float:
        likely = math.log1p(self.words[0][1])
        return _COSTS[self.how] + _SHORT * (len(self.letters) == 2) - 0.05 * likely


class Speller:
    """Spells letters out into the domain's terms, which are asked for when letters come, and a base's words."""

    def __init__(self, terms: Callable[[], BySound]) -> None:
        self._terms = terms

    def spell_out(self, text: str, base: Vocabulary) -> tuple[str, list[Slip]]:
        """The text with letters replaced by the words that they spell for certain, and all that they may spell."""
        slips: list[Slip] = []

        def spelt(token: re.Match[str]) -> str:
            found = self._read(token, base)
            slips.extend(found)
            sure = [slip for slip in found if slip.certain]
            return "".join(slip.meant for slip in sure) if sure else token.group()

        return _TOKEN.sub(spelt, text), slips

    def _read(self, token: re.Match[str], base: Vocabulary) -> list[Slip]:
        """What a token spells: pieces that are all certain, or words that are possible."""
        typed = token.group().lower()
        parts = re.split("[ ']", typed)
        if (len(parts) > 1 and not all(map(is_syllable, parts))) or base.frequency(typed):
            return []
        before, after = token.string[: token.start()][-1:], token.string[token.end() :][:1]
        pieces = self._pieces("".join(parts), base, before, after)
        if not pieces:
            return []
        if all(map(_is_certain, pieces)) and (len(pieces) == 1 or any(len(p.letters) > 2 for p in pieces)):
            return [Slip(piece.letters, piece.words[0][0], piece.how) for piece in pieces]
        return [
            Slip(piece.letters, word, piece.how, certain=False)
            for piece in pieces
            for word, _ in piece.words[:_POSSIBLE]
        ]

    def _pieces(self, letters: str, base: Vocabulary, before: str, after: str) -> list[_Piece]:
        """The letters cut into the fewest and likeliest words, empty when some spell none."""
        best: list[tuple[float, list[_Piece]] | None] = [(0.0, []), *[None] * len(letters)]
        for end in range(2, len(letters) + 1):
            for start in range(end - 1):
                so_far = best[start]
                if so_far is None:
                    continue
                beside = (before if start == 0 else "", after if end == len(letters) else "")
                for piece in self._piece(letters[start:end], base, beside):
                    known, cost = best[end], so_far[0] + piece.cost
                    if known is None or cost < known[0]:
                        best[end] = (cost, [*so_far[1], piece])
        whole = best[len(letters)]
        return whole[1] if whole else []

    def _piece(self, letters: str, base: Vocabulary, beside: tuple[str, str]) -> Iterator[_Piece]:
        terms = self._terms().spelt.get(letters, ())
        words = dict.fromkeys((*terms, *base.sounds.spelt.get(letters, ())))
        for how in _COSTS:
            if how == "initials" and _NO_INITIALS.search(letters):
                continue
            spelt = [word for word in words if (len(word) == len(letters)) == (how == "initials")]
            likely = sorted(
                ((word, self._likely(word, word in terms, base, beside)) for word in spelt),
                key=lambda found: -found[1],
            )
            if likely and likely[0][1] > 0:
                yield _Piece(letters, tuple(likely), how)

    @staticmethod
    def _likely(word: str, is_term: bool, base: Vocabulary, beside: Sequence[str]) -> float:
        before, after = beside
        likely = base.frequency(word) + 0.5 * is_term
        if (before and base.frequency(before + word[0])) or (after and base.frequency(word[-1] + after)):
            likely *= _NEXT_TO
        return likely


def _is_certain(piece: _Piece) -> bool:
    """Whether the first word is far likelier than the second, and the letters are enough to tell."""
    if piece.how == "initials" and len(piece.letters) < 3:
        return False
    return len(piece.words) == 1 or piece.words[0][1] >= _CERTAIN * piece.words[1][1]
