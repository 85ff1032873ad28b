"""What needs torch: run by `make test-training`, in an environment of its own."""

from pathlib import Path
from typing import Any

import pytest

from indexer.training.base_model import base_file, build_model, build_tokenizer, kept_pieces, read_base
from indexer.training.contrastive import Recipe
from indexer.training.material import Group, read_groups
from indexer.training.pipeline import make

TEXTS = (
    "生育津贴怎么领",
    "異地就醫備案",
    "医",
    "APP 上查不到12393的办理进度",
    "我老公在外地上班，我跟着他在那边生的孩子，现在想回来报销，要带哪些材料，多久能到账？",
)
TINY = Recipe(epochs=2, batch=8, neighbours=4, seed=3)


@pytest.fixture(scope="session")
def pruned() -> tuple[Any, list[int]]:
    """The base model as it was read, and the pieces that are kept."""
    base = read_base(base_file())
    return base, kept_pieces(base.pieces)


@pytest.fixture
def small(pruned: tuple[Any, list[int]]) -> tuple[Any, Any]:
    """The base model with its first and last layer alone, and its tokenizer: fast, and a little sensible."""
    base, kept = pruned
    return build_model(base, kept, (0, base.layers - 1)), build_tokenizer([base.pieces[n] for n in kept])


@pytest.fixture(scope="session")
def material() -> list[Group]:
    """The shipped material."""
    return read_groups()


@pytest.fixture(scope="session")
def made(
    pruned: tuple[Any, list[int]], material: list[Group], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model folder: the small model after a few steps on eight groups."""
    base, kept = pruned
    start = build_model(base, kept, (0, base.layers - 1)), build_tokenizer([base.pieces[n] for n in kept])
    folder = tmp_path_factory.mktemp("made") / "model"
    make(material[:8], folder, TINY, start, "small")
    return folder
