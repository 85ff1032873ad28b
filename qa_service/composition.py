"""The one place that puts the parts together.

Nothing is opened or loaded before `build` is called, and nothing else in the project constructs a store, an index or an
encoder for the running service.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import chinese_calendar

from indexer.encoders import Encoder, EncoderUnavailable, open_encoder
from indexer.live import LiveIndex
from indexer.segment import Segmenter
from indexer.snapshot import Progress
from indexer.wording import Wording, terms_of_file, wording_of
from knowledge.entry import PublishedEntry
from knowledge.store import Store
from knowledge.working_days import china_date
from qa_service.ask import Answering
from qa_service.calibrating import Calibrating
from qa_service.inbox import Inbox
from qa_service.learning import Learning
from qa_service.misses import Misses
from qa_service.publishing import Publishing
from qa_service.settings import Settings
from qa_service.wording import WordKeeping

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class StoreSource:
    """What the index follows, read from the store; `terms` are the dictionary file's."""

    store: Store
    terms: tuple[str, ...] = ()

    def sequence(self) -> int:
        return self.store.publication_seq()

    def changed_since(self, sequence: int) -> Mapping[int, int]:
        if self.store.publication_seq() <= sequence:
            return {}
        with self.store.reading() as records:
            return records.publications.changed_since(sequence)

    def current(self, ids: Iterable[int], on: date) -> Mapping[int, PublishedEntry]:
        with self.store.reading() as records:
            return records.publications.current(list(ids), on)

    def all_current(self, on: date) -> Iterator[PublishedEntry]:
        with self.store.reading() as records:
            yield from records.publications.all_current(on)

    def count(self) -> int:
        with self.store.reading() as records:
            return records.publications.count()

    def words_sequence(self) -> int:
        return self.store.words_seq()

    def wording(self) -> Wording:
        with self.store.reading() as records:
            return wording_of(records.words.all(), self.terms)


@dataclass
class Application:
    """The running parts. `close` gives back what they hold."""

    settings: Settings
    store: Store
    index: LiveIndex
    answering: Answering
    publishing: Publishing
    inbox: Inbox
    learning: Learning
    misses: Misses
    words: WordKeeping
    calibrating: Calibrating
    clock: Clock
    encoder_problem: str
    follower: "Follower"

    def today(self) -> date:
        """The date here, where the offices are."""
        return china_date(self.clock())

    def close(self) -> None:
        """Stop following, give up the index copy, close the store."""
        self.follower.stop()
        self.index.close()
        self.store.close()


class Follower:
    """Keeps the index level with the record: at once when this process publishes, else within the interval."""

    def __init__(self, index: LiveIndex, today: Callable[[], date], seconds: float) -> None:
        self._index = index
        self._today = today
        self._seconds = seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._building: threading.Thread | None = None

    def start(self) -> None:
        """Follow in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name="index-follower", daemon=True)
        self._thread.start()

    def published(self) -> None:
        """Something was published here, or a word changed: whoever asks next shall find it.

        The record has it already, so a failure here is only a delay.
        """
        try:
            self._index.follow_words()
            self._index.follow(self._today(), wait=False)
        except Exception:
            log.exception("following the record failed")
        self._wake.set()

    def stop(self) -> None:
        """Stop following; returns when the thread has ended."""
        self._stopping.set()
        self._wake.set()
        for thread in (self._thread, self._building):
            if thread is not None:
                thread.join()
        self._thread = self._building = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._seconds)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self._index.refresh(self._today())
                if self._index.needs_rebuild() and not (self._building and self._building.is_alive()):
                    # Aside, since it takes minutes for a large base, and what is published meanwhile cannot wait.
                    self._building = threading.Thread(target=self._renew, name="index-builder", daemon=True)
                    self._building.start()
            except Exception:
                log.exception("following the record failed")

    def _renew(self) -> None:
        try:
            self._index.renew(self._today())
        except Exception:
            log.exception("building the index anew failed")


def build(
    settings: Settings,
    clock: Clock = lambda: datetime.now(UTC),
    progress: Progress | None = None,
    open_index: bool = True,
    segmenter: Segmenter | None = None,
) -> Application:
    """Put the application together and, unless told not to, open its index (building it when there is none).

    `segmenter` is one that is already loaded, to share between applications with the same dictionary.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as on_failure:
        store = Store.open(settings.store_url)
        on_failure.callback(store.close)
        encoder, problem = _encoder(settings)
        source = StoreSource(store, terms_of_file(settings.dictionary) if settings.dictionary else ())
        index = LiveIndex(settings.index_folder, source, segmenter or Segmenter(source.wording()), encoder)
        on_failure.callback(index.close)
        if open_index:
            index.open(china_date(clock()), progress)
        on_failure.pop_all()
    follower = Follower(index, lambda: china_date(clock()), settings.follow_seconds)
    calibrating = Calibrating(settings, store, clock, index.encoder_name)
    misses = Misses(store, index, settings.ticket_working_days, national_holidays())
    return Application(
        settings=settings,
        store=store,
        index=index,
        answering=Answering(settings, store, index, misses, calibrating),
        publishing=Publishing(store, settings.stages, follower.published, clock),
        inbox=Inbox(store, clock),
        learning=Learning(settings, store, clock),
        misses=misses,
        words=WordKeeping(store, follower.published, clock),
        calibrating=calibrating,
        clock=clock,
        encoder_problem=problem,
        follower=follower,
    )


def national_holidays() -> dict[date, bool]:
    """The days on which the State Council moved work or rest, for the years that are known."""
    rested = dict.fromkeys(chinese_calendar.constants.holidays, False)
    return {**rested, **dict.fromkeys(chinese_calendar.constants.workdays, True)}


def _encoder(settings: Settings) -> tuple[Encoder | None, str]:
    """The encoder that the settings name, or None and why: the service then searches by words alone."""
    if settings.encoder == "none":
        return None, ""
    try:
        return open_encoder(settings.encoder_in_use, settings.encoder_api_key), ""
    except EncoderUnavailable as error:
        log.warning("searching by words alone: %s", error)
        return None, str(error)
