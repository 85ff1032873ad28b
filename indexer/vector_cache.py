"""Vectors once computed are kept, by encoder and text, so that a rebuild encodes only what changed.

A SQLite file beside the snapshots. It may be deleted at any time; it only costs the encoding again.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from indexer.encoders import Encoder, Vectors

_BATCH = 64


class VectorCache:
    """A cache file; safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def encode(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """The vectors of phrasings, shape (len(texts), dimension), encoding those not seen before.

        `progress` is called with how many more texts are done. What was encoded is kept even when a later
        batch fails with EncoderUnavailable.
        """
        vectors = np.zeros((len(texts), encoder.dimension), np.float32)
        keys = [hashlib.sha256(f"{encoder.name}\0{text}".encode()).digest()[:16] for text in texts]
        missing: dict[bytes, list[int]] = {}
        known = self._read(keys)
        for place, key in enumerate(keys):
            if key in known:
                vectors[place] = np.frombuffer(known[key], np.float16)
            else:
                missing.setdefault(key, []).append(place)
        if progress:
            progress(len(texts) - sum(map(len, missing.values())))
        todo = list(missing.items())
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            encoded = encoder.encode_phrasings([texts[places[0]] for _, places in batch]).astype(np.float16)
            for (_, places), vector in zip(batch, encoded, strict=True):
                vectors[places] = vector
            self._write([(key, vector.tobytes()) for (key, _), vector in zip(batch, encoded, strict=True)])
            if progress:
                progress(sum(len(places) for _, places in batch))
        return vectors

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
                found.update(rows.fetchall())
        return found

    def _write(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?)", rows)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
