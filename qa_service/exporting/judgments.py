"""What use has shown about answers, as judgments for the evaluation: a line a question, in the form of its own files.

    {"id": "confirmed-5c0f1d2e3a", "text": "…", "style": "confirmed", "relevant": ["BENEFITS-000007"], "wrong": []}

`relevant` are the entries that operators picked, askers confirmed or tickets were closed with; `wrong` those that were
reported as answering wrongly, unless the department found the answer right or changed it since. A question of which
only that is known has the kind "reported" besides.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from indexer.normalise import normalise
from knowledge.errors import InvalidValue
from knowledge.learning import Confirmed, Resolution, WrongReport
from knowledge.masking import is_masked
from knowledge.store import Records, Store
from qa_service.tables.atomic_file import whole_file

STYLE = "confirmed"
REPORTED = "reported"
_PAGE = 1000
_STILL_WRONG = (Resolution.OPEN, Resolution.MISMATCH)

T = TypeVar("T")


@dataclass
class _Judgment:
    """One question and the ids of entries that do or do not answer it."""

    text: str
    relevant: set[int] = field(default_factory=set)
    wrong: set[int] = field(default_factory=set)


def export_judgments(store: Store, path: Path) -> int:
    """Write the judgments into a .jsonl file; gives their number. The file appears as a whole or not at all.

    Questions in which something was masked are left out, and entries that are not on the air.
    """
    if path.suffix.lower() != ".jsonl":
        raise InvalidValue("文件名", path.name, "评测用的问题应导出为 .jsonl")
    with store.reading() as records:
        lines = list(_lines(records))
    with whole_file(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def _lines(records: Records) -> Iterator[str]:
    judgments = _judgments(records)
    ids = {entry_id for each in judgments.values() for entry_id in each.relevant | each.wrong}
    names = {
        entry_id: entry.external_id
        for entry_id, entry in records.entries.get_many(ids).items()
        if entry.published_revision is not None
    }
    for key, each in judgments.items():
        relevant = sorted(names[i] for i in each.relevant - each.wrong if i in names)
        wrong = sorted(names[i] for i in each.wrong if i in names)
        if not relevant and not wrong:
            continue
        row = {
            "id": f"{STYLE}-{hashlib.sha256(key.encode()).hexdigest()[:10]}",
            "text": each.text,
            "style": STYLE,
            "relevant": relevant,
            "wrong": wrong,
        }
        yield json.dumps(row if relevant else row | {"kind": REPORTED}, ensure_ascii=False) + "\n"


def _judgments(records: Records) -> dict[str, _Judgment]:
    """By the question as it is compared, in the order in which they were first seen."""
    found: dict[str, _Judgment] = {}
    for confirmed in _all(records.learning.confirmed, lambda row: row[0]):
        if each := _of(found, confirmed[1]):
            each.relevant.add(confirmed[1].entry_id)
    for report in _all(records.learning.all_reports, lambda row: row.id):
        if report.resolution in _STILL_WRONG and (each := _of(found, report)):
            each.wrong.add(report.entry_id)
    return found


def _of(found: dict[str, _Judgment], said: Confirmed | WrongReport) -> _Judgment | None:
    key = normalise(said.question)
    if not key or is_masked(said.question):
        return None
    return found.setdefault(key, _Judgment(said.question.strip()))


def _all(read: Callable[[int, int], Sequence[T]], number: Callable[[T], int]) -> Iterator[T]:
    """Every row, a page at a time."""
    after = 0
    while rows := read(_PAGE, after):
        yield from rows
        after = number(rows[-1])
