"""The index that serves: the current snapshot, kept level with the record.

Each process links the snapshot's immutable files into a folder of its own, opens them there and replays every
publication since. So publishing needs no rebuild and no coordination between processes: each follows the record by
its publication sequence. The copy dies with the process; the record is the truth.
"""

import fcntl
import logging
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from indexer.encoders import Encoder, Encoding, encode_question, nearest_elsewhere
from indexer.encoding import encode_entries
from indexer.reading import Reader, Reading
from indexer.remembering import Recent
from indexer.scope import Scope
from indexer.search import SearchResult, search_parts
from indexer.segment import Segmenter
from indexer.snapshot import Manifest, Progress, SnapshotUnusable, build, current_name, open_current
from indexer.source import KnowledgeSource
from indexer.vector_cache import VectorCache
from indexer.vectors import VectorIndex
from indexer.wording import Wording, bundled
from indexer.working_copy import WorkingCopy
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)

REBUILD_AFTER = 5_000
_REPLAY_BATCH = 200
_VECTORS = 2_000
_RESULTS = 500
"""How many questions' vectors and results are remembered: people ask the same again, and one turn of a conversation
searches for the same words more than once.
"""


class LiveIndex:
    """Search over one data folder. `search` may be called from many threads while `follow` runs in another.

    Synonyms and stop phrases act on questions and are taken in when they change. Terms and names decide how texts are
    cut: when those change, the old snapshot serves, cut as it was, until one with the new words is built (`renew`).
    """

    def __init__(
        self, root: Path, source: KnowledgeSource, segmenter: Segmenter, encoder: Encoder | None
    ) -> None:
        """`segmenter` saves loading one where its words are those of the record; `open` loads another if not."""
        self._root = root
        self._source = source
        self._segmenter = segmenter
        self._encoder = encoder
        self._cache = VectorCache(root / "vectors.sqlite")
        self._lock = threading.RLock()
        self._following = threading.Lock()
        self._loading = threading.Lock()
        self._words = (-1, bundled())
        self._reader: tuple[Wording, Segmenter, Reader] | None = None
        self._copy: WorkingCopy | None = None
        self._warmed: tuple[Reader, WorkingCopy] | None = None
        self._encodings: Recent[Encoding] = Recent(_VECTORS)
        self._vectors: Recent[np.ndarray] = Recent(_VECTORS)
        self._results: Recent[SearchResult] = Recent(_RESULTS)
        self._closed = False
        self.encoder_error = ""

    @property
    def snapshot(self) -> str:
        """The name of the snapshot being served and the sequence it has reached, "" before `open`."""
        copy = self._copy
        return f"{copy.manifest.name}+{copy.sequence - copy.manifest.sequence}" if copy else ""

    @property
    def state(self) -> tuple[str, int]:
        """While this stays the same, and the encoder works, the same question finds the same."""
        return self.snapshot, self._words[0]

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
        """How the texts of the snapshot being served are cut into words."""
        copy = self._copy
        return copy.segmenter if copy is not None else self._segmenter

    @property
    def wording(self) -> Wording:
        """The words with which questions are read."""
        return self._words[1]

    def open(self, today: date, progress: Progress | None = None) -> None:
        """Open the current snapshot, building one where there is none that can be used, and catch up."""
        self.follow_words()
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
            self._wanted_segmenter(),
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

    def renew(self, today: date) -> bool:
        """Build a fresh snapshot if one is needed and no other process is at it; whether one was built."""
        with (self._root / "renew.lock").open("w") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            # Whoever had the turn before may have built just what is missing here.
            self.refresh(today)
            if not self.needs_rebuild():
                return False
            self.rebuild(today)
            return True

    def follow_words(self) -> bool:
        """Take in the bureau's words if they changed since the last call; whether they did."""
        sequence = self._source.words_sequence()
        if sequence == self._words[0]:
            return False
        self._words = (sequence, self._source.wording())
        return True

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
        """Whether a fresh snapshot is worth building: its texts were cut with other words, so much was replayed, or
        something was published while the encoder failed, and it works again.
        """
        copy = self._copy
        if copy is None:
            return False
        if copy.segmenter.dictionary_hash != self.wording.dictionary_hash:
            return True
        much = copy.replayed > max(REBUILD_AFTER, copy.manifest.count // 5)
        return much or (copy.lacks_vectors and not self.encoder_error)

    def refresh(self, today: date) -> None:
        """Take in changed words, switch to a snapshot that another process has built, and catch up."""
        self.follow_words()
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
        self._warm()

    def read(self, question: str) -> Reading:
        """How a question is read with the words now in use and those that the entries are asked by."""
        copy = self._copy
        if copy is None:
            raise SnapshotUnusable("索引尚未就绪，请稍后再试")
        return self._reader_with(copy.segmenter).read(question, copy.lexical.vocabulary)

    def search(self, question: str, scope: Scope, limit: int = 10) -> SearchResult:
        """The best entries in scope for a question, best first. Never fails because of the encoder."""
        asked = (question, scope, limit, *self.state)
        remembered = self._results.get(asked)
        if remembered is not None and not self.encoder_error:
            return remembered
        result = self._searched(question, scope, limit)
        if not result.warning and result.snapshot == asked[3]:
            self._results.put(asked, result)
        return result

    def _searched(self, question: str, scope: Scope, limit: int) -> SearchResult:
        reading = self.read(question)
        encoding, warning = None, ""
        if self._encoder is None:
            warning = "语义检索未启用，仅按词语检索"
        else:
            try:
                encoding = self._encoding(self._encoder, reading.text)
                self.encoder_error = ""
            except Exception as error:  # noqa: BLE001 - whatever breaks in a model must not break the answer
                log.warning("searching by words alone: %s", error)
                self.encoder_error = str(error)
                encoding = self._encodings.get(reading.text)
                how = "仅按词语检索" if encoding is None else "沿用此前的语义计算"
                warning = f"语义检索暂不可用，{how}"
        with self._lock:
            copy = self._copy
            if copy is None:
                raise SnapshotUnusable("索引尚未就绪，请稍后再试")
            vectors = copy.vectors
            if encoding is not None and (vectors is None or encoding.vector.shape != (vectors.dimension,)):
                encoding, warning = None, "语义索引尚未建立，仅按词语检索"
            return search_parts(
                reading,
                encoding,
                scope,
                limit,
                copy.lexical,
                vectors,
                copy.facets,
                snapshot=self.snapshot,
                elsewhere=nearest_elsewhere(self._encoder, encoding and encoding.vector),
                warning=warning,
            )

    def _encoding(self, encoder: Encoder, text: str) -> Encoding:
        """The question's vectors, remembered from the last time unless the encoder fails: is it still failing?"""
        encoding = None if self.encoder_error else self._encodings.get(text)
        if encoding is None:
            encoding = encode_question(encoder, text)
            self._encodings.put(text, encoding)
        return encoding

    def _phrasing_vector(self, encoder: Encoder, text: str) -> np.ndarray:
        """The same of a text that stands for an entry's phrasing. Not kept on disk, for which an asker would wait."""
        vector = self._vectors.get(text)
        if vector is None:
            vector = encoder.encode_phrasings([text])[0]
            self._vectors.put(text, vector)
        return vector

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
            vectors = np.stack([self._phrasing_vector(self._encoder, text) for text in texts])
        except Exception as error:  # noqa: BLE001 - whatever breaks in a model, words can still be compared
            log.warning("comparing by words alone: %s", error)
            return None
        return np.asarray(vectors @ vectors.T)

    def close(self) -> None:
        """Give up the working copy."""
        with self._following, self._lock:
            self._closed = True
            if self._copy is not None:
                self._copy.discard()
                self._copy = None
        self._cache.close()

    def _copy_current(self, encoder: Encoder | None) -> WorkingCopy | None:
        """A working copy of the current snapshot, None when there is none. Raises SnapshotUnusable."""
        while True:
            name, segmenter = current_name(self._root), self._wanted_segmenter()
            try:
                parts = open_current(self._root, segmenter, encoder)
                return None if parts is None else WorkingCopy(self._root, parts, segmenter)
            except SnapshotUnusable:
                # Others may have built two more meanwhile, and removed the one that was being opened.
                if current_name(self._root) == name:
                    raise

    def _reader_with(self, segmenter: Segmenter) -> Reader:
        """The reader of questions, made anew when the words changed or the texts are cut otherwise."""
        wording, made = self.wording, self._reader
        if made is None or made[0] is not wording or made[1] is not segmenter:
            made = self._reader = (wording, segmenter, Reader(wording, segmenter))
        return made[2]

    def _warm(self) -> None:
        """Make the reader and load what it needs before somebody asks."""
        copy = self._copy
        if copy is None:
            return
        reader = self._reader_with(copy.segmenter)
        if self._warmed is None or self._warmed[0] is not reader or self._warmed[1] is not copy:
            reader.warm(copy.lexical.vocabulary)
            self._warmed = (reader, copy)

    def _wanted_segmenter(self) -> Segmenter:
        """One with the words now in use; loaded (about a second) when the last one has others."""
        with self._loading:
            wording = self.wording
            if self._segmenter.dictionary_hash != wording.dictionary_hash:
                self._segmenter = Segmenter(wording)
            return self._segmenter

    def _worth_replaying(self, sequence: int) -> bool:
        """Whether catching up from there is less work than building. Beyond the record's own end, when an older
        record was put in place, there is nothing to catch up with.
        """
        if sequence > self._source.sequence():
            return False
        return len(self._source.changed_since(sequence)) <= REBUILD_AFTER

    def _switch(self, copy: WorkingCopy) -> None:
        """Serve from this copy. Waits for who is bringing the old one level: its files go away."""
        with self._following, self._lock:
            # One that is built when the index is closed already serves nobody.
            old, self._copy = (copy, None) if self._closed else (self._copy, copy)
        if old is not None:
            old.discard()

    def _apply(self, copy: WorkingCopy, current: Mapping[int, PublishedEntry], gone: list[int]) -> None:
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
        try:
            encoded = encode_entries(self._cache, self._encoder, list(current.values()))
        except Exception as error:  # noqa: BLE001 - words still find the entry; the next rebuild adds its vectors
            log.warning("published without vectors: %s", error)
            self.encoder_error, copy.lacks_vectors = str(error), True
            return
        vectors = encoded.phrasings
        places = np.array([rows[owner] for owner in encoded.owners], np.int32)
        with self._lock:
            if copy.vectors is None:
                copy.vectors = VectorIndex(vectors.shape[1])
            if vectors.shape[1] == copy.vectors.dimension:
                copy.vectors.add(vectors, places, np.array(encoded.numbers, np.int32))
                own = [rows[entry_id] for entry_id in current]
                if encoded.answers is not None:
                    copy.vectors.answers.add(encoded.answers, np.array(own, np.int32))
                copy.vectors.tokens.add(own, encoded.tokens)
            else:
                log.warning("published without vectors: the encoder's dimension changed")
                copy.lacks_vectors = True
