"""The service that the HTTP tests call: a real store, a real index, the bundled encoder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.segment import Segmenter
from qa_service.settings import Settings
from tests.qa_service.http.calling import Service, running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of the service; a test file may override them."""
    return Settings(data=tmp_path, website_per_minute=1000)


@pytest.fixture
def service(settings: Settings, segmenter: Segmenter) -> Iterator[Service]:
    """A running service on SQLite with the cast in it and nothing else."""
    with running(settings, segmenter) as running_service:
        yield running_service
