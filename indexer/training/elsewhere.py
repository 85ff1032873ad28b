"""Questions that a medical-insurance base is not for, to hold against what it finds.

A question for another agency comes near some entry too: words such as 报销 and 转移 are everybody's. Whether it comes
nearer still to one of these tells more than how near it comes (as a cohort does in speaker verification: Reynolds,
"Comparison of Background Normalization Methods", 1997). A base that does hold such an entry comes as near itself.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from indexer.model_encoder import ELSEWHERE_FILE, ModelEncoder
from indexer.training.material import Group

_OURS = ("med-", "sample-", "health-")
"""Beginnings of the themes of medical insurance, and of what lies too near to it to be held against anything."""


def elsewhere_texts(groups: Iterable[Group]) -> list[str]:
    """The question and the first similar question of every group of another agency, and what is nobody's business."""
    asked = [text for group in groups if of_other_agencies(group) for text in group.phrasings[:2]]
    lines = files("indexer").joinpath("training", "elsewhere.txt").read_text(encoding="utf-8").splitlines()
    return asked + [line for line in lines if line and not line.startswith("#")]


def of_other_agencies(group: Group) -> bool:
    """Whether a group of the shipped material is about other things than medical insurance."""
    return not group.theme.startswith(_OURS)


def write_elsewhere(folder: Path, texts: Sequence[str]) -> None:
    """Put the vectors of the texts beside the model that makes them, in 16 bits."""
    vectors = ModelEncoder(folder).encode_questions(texts)
    np.save(folder / ELSEWHERE_FILE, vectors.astype(np.float16), allow_pickle=False)
