"""One row of a file of entries, read and checked without the store."""

import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from knowledge.entry import EntryText
from knowledge.errors import InvalidValue
from qa_service.importing import values
from qa_service.importing.checking import Reader, RowCheck, repeated
from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.table import Problem, Row, Table

_CITATION = ("policy_number", "policy_title", "clause")
_REQUIRED: dict[str, Reader] = {
    "question": values.question,
    "answer": values.answer,
    "department": values.name,
}
_OPTIONAL: dict[str, Reader] = {
    "category": values.category,
    "similar_questions": values.variants,
    "keywords": values.keywords,
    "region": values.region_code,
    "insured_group": values.insured_group,
    "audience": values.text,
    "channels": values.channels,
    "effective_from": values.day,
    "effective_until": values.last_day,
    "disclosure": values.disclosure,
}
_FIELD = {"similar_questions": "variants"}
KEY_OF_LABEL = {column.label: column.key for column in ENTRY_COLUMNS}


@dataclass(frozen=True)
class EntryRow:
    """What a row says: `fields` of an EntryText, those alone that the file speaks of.

    `department` stands in `fields` as it was typed. `identified` tells whether the row names its id itself.
    """

    number: int
    external_id: str
    identified: bool
    fields: dict[str, Any]

    def text(self, department: str, before: EntryText | None = None) -> EntryText:
        """The wording: of a new entry, or of one that had another wording before.

        Columns that the file does not have leave what was there. Raises InvalidValue.
        """
        said = {**(vars(before) if before else {}), **self.fields, "department": department}
        said["variants"] = tuple(v for v in said.get("variants", ()) if v != said["question"])
        return EntryText(**said)


@dataclass
class CheckedEntries:
    """The rows that can be read, and what was wrong with the others."""

    rows: list[EntryRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check_entries(table: Table) -> CheckedEntries:
    """Check every row of a file by itself, and that no two are the same entry."""
    checked = CheckedEntries()
    for row in table.rows:
        check = RowCheck(row, table, ENTRY_COLUMNS)
        read = _read(row, check)
        checked.problems += check.problems
        checked.warnings += check.warnings
        if read is not None and not check.problems:
            checked.rows.append(read)
    same = _repeated(table, checked.rows)
    checked.problems += same
    bad = {problem.row for problem in same}
    checked.rows = [row for row in checked.rows if row.number not in bad]
    return checked


def _read(row: Row, check: RowCheck) -> EntryRow | None:
    if not row.cells:
        return None  # the line could not be read at all, which is noted already
    external_id = check.read("external_id", values.text)
    fields = {key: check.read(key, reader) for key, reader in _REQUIRED.items()}
    fields |= {_FIELD.get(key, key): value for key, value in check.read_given(_OPTIONAL).items()}
    if check.given(*_CITATION):
        fields["citations"] = _citations(check)
    if check.problems:
        return None
    read = EntryRow(row.number, external_id or derived_id(fields), bool(external_id), fields)
    try:
        read.text(fields["department"])
    except InvalidValue as error:
        check.note(KEY_OF_LABEL[error.field], error)
        return None
    return read


def _citations(check: RowCheck) -> Any:
    try:
        found = values.citations(*(check.cell(key) for key in _CITATION))
    except InvalidValue as error:
        check.note(KEY_OF_LABEL[error.field], error)
        return None
    for number in values.unparsed_numbers(found):
        check.warn(
            "policy_number", number, "不是常见的文号写法，已按原样保留；请核对，应形如“国办发〔2021〕14号”"
        )
    return found


def derived_id(fields: dict[str, Any]) -> str:
    """An id for a row without one, from what tells an entry from its neighbours.

    Answer, similar questions and citations are left out: when they are corrected, the row is a new
    revision of the same entry. So is the department, which may hand an entry over.
    """
    said = [unicodedata.normalize("NFKC", fields["question"])]
    said += [str(fields.get(key) or "") for key in ("region", "insured_group", "audience", "effective_from")]
    said.append(",".join(fields.get("channels", ())))
    return "AUTO-" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:12].upper()


def _repeated(table: Table, rows: list[EntryRow]) -> list[Problem]:
    column = table.headers.get("external_id", "")
    named = ((row.number, row.external_id) for row in rows if row.identified)
    problems = repeated(named, column, "请给每个条目不同的编号，或删去多余的行")
    unnamed = ((row.number, row.external_id) for row in rows if not row.identified)
    advice = "标准问和适用范围都相同；请填写不同的编号，或删去多余的行"
    questions = {row.number: row.fields["question"] for row in rows}
    column = table.headers.get("question", "")
    return problems + [
        Problem(problem.row, column, questions[problem.row], problem.message)
        for problem in repeated(unnamed, "", advice)
    ]
