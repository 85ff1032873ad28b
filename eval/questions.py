"""The questions by which answers are judged, and how they are split.

Questions are split by theme: the themes named in `TUNE_THEMES` may be used to fit and to choose, the others only to
measure. Unanswerable questions carry their split themselves.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

STYLES = ("spoken", "keywords", "typed", "misspelt", "traditional", "story")
KINDS = ("near", "far", "small_talk", "abuse", "gibberish")
TUNE_THEMES = frozenset(
    {
        "newborns-students",
        "ecard",
        "resident-outpatient",
        "serious-illness",
        "negotiated-drugs",
        "medical-assistance",
        "procurement-prices",
        "transfer-retirement",
    }
)


@dataclass(frozen=True)
class Question:
    """One question. `relevant` are the external ids of the entries that answer it, empty for an unanswerable one,
    which then has a `kind`.
    """

    id: str
    text: str
    style: str
    theme: str
    split: str
    relevant: frozenset[str] = frozenset()
    kind: str = ""

    @property
    def answerable(self) -> bool:
        """Whether some entry answers it."""
        return bool(self.relevant)


def questions(split: str) -> tuple[Question, ...]:
    """The questions of a split, `tune` or `test`, in a fixed order."""
    return tuple(question for question in _all() if question.split == split)


def _all() -> list[Question]:
    found = []
    folder = files("eval").joinpath("questions")
    for file in sorted(folder.iterdir(), key=lambda path: path.name):
        if not file.name.endswith(".jsonl"):
            continue
        theme = file.name.removesuffix(".jsonl")
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            split = row.get("split") or ("tune" if theme in TUNE_THEMES else "test")
            found.append(
                Question(
                    id=row["id"],
                    text=row["text"],
                    style=row["style"],
                    theme=theme,
                    split=split,
                    relevant=frozenset(row["relevant"]),
                    kind=row.get("kind", ""),
                )
            )
    return found
