"""The history of runs, question by question: `evaluation.sqlite` in the data folder, to be opened with any tool.

Four tables: `runs`, the `systems` of each, the `questions` as they were then, and `judged`, a row a question and
system.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from eval.judging import Judged, System
from eval.questions import Question

FILE_NAME = "evaluation.sqlite"
_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "runs": {
        "id": int,
        "at": str,
        "splits": str,
        "entries": int,
        "snapshot": str,
        "encoder": str,
        "answer_threshold": float,
        "choices_threshold": float,
    },
    "systems": {"run": int, "place": int, "name": str, "title": str, "probable": int},
    "questions": {
        "run": int,
        "id": str,
        "place": int,
        "text": str,
        "style": str,
        "theme": str,
        "split": str,
        "relevant": str,
        "kind": str,
        "wrong": str,
    },
    "judged": {
        "run": int,
        "system": str,
        "question": str,
        "rank": int,
        "ranking": str,
        "outcome": str,
        "confidence": float,
        "reach": float,
        "options": str,
        "ms": float,
    },
}
_KEYS: Mapping[str, str | tuple[str, ...]] = {
    "runs": "id",
    "systems": ("run", "name"),
    "questions": ("run", "id"),
    "judged": ("run", "system", "question"),
}


class NoSuchRun(Exception):
    """No such run, or no such system in it; says which there are."""


@dataclass(frozen=True)
class SystemRun:
    """What one system made of the questions."""

    name: str
    title: str
    probable: bool
    judged: tuple[Judged, ...]

    @classmethod
    def of(cls, system: System, judged: Sequence[Judged]) -> "SystemRun":
        """A system with its results."""
        return cls(system.name, system.title, system.probable, tuple(judged))


@dataclass(frozen=True)
class Run:
    """One run: when (ISO 8601, UTC), over what, and its systems. `id` is 0 until it is recorded."""

    at: str
    splits: tuple[str, ...]
    entries: int
    snapshot: str
    encoder: str
    answer_threshold: float
    choices_threshold: float
    systems: tuple[SystemRun, ...]
    id: int = 0

    def system(self, name: str) -> SystemRun:
        """The system of that name. Raises NoSuchRun."""
        for system in self.systems:
            if system.name == name:
                return system
        there = ", ".join(system.name for system in self.systems)
        raise NoSuchRun(f"run {self.id} has no system {name!r}; it has {there}")


@dataclass(frozen=True)
class Listed:
    """A line of the list of runs."""

    id: int
    at: str
    splits: tuple[str, ...]
    questions: int
    encoder: str
    systems: tuple[str, ...]


def record(path: Path, run: Run) -> Run:
    """Append a run to the history, all or nothing; returns it with its number."""
    with _opened(path) as database:
        found = database.execute("select coalesce(max(id), 0) + 1 from runs").fetchone()
        run = replace(run, id=int(found[0]))
        with database.atomic():
            database.table("runs").insert(
                {name: getattr(run, name) for name in _COLUMNS["runs"]} | {"splits": " ".join(run.splits)}
            )
            for place, system in enumerate(run.systems):
                row = {"run": run.id, "place": place, "name": system.name, "title": system.title}
                database.table("systems").insert(row | {"probable": int(system.probable)})
                database.table("judged").insert_all(
                    _judged_row(run.id, system.name, j) for j in system.judged
                )
            asked = {j.question.id: j.question for system in run.systems for j in system.judged}
            database.table("questions").insert_all(
                _question_row(run.id, place, question) for place, question in enumerate(asked.values())
            )
    return run


def load(path: Path, number: int = 0) -> Run:
    """A recorded run; the newest for 0. Raises NoSuchRun."""
    with _opened(path) as database:
        wanted = "id = ?" if number else "id = (select max(id) from runs)"
        rows = list(database.table("runs").rows_where(wanted, [number] if number else []))
        if not rows:
            there = ", ".join(str(row["id"]) for row in database.table("runs").rows) or "none"
            raise NoSuchRun(f"no run {number or ''} in {path}; recorded: {there}".replace("  ", " "))
        row = rows[0]
        asked = {
            question["id"]: _question(question)
            for question in database.table("questions").rows_where("run = ?", [row["id"]], order_by="place")
        }
        systems = tuple(
            SystemRun(
                system["name"],
                system["title"],
                bool(system["probable"]),
                _judged(database, row["id"], system["name"], asked),
            )
            for system in database.table("systems").rows_where("run = ?", [row["id"]], order_by="place")
        )
        return Run(**row | {"splits": tuple(row["splits"].split()), "systems": systems})


def listed(path: Path) -> tuple[Listed, ...]:
    """Every recorded run, the newest first."""
    with _opened(path) as database:
        return tuple(
            Listed(
                row["id"],
                row["at"],
                tuple(row["splits"].split()),
                database.table("questions").count_where("run = ?", [row["id"]]),
                row["encoder"],
                tuple(
                    system["name"]
                    for system in database.table("systems").rows_where(
                        "run = ?", [row["id"]], order_by="place"
                    )
                ),
            )
            for row in database.table("runs").rows_where(order_by="id desc")
        )


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(path)
    try:
        for table, columns in _COLUMNS.items():
            kept = database.table(table)
            kept.create(dict(columns), pk=_KEYS[table], if_not_exists=True)
            for name in columns.keys() - kept.columns_dict.keys():
                kept.add_column(name, columns[name])  # a history that was begun by an earlier version
        yield database
    finally:
        database.close()


def _judged_row(run: int, system: str, judged: Judged) -> dict[str, Any]:
    return {
        "run": run,
        "system": system,
        "question": judged.question.id,
        "rank": judged.rank,
        "ranking": json.dumps(judged.ranking),
        "outcome": judged.outcome,
        "confidence": judged.confidence,
        "reach": judged.reach,
        "options": json.dumps(judged.options),
        "ms": judged.ms,
    }


def _judged(database: Database, run: int, system: str, asked: Mapping[str, Question]) -> tuple[Judged, ...]:
    rows = {
        row["question"]: row
        for row in database.table("judged").rows_where("run = ? and system = ?", [run, system])
    }
    return tuple(
        Judged(
            question,
            tuple(json.loads(rows[name]["ranking"])),
            rows[name]["outcome"],
            rows[name]["confidence"],
            rows[name]["reach"],
            tuple(json.loads(rows[name]["options"])),
            rows[name]["ms"],
        )
        for name, question in asked.items()
    )


def _question_row(run: int, place: int, question: Question) -> dict[str, Any]:
    return {
        "run": run,
        "id": question.id,
        "place": place,
        "text": question.text,
        "style": question.style,
        "theme": question.theme,
        "split": question.split,
        "relevant": json.dumps(sorted(question.relevant)),
        "kind": question.kind,
        "wrong": json.dumps(sorted(question.wrong)),
    }


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        row["id"],
        row["text"],
        row["style"],
        row["theme"],
        row["split"],
        frozenset(json.loads(row["relevant"])),
        row["kind"],
        frozenset(json.loads(row["wrong"] or "[]")),
    )
