"""Vectors once computed are kept, by encoder and text, so that a rebuild encodes only what changed.

A SQLite file beside the snapshots. It may be deleted at any time; it only costs the encoding again.
"""

import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import TOKEN_DIMENSION, Encoder, EncoderUnavailable, TokenEncoder, Vectors
from indexer.late_interaction import PACKED_BYTES, Packed, pack
from indexer.normalise import simplify

log = logging.getLogger(__name__)

_BATCH = 64
_PART = 500
_BUSY_SECONDS = 30
_NO_TOKENS: Packed = np.zeros((0, PACKED_BYTES), np.uint8)


@dataclass(frozen=True)
class _Missing:
    """A text without a vector, and the places among the texts where it stands."""

    key: bytes
    text: str
    places: list[int]


class VectorCache:
    """A cache file; safe to share between threads and processes. A damaged one is thrown away."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = _open(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._db = self._started_again(error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def encode(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """The vectors of phrasings in Simplified characters, shape (len(texts), dimension), encoding those not seen
        before.

        `progress` is called with how many more texts are done. What was encoded is kept even when a later
        batch fails with EncoderUnavailable, which is raised too for vectors of another shape than promised.
        """
        return self.encode_with_tokens(encoder, texts, progress)[0]

    def encode_with_tokens(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[Vectors, list[Packed]]:
        """The same, and the vectors of each text's tokens, none where the encoder gives none."""
        vectors = np.zeros((len(texts), encoder.dimension), np.float32)
        tokens = [_NO_TOKENS] * len(texts)
        missing = self._fill(vectors, tokens, encoder, texts)
        if progress:
            progress(len(texts) - sum(len(each.places) for each in missing))
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            kept = []
            for each, vector, packed in zip(batch, *_encoded(encoder, batch), strict=True):
                vectors[each.places] = vector
                for place in each.places:
                    tokens[place] = packed
                kept.append((each.key, vector.tobytes() + packed.tobytes()))
            self._write(kept)
            if progress:
                progress(sum(len(each.places) for each in batch))
        return vectors, tokens

    def _fill(
        self, vectors: Vectors, tokens: list[Packed], encoder: Encoder, texts: Sequence[str]
    ) -> list[_Missing]:
        """Put what is kept in its places and tell the texts of which nothing is.

        Part by part: a large base has hundreds of megabytes of vectors, which are not held twice.
        """
        missing: dict[bytes, _Missing] = {}
        length = 2 * vectors.shape[1]
        for start in range(0, len(texts), _PART):
            part = [simplify(text) for text in texts[start : start + _PART]]
            keys = [hashlib.sha256(f"{encoder.name}\0{text}".encode()).digest()[:16] for text in part]
            known = self._read(keys)
            for place, (key, text) in enumerate(zip(keys, part, strict=True), start=start):
                value = known.get(key, b"")
                if _is_whole(value, length, isinstance(encoder, TokenEncoder)):
                    vectors[place] = np.frombuffer(value[:length], np.float16)
                    tokens[place] = np.frombuffer(value[length:], np.uint8).reshape(-1, PACKED_BYTES)
                else:
                    missing.setdefault(key, _Missing(key, text, [])).places.append(place)
        return list(missing.values())

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept under at most `_PART` keys."""
        marks = ",".join("?" * len(keys))
        statement = f"SELECT key, value FROM vector WHERE key IN ({marks})"  # noqa: S608 - question marks alone
        with self._lock:
            try:
                return dict(self._db.execute(statement, keys).fetchall())
            except sqlite3.DatabaseError as error:
                self._give_up(error)
                return {}

    def _write(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                self._give_up(error)

    def _give_up(self, error: sqlite3.DatabaseError) -> None:
        """Go on without what could not be read or written: it costs the encoding again, nothing else."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError):  # a full disk, another process too long at it
            log.warning("the vector cache is left aside: %s", error)
        else:
            self._db.close()
            self._db = self._started_again(error)

    def _started_again(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        log.warning("the vector cache is damaged and starts again: %s", error)
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return _open(self._path)


def _encoded(encoder: Encoder, batch: Sequence[_Missing]) -> tuple[NDArray[np.float16], list[Packed]]:
    """Vectors of texts and of their tokens. Raises what the encoder raises, and EncoderUnavailable for another shape
    than promised.
    """
    texts, tokens = [each.text for each in batch], [_NO_TOKENS] * len(batch)
    if isinstance(encoder, TokenEncoder):
        vectors, of_tokens = encoder.encode_with_tokens(texts)
        if any(each.shape[1:] != (TOKEN_DIMENSION,) for each in of_tokens):
            raise EncoderUnavailable(f"语义模型 {encoder.name} 返回的词元向量应为{TOKEN_DIMENSION}维")
        tokens = [pack(each) for each in of_tokens]
    else:
        vectors = encoder.encode_phrasings(texts)
    if vectors.shape != (len(batch), encoder.dimension):
        raise EncoderUnavailable(f"语义模型 {encoder.name} 返回的向量形状不符：{vectors.shape}")
    return vectors.astype(np.float16), tokens


def _is_whole(value: bytes, length: int, with_tokens: bool) -> bool:
    """Whether a value is a vector of so many bytes and, where there should be any, those of tokens."""
    return (
        len(value) > length and (len(value) - length) % PACKED_BYTES == 0
        if with_tokens
        else len(value) == length
    )


def _open(path: Path) -> sqlite3.Connection:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
            )
            return db
        except sqlite3.OperationalError as error:
            db.close()
            # SQLite does not wait for another process that switches the file to WAL, so we do.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        except BaseException:
            db.close()
            raise
