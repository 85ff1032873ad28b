import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.entry import EntryStatus
from knowledge.errors import ZhengdaError
from knowledge.people import Department, Role
from knowledge.policy import PolicyDocument
from knowledge.store import AuditFilter, EntryFilter, PolicyFilter, Store
from qa_service.accounts import hash_password, verify_password
from qa_service.samples import SAMPLES, load_samples
from tests.knowledge.making import a_published_entry


@pytest.fixture
def store(sqlite_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(sqlite_url)


def scrambled(password: str) -> str:
    """A quick hash: the real one takes its time on purpose."""
    return f"scrambled {password[::-1]}"


def totals(store: Store) -> tuple[int, int, int, int]:
    with store.reading() as records:
        return (
            len(records.people.departments()),
            records.policies.list(PolicyFilter()).total,
            records.entries.list(EntryFilter()).total,
            records.audit.list(AuditFilter()).total,
        )


def test_the_samples_are_the_promised_size_and_all_published(store: Store) -> None:
    load_samples(store, scrambled)
    departments, policies, entries, _ = totals(store)
    assert departments == 9
    assert policies >= 60
    assert entries >= 320
    with store.reading() as records:
        published = records.entries.list(EntryFilter(statuses=(EntryStatus.PUBLISHED,)))
        office = records.people.office()
        owners = {entry.text.department for entry in records.entries.list(EntryFilter(), limit=1000).items}
        assert owners <= {department.code for department in records.people.departments()}
    assert published.total == entries
    assert office is not None
    assert office.name == "办公室"


def sample_lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_cited_document_is_registered_and_has_its_clause() -> None:
    registered = {(policy["number"], policy["title"]) for policy in sample_lines(SAMPLES / "policies.jsonl")}
    wrong = []
    for path in sorted((SAMPLES / "entries").glob("*.jsonl")):
        for entry in sample_lines(path):
            if not entry["policy_title"]:
                if entry["policy_number"] or entry["clause"]:
                    wrong.append((entry["external_id"], "a number or a clause of no document"))
                continue
            numbers, titles, clauses = (
                entry[key].split(" | ") for key in ("policy_number", "policy_title", "clause")
            )
            if not len(numbers) == len(titles) == len(clauses) or not all(
                clause.strip() for clause in clauses
            ):
                wrong.append((entry["external_id"], "a document without its clause"))
            elif not registered.issuperset(zip(numbers, titles, strict=True)):
                wrong.append((entry["external_id"], "a document that is not registered"))
    assert wrong == []


def test_every_role_has_members_whose_passwords_are_returned_and_stored_hashed(store: Store) -> None:
    accounts = load_samples(store, hash_password)
    assert {role for member, _ in accounts for role in member.roles} == set(Role)
    assert len({password for _, password in accounts}) == len(accounts)
    with store.reading() as records:
        assert {member.login for member, _ in accounts} == {m.login for m in records.people.members()}
        member, password = accounts[0]
        stored = records.people.password_hash(member.login)
    assert password not in stored
    assert verify_password(password, stored)


def test_loading_twice_changes_nothing(store: Store) -> None:
    load_samples(store, scrambled)
    before = totals(store)
    assert load_samples(store, scrambled) == ()
    assert totals(store) == before


def test_what_was_there_before_is_left_as_it_was(store: Store) -> None:
    first = json.loads(next((SAMPLES / "entries").glob("*.jsonl")).read_text("utf-8").splitlines()[0])
    with store.writing(by="system") as records:
        records.people.add_department(Department("bgs", "办公室", is_office=True))
        records.policies.add(PolicyDocument("自己登记的名称", "医保发〔2019〕54号"))
        records.entries.add(a_published_entry(first["external_id"]))
    load_samples(store, scrambled)
    with store.reading() as records:
        document = records.policies.by_number("医保发〔2019〕54号")
        entry = records.entries.by_external_id(first["external_id"])
        assert document is not None
        assert document.title == "自己登记的名称"
        assert entry is not None
        assert entry.text.question == "生育津贴如何申领？"
        assert records.people.member("office.head").department == "bgs"


def test_an_interrupted_loading_is_taken_up_again(store: Store) -> None:
    def interrupted(password: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_samples(store, interrupted)
    half = totals(store)
    assert len(load_samples(store, scrambled)) > 20
    assert totals(store)[:3] == half[:3]


def test_a_broken_sample_file_is_named(store: Store, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "samples")
    (tmp_path / "samples/entries/broken.jsonl").write_text(
        '{"external_id": "X-1", "question": "问", "answer": "", "department": "办公室"}\n', encoding="utf-8"
    )
    with pytest.raises(ZhengdaError, match=r"broken\.jsonl 无法载入：第1行“answer”列：不能为空"):
        load_samples(store, scrambled, tmp_path / "samples")
