"""The sample knowledge base in a data folder of its own, as the product installs it."""

import hashlib
from pathlib import Path

from knowledge.entry import PublishedEntry
from qa_service.composition import Application, build
from qa_service.installing import install
from qa_service.samples import SAMPLES
from qa_service.settings import Settings


def sample_application(data: Path, encoder: str = "bundled") -> Application:
    """The product over the sample base as it is now, made on first use. The caller closes it."""
    settings = Settings(data=data / f"{encoder}-{_samples_digest()}", encoder=encoder)
    install(settings, samples=True)
    return build(settings)


def _samples_digest() -> str:
    contents = (path.read_bytes() for path in sorted(SAMPLES.rglob("*.json*")))
    return hashlib.sha256(b"".join(contents)).hexdigest()[:8]


def published(application: Application) -> tuple[PublishedEntry, ...]:
    """Every entry that answers questions today."""
    with application.store.reading() as records:
        return tuple(records.publications.all_current(application.today()))
