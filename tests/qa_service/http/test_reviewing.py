"""Review over the API: every stage, every refusal."""

from dataclasses import replace

import pytest

from knowledge.people import Member, Role
from tests import cast
from tests.qa_service.http.calling import JSON, Service, entry_body


def move(service: Service, member: Member, entry_id: int, name: str, version: int, **more: JSON) -> JSON:
    """What a move answers, with its status code."""
    path = f"/api/v1/entries/{entry_id}/{name}"
    answered = service.by(member).post(path, json={"version": version, **more})
    return answered.json() | {"code_": answered.status_code}


def test_three_people_sign_and_the_last_signature_publishes(service: Service) -> None:
    entry = service.draft()
    state = move(service, cast.EDITOR, entry.id, "submit", 1)
    assert (state["status"], state["waiting_for"]["key"]) == ("IN_REVIEW", "department_head")
    state = move(service, cast.HEAD, entry.id, "sign", state["version"])
    assert state["waiting_for"]["key"] == "bureau_leader"
    state = move(service, cast.LEADER, entry.id, "sign", state["version"])
    assert state["waiting_for"]["name"] == "办公室发布"
    assert state["published_revision"] is None
    state = move(service, cast.PUBLISHER, entry.id, "sign", state["version"])
    assert (state["status"], state["published_revision"], state["waiting_for"]) == ("PUBLISHED", 1, None)
    assert [sign_off["by"] for sign_off in state["sign_offs"]] == ["head", "leader", "publisher"]


@pytest.mark.parametrize("member", [cast.OUTSIDER, cast.LEADER, cast.PUBLISHER, cast.EDITOR, cast.OPERATOR])
def test_nobody_signs_anothers_stage(service: Service, member: Member) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    assert move(service, member, entry.id, "sign", 2)["code_"] == 403


def test_nobody_signs_twice_or_the_own_words(service: Service) -> None:
    both = replace(cast.HEAD, login="both", roles=frozenset({Role.EDITOR, Role.REVIEWER, Role.APPROVER}))
    with service.application.store.writing("system") as records:
        records.people.add_member(both)
    written = service.draft(by=both)
    move(service, both, written.id, "submit", 1)
    assert move(service, both, written.id, "sign", 2)["code"] == "self-review"
    other = service.draft()
    move(service, cast.EDITOR, other.id, "submit", 1)
    assert move(service, both, other.id, "sign", 2)["code_"] == 200
    refused = move(service, both, other.id, "sign", 3)
    assert (refused["code_"], refused["code"]) == (409, "already-signed")


def test_a_returned_entry_carries_its_reason_and_has_to_be_edited(service: Service) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    assert move(service, cast.HEAD, entry.id, "return", 2, reason=" ")["code_"] == 422
    returned = move(service, cast.HEAD, entry.id, "return", 2, reason="请补充条款")
    assert (returned["status"], returned["return_reason"]) == ("RETURNED", "请补充条款")
    again = move(service, cast.EDITOR, entry.id, "submit", returned["version"])
    assert (again["code_"], again["code"]) == (409, "illegal-move")


def test_an_edit_voids_the_sign_offs(service: Service) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    move(service, cast.HEAD, entry.id, "sign", 2)
    edited = service.by(cast.EDITOR).put(f"/api/v1/entries/{entry.id}", json=entry_body(version=3)).json()
    assert (edited["status"], edited["sign_offs"]) == ("DRAFT", [])


def test_a_submitted_entry_is_recalled(service: Service) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    assert move(service, cast.OUTSIDER, entry.id, "recall", 2)["code_"] == 403
    assert move(service, cast.EDITOR, entry.id, "recall", 2)["status"] == "DRAFT"
    assert move(service, cast.EDITOR, entry.id, "recall", 3)["code_"] == 409


def test_a_withdrawn_entry_is_off_the_air_at_once(service: Service) -> None:
    service.furnish()
    entry = service.publish()
    ask = {"question": "生育津贴怎么领取", "record": False}
    assert service.by(cast.OPERATOR).post("/api/v1/ask", json=ask).json()["answer"] is not None
    refused = move(service, cast.EDITOR, entry.id, "withdraw", entry.version, reason="有误")
    assert refused["code_"] == 403
    withdrawn = move(service, cast.HEAD, entry.id, "withdraw", entry.version, reason="有误")
    assert (withdrawn["status"], withdrawn["published_revision"]) == ("WITHDRAWN", None)
    assert service.by(cast.OPERATOR).post("/api/v1/ask", json=ask).json()["answer"] is None


def test_a_move_on_what_somebody_changed_is_a_conflict(service: Service) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    stale = move(service, cast.HEAD, entry.id, "sign", 1)
    assert (stale["code_"], stale["code"]) == (409, "conflict")


def queue(service: Service, member: Member, **params: str) -> list[int]:
    listed = service.by(member).get("/api/v1/review-queue", params=params)
    assert listed.status_code == 200, listed.text
    return [item["id"] for item in listed.json()["items"]]


def test_the_queue_holds_what_waits_for_the_members_stage(service: Service) -> None:
    entry = service.draft()
    move(service, cast.EDITOR, entry.id, "submit", 1)
    assert queue(service, cast.HEAD) == [entry.id]
    assert queue(service, cast.OUTSIDER) == [], "heads see their own department's"
    assert queue(service, cast.LEADER) == []
    move(service, cast.HEAD, entry.id, "sign", 2)
    assert queue(service, cast.HEAD) == []
    assert queue(service, cast.LEADER, stage="bureau_leader") == [entry.id]
    assert queue(service, cast.EDITOR) == []


def test_the_queue_of_anothers_stage_is_closed(service: Service) -> None:
    refused = service.by(cast.HEAD).get("/api/v1/review-queue", params={"stage": "bureau_leader"})
    assert refused.status_code == 403


def test_moves_on_an_entry_that_does_not_exist_are_not_found(service: Service) -> None:
    for name in ("submit", "recall", "sign"):
        assert move(service, cast.EDITOR, 99, name, 1)["code_"] == 404
    for name in ("return", "withdraw"):
        assert move(service, cast.EDITOR, 99, name, 1, reason="x")["code_"] == 404
