"""A bureau's own encoder: tuned on its published entries and on what people were confirmed to mean.

It lies in the folder `model` of the data folder; while it is there it is what `encoder = "bundled"` means.
"""

import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

from indexer.model_encoder import BUNDLED, SETTINGS_FILE
from indexer.training.adapting import Adaptation, adapt
from indexer.training.contrastive import Progress
from indexer.training.material import Group, read_groups
from knowledge.masking import is_masked
from knowledge.store import Store
from qa_service.settings import OLD_MODEL, Settings

_CONFIRMED = 100_000


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
            )
            for entry in records.publications.all_current(today)
        ]


def adapt_encoder(
    settings: Settings, store: Store, today: date, minutes: float, progress: Progress | None = None
) -> Adaptation:
    """Tune the encoder in use and put the result in its place, unless it is worse.

    Raises MaterialProblem when there is too little to go by. A crash leaves the encoder in use as it was.
    """
    aside = settings.model_folder.with_name("model.new")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        result = adapt(own_groups(store, today), read_groups(), in_use(settings), aside, minutes, progress)
        if result.worthwhile:
            _install(aside, settings.model_folder)
        return result
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def in_use(settings: Settings) -> Path:
    """The folder of the encoder to tune: the bureau's own when there is one, else the shipped one."""
    return settings.own_model or BUNDLED


def remove_adapted(settings: Settings) -> bool:
    """Go back to the shipped encoder; False when it is the one in use."""
    had = settings.own_model is not None
    while (own := settings.own_model) is not None:
        (own / SETTINGS_FILE).unlink()  # first, so that half a folder is never taken for an encoder
        shutil.rmtree(own, ignore_errors=True)
    return had


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
