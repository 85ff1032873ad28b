"""`python -m eval`: how good the answers are, by style and by kind, for the product and the baselines.

Prints one table a group and records the run in `runs.sqlite` of the data folder.
"""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from eval.base import published, sample_application
from eval.metrics import Judged, Scores, score
from eval.questions import KINDS, STYLES, Question, questions
from eval.systems import Bm25, EncoderAlone, Fused, Product, System
from indexer.encoders import open_encoder

_COLUMNS = {
    "count": "n",
    "recall_1": "recall@1",
    "recall_5": "recall@5",
    "recall_10": "recall@10",
    "mrr_10": "MRR@10",
    "answered_rate": "answered",
    "wrong_rate": "wrong",
    "choices_rate": "choices",
    "offered_right": "right in choices",
    "refusal_rate": "refused",
}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.add_argument(
        "--split", choices=["test", "tune"], default="test", help="test: nothing was fitted on it"
    )
    parser.add_argument("--data", type=Path, default=Path("data/eval"), help="where the sample base is kept")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    asked = questions(arguments.split)
    application = sample_application(arguments.data)
    try:
        entries = published(application)
        bm25, encoder = Bm25(entries), EncoderAlone(entries, open_encoder("bundled"))
        systems: list[System] = [Product(application), bm25, encoder, Fused(bm25, encoder)]
        tables = {system.name: table(asked, _judge_all(system, asked)) for system in systems}
        snapshot = application.index.snapshot
    finally:
        application.close()
    record(arguments.data / "runs.sqlite", arguments.split, snapshot, tables)
    if arguments.json:
        print(json.dumps({s: {g: asdict(v) for g, v in t.items()} for s, t in tables.items()}, indent=1))
        return
    print(f"{len(entries)} entries, split {arguments.split}: {len(asked)} questions, snapshot {snapshot}")
    for name, groups in tables.items():
        print(f"\n{name}\n{format_table(groups)}")


def table(asked: tuple[Question, ...], judged: list[Judged]) -> dict[str, Scores]:
    """Group name → scores: all answerable questions, each style of them, each kind of unanswerable ones."""
    pairs = list(zip(asked, judged, strict=True))
    groups = {"all answerable": [j for q, j in pairs if q.answerable]}
    groups |= {style: [j for q, j in pairs if q.answerable and q.style == style] for style in STYLES}
    groups["all unanswerable"] = [j for q, j in pairs if not q.answerable]
    groups |= {kind: [j for q, j in pairs if q.kind == kind] for kind in KINDS}
    return {name: score(group) for name, group in groups.items() if group}


def format_table(groups: dict[str, Scores]) -> str:
    """Scores as a text table, a row a group, "-" where a score does not exist."""
    rows = [["", *_COLUMNS.values()]]
    for name, scores in groups.items():
        values = asdict(scores)
        rows.append([name, *(_cell(values[column]) for column in _COLUMNS)])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def record(path: Path, split: str, snapshot: str, tables: dict[str, dict[str, Scores]]) -> None:
    """Append the run to the history."""
    database = sqlite_utils.Database(path)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    database["runs"].insert_all(  # type: ignore[union-attr]  # a table, not a view
        {
            "at": at,
            "split": split,
            "snapshot": snapshot,
            "system": system,
            "questions": group,
            **asdict(scores),
        }
        for system, groups in tables.items()
        for group, scores in groups.items()
    )
    database.close()


def _judge_all(system: System, asked: tuple[Question, ...]) -> list[Judged]:
    judged = []
    for number, question in enumerate(asked, start=1):
        judged.append(system.judge(question))
        if sys.stderr.isatty() and number % 20 == 0:
            print(f"\r\033[K{system.name} {number}/{len(asked)}", end="", file=sys.stderr)
    return judged


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


if __name__ == "__main__":
    main()
