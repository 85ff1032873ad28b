"""Late interaction: a question and an entry compared token by token, without a second pass of the model.

One vector of a text is a mean, in which the deciding word of a long story is lost. So the vectors of the single tokens
are kept too, of all that an entry is asked by and of its answer. Each token of a question takes the greatest cosine
that it has with any of them; the mean of those is the score (Khattab and Zaharia, "ColBERT: Efficient and Effective
Passage Search via Contextualized Late Interaction over BERT", 2020). A question that one wording of an entry answers
half and another one, or the answer, the rest is at home there.

It is told of the few entries that were found; nothing is found by it. Stored are `TOKEN_DIMENSION` numbers a token in
4 bits each: 64 bytes, some 12 KB an entry.
"""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import TOKEN_DIMENSION, Vectors

Packed = NDArray[np.uint8]
"""Vectors of tokens as they are stored, (tokens, PACKED_BYTES)."""
PACKED_BYTES = TOKEN_DIMENSION // 2
_STEPS = 7
"""How many steps 4 bits have to either side of 0."""
_WIDEST = 0.25
"""The greatest number of a unit vector that is told from a greater one: nearly three times their deviation."""
_TOKENS_FILE, _SLICES_FILE = "tokens.bin", "tokens.npy"
_ROOM = 4096
"""How many tokens are unpacked at once; ten entries rarely have more, and one may have any number."""
_rooms = threading.local()
_AT_ONCE = 1 << 18
"""Multiplications of one matrix product: of more than these the library makes several threads, which spin while they
wait for one another.
"""


def pack(tokens: Vectors) -> Packed:
    """Vectors of unit length (tokens, TOKEN_DIMENSION) in 4 bits a number."""
    steps = (np.clip(np.rint(tokens * (_STEPS / _WIDEST)), -_STEPS, _STEPS) + _STEPS).astype(np.uint8)
    return np.asarray(steps[:, :PACKED_BYTES] | steps[:, PACKED_BYTES:] << 4, np.uint8)


def unpack(packed: Packed) -> Vectors:
    """What was packed, at unit length again, (tokens, TOKEN_DIMENSION)."""
    tokens, lengths = _steps(packed, np.empty((len(packed), TOKEN_DIMENSION), np.float32))
    return np.asarray(tokens / lengths[:, None], np.float32)


class TokenVectors:
    """Token vectors by facet row; a row without any is as unlike a question as can be."""

    def __init__(self, stored: Packed | None = None, slices: NDArray[np.int64] | None = None) -> None:
        """`slices` (n, 3) tells which of the stored vectors are whose: facet row, begin and end, in the rows' order."""
        self._stored = stored if stored is not None else np.zeros((0, PACKED_BYTES), np.uint8)
        self._slices = slices if slices is not None else np.zeros((0, 3), np.int64)
        self._rows = np.ascontiguousarray(self._slices[:, 0])
        self._added: dict[int, Packed] = {}

    def add(self, rows: Iterable[int], tokens: Iterable[Packed]) -> None:
        """Take in the vectors of facet rows."""
        self._added.update(zip(rows, tokens, strict=True))

    def scores(self, question: Vectors, rows: Sequence[int]) -> list[float]:
        """The score of each row for a question's tokens (tokens, TOKEN_DIMENSION); 0 where there are none."""
        parts = self._of(rows)
        counts = [sum(map(len, of_row)) for of_row in parts]
        if not len(question) or not any(counts):
            return [0.0] * len(rows)
        cosines = _cosines(question, np.concatenate([part for of_row in parts for part in of_row]))
        known = [count for count in counts if count]
        begins = np.cumsum([0, *known[:-1]])
        scores = iter(np.maximum.reduceat(cosines, begins, axis=0).mean(axis=1).tolist())
        return [next(scores) if count else 0.0 for count in counts]

    def _of(self, rows: Sequence[int]) -> list[list[Packed]]:
        """What each row has, in parts."""
        firsts, lasts = (np.searchsorted(self._rows, rows, side).tolist() for side in ("left", "right"))
        return [
            [self._added[row]]
            if row in self._added
            else [self._stored[begin:end] for _, begin, end in self._slices[first:last].tolist()]
            for row, first, last in zip(rows, firsts, lasts, strict=True)
        ]

    @classmethod
    def load(cls, folder: Path) -> "TokenVectors":
        """What a `TokenWriter` wrote into a folder; only what is asked for is read from the disk."""
        slices = np.load(folder / _SLICES_FILE, allow_pickle=False)
        count = int(slices[:, 2].max(initial=0))
        if not count:
            return cls()
        mapped = np.memmap(folder / _TOKENS_FILE, np.uint8, "r", shape=(count, PACKED_BYTES))
        return cls(np.asarray(mapped), slices)


class TokenWriter:
    """Writes token vectors into a folder as they come, since all of a large base are not held in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / _TOKENS_FILE).open("wb")
        self._slices: list[tuple[int, int, int]] = []
        self._written = 0

    def add(self, rows: Iterable[int], tokens: Iterable[Packed]) -> None:
        """Append the vectors of texts, each with the facet row that it belongs to."""
        for row, each in zip(rows, tokens, strict=True):
            begin, self._written = self._written, self._written + len(each)
            self._file.write(each.tobytes())
            if self._slices and self._slices[-1][0] == row:
                begin = self._slices.pop()[1]
            self._slices.append((row, begin, self._written))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        """Write whose they are; what was left unfinished goes."""
        self._file.close()
        if raised is not None:
            (self._folder / _TOKENS_FILE).unlink()
            return
        slices = np.array(self._slices, np.int64).reshape(-1, 3)
        np.save(
            self._folder / _SLICES_FILE, slices[np.argsort(slices[:, 0], kind="stable")], allow_pickle=False
        )


def _cosines(question: Vectors, packed: Packed) -> Vectors:
    """The cosines (packed tokens, question's tokens)."""
    room: Vectors | None = getattr(_rooms, "room", None)
    if room is None:
        # Kept for the thread's next question: to be given a megabyte takes longer than to fill it.
        room = _rooms.room = np.empty((_ROOM, TOKEN_DIMENSION), np.float32)
    turned = np.ascontiguousarray(question.T)
    at_once = max(1, _AT_ONCE // turned.size)
    found = []
    for first in range(0, len(packed), _ROOM):
        part = packed[first : first + _ROOM]
        tokens, lengths = _steps(part, room[: len(part)])
        blocks = [tokens[start : start + at_once] @ turned for start in range(0, len(tokens), at_once)]
        found.append(np.concatenate(blocks) / lengths[:, None])
    return np.concatenate(found)


def _steps(packed: Packed, room: Vectors) -> tuple[Vectors, Vectors]:
    """The steps that were packed, written into `room` (tokens, TOKEN_DIMENSION), and their lengths (tokens,)."""
    np.bitwise_and(packed, 15, out=room[:, :PACKED_BYTES], casting="unsafe")
    np.right_shift(packed, 4, out=room[:, PACKED_BYTES:], casting="unsafe")
    room -= _STEPS
    return room, np.maximum(np.sqrt(np.einsum("ij,ij->i", room, room)), np.float32(1))
