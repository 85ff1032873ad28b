"""What an index follows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Protocol

from indexer.wording import Wording
from knowledge.entry import PublishedEntry


class KnowledgeSource(Protocol):
    """What the index follows. Implemented over the store by the composition root."""

    def sequence(self) -> int:
        """The newest publication's number."""
        ...

    def changed_since(self, sequence: int) -> Mapping[int, int]:
        """Entries published, withdrawn or suspended after `sequence` → the number of their last change."""
        ...

    def current(self, ids: Iterable[int], on: date) -> Mapping[int, PublishedEntry]:
        """Those of the entries that are published and rest on no lapsed document."""
        ...

    def all_current(self, on: date) -> Iterator[PublishedEntry]:
        """All entries that are published and rest on no lapsed document."""
        ...

    def count(self) -> int:
        """About how many `all_current` yields."""
        ...

    def words_sequence(self) -> int:
        """The number of the newest change to the bureau's words."""
        ...

    def wording(self) -> Wording:
        """The words in use: the bundled ones with the bureau's over them."""
        ...
