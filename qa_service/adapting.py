"""A bureau's own encoder: tuned on its published entries and on what people were confirmed to mean.

It lies in the folder `model` of the data folder; while it is there it is what `encoder = "bundled"` means.
"""

import fcntl
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from indexer.encoding import answer_text
from indexer.model_encoder import BUNDLED, SETTINGS_FILE
from indexer.training.adapting import Adaptation, adapt
from indexer.training.contrastive import Progress
from indexer.training.material import Group, read_groups
from knowledge.errors import ZhengdaError
from knowledge.masking import is_masked
from knowledge.store import Store
from qa_service.settings import OLD_MODEL, Settings

_CONFIRMED = 100_000
_LOCK = "adapt.lock"


class AlreadyAdapting(ZhengdaError):
    """Another process tunes or removes the encoder of the same data folder."""

    code = "already-adapting"


def own_groups(store: Store, today: date) -> list[Group]:
    """A group for each published entry: its question and similar questions, and what people asked who confirmed it."""
    asked: dict[int, list[str]] = defaultdict(list)
    with store.reading() as records:
        for _, confirmed in records.learning.confirmed(_CONFIRMED):
            if not is_masked(confirmed.question):
                asked[confirmed.entry_id].append(confirmed.question)
        return [
            Group(
                id=entry.external_id,
                theme="/".join(entry.text.category[:2]) or entry.text.department,
                phrasings=tuple(dict.fromkeys(entry.text.phrasings())),
                asked=tuple(dict.fromkeys(asked.get(entry.id, ()))),
                answer=answer_text(entry),
            )
            for entry in records.publications.all_current(today)
        ]


def adapt_encoder(
    settings: Settings, store: Store, today: date, minutes: float, progress: Progress | None = None
) -> Adaptation:
    """Tune the encoder in use and put the result in its place, unless it is worse.

    Raises MaterialProblem when there is too little to go by, AlreadyAdapting when another process is at it. A crash
    leaves the encoder in use as it was.
    """
    aside = settings.model_folder.with_name("model.new")
    with _alone(settings):
        shutil.rmtree(aside, ignore_errors=True)
        try:
            result = adapt(
                own_groups(store, today), read_groups(), in_use(settings), aside, minutes, progress
            )
            if result.worthwhile:
                _install(aside, settings.model_folder)
            return result
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def in_use(settings: Settings) -> Path:
    """The folder of the encoder to tune: the one that the settings name, else the bureau's own, else the shipped."""
    return settings.named_model or settings.own_model or BUNDLED


def remove_adapted(settings: Settings) -> bool:
    """Remove the bureau's own encoder; False when there is none. Raises AlreadyAdapting as `adapt_encoder` does."""
    had = settings.own_model is not None
    if not had:
        return False
    with _alone(settings):
        while (own := settings.own_model) is not None:
            (own / SETTINGS_FILE).unlink()  # first, so that half a folder is never taken for an encoder
            shutil.rmtree(own, ignore_errors=True)
    return True


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep other processes from tuning in the same data folder meanwhile; a killed one keeps nobody."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / _LOCK).open("w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise AlreadyAdapting(
                f"数据目录 {settings.data} 的语义模型正在由另一个 zhengda adapt 微调，请等它结束后再试"
            ) from busy
        yield


def _install(made: Path, target: Path) -> None:
    """Put a folder in the place of another, which is gone afterwards. Between two renames the other is in use under
    its second name.
    """
    old = target.with_name(OLD_MODEL)
    if not target.exists() and old.exists():  # a crash came between the two
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)
