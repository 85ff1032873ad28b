"""The sample knowledge base in a data folder of its own, as the product installs it."""

import hashlib
from pathlib import Path

from knowledge.entry import PublishedEntry
from qa_service.composition import Application, build
from qa_service.installing import install
from qa_service.samples import SAMPLES
from qa_service.settings import Settings, read_settings

DEFAULT_ENCODER = str(Settings.model_fields["encoder"].default)


def sample_application(data: Path, encoder: str = DEFAULT_ENCODER) -> Application:
    """The product over the sample base as it is now, made on first use. The caller closes it."""
    named = hashlib.sha256(encoder.encode()).hexdigest()[:8] if ":" in encoder else encoder
    settings = Settings(data=data / f"{named}-{_samples_digest()}", encoder=encoder)
    install(settings, samples=True)
    return build(settings)


def installed_application(data: Path) -> Application:
    """An installation as it is: its knowledge, words and settings. Nothing is recorded; the caller closes it.

    Raises SettingsError for settings that cannot be used.
    """
    return build(read_settings(data))


def _samples_digest() -> str:
    contents = (path.read_bytes() for path in sorted(SAMPLES.rglob("*.json*")))
    return hashlib.sha256(b"".join(contents)).hexdigest()[:8]


def published(application: Application) -> tuple[PublishedEntry, ...]:
    """Every entry that answers questions today."""
    with application.store.reading() as records:
        return tuple(records.publications.all_current(application.today()))
