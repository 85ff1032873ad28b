"""Immutable snapshots of the index: built aside, switched to by one rename.

    index/
      current                  the name of the snapshot in use; replaced atomically
      snapshots/NAME/          manifest.json, lexical/ (tantivy's and vocabulary.json), facets.npz, vectors.faiss,
                               vectors.npz, answers.npy, tokens.bin, tokens.npy
      vectors.sqlite           the vector cache
      live/                    each process's working copies (hard links), see live.py

A snapshot whose manifest is missing was never finished and is swept away by the next build. One whose files are not
those that the manifest lists is refused, and built again from the record.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.answers import ANSWER_LENGTH
from indexer.encoders import Encoder
from indexer.encoding import answer_text, encode_answers, weighs_answers
from indexer.facets import FacetTable
from indexer.late_interaction import TokenWriter
from indexer.lexical import ANSWER_BOOST, QUESTION_WEIGHT, LexicalIndex
from indexer.reading import POSSIBLE_WEIGHT, SYNONYM_WEIGHT
from indexer.segment import Segmenter
from indexer.vector_cache import VectorCache
from indexer.vectors import VectorIndex
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)

FORMAT = 5
_BATCH = 500
_TEXTS = 2_000
"""How many texts are encoded before the vectors of their tokens are written."""
_PARAMETERS: dict[str, float] = {
    "question_weight": QUESTION_WEIGHT,
    "answer_boost": ANSWER_BOOST,
    "synonym_weight": SYNONYM_WEIGHT,
    "possible_weight": POSSIBLE_WEIGHT,
    "answer_length": ANSWER_LENGTH,
}
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class SnapshotUnusable(Exception):
    """The snapshot cannot be opened with this code, dictionary or encoder; it has to be built again."""


@dataclass(frozen=True)
class Manifest:
    """What a snapshot was built from. `sequence` is the publication sequence that it contains;
    `encoder` is "" when it holds no vectors; `entries` digests every entry's id and revision, `files` the content of
    every file by its path in the snapshot.
    """

    format: int
    name: str
    built_at: str
    sequence: int
    count: int
    entries: str
    dictionary: str
    encoder: str
    dimension: int
    vectors: int
    parameters: dict[str, float]
    files: dict[str, str]


@dataclass
class Parts:
    """An opened snapshot's parts."""

    manifest: Manifest
    facets: FacetTable
    vectors: VectorIndex | None
    folder: Path


def build(
    root: Path,
    entries: Iterable[PublishedEntry],
    sequence: int,
    segmenter: Segmenter,
    encoder: Encoder | None,
    cache: VectorCache,
    progress: Progress | None = None,
    total: int = 0,
) -> Manifest:
    """Build a snapshot of the entries aside and switch to it.

    Without an encoder, or when it fails on the way, the snapshot holds words alone. Nothing of it is visible before
    the switch, and a crash leaves the snapshot in use as it was.
    """
    report = progress or (lambda what, done, of: None)
    with exclusive(root):
        _sweep(root)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        folder = root / "snapshots" / name
        folder.mkdir(parents=True)
        lexical = LexicalIndex.create(folder / "lexical", segmenter)
        facets, texts, rows, phrasings = FacetTable(), list[str](), list[int](), list[int]()
        answers = list[str]()
        for batch in _batches(entries):
            lexical.add_new(batch)
            for entry in batch:
                row = facets.add(entry)
                answers.append(answer_text(entry))
                for number, phrasing in enumerate(entry.text.phrasings()):
                    texts.append(phrasing)
                    rows.append(row)
                    phrasings.append(number)
            report("建立词语索引", len(facets), total)
        lexical.finish()
        facets.save(folder / "facets.npz")
        vectors = _build_vectors(folder, texts, rows, phrasings, answers, encoder, cache, report)
        if vectors is not None:
            vectors.save(folder)
        manifest = Manifest(
            format=FORMAT,
            name=name,
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            sequence=sequence,
            count=len(facets),
            entries=digest(facets.revisions()),
            dictionary=segmenter.dictionary_hash,
            encoder=encoder.name if encoder and vectors is not None else "",
            dimension=vectors.dimension if vectors is not None else 0,
            vectors=len(vectors) if vectors is not None else 0,
            parameters=_PARAMETERS,
            files=_file_digests(folder),
        )
        write_durably(folder / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        previous = current_name(root)
        write_durably(root / "current", name)
        _remove_old(root, keep={name, previous})
        return manifest


def _build_vectors(
    folder: Path,
    texts: list[str],
    rows: list[int],
    phrasings: list[int],
    answers: list[str],
    encoder: Encoder | None,
    cache: VectorCache,
    report: Progress,
) -> VectorIndex | None:
    if encoder is None:
        return None
    done, total = 0, len(texts) + (len(answers) if weighs_answers(encoder) else 0)

    def advance(more: int) -> None:
        nonlocal done
        done += more
        report("计算语义向量", done, total)

    try:
        with TokenWriter(folder) as tokens:
            vectors = np.zeros((len(texts), encoder.dimension), np.float32)
            for start in range(0, len(texts), _TEXTS):
                part = slice(start, start + _TEXTS)
                vectors[part], of_tokens = cache.encode_with_tokens(encoder, texts[part], advance)
                tokens.add(rows[part], of_tokens)
            of_answers = _encode_answers(tokens, answers, vectors.shape[1], encoder, cache, advance)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a model, words still find the entries
        log.warning("built without vectors: %s", error)
        return None
    report("建立语义索引", 0, 1)
    return VectorIndex.of(vectors, np.array(rows, np.int32), np.array(phrasings, np.int32), of_answers)


def _encode_answers(
    tokens: TokenWriter,
    answers: list[str],
    dimension: int,
    encoder: Encoder,
    cache: VectorCache,
    advance: Callable[[int], None],
) -> NDArray[np.float16] | None:
    """The vectors of the answers, which are those of the facet rows in their order; None as `encode_answers` has it."""
    vectors = np.zeros((len(answers), dimension), np.float16)
    for start in range(0, len(answers), _TEXTS):
        encoded = encode_answers(cache, encoder, answers[start : start + _TEXTS], dimension, advance)
        if encoded is None:
            return None
        vectors[start : start + _TEXTS] = encoded.vectors
        tokens.add(range(start, start + len(encoded.tokens)), encoded.tokens)
    return vectors


def open_current(root: Path, segmenter: Segmenter, encoder: Encoder | None) -> Parts | None:
    """The snapshot in use, or None when there is none.

    Raises SnapshotUnusable when it was built in another format, with another dictionary or encoder, or is damaged.
    """
    name = current_name(root)
    if not name:
        return None
    folder = root / "snapshots" / name
    try:
        written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if written["format"] != FORMAT:
            raise SnapshotUnusable(f"索引格式为第{written['format']}版，程序需要第{FORMAT}版")
        manifest = Manifest(**written)
        if manifest.dictionary != segmenter.dictionary_hash:
            raise SnapshotUnusable("词典已变更")
        if encoder is not None and manifest.encoder != encoder.name:
            raise SnapshotUnusable("语义模型已变更")
        if _file_digests(folder) != manifest.files:
            raise SnapshotUnusable("索引文件与清单不符")
        facets = FacetTable.load(folder / "facets.npz")
        if digest(facets.revisions()) != manifest.entries:
            raise SnapshotUnusable("索引内容与清单不符")
        vectors = VectorIndex.load(folder) if encoder is not None and manifest.vectors else None
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise SnapshotUnusable(f"索引文件已损坏（{error}）") from error
    return Parts(manifest, facets, vectors, folder)


def current_name(root: Path) -> str:
    """The name of the snapshot in use, "" when there is none."""
    try:
        return (root / "current").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def digest(revisions: dict[int, int]) -> str:
    """A fingerprint of entry → revision."""
    lines = "\n".join(f"{entry}:{revision}" for entry, revision in sorted(revisions.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def _file_digests(folder: Path) -> dict[str, str]:
    """Path in the snapshot → SHA-256 of every file but the manifest and the engine's locks."""
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock" and "manifest.json" not in path.name:
            with path.open("rb") as file:
                digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Hold the build lock; a lock held by a process that died is free."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_durably(path: Path, text: str) -> None:
    """Write a file so that a crash leaves either the old content or the new."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _batches(entries: Iterable[PublishedEntry]) -> Iterator[list[PublishedEntry]]:
    batch: list[PublishedEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _sweep(root: Path) -> None:
    """Remove what a crash left unfinished: snapshots, and names that were never switched to."""
    for name in root.glob(".current.*"):
        name.unlink(missing_ok=True)
    for folder in (root / "snapshots").glob("*"):
        if not (folder / "manifest.json").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _remove_old(root: Path, keep: set[str]) -> None:
    """Remove finished snapshots; processes that still serve one have its files open or linked."""
    for folder in (root / "snapshots").glob("*"):
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
