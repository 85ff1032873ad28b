"""A SQLite file that holds what is published, explains itself, and can be searched without this program."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from knowledge.entry import PublishedEntry
from knowledge.people import Department
from knowledge.policy import PolicyDocument
from qa_service.exporting import bigrams
from qa_service.exporting.entry_cells import coded_cells
from qa_service.tables.cells import Cell, join_bars, join_lines, join_words
from qa_service.tables.columns import ENTRY_COLUMNS, POLICY_COLUMNS

Values = dict[str, Any]

_BATCH = 1000
_README = {
    "说明": "政答导出的政策问答知识库。只含导出时已发布、且所引文件没有废止或失效的条目；"
    "entries 表的 disclosure 列是公开属性，effective_from 和 effective_until 列是条目适用的首日和末日。",
    "表": "entries 知识条目；similar_questions 相似问；citations 条款依据；policies 政策文件；departments 处室；"
    "statistics 统计；search 全文检索（FTS5，rowid 即 entries.id）。",
    "检索": "search 以相邻两字为一个词。两个字的词可以直接检索："
    "SELECT entries.* FROM search JOIN entries ON entries.id = search.rowid "
    "WHERE search MATCH '津贴' ORDER BY search.rank；"
    "更长的词写成短语，如 MATCH '\"生育 育津 津贴\"'。"
    "“检索程序”一行是 Python 源码，其中 query(要找的话) 给出 MATCH 之后的内容。",
    "再导入": "zhengda import 本文件 --published 导入条目、处室和所引文件；"
    "zhengda import-policies 本文件 导入全部政策文件。",
}


def write_database(
    path: Path,
    entries: Iterable[PublishedEntry],
    policies: Iterable[PolicyDocument],
    departments: Iterable[Department],
    statistics: Mapping[str, Any],
    made_at: datetime,
) -> int:
    """Write everything into a fresh file at `path`; gives the number of entries."""
    departments = list(departments)
    names = {department.code: department.name for department in departments}
    with closing(sqlite3.connect(path)) as connection:
        database = Database(connection)
        with database.atomic():
            _make_tables(database)
            count = 0
            for batch in _batches(entries):
                _insert_entries(database, batch, names)
                count += len(batch)
            database.table("policies").insert_all(map(_policy_row, policies))
            database.table("departments").insert_all(vars(department) for department in departments)
            database.table("statistics").insert_all(_figures(statistics, count))
            database.table("readme").insert_all(_readme(made_at))
        database.vacuum()
    return count


def _make_tables(database: Database) -> None:
    columns = {column.key: str for column in ENTRY_COLUMNS}
    database.create_table(
        "entries", {"id": int, **columns, "revision": int, "published_at": str}, pk="id"
    ).create_index(["external_id"], unique=True)
    of_entry = {"entry_id": int, "position": int}
    key, owner = ("entry_id", "position"), [("entry_id", "entries", "id")]
    database.create_table("similar_questions", {**of_entry, "question": str}, pk=key, foreign_keys=owner)
    cited = dict.fromkeys(("policy_number", "policy_title", "clause"), str)
    database.create_table("citations", {**of_entry, **cited}, pk=key, foreign_keys=owner).create_index(
        ["policy_number"]
    )
    database.create_table("policies", {column.key: str for column in POLICY_COLUMNS})
    database.create_table(
        "departments", {"code": str, "name": str, "is_office": int, "duties": str}, pk="code"
    )
    database.create_table("statistics", {"topic": str, "name": str, "value": float}, pk=("topic", "name"))
    database.create_table("readme", {"topic": str, "text": str}, pk="topic")
    # Contentless: the pairs of characters are of no use to read, and the texts stand in `entries`.
    database.execute(
        "CREATE VIRTUAL TABLE search USING fts5(question, similar_questions, keywords, answer, content='')"
    )


def _insert_entries(database: Database, entries: list[PublishedEntry], names: Mapping[str, str]) -> None:
    rows = [_entry_row(entry, names) for entry in entries]
    database.table("entries").insert_all(rows)
    database.table("similar_questions").insert_all(
        {"entry_id": entry.id, "position": position, "question": variant}
        for entry in entries
        for position, variant in enumerate(entry.text.variants, start=1)
    )
    database.table("citations").insert_all(
        {
            "entry_id": entry.id,
            "position": position,
            "policy_number": cited.document_number,
            "policy_title": cited.document_title,
            "clause": cited.clause,
        }
        for entry in entries
        for position, cited in enumerate(entry.text.citations, start=1)
    )
    database.conn.executemany(
        "INSERT INTO search (rowid, question, similar_questions, keywords, answer) VALUES (?, ?, ?, ?, ?)",
        ((entry.id, *map(bigrams.indexed, _searched(entry))) for entry in entries),
    )


def _searched(entry: PublishedEntry) -> tuple[str, str, str, str]:
    text = entry.text
    return text.question, "\n".join(text.variants), "\n".join(text.keywords), text.answer


def _entry_row(entry: PublishedEntry, names: Mapping[str, str]) -> Values:
    cells = coded_cells(
        entry.external_id, entry.text, names.get(entry.text.department, entry.text.department)
    )
    written = {key: _in_one_cell(key, cell) for key, cell in cells.items()}
    published_at = entry.published_at.isoformat() if entry.published_at else ""
    return {"id": entry.id, **written, "revision": entry.revision, "published_at": published_at}


def _policy_row(document: PolicyDocument) -> Values:
    fields = vars(document)
    return {column.key: _in_one_cell(column.key, fields[column.key]) for column in POLICY_COLUMNS}


def _in_one_cell(key: str, value: Cell | object) -> str:
    """A value as importing reads it from one cell."""
    if isinstance(value, tuple):
        join = {"similar_questions": join_lines, "keywords": join_words, "co_issuers": join_words}
        return join.get(key, join_bars)(value)
    return "" if value is None else str(value)


def _figures(statistics: Mapping[str, Any], entries: int) -> Iterator[Values]:
    """Figures of the store, however deeply they are grouped, as topic, name and value."""
    yield {"topic": "entries", "name": "published", "value": entries}
    for topic, figures in statistics.items():
        for name, value in _flat(figures):
            yield {"topic": topic, "name": name, "value": value}


def _flat(figures: Any, name: str = "") -> Iterator[tuple[str, float | None]]:
    if isinstance(figures, Mapping):
        for key, value in figures.items():
            yield from _flat(value, f"{name} {key}".strip())
    else:
        yield name, figures


def _readme(made_at: datetime) -> list[Values]:
    program = Path(bigrams.__file__).read_text(encoding="utf-8")
    texts = {**_README, "检索程序": program, "导出时间": made_at.isoformat(timespec="seconds")}
    return [{"topic": topic, "text": text} for topic, text in texts.items()]


def _batches(entries: Iterable[PublishedEntry]) -> Iterator[list[PublishedEntry]]:
    batch: list[PublishedEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
