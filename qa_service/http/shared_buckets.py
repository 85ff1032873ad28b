"""Token buckets that several processes share: a file without a name, mapped into the memory of each.

A table of fixed size. A bucket lies in one of a few places that follow from whose it is; when all of them are taken,
the one that was left alone longest gives way. The file is locked for the microsecond that a change takes, and the
lock of a process that dies is released by the system.
"""

import fcntl
import mmap
import struct
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO

_ROW = struct.Struct("<Qdd")
"""Whose it is (0: nobody's), the tokens left, the moment at which they were."""
_ROWS = 32_768
_PLACES = 8


class SharedBuckets:
    """The buckets in a file that was made by `sized`. The moments are of a clock that all processes share."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._table = mmap.mmap(file.fileno(), _ROWS * _ROW.size)
        self._lock = threading.Lock()  # the file's holds off other processes only

    @staticmethod
    def sized(file: IO[bytes]) -> IO[bytes]:
        """An empty file, made as large as the table."""
        # Written, not only made longer: a full disk is told here and not when a page is first touched.
        file.write(bytes(_ROWS * _ROW.size))
        file.flush()
        return file

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold off other threads and processes."""
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def get(self, who: Hashable) -> tuple[float, float] | None:
        """A caller's bucket, None when there is none."""
        key = _key(who)
        for at in _places(key):
            owner, tokens, since = _ROW.unpack_from(self._table, at)
            if owner == key:
                return tokens, since
        return None

    def put(self, who: Hashable, tokens: float, now: float) -> None:
        """Keep a bucket: in its place, in an empty one, or in that of who has not come for longest."""
        key = _key(who)

        def rank(at: int) -> tuple[int, float]:
            owner, _, since = _ROW.unpack_from(self._table, at)
            return (0 if owner == key else 1 if not owner else 2, since)

        _ROW.pack_into(self._table, min(_places(key), key=rank), key, tokens, now)

    def remove(self, who: Hashable) -> None:
        """Forget a bucket."""
        key = _key(who)
        for at in _places(key):
            if _ROW.unpack_from(self._table, at)[0] == key:
                _ROW.pack_into(self._table, at, 0, 0.0, 0.0)


def _key(who: Hashable) -> int:
    """The same number in every process, never 0. `who` is made of strings and numbers."""
    return int.from_bytes(blake2b(repr(who).encode(), digest_size=8).digest(), "little") or 1


def _places(key: int) -> range:
    """Where the bucket may lie: offsets into the table."""
    first = key % (_ROWS - _PLACES + 1)
    return range(first * _ROW.size, (first + _PLACES) * _ROW.size, _ROW.size)
