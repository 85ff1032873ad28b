"""The sample knowledge base: departments with members of every role, documents, and published entries."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from knowledge.errors import ZhengdaError
from knowledge.people import Department, Member, Role
from knowledge.store import Records, Store
from qa_service.accounts import new_password
from qa_service.importing import import_entries
from qa_service.importing.policies import registered
from qa_service.importing.policy_rows import check_policies
from qa_service.tables.columns import ENTRY_COLUMNS, POLICY_COLUMNS
from qa_service.tables.reading import read_table

SAMPLES = Path(str(files("knowledge"))) / "samples"
_LOADED = "samples"
_BY = "system"


def load_samples(
    store: Store, hash_password: Callable[[str], str], folder: Path = SAMPLES
) -> tuple[tuple[Member, str], ...]:
    """Load the samples and give each member that was made, with the password generated for it.

    Loading again changes nothing, and neither does it touch what was there before: documents and entries
    that exist keep their content, members keep their passwords. An interrupted loading is taken up again.
    """
    with store.reading() as records:
        if records.state.get(_LOADED):
            return ()
    described = json.loads((folder / "departments.json").read_text(encoding="utf-8"))
    with store.writing(_BY) as records:
        codes = {each["code"]: _department(records, each) for each in described}
    _load_policies(store, folder / "policies.jsonl")
    for file in sorted((folder / "entries").glob("*.jsonl")):
        _load_entries(store, file)
    # Last, in one transaction: whoever gets here gets the passwords, which cannot be shown again.
    members = [_member(each, codes[owner["code"]]) for owner in described for each in owner["members"]]
    passwords = {member.login: new_password() for member in members}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    with store.writing(_BY) as records:
        known = {member.login for member in records.people.members()}
        added = [member for member in members if member.login not in known]
        for member in added:
            records.people.add_member(member, hashes[member.login])
        records.state.set(_LOADED, "loaded")
    return tuple((member, passwords[member.login]) for member in added)


def _department(records: Records, described: dict[str, Any]) -> str:
    """The code of the department that goes by this code or name; it is set up when there is none."""
    for known in records.people.departments():
        if described["code"] == known.code or described["name"] == known.name:
            return known.code
    department = Department(
        described["code"], described["name"], described["is_office"], described.get("duties", "")
    )
    return records.people.add_department(department).code


def _member(described: dict[str, Any], department: str) -> Member:
    roles = frozenset(Role(role) for role in described["roles"])
    return Member(described["login"], described["name"], department, roles)


def _load_policies(store: Store, file: Path) -> None:
    checked = check_policies(read_table(file, POLICY_COLUMNS))
    _require_good(file, [str(problem) for problem in checked.problems])
    with store.writing(_BY) as records:
        missing = [row.document() for row in checked.rows if registered(row, records) is None]
        records.policies.add_many(missing, "示例知识库")


def _load_entries(store: Store, file: Path) -> None:
    ids = [str(row.cells["external_id"]) for row in read_table(file, ENTRY_COLUMNS).rows]
    with store.reading() as records:
        if any(records.entries.by_external_id(each) for each in ids):
            return  # loaded before: a file is imported as a whole
    report = import_entries(store, file, by=_BY, published=True)
    _require_good(file, [str(problem) for problem in report.problems])


def _require_good(file: Path, problems: list[str]) -> None:
    if problems:
        raise ZhengdaError(f"示例文件 {file.name} 无法载入：" + "；".join(problems[:5]))
