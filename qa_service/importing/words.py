"""Importing the bureau's words, and exporting them so that they can be imported again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from knowledge.errors import InvalidValue
from knowledge.store import Records, Store
from knowledge.wording import Word, WordKind, changed, new_word
from qa_service.importing import values
from qa_service.importing.applying import apply_import
from qa_service.importing.checking import RowCheck, repeated
from qa_service.importing.report import ImportReport
from qa_service.tables.cells import Cell
from qa_service.tables.columns import WORD_COLUMNS
from qa_service.tables.reading import read_table
from qa_service.tables.table import Problem, Row, Table, UnreadableFile
from qa_service.tables.writing import write_table
from qa_service.wording import ListedWord, is_bundled, key_of, require_usable, synonyms_in_use

_KINDS = {each: kind for kind in WordKind for each in (kind.value, kind.label)} | {
    "同义词": WordKind.SYNONYM,
    "词典": WordKind.TERM,
    "停用词": WordKind.STOP_PHRASE,
    "地名": WordKind.NAME,
    "机构名": WordKind.NAME,
}
_USED = {"": True, "使用": True, "使用中": True, "启用": True, "是": True, "true": True}
_UNUSED = {"停用": False, "已停用": False, "否": False, "false": False}
_PLACES = {"词语": "text", "规范用语": "formal"}


def import_words(
    store: Store, path: Path, *, by: str, dry_run: bool = False, skip_bad_rows: Path | None = None
) -> ImportReport:
    """Bring the words of a file into the record: new ones are added, known ones switched off or on.

    A row without a kind is a synonym when it has formal words, else a domain term. A bundled word is stored only when
    the file switches it off. Problems are reported by row and column; all rows are stored, or none.
    """
    report = ImportReport(path.name, dry_run=dry_run)
    try:
        table = read_table(path, WORD_COLUMNS)
    except UnreadableFile as error:
        report.add_problems([error.problem])
        return report
    rows, problems = _check(table)
    with store.reading() as records:
        plan = _plan(rows, records.words.all(), problems)
    report.warnings += table.warnings
    report.add_problems(problems)
    report.created, report.changed, report.unchanged = len(plan.added), len(plan.changed), plan.unchanged
    apply_import(store, table, report, by, datetime.now(UTC), skip_bad_rows, plan.write)
    return report


def export_words(words: tuple[ListedWord, ...], path: Path) -> int:
    """Write words into a file of the format that its suffix names; gives their number."""
    headers = [column.label for column in WORD_COLUMNS]
    rows = [(word.kind.label, word.text, word.formal, "使用" if word.active else "停用") for word in words]
    write_table(path, headers, rows)
    return len(rows)


@dataclass
class _Plan:
    added: list[Word] = field(default_factory=list)
    changed: list[Word] = field(default_factory=list)
    unchanged: int = 0

    def write(self, records: Records) -> None:
        """Store what was planned."""
        records.words.add_many(self.added)
        for word in self.changed:
            records.words.save(word)


def _plan(rows: dict[int, Word], present: tuple[Word, ...], problems: list[Problem]) -> _Plan:
    """What the rows change; notes those that together with the others would lead in a circle."""
    plan, own = _Plan(), {key_of(word): word for word in present}
    wanted = {**own, **{key_of(word): word for word in rows.values()}}
    in_use = synonyms_in_use(wanted.values())
    for number, word in rows.items():
        try:
            require_usable(word, in_use)
        except InvalidValue as error:
            problems.append(Problem(number, error.field, str(error.value), error.expected))
            continue
        stored = own.get(key_of(word))
        if stored is not None and stored.active != word.active:
            plan.changed.append(changed(stored, active=word.active))
        elif stored is not None or (word.active and is_bundled(word)):
            plan.unchanged += 1
        else:
            plan.added.append(word)
    return plan


def _check(table: Table) -> tuple[dict[int, Word], list[Problem]]:
    """The words of the rows that can be read by the rows' numbers, and what is wrong with the others."""
    words: dict[int, Word] = {}
    problems: list[Problem] = []
    for row in table.rows:
        word, found = _read(row, table)
        problems += found
        if word is not None:
            words[row.number] = word
    identities = [(number, " → ".join(filter(None, key_of(word)))) for number, word in words.items()]
    same = repeated(identities, table.headers.get("text", "词语"), "请只保留一行")
    for problem in same:
        del words[problem.row]
    return words, problems + same


def _read(row: Row, table: Table) -> tuple[Word | None, list[Problem]]:
    check = RowCheck(row, table, WORD_COLUMNS)
    text, formal = check.read("text", values.text), check.read("formal", values.text)
    kind, active = check.read("kind", _kind), check.read("active", _active)
    if check.problems:
        return None, check.problems
    try:
        return new_word(kind or (WordKind.SYNONYM if formal else WordKind.TERM), text, formal, active), []
    except InvalidValue as error:
        check.note(_PLACES.get(error.field, "text"), error)
        return None, check.problems


def _kind(label: str, cell: Cell) -> WordKind | None:
    written = values.text(label, cell)
    if not written:
        return None
    if written not in _KINDS:
        raise InvalidValue(label, written, f"应为 {'、'.join(kind.label for kind in WordKind)} 之一")
    return _KINDS[written]


def _active(label: str, cell: Cell) -> bool:
    written = values.text(label, cell).lower()
    known = _USED | _UNUSED
    if written not in known:
        raise InvalidValue(label, written, "应为 使用 或 停用")
    return known[written]
