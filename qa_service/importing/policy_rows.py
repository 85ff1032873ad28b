"""One row of a file of policy documents, read and checked without the store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.document_number import canonical
from knowledge.errors import InvalidValue
from knowledge.policy import PolicyDocument
from knowledge.store.titles import title_key
from qa_service.importing import values
from qa_service.importing.checking import Reader, RowCheck, repeated
from qa_service.tables.cells import Cell
from qa_service.tables.columns import POLICY_COLUMNS
from qa_service.tables.table import Problem, Row, Table


def _number(label: str, cell: Cell) -> str:
    return canonical(values.text(label, cell))


def _title(label: str, cell: Cell) -> str:
    title = values.name(label, cell, values.MAX_TITLE)
    return title[1:-1] if title.startswith("《") and title.find("》") == len(title) - 1 else title


_READERS: dict[str, Reader] = {
    "issuer": values.text,
    "co_issuers": values.names,
    "index_number": values.text,
    "topic": values.text,
    "signed_on": values.day,
    "published_on": values.day,
    "effective_from": values.day,
    "valid_until": values.last_day,
    "validity": values.validity,
    "amends": values.numbers,
    "repeals": values.numbers,
    "disclosure": values.disclosure,
    "text": values.long_text,
    "source": lambda label, cell: values.text(label, cell, 1000),
}


@dataclass(frozen=True)
class PolicyRow:
    """What a row says: `fields` of a PolicyDocument, those alone that the file speaks of."""

    number: int
    fields: dict[str, Any]

    def document(self) -> PolicyDocument:
        """The document, where the register does not have it."""
        return PolicyDocument(**self.fields)


@dataclass
class CheckedPolicies:
    """The rows that can be read, and what was wrong with the others."""

    rows: list[PolicyRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check_policies(table: Table) -> CheckedPolicies:
    """Check every row of a file by itself, and that no two are the same document."""
    checked = CheckedPolicies()
    for row in table.rows:
        check = RowCheck(row, table, POLICY_COLUMNS)
        read = _read(row, check)
        checked.problems += check.problems
        checked.warnings += check.warnings
        if read is not None and not check.problems:
            checked.rows.append(read)
    same = list(_repeated(table, checked.rows))
    checked.problems += same
    bad = {problem.row for problem in same}
    checked.rows = [row for row in checked.rows if row.number not in bad]
    return checked


def _read(row: Row, check: RowCheck) -> PolicyRow | None:
    if not row.cells:
        return None  # the line could not be read at all, which is noted already
    fields = {"number": check.read("number", _number), "title": check.read("title", _title)}
    fields |= check.read_given(_READERS)
    if not check.problems:
        _require_order(check, fields)
    if check.problems:
        return None
    if fields["number"] and not values.is_document_number(fields["number"]):
        check.warn(
            "number", fields["number"], "不是常见的文号写法，已按原样保留；请核对，应形如“国办发〔2021〕14号”"
        )
    return PolicyRow(row.number, fields)


def _require_order(check: RowCheck, fields: dict[str, Any]) -> None:
    begins, ends = fields.get("effective_from"), fields.get("valid_until")
    if begins and ends and ends < begins:
        check.note("valid_until", InvalidValue("有效期至", ends, f"不能早于施行日期{begins}"))


def _repeated(table: Table, rows: list[PolicyRow]) -> Iterator[Problem]:
    numbered = ((row.number, row.fields["number"]) for row in rows if row.fields["number"])
    yield from repeated(numbered, table.headers.get("number", ""), "同一文号只能登记一次，请删去多余的行")
    titled = [(row.number, title_key(row.fields["title"])) for row in rows if not row.fields["number"]]
    yield from repeated(titled, table.headers["title"], "没有文号的文件不能重名，请填写文号或删去多余的行")
