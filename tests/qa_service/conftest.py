"""What the tests of the service share."""

import pytest

from indexer.segment import Segmenter


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """Loading its dictionary takes most of the time that building an application takes."""
    return Segmenter()
