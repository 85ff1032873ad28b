"""Who takes part in a run, by name."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from eval.base import published
from eval.judging import System
from eval.peers import CosinePlusTextRank, CosineThreshold
from eval.product import Product
from eval.questions import Question
from eval.systems import Bm25, EncoderAlone, Fused, Unadapted
from knowledge.entry import PublishedEntry
from qa_service.composition import Application

PRODUCT = Product.name
NAMES = (
    PRODUCT,
    Bm25.name,
    EncoderAlone.name,
    Fused.name,
    CosinePlusTextRank.name,
    "cosine-0.8",
    "cosine-0.9",
)


class LineUp:
    """Makes the systems over one application; what they share is made once, and only when one that takes part needs
    it. `cache` is the file where the baselines keep vectors of entries, `asked` what they will be asked.
    """

    def __init__(self, application: Application, cache: Path, asked: Sequence[Question]) -> None:
        self._application = application
        self._cache = cache
        self._asked = asked

    def systems(self, names: Sequence[str]) -> list[System]:
        """The named systems, in that order. Raises KeyError for a name that there is not."""
        makers: Mapping[str, Callable[[], System]] = {
            PRODUCT: lambda: Product(self._application),
            Bm25.name: lambda: self._bm25,
            EncoderAlone.name: lambda: self._encoder,
            Fused.name: lambda: Fused(self._bm25, self._encoder),
            CosinePlusTextRank.name: lambda: CosinePlusTextRank(self._entries, self._unadapted),
            "cosine-0.8": lambda: CosineThreshold(self._encoder, 0.8),
            "cosine-0.9": lambda: CosineThreshold(self._encoder, 0.9),
        }
        return [makers[name]() for name in names]

    @cached_property
    def _entries(self) -> tuple[PublishedEntry, ...]:
        return published(self._application)

    @cached_property
    def _unadapted(self) -> Unadapted:
        encoder = Unadapted(self._cache)
        encoder.prepare(question.text for question in self._asked)
        return encoder

    @cached_property
    def _bm25(self) -> Bm25:
        return Bm25(self._entries)

    @cached_property
    def _encoder(self) -> EncoderAlone:
        return EncoderAlone(self._entries, self._unadapted)
