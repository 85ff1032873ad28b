"""The questions by which answers are judged, and how they are split.

Answerable questions are split by theme. Weights and thresholds are fitted on `validation`, ideas are tried on `train`,
`test` only measures: no question, entry or paraphrase of its themes, nor of the validation's, is in what the encoder
was trained on. Unanswerable questions carry their split themselves.

A bureau's own questions, as `zhengda export --judgments` writes them, come from a file: split and theme are then the
file's name.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

STYLES = ("spoken", "keywords", "typed", "misspelt", "traditional", "story")
KINDS = ("near", "far", "small_talk", "abuse", "gibberish")
CONFIRMED, REPORTED = "confirmed", "reported"
"""The style of questions that come from use, and the kind of those of which only a wrong answer is known."""
SPLITS = ("train", "validation", "test")
TEST_THEMES = frozenset(
    {
        "crossregion-registration",
        "crossregion-settlement",
        "manual-reimbursement",
        "maternity",
        "personal-account",
        "long-term-care",
        "fund-supervision",
        "chronic-special",
        "interruption-waiting",
        "flexible-workers",
    }
)
VALIDATION_THEMES = frozenset(
    {
        "serious-illness",
        "transfer-retirement",
        "ecard",
        "negotiated-drugs",
        "catalogue",
        "services-complaints",
    }
)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Question:
    """One question. `relevant` are the external ids of the entries that answer it, empty for an unanswerable one,
    which then has a `kind`. `theme` is the file it stands in. `wrong` are those that were reported as answering it
    wrongly.
    """

    id: str
    text: str
    style: str
    theme: str
    split: str
    relevant: frozenset[str] = frozenset()
    kind: str = ""
    wrong: frozenset[str] = frozenset()

    @property
    def answerable(self) -> bool:
        """Whether some entry answers it."""
        return bool(self.relevant)


def questions(*splits: str) -> tuple[Question, ...]:
    """The questions of these splits, in a fixed order. Raises ValueError for a split that there is not."""
    if unknown := set(splits) - set(SPLITS):
        raise ValueError(f"no split {', '.join(sorted(unknown))}: there are {', '.join(SPLITS)}")
    return tuple(question for question in _all() if question.split in splits)


def questions_of(path: Path) -> tuple[Question, ...]:
    """The questions of a .jsonl file of judgments. Raises ValueError, naming the line, for what is none."""
    found = []
    split = "-".join(path.stem.split())
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_question(json.loads(line), path.stem, split))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}, line {number}: no question: {error}") from error
    return tuple(found)


def split_of(theme: str) -> str:
    """The split that the answerable questions of a theme are in."""
    if theme in TEST_THEMES:
        return "test"
    return "validation" if theme in VALIDATION_THEMES else "train"


def spread(asked: tuple[_T, ...], limit: int) -> tuple[_T, ...]:
    """At most `limit` of them, evenly from the first to the last; all when `limit` is 0."""
    if not limit or limit >= len(asked):
        return asked
    return tuple(asked[place * len(asked) // limit] for place in range(limit))


def _all() -> list[Question]:
    found = []
    folder = files("eval").joinpath("questions")
    for file in sorted(folder.iterdir(), key=lambda path: path.name):
        if not file.name.endswith(".jsonl"):
            continue
        theme = file.name.removesuffix(".jsonl")
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            split = row.get("split") or split_of(theme)
            found.append(_question(row, theme, split))
    return found


def _question(row: dict[str, Any], theme: str, split: str) -> Question:
    return Question(
        id=row["id"],
        text=row["text"],
        style=row["style"],
        theme=theme,
        split=split,
        relevant=frozenset(row["relevant"]),
        kind=row.get("kind", ""),
        wrong=frozenset(row.get("wrong", ())),
    )
