"""Parts that take a moment to make are made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.encoders import BaseModelEncoder, Encoder
from indexer.live import LiveIndex
from indexer.model_encoder import ModelEncoder
from indexer.segment import Segmenter
from indexer.source import KnowledgeSource
from knowledge.entry import PublishedEntry
from tests.indexer.making import OpenIndex, sample_entries


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="session")
def bundled() -> ModelEncoder:
    """The encoder that comes with the product."""
    return ModelEncoder()


@pytest.fixture(scope="session")
def base() -> BaseModelEncoder:
    """The model that it was trained from."""
    return BaseModelEncoder()


@pytest.fixture(scope="session")
def samples() -> tuple[PublishedEntry, ...]:
    """The sample knowledge base."""
    return sample_entries()


@pytest.fixture
def live(segmenter: Segmenter) -> Iterator[OpenIndex]:
    """Makes live indexes, not opened yet, that are closed after the test."""
    made: list[LiveIndex] = []

    def make(root: Path, source: KnowledgeSource, encoder: Encoder | None = None) -> LiveIndex:
        made.append(LiveIndex(root, source, segmenter, encoder))
        return made[-1]

    yield make
    for index in made:
        index.close()
