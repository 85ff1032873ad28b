"""Departments and members."""

import pytest

from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import Service

NEW = {"login": "new.editor", "name": "新编辑", "department": "benefits", "roles": ["editor"]}
CHANGE = {"name": "艾编辑", "department": "settlement", "roles": ["editor", "reviewer"], "active": True}
OTHERS = [member for member in cast.MEMBERS if member is not cast.ADMIN]


def test_departments_are_listed_the_office_last(service: Service) -> None:
    listed = service.by(cast.OPERATOR).get("/api/v1/departments").json()["items"]
    assert [department["code"] for department in listed] == ["benefits", "settlement", "office"]
    assert listed[-1]["is_office"] is True


def test_an_administrator_adds_a_member_who_signs_in_with_the_first_password(service: Service) -> None:
    added = service.by(cast.ADMIN).post("/api/v1/members", json=NEW)
    assert added.status_code == 201
    credentials = {"login": "new.editor", "password": added.json()["password"]}
    assert service.anonymous.post("/api/v1/sessions", json=credentials).status_code == 201
    assert service.by(cast.ADMIN).post("/api/v1/members", json=NEW).status_code == 409


@pytest.mark.parametrize(
    "change", [{"login": "有空格 的"}, {"roles": ["king"]}, {"name": ""}, {"admin": True}]
)
def test_a_member_that_cannot_be_is_refused(service: Service, change: dict[str, object]) -> None:
    assert service.by(cast.ADMIN).post("/api/v1/members", json={**NEW, **change}).status_code == 422


def test_a_member_of_no_department_is_refused(service: Service) -> None:
    body = {**NEW, "department": "nowhere"}
    assert service.by(cast.ADMIN).post("/api/v1/members", json=body).status_code == 404


def test_an_administrator_changes_roles(service: Service) -> None:
    changed = service.by(cast.ADMIN).put("/api/v1/members/editor", json=CHANGE).json()
    assert (changed["department"], changed["roles"]) == ("settlement", ["editor", "reviewer"])
    assert service.by(cast.ADMIN).put("/api/v1/members/nobody", json=CHANGE).status_code == 404


def test_the_last_key_is_not_thrown_away(service: Service) -> None:
    for change in ({"roles": ["editor"]}, {"active": False, "roles": ["administrator"]}):
        body = {**CHANGE, "department": "office", **change}
        assert service.by(cast.ADMIN).put("/api/v1/members/admin", json=body).status_code == 409


def test_a_password_is_reset_and_the_old_sessions_end(service: Service) -> None:
    editor = service.by(cast.EDITOR)
    assert editor.get("/api/v1/me").status_code == 200
    password = service.by(cast.ADMIN).post("/api/v1/members/editor/password").json()["password"]
    assert editor.get("/api/v1/me").status_code == 401
    credentials = {"login": "editor", "password": password}
    assert service.anonymous.post("/api/v1/sessions", json=credentials).status_code == 201
    assert service.by(cast.ADMIN).post("/api/v1/members/nobody/password").status_code == 404


@pytest.mark.parametrize("member", OTHERS, ids=lambda member: member.login)
def test_only_an_administrator_manages_members(service: Service, member: Member) -> None:
    client = service.by(member)
    assert client.post("/api/v1/members", json=NEW).status_code == 403
    assert client.put("/api/v1/members/editor", json=CHANGE).status_code == 403
    assert client.post("/api/v1/members/editor/password").status_code == 403


def logins(service: Service, member: Member, **params: str) -> set[str]:
    listed = service.by(member).get("/api/v1/members", params=params)
    assert listed.status_code == 200
    return {item["login"] for item in listed.json()["items"]}


def test_members_see_their_own_department_and_overseers_see_all(service: Service) -> None:
    assert logins(service, cast.HEAD) == {"editor", "colleague", "head"}
    assert logins(service, cast.ADMIN) == {member.login for member in cast.MEMBERS}
    assert logins(service, cast.AUDITOR, department="settlement") == {"outsider"}
    refused = service.by(cast.OUTSIDER).get("/api/v1/members", params={"department": "benefits"})
    assert refused.status_code == 403
