"""Picks, reports and proposals over HTTP."""

from pathlib import Path

import pytest

from knowledge.entry import FaqEntry
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, JSON, Service

WORDING = "娃落地以后补贴找谁要"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Words alone: every question here is one that they tell apart, and nothing has to be encoded."""
    return Settings(data=tmp_path, encoder="none", website_per_minute=1000)


@pytest.fixture
def entry(service: Service) -> FaqEntry:
    service.furnish()
    return service.publish()


def pick(service: Service, entry: FaqEntry, wording: str = WORDING) -> int:
    body = {"question": wording, "entry_id": entry.id, "revision": 1}
    answer = service.by(cast.OPERATOR).post("/api/v1/picks", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["proposal_id"])


def waiting(service: Service, **query: str | int) -> list[JSON]:
    answer = service.by(cast.EDITOR).get("/api/v1/proposals", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_pick_waits_in_the_departments_list(service: Service, entry: FaqEntry) -> None:
    made = pick(service, entry)
    (item,) = waiting(service)
    assert item["id"] == made
    assert (item["wording"], item["external_id"], item["picks"]) == (WORDING, entry.external_id, 1)
    assert item["state_label"] == "待确认"
    assert waiting(service, entry_id=entry.id + 1) == []
    assert waiting(service, state="DECLINED") == []


def test_what_the_entry_has_already_makes_no_proposal(service: Service, entry: FaqEntry) -> None:
    body = {"question": ALLOWANCE.variants[0], "entry_id": entry.id}
    assert service.by(cast.OPERATOR).post("/api/v1/picks", json=body).json() == {"proposal_id": None}


def test_programs_with_a_secret_key_pick_and_web_pages_do_not(service: Service, entry: FaqEntry) -> None:
    body = {"question": WORDING, "entry_id": entry.id}
    assert service.by_key().post("/api/v1/picks", json=body).status_code == 201
    for path in ("/api/v1/picks", "/api/v1/reports"):
        assert service.by_key(public=True).post(path, json=body).status_code == 403
        assert service.anonymous.post(path, json=body).status_code == 401


def test_an_old_revision_and_an_unknown_entry_are_told(service: Service, entry: FaqEntry) -> None:
    operator = service.by(cast.OPERATOR)
    for path in ("/api/v1/picks", "/api/v1/reports"):
        old = operator.post(path, json={"question": "问", "entry_id": entry.id, "revision": 2})
        assert (old.status_code, old.json()["code"]) == (409, "conflict")
        assert operator.post(path, json={"question": "问", "entry_id": 999}).status_code == 404


def test_accepting_gives_the_new_revision(service: Service, entry: FaqEntry) -> None:
    made = pick(service, entry)
    body = {"entry_id": entry.id, "version": entry.version, "proposals": [made], "submit": True}
    assert service.by(cast.OUTSIDER).post("/api/v1/proposals/accept", json=body).status_code == 403
    accepted = service.by(cast.EDITOR).post("/api/v1/proposals/accept", json=body)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["status"] == "IN_REVIEW"
    assert WORDING in accepted.json()["similar_questions"]
    assert service.by(cast.EDITOR).post("/api/v1/proposals/accept", json=body).status_code == 409
    assert [item["state"] for item in waiting(service, state="ACCEPTED")] == ["ACCEPTED"]


def test_declining_can_be_undone(service: Service, entry: FaqEntry) -> None:
    body = {"proposals": [pick(service, entry)]}
    editor = service.by(cast.EDITOR)
    declined = editor.post("/api/v1/proposals/decline", json=body)
    assert declined.json()["items"][0]["decided_by"] == "editor"
    assert waiting(service) == []
    assert editor.post("/api/v1/proposals/decline", json=body).status_code == 409
    assert editor.post("/api/v1/proposals/reopen", json=body).status_code == 200
    assert len(waiting(service)) == 1


def test_other_departments_lists_are_closed_to_whoever_does_not_look_everywhere(
    service: Service, entry: FaqEntry
) -> None:
    pick(service, entry)
    for path in ("/api/v1/proposals", "/api/v1/reports"):
        outsider = service.by(cast.OUTSIDER)
        assert outsider.get(path, params={"department": "benefits"}).status_code == 403
        assert outsider.get(path).json()["items"] == []
        assert service.by(cast.AUDITOR).get(path, params={"department": "benefits"}).status_code == 200


def test_a_report_is_seen_by_the_department_and_in_the_answer_until_it_is_closed(
    service: Service, entry: FaqEntry
) -> None:
    ask = {"question": ALLOWANCE.question, "record": False}
    operator = service.by(cast.OPERATOR)
    assert operator.post("/api/v1/ask", json=ask).json()["outcome"] == "answered"
    told = operator.post(
        "/api/v1/reports", json={"question": "问", "entry_id": entry.id, "comment": "文件改了"}
    )
    assert (told.status_code, told.json()["staff"], told.json()["doubted"]) == (201, 1, True)
    answer = operator.post("/api/v1/ask", json=ask).json()
    assert answer["outcome"] == "choices"
    assert answer["choices"][0]["doubted"] is True
    assert "核实" in answer["note"]
    hits = operator.get("/api/v1/search", params={"q": ALLOWANCE.question}).json()["hits"]
    assert hits[0]["doubted"] is True
    (listed,) = service.by(cast.HEAD).get("/api/v1/reports").json()["items"]
    assert (listed["entry_id"], listed["question"]) == (entry.id, ALLOWANCE.question)
    closing = {"entry_id": entry.id, "reason": "与第八条一致"}
    assert operator.post("/api/v1/reports/close", json=closing).status_code == 403
    assert service.by(cast.HEAD).post("/api/v1/reports/close", json=closing).json() == {"closed": 1}
    assert operator.post("/api/v1/ask", json=ask).json()["outcome"] == "answered"


def test_visitors_of_the_website_count_once_each(service: Service, entry: FaqEntry) -> None:
    website = service.by_key(public=True)
    website.post("/api/v1/ask", json={"question": ALLOWANCE.question})
    rating = {"question": ALLOWANCE.question, "entry_id": entry.id, "helpful": False}
    for _ in range(3):
        assert website.post("/api/v1/feedback", json=rating).status_code == 201
    (listed,) = service.by(cast.EDITOR).get("/api/v1/reports").json()["items"]
    assert (listed["staff"], listed["citizens"], listed["doubted"]) == (0, 1, False)


def test_a_visitor_who_was_helped_proposes_the_words(service: Service, entry: FaqEntry) -> None:
    rating = {"question": WORDING, "entry_id": entry.id, "helpful": True}
    for _ in range(2):
        service.by_key(public=True).post("/api/v1/feedback", json=rating)
    (item,) = waiting(service)
    assert (item["confirmations"], item["picks"]) == (1, 0)
