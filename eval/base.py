"""The sample knowledge base in a data folder of its own, as the product installs it."""

from pathlib import Path

from knowledge.entry import PublishedEntry
from qa_service.composition import Application, build
from qa_service.installing import install
from qa_service.settings import Settings


def sample_application(data: Path, encoder: str = "bundled") -> Application:
    """The product over the sample base, made on first use and brought up to date later. The caller closes it."""
    settings = Settings(data=data, encoder=encoder)
    install(settings, samples=True)
    return build(settings)


def published(application: Application) -> tuple[PublishedEntry, ...]:
    """Every entry that answers questions today."""
    with application.store.reading() as records:
        return tuple(records.publications.all_current(application.today()))
