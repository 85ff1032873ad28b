"""Generated knowledge in a data folder, as a bureau's server would hold it: stored, published and indexed."""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from eval.bench_knowledge import Generated, PerturbedEncoder, encoded, fingerprint, generate, samples
from indexer.encoders import Encoder, Encoding
from indexer.late_interaction import unpack
from indexer.live import LiveIndex
from indexer.segment import Segmenter
from indexer.vector_cache import VectorCache
from knowledge.entry import EntryStatus, EntryText, FaqEntry
from knowledge.people import Department
from knowledge.store import Store
from knowledge.working_days import china_date
from qa_service.composition import StoreSource
from qa_service.settings import Settings

_BATCH = 5_000


@dataclass(frozen=True)
class Base:
    """A prepared data folder. The times are seconds, None when it was found ready."""

    settings: Settings
    count: int
    store_seconds: float | None = None
    index_seconds: float | None = None


def prepare(data: Path, count: int, encoder: Encoder, encodings: dict[str, Encoding]) -> Base:
    """A data folder below `data` with `count` published entries and their index; made once.

    `encoder` is the one that a server will use, `encodings` what it makes of the samples.
    """
    folder = data / f"{count}-{fingerprint()}"
    for stale in data.glob(f"{count}-*"):
        if stale != folder:
            shutil.rmtree(stale)
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data=folder, encoder="bundled", database_url="")
    store = Store.open(settings.store_url)
    try:
        entries = list(generate(count))
        store_seconds = _fill(store, entries)
        source = StoreSource(store)
        moved = PerturbedEncoder(encoder.name, encodings, entries)
        index = LiveIndex(settings.index_folder, source, Segmenter(), moved)
        try:
            started = time.perf_counter()
            before = _snapshots(settings.index_folder)
            index.open(china_date(datetime.now(UTC)), _show)
            built = _snapshots(settings.index_folder) != before
        finally:
            index.close()
        return Base(settings, count, store_seconds, time.perf_counter() - started if built else None)
    finally:
        store.close()


def perturbed(encoder: Encoder, encodings: dict[str, Encoding], count: int) -> PerturbedEncoder:
    """What encodes the phrasings of a base of `count` entries."""
    return PerturbedEncoder(encoder.name, encodings, list(generate(count)))


def sample_encodings(data: Path, encoder: Encoder, count: int) -> dict[str, Encoding]:
    """The vectors of all that is encoded of the samples that a base of `count` entries is made from, computed once."""
    used = islice(samples().values(), count)
    return cached_encodings(data, encoder, [each for text in used for each in encoded(text)])


def cached_encodings(data: Path, encoder: Encoder, texts: list[str]) -> dict[str, Encoding]:
    """The vectors of each text, computed once."""
    cache = VectorCache(data / "vectors.sqlite")
    try:
        vectors, tokens = cache.encode_with_tokens(encoder, texts)
        found = zip(vectors, map(unpack, tokens), strict=True)
        return dict(zip(texts, (Encoding(*each) for each in found), strict=True))
    finally:
        cache.close()


def entry_on_the_air(external_id: str, text: EntryText, at: datetime) -> FaqEntry:
    """A new entry whose first revision is published."""
    return FaqEntry(
        external_id,
        EntryStatus.PUBLISHED,
        1,
        text,
        author="system",
        published_revision=1,
        published_at=at,
    )


def _fill(store: Store, entries: list[Generated]) -> float | None:
    """Store the entries that are not there yet; returns the seconds it took, None when all were."""
    with store.reading() as records:
        missing = entries[records.publications.count() :]
    if not missing:
        return None
    started, now = time.perf_counter(), datetime.now(UTC)
    with store.writing("system") as records:
        if records.people.office() is None:
            records.people.add_department(Department("office", "办公室", is_office=True))
        for department in {text.department for text in samples().values()}:
            if records.people.department_named(department) is None:
                records.people.add_department(Department(department, department))
    for batch in _batches(missing):
        with store.writing("system") as records:
            records.entries.add_many(
                [entry_on_the_air(entry.external_id, entry.text, now) for entry in batch],
                "generated for the benchmark",
                "entry.imported",
            )
    return time.perf_counter() - started


def _batches(entries: Iterable[Generated]) -> Iterator[list[Generated]]:
    remaining = iter(entries)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _snapshots(folder: Path) -> set[str]:
    return {path.name for path in (folder / "snapshots").glob("*")}


def _show(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what} {done}/{of}", end="", file=sys.stderr)
