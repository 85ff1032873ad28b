"""The audit trail."""

from datetime import timedelta

import pytest

from knowledge.store import AuditFilter, AuditLine, Store
from knowledge.store.audit import Audit
from tests.knowledge.making import NOON


@pytest.fixture
def busy_store(store: Store) -> Store:
    for days, by, subject, subject_id in (
        (0, "editor", "entry", 7),
        (1, "head", "entry", 7),
        (2, "head", "entry", 77),
        (3, "admin", "member", "editor"),
    ):
        with store.writing(by=by, at=NOON + timedelta(days=days)) as records:
            records.audit.add(f"{subject}.changed", subject, subject_id, f"第{days}天")
    return store


def test_a_line_says_who_did_what_to_what_and_when(busy_store: Store) -> None:
    with busy_store.reading() as records:
        first = records.audit.list().items[-1]
    assert first == AuditLine(first.id, NOON, "editor", "entry.changed", "entry", "7", "第0天")


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        (AuditFilter(), [3, 2, 1, 0]),
        (AuditFilter("entry"), [2, 1, 0]),
        (AuditFilter("entry", 7), [1, 0]),
        (AuditFilter("entry", "7"), [1, 0]),
        (AuditFilter("member", "editor"), [3]),
        (AuditFilter(by="head"), [2, 1]),
        (AuditFilter(since=NOON + timedelta(days=1)), [3, 2, 1]),
        (AuditFilter(until=NOON + timedelta(days=1)), [0]),
        (AuditFilter("entry", by="head", since=NOON, until=NOON + timedelta(days=2)), [1]),
    ],
)
def test_each_filter_keeps_its_own(busy_store: Store, matching: AuditFilter, expected: list[int]) -> None:
    with busy_store.reading() as records:
        page = records.audit.list(matching)
    assert [line.detail for line in page.items] == [f"第{day}天" for day in expected]
    assert page.total == len(expected)


def test_a_page_knows_the_total(busy_store: Store) -> None:
    with busy_store.reading() as records:
        page = records.audit.list(limit=2, offset=3)
    assert ([line.detail for line in page.items], page.total) == (["第0天"], 4)


def test_details_are_put_on_one_line_of_sensible_length(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.audit.add("entry.edited", "entry", 1, "第一行\n第二行\t末" + "长" * 2000)
        (line,) = records.audit.list().items
    assert line.detail.startswith("第一行 第二行 末长")
    assert len(line.detail) == 500


def test_lines_can_be_added_and_read_and_nothing_else() -> None:
    assert {name for name in vars(Audit) if not name.startswith("_")} == {"add", "add_many", "list"}
