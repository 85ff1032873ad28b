"""What the tests of the service share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.segment import Segmenter
from tests.qa_service.bureau import Bureau, bureau_at


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """Loading its dictionary takes most of the time that building an application takes."""
    return Segmenter()


@pytest.fixture
def bureau(store_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
    """A bureau without a server, searching by words; the test runs on both databases."""
    with bureau_at(store_url, tmp_path, segmenter) as made:
        yield made
