"""What changed between two wordings, piece by piece: kept, gone, new."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.entry import EntryText
from qa_service.comparing import FieldChange, compare

_CLAUSES = re.compile(r"[^，。；：！？、\n]*[，。；：！？、\n]?")
_CLOSE_ENOUGH = 400
"""Passages up to this length are compared character by character; longer ones clause by clause."""


@dataclass(frozen=True)
class Piece:
    """A passage that is in both wordings ("same"), in the first only ("gone") or in the second only ("new")."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One field, in pieces; `listed` tells that each piece is an item of its own."""

    label: str
    pieces: tuple[Piece, ...]
    listed: bool


def differences(old: EntryText, new: EntryText) -> tuple[Difference, ...]:
    """The fields in which two wordings differ."""
    return tuple(_difference(change) for change in compare(old, new))


def _difference(change: FieldChange) -> Difference:
    if change.field in ("question", "answer"):
        return Difference(change.label, pieces(change.before[0], change.after[0]), listed=False)
    kept = [Piece("same" if item in change.after else "gone", item) for item in change.before if item]
    added = [Piece("new", item) for item in change.after if item and item not in change.before]
    return Difference(change.label, (*kept, *added), listed=True)


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The passages of two texts in order. Joining all but the new ones gives `old`, all but the gone ones `new`."""
    found: list[Piece] = []
    for before, after in _blocks(
        [c for c in _CLAUSES.findall(old) if c], [c for c in _CLAUSES.findall(new) if c]
    ):
        if before == after:
            found.append(Piece("same", before))
        elif len(before) + len(after) <= _CLOSE_ENOUGH:
            found += [piece for b, a in _blocks(before, after) for piece in _replaced(b, a)]
        else:
            found += _replaced(before, after)
    return tuple(found)


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Corresponding passages of two sequences of strings."""
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    return [("".join(old[i:j]), "".join(new[m:n])) for _, i, j, m, n in matcher.get_opcodes()]


def _replaced(before: str, after: str) -> list[Piece]:
    if before == after:
        return [Piece("same", before)]
    return [Piece(kind, text) for kind, text in (("gone", before), ("new", after)) if text]
