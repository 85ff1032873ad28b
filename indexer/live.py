"""The index that serves: the current snapshot, kept level with the record.

Each process links the snapshot's immutable files into a folder of its own, opens them there and replays every
publication since. So publishing needs no rebuild and no coordination between processes: each follows the record by
its publication sequence. The copy dies with the process; the record is the truth.
"""

import fcntl
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from indexer.encoders import Encoder
from indexer.facets import FacetTable
from indexer.lexical import LexicalIndex
from indexer.normalise import simplify
from indexer.scope import Scope
from indexer.search import SearchResult, search_parts
from indexer.segment import Segmenter
from indexer.snapshot import Manifest, Parts, Progress, SnapshotUnusable, build, current_name, open_current
from indexer.vector_cache import VectorCache
from indexer.vectors import VectorIndex
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)

REBUILD_AFTER = 5_000
_REPLAY_BATCH = 200


class KnowledgeSource(Protocol):
    """What the index follows. Implemented over the store by the composition root."""

    def sequence(self) -> int:
        """The newest publication's number."""
        ...

    def changed_since(self, sequence: int) -> Mapping[int, int]:
        """Entries published, withdrawn or suspended after `sequence` → the number of their last change."""
        ...

    def current(self, ids: Iterable[int], on: date) -> Mapping[int, PublishedEntry]:
        """Those of the entries that are published and rest on no lapsed document."""
        ...

    def all_current(self, on: date) -> Iterator[PublishedEntry]:
        """All entries that are published and rest on no lapsed document."""
        ...

    def count(self) -> int:
        """About how many `all_current` yields."""
        ...


class LiveIndex:
    """Search over one data folder. `search` may be called from many threads while `follow` runs in another."""

    def __init__(
        self, root: Path, source: KnowledgeSource, segmenter: Segmenter, encoder: Encoder | None
    ) -> None:
        self._root = root
        self._source = source
        self._segmenter = segmenter
        self._encoder = encoder
        self._cache = VectorCache(root / "vectors.sqlite")
        self._lock = threading.RLock()
        self._following = threading.Lock()
        self._copy: _WorkingCopy | None = None
        self.encoder_error = ""

    @property
    def snapshot(self) -> str:
        """The name of the snapshot being served and the sequence it has reached, "" before `open`."""
        copy = self._copy
        return f"{copy.manifest.name}+{copy.sequence - copy.manifest.sequence}" if copy else ""

    @property
    def sequence(self) -> int:
        """The publication sequence that searches see."""
        return self._copy.sequence if self._copy else -1

    @property
    def encoder_name(self) -> str:
        """The name of what makes the vectors, "" when words are all there is."""
        return self._encoder.name if self._encoder is not None else ""

    @property
    def segmenter(self) -> Segmenter:
        """How texts are cut into words here."""
        return self._segmenter

    def open(self, today: date, progress: Progress | None = None) -> None:
        """Open the current snapshot, building one where there is none that can be used, and catch up."""
        try:
            copy = self._copy_current(self._encoder)
        except SnapshotUnusable as reason:
            log.warning("the index is built again: %s", reason)
            copy = None
        if copy is None or not self._worth_replaying(copy.manifest.sequence):
            if copy is not None:
                copy.discard()
            self.rebuild(today, progress)
        else:
            self._switch(copy)
            self.follow(today)

    def rebuild(self, today: date, progress: Progress | None = None) -> Manifest:
        """Build a new snapshot from the record while the old one serves, and switch to it."""
        sequence = self._source.sequence()
        manifest = build(
            self._root,
            self._source.all_current(today),
            sequence,
            self._segmenter,
            self._encoder,
            self._cache,
            progress,
            self._source.count(),
        )
        copy = self._copy_current(self._encoder if manifest.encoder else None)
        if copy is None:
            raise SnapshotUnusable("刚建立的索引无法打开")
        self._switch(copy)
        self.follow(today)
        return manifest

    def follow(self, today: date, wait: bool = True) -> int:
        """Replay what was published since the last call; returns how many entries changed.

        Without `wait` nothing happens when another thread is at it: it will not be long.
        """
        if not self._following.acquire(blocking=wait):
            return 0
        try:
            copy = self._copy
            if copy is None:
                return 0
            changed = sorted(self._source.changed_since(copy.sequence).items(), key=lambda item: item[1])
            for start in range(0, len(changed), _REPLAY_BATCH):
                batch = changed[start : start + _REPLAY_BATCH]
                current = self._source.current([entry for entry, _ in batch], today)
                self._apply(copy, current, [entry for entry, _ in batch if entry not in current])
                copy.sequence = batch[-1][1]
            copy.replayed += len(changed)
            return len(changed)
        finally:
            self._following.release()

    def needs_rebuild(self) -> bool:
        """Whether a fresh snapshot is worth building: so much was replayed, or something was published while the
        encoder failed, and it works again.
        """
        copy = self._copy
        if copy is None:
            return False
        much = copy.replayed > max(REBUILD_AFTER, copy.manifest.count // 5)
        return much or (copy.lacks_vectors and not self.encoder_error)

    def refresh(self, today: date) -> None:
        """Switch to a snapshot that another process has built, and catch up."""
        copy = self._copy
        if copy is not None and current_name(self._root) not in ("", copy.manifest.name):
            try:
                new = self._copy_current(self._encoder)
            except SnapshotUnusable as reason:
                log.warning("keeping the snapshot in use, the new one does not open: %s", reason)
                new = None
            if new is not None and new.manifest.sequence >= copy.manifest.sequence:
                self._switch(new)
            elif new is not None:
                new.discard()
        self.follow(today)

    def search(self, question: str, scope: Scope, limit: int = 10) -> SearchResult:
        """The best entries in scope for a question, best first. Never fails because of the encoder."""
        vector, warning = None, ""
        if self._encoder is None:
            warning = "语义检索未启用，仅按词语检索"
        else:
            try:
                vector = self._encoder.encode_questions([simplify(question)])[0]
                self.encoder_error = ""
            except Exception as error:  # noqa: BLE001 - whatever breaks in a model must not break the answer
                log.warning("searching by words alone: %s", error)
                self.encoder_error = str(error)
                warning = "语义检索暂不可用，仅按词语检索"
        with self._lock:
            copy = self._copy
            if copy is None:
                raise SnapshotUnusable("索引尚未就绪，请稍后再试")
            if vector is not None and (copy.vectors is None or vector.shape != (copy.vectors.dimension,)):
                vector, warning = None, "语义索引尚未建立，仅按词语检索"
            return search_parts(
                question,
                vector,
                scope,
                limit,
                copy.lexical,
                copy.vectors,
                copy.facets,
                self._segmenter,
                snapshot=self.snapshot,
                warning=warning,
            )

    def entries(self) -> int:
        """How many entries can be found."""
        with self._lock:
            return len(self._copy.facets) if self._copy else 0

    def vectors(self) -> int:
        """How many phrasings can be found by meaning, those of replaced revisions included."""
        with self._lock:
            return len(self._copy.vectors) if self._copy and self._copy.vectors is not None else 0

    def similarity(self, texts: list[str]) -> np.ndarray | None:
        """The cosines (n, n) between texts, None when there is no encoder."""
        if self._encoder is None:
            return None
        try:
            vectors = self._cache.encode(self._encoder, texts)
        except Exception as error:  # noqa: BLE001 - whatever breaks in a model, words can still be compared
            log.warning("comparing by words alone: %s", error)
            return None
        return np.asarray(vectors @ vectors.T)

    def close(self) -> None:
        """Give up the working copy."""
        with self._following, self._lock:
            if self._copy is not None:
                self._copy.discard()
                self._copy = None
        self._cache.close()

    def _copy_current(self, encoder: Encoder | None) -> "_WorkingCopy | None":
        """A working copy of the current snapshot, None when there is none. Raises SnapshotUnusable."""
        while True:
            name = current_name(self._root)
            try:
                parts = open_current(self._root, self._segmenter, encoder)
                return None if parts is None else _WorkingCopy(self._root, parts, self._segmenter)
            except SnapshotUnusable:
                # Others may have built two more meanwhile, and removed the one that was being opened.
                if current_name(self._root) == name:
                    raise

    def _worth_replaying(self, sequence: int) -> bool:
        """Whether catching up from there is less work than building. Beyond the record's own end, when an older
        record was put in place, there is nothing to catch up with.
        """
        if sequence > self._source.sequence():
            return False
        return len(self._source.changed_since(sequence)) <= REBUILD_AFTER

    def _switch(self, copy: "_WorkingCopy") -> None:
        """Serve from this copy. Waits for who is bringing the old one level: its files go away."""
        with self._following, self._lock:
            old, self._copy = self._copy, copy
        if old is not None:
            old.discard()

    def _apply(self, copy: "_WorkingCopy", current: Mapping[int, PublishedEntry], gone: list[int]) -> None:
        """Bring the working copy level for one batch of entries: words first, since an encoder may keep us waiting."""
        # The engine waits for the disk here. Searches go on meanwhile: what it knows and the facets do not, or do no
        # longer, is out of every scope, and for a moment an entry is found by both of its wordings.
        copy.lexical.replace(current.values(), gone)
        with self._lock:
            for entry_id in gone:
                copy.facets.remove(entry_id)
            rows = {entry_id: copy.facets.add(entry) for entry_id, entry in current.items()}
        if self._encoder is None or not current:
            return
        vectors, numbers, owners = self._encode(list(current.values()))
        if vectors is None:
            copy.lacks_vectors = True
            return
        places = np.array([rows[owner] for owner in owners], np.int32)
        with self._lock:
            if copy.vectors is None:
                copy.vectors = VectorIndex(vectors.shape[1])
            if vectors.shape[1] == copy.vectors.dimension:
                copy.vectors.add(vectors, places, np.array(numbers, np.int32))
            else:
                log.warning("published without vectors: the encoder's dimension changed")
                copy.lacks_vectors = True

    def _encode(self, entries: list[PublishedEntry]) -> tuple[np.ndarray | None, list[int], list[int]]:
        """The vectors of all phrasings, with the number and the owner of each."""
        phrasings = [
            (phrasing, number, entry.id)
            for entry in entries
            for number, phrasing in enumerate(entry.text.phrasings())
        ]
        numbers, owners = [number for _, number, _ in phrasings], [owner for _, _, owner in phrasings]
        if self._encoder is None or not phrasings:
            return None, numbers, owners
        try:
            return self._cache.encode(self._encoder, [text for text, _, _ in phrasings]), numbers, owners
        except Exception as error:  # noqa: BLE001 - words still find the entry; the next rebuild adds its vectors
            log.warning("published without vectors: %s", error)
            self.encoder_error = str(error)
            return None, numbers, owners


class _WorkingCopy:
    """One process's copy of a snapshot, and how far it has come."""

    def __init__(self, root: Path, parts: Parts, segmenter: Segmenter) -> None:
        self.manifest = parts.manifest
        self.sequence = parts.manifest.sequence
        self.replayed = 0
        self.lacks_vectors = False
        self.facets: FacetTable = parts.facets
        self.vectors: VectorIndex | None = parts.vectors
        self._folder, self._held = _claim(root / "live")
        try:
            _link_tree(parts.folder / "lexical", self._folder / "lexical")
            self.lexical = LexicalIndex.open(self._folder / "lexical", segmenter)
        except (OSError, ValueError) as error:
            self.discard()
            raise SnapshotUnusable(f"索引文件无法打开（{error}）") from error

    def discard(self) -> None:
        """Remove the copy's files; searches that still run keep theirs open."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._held.close()


def _claim(live: Path) -> tuple[Path, IO[str]]:
    """A new folder, and the lock that tells others that its owner lives. Sweeps the copies of dead owners."""
    live.mkdir(parents=True, exist_ok=True)
    with (live / "claim.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for copy in live.glob("*/"):
            if _free(copy / "owner.lock"):
                shutil.rmtree(copy, ignore_errors=True)
        folder = live / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        held = (folder / "owner.lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    return folder, held


def _free(lock: Path) -> bool:
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True


def _link_tree(source: Path, target: Path) -> None:
    """Hard-link the immutable segment files; what the engine rewrites in place is copied."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        if file.name.endswith(".lock"):
            continue
        if file.suffix == ".json" or file.name.startswith("."):
            shutil.copy2(file, target / file.name)
            continue
        try:
            os.link(file, target / file.name)
        except OSError:  # a file system without hard links
            shutil.copy2(file, target / file.name)
