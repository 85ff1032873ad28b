"""Departments and members."""

from dataclasses import replace

import pytest

from knowledge.errors import Conflict, NotFound
from knowledge.people import Department, Member
from knowledge.store import AuditFilter, Store
from tests import cast


def test_departments_come_back_with_the_office_last(staffed_store: Store) -> None:
    with staffed_store.reading() as records:
        assert records.people.departments() == (cast.BENEFITS, cast.SETTLEMENT, cast.OFFICE)
        assert records.people.department("benefits") == cast.BENEFITS
        assert records.people.department_named(" 待遇保障处 ") == cast.BENEFITS
        assert records.people.department_named("没有的处") is None
        assert records.people.office() == cast.OFFICE


def test_a_bureau_may_not_have_an_office_yet(store: Store) -> None:
    with store.writing(by="system") as records:
        records.people.add_department(cast.BENEFITS)
        assert records.people.office() is None


@pytest.mark.parametrize("taken", [Department("benefits", "新处"), Department("new", "待遇保障处")])
def test_codes_and_names_of_departments_are_used_once(staffed_store: Store, taken: Department) -> None:
    with staffed_store.writing(by="admin") as records, pytest.raises(Conflict, match="已被使用"):
        records.people.add_department(taken)


def test_a_department_can_be_renamed_but_not_to_another_ones_name(staffed_store: Store) -> None:
    with staffed_store.writing(by="admin") as records:
        renamed = records.people.save_department(replace(cast.BENEFITS, name="待遇处", duties="生育"))
        assert records.people.department("benefits") == renamed
        with pytest.raises(Conflict, match="待遇结算处"):
            records.people.save_department(replace(cast.BENEFITS, name="待遇结算处"))
        with pytest.raises(NotFound, match="nowhere"):
            records.people.save_department(Department("nowhere", "无"))


def test_members_come_back_with_their_roles(staffed_store: Store) -> None:
    with staffed_store.reading() as records:
        assert [records.people.member(member.login) for member in cast.MEMBERS] == list(cast.MEMBERS)
        assert records.people.members("benefits") == (cast.COLLEAGUE, cast.EDITOR, cast.HEAD)
        assert set(records.people.members()) == set(cast.MEMBERS)


def test_a_member_can_be_changed_and_put_out_of_service(staffed_store: Store) -> None:
    with staffed_store.writing(by="admin") as records:
        left = records.people.save_member(replace(cast.EDITOR, active=False, roles=frozenset()))
        assert records.people.member("editor") == left
        (line,) = records.audit.list(AuditFilter("member", "editor", by="admin")).items
    assert (line.action, "已停用" in line.detail) == ("member.changed", True)


def test_logins_are_used_once_and_unknown_ones_are_not_found(staffed_store: Store) -> None:
    nobody = Member("nobody", "无人", "benefits", frozenset())
    with staffed_store.writing(by="admin") as records:
        with pytest.raises(Conflict, match="editor"):
            records.people.add_member(replace(cast.EDITOR, name="另一个人"))
        with pytest.raises(NotFound, match="nobody"):
            records.people.member("nobody")
        with pytest.raises(NotFound, match="nobody"):
            records.people.save_member(nobody)
        with pytest.raises(NotFound, match="nobody"):
            records.people.set_password("nobody", "hash")
        with pytest.raises(NotFound, match="nowhere"):
            records.people.department("nowhere")


def test_passwords_are_kept_apart_from_members_and_out_of_the_audit_trail(staffed_store: Store) -> None:
    with staffed_store.writing(by="admin") as records:
        records.people.add_member(Member("new", "新人", "benefits", frozenset()), "first-hash")
        assert records.people.password_hash("new") == "first-hash"
        records.people.set_password("new", "second-hash")
        assert records.people.password_hash("new") == "second-hash"
        records.people.save_member(Member("new", "新名", "benefits", frozenset()))
        assert records.people.password_hash("new") == "second-hash"
        lines = records.audit.list(AuditFilter("member", "new")).items
    assert [line.action for line in lines] == ["member.changed", "password.set", "member.added"]
    assert not any("hash" in line.detail for line in lines)


def test_a_member_without_password_has_an_empty_hash_like_nobody(staffed_store: Store) -> None:
    with staffed_store.reading() as records:
        assert records.people.password_hash("editor") == ""
        assert records.people.password_hash("nobody") == ""
