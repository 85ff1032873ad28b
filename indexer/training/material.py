"""Training material: groups of questions that ask the same thing, a file a theme.

Each line of `material/*.jsonl` is {"id", "question", "similar_questions", "paraphrases": [{"style", "text"}]}, and
"answer" where it has one. A group stands for an entry: `question` and `similar_questions` are what its department would
write, the paraphrases what people really ask, and the answer is such as might be given: shown to nobody, it teaches
what an answer to such a question is about. Groups of one theme are neighbours that are easy to confuse.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

MATERIAL = Path(str(files("indexer").joinpath("training", "material")))


@dataclass(frozen=True)
class Group:
    """Questions that one entry would answer: `phrasings` are the entry's own, `asked` the people's. `answer` may be
    empty.
    """

    id: str
    theme: str
    phrasings: tuple[str, ...]
    asked: tuple[str, ...]
    answer: str = ""


class MaterialProblem(ValueError):
    """A line of training material that cannot be used; says which and why."""


def read_groups(folder: Path = MATERIAL) -> list[Group]:
    """All groups of a folder, by file and line. Raises MaterialProblem naming the file and the line."""
    groups = []
    for file in sorted(folder.glob("*.jsonl")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise MaterialProblem(f"{file.name} 不是 UTF-8 编码，请另存为 UTF-8") from error
        for number, line in enumerate(lines, start=1):
            try:
                groups.append(_group(json.loads(line), file.stem))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise MaterialProblem(f"{file.name} 第{number}行无法使用：{error}") from error
    if not groups:
        raise MaterialProblem(f"{folder} 中没有训练语料（*.jsonl）")
    return groups


def _group(row: dict[str, object], theme: str) -> Group:
    phrasings = tuple(_texts([row["question"], *_listed(row["similar_questions"])]))
    asked = tuple(_texts([paraphrase["text"] for paraphrase in _listed(row["paraphrases"])]))
    if len(set(phrasings)) < 2 and not asked:
        raise ValueError("至少要有两种不同的问法")
    answer = row.get("answer", "")
    if not isinstance(answer, str):
        raise ValueError("答案应为文字")
    return Group(str(row["id"]), theme, phrasings, asked, answer.strip())


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"“{value}”应为列表")
    return value


def _texts(values: Sequence[Any]) -> list[str]:
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise ValueError("问法应为文字，不能为空")
    return [value.strip() for value in values]
