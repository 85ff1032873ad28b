"""A department's inbox over the API."""

import pytest

from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, JSON, Service, entry_body

QUESTION = "辅助生殖的费用能报吗"


@pytest.fixture
def waiting(service: Service) -> Service:
    """A service with ticket 1 waiting in the benefits department, filed by the operator."""
    body = {"question": QUESTION, "department": "benefits", "callback": "王女士 13812345678"}
    assert service.by(cast.OPERATOR).post("/api/v1/tickets", json=body).status_code == 201
    return service


def act(service: Service, member: Member, action: str, version: int = 1, **more: JSON) -> JSON:
    answered = service.by(member).post(f"/api/v1/inbox/1/{action}", json={"version": version, **more})
    return answered.json() | {"code_": answered.status_code}


def test_the_inbox_lists_the_departments_tickets(waiting: Service) -> None:
    (ticket,) = waiting.by(cast.EDITOR).get("/api/v1/inbox").json()["items"]
    assert (ticket["id"], ticket["question"], ticket["status_label"]) == (1, QUESTION, "待分派")
    assert "callback" not in ticket


def test_the_inbox_of_another_department_is_closed(waiting: Service) -> None:
    outsider = waiting.by(cast.OUTSIDER)
    assert outsider.get("/api/v1/inbox").json()["total"] == 0
    assert outsider.get("/api/v1/inbox", params={"department": "benefits"}).status_code == 403
    assert outsider.get("/api/v1/inbox/1").status_code == 403


@pytest.mark.parametrize(
    "member", [cast.PUBLISHER, cast.ADMIN, cast.AUDITOR], ids=lambda member: member.login
)
def test_the_office_and_those_who_oversee_see_every_inbox(waiting: Service, member: Member) -> None:
    assert waiting.by(member).get("/api/v1/inbox").json()["total"] == 1
    assert waiting.by(member).get("/api/v1/inbox", params={"department": "benefits"}).json()["total"] == 1
    assert waiting.by(member).get("/api/v1/inbox/1").status_code == 200


def test_the_inbox_is_filtered(waiting: Service) -> None:
    client = waiting.by(cast.EDITOR)

    def total(**params: str) -> int:
        return int(client.get("/api/v1/inbox", params=params).json()["total"])

    assert total(status="OPEN") == 1
    assert total(status="CLOSED") == 0
    assert total(text="生殖") == 1
    assert total(overdue="true") == 0
    waiting.clock.advance(days=8)
    assert total(overdue="true") == 1
    assert client.get("/api/v1/inbox/1").json()["overdue"] is True


def callback(service: Service, member: Member) -> JSON:
    return service.by(member).get("/api/v1/inbox/1").json()["asked"][0]["callback"]


def test_the_callback_note_is_for_those_who_call_back(waiting: Service) -> None:
    assert callback(waiting, cast.EDITOR) == "王女士 13812345678"
    assert callback(waiting, cast.OPERATOR) == "王女士 13812345678"
    assert callback(waiting, cast.AUDITOR) is None
    assert callback(waiting, cast.PUBLISHER) is None


@pytest.mark.parametrize("member", [cast.EDITOR, cast.OPERATOR], ids=lambda member: member.login)
def test_the_callback_note_goes_once_the_asker_was_called(waiting: Service, member: Member) -> None:
    done = waiting.by(member).post("/api/v1/inbox/1/callback-done", json={"occurrence_id": 1})
    assert done.json()["asked"][0]["callback"] == ""


def test_others_do_not_clear_the_callback_note(waiting: Service) -> None:
    for member in (cast.OUTSIDER, cast.PUBLISHER, cast.AUDITOR):
        refused = waiting.by(member).post("/api/v1/inbox/1/callback-done", json={"occurrence_id": 1})
        assert refused.status_code == 403
    missing = waiting.by(cast.EDITOR).post("/api/v1/inbox/1/callback-done", json={"occurrence_id": 9})
    assert missing.status_code == 404


def test_a_ticket_is_assigned_within_the_department(waiting: Service) -> None:
    assert act(waiting, cast.HEAD, "assign", assignee="outsider")["code_"] == 403
    assert act(waiting, cast.HEAD, "assign", assignee="nobody")["code_"] == 404
    assigned = act(waiting, cast.HEAD, "assign", assignee="colleague")
    assert (assigned["status"], assigned["assignee"]) == ("ASSIGNED", "colleague")
    assert act(waiting, cast.HEAD, "assign", assignee="editor")["code"] == "conflict"


def test_an_answer_becomes_a_draft_with_the_askers_words(waiting: Service) -> None:
    done = act(waiting, cast.EDITOR, "answer", entry=entry_body())
    assert done["ticket"]["status"] == "ANSWERED"
    assert done["entry"]["status"] == "DRAFT"
    assert QUESTION in done["entry"]["similar_questions"]


def test_an_existing_entry_answers_and_gains_the_askers_words(waiting: Service) -> None:
    entry = waiting.draft()
    done = act(waiting, cast.EDITOR, "answer", entry_id=entry.id)
    assert (done["ticket"]["entry_id"], done["entry"]["revision"]) == (entry.id, 2)
    assert done["entry"]["similar_questions"] == [*ALLOWANCE.variants, QUESTION]


@pytest.mark.parametrize("body", [{}, {"entry": None}, {"entry": entry_body(), "entry_id": 1}, {"entry": {}}])
def test_an_answer_is_one_of_both(waiting: Service, body: JSON) -> None:
    assert act(waiting, cast.EDITOR, "answer", **body)["code_"] == 422


def test_a_ticket_is_passed_on_with_a_reason(waiting: Service) -> None:
    assert act(waiting, cast.EDITOR, "pass-on", department="settlement", reason=" ")["code_"] == 422
    assert act(waiting, cast.EDITOR, "pass-on", department="nowhere", reason="误转")["code_"] == 404
    assert act(waiting, cast.EDITOR, "pass-on", department="benefits", reason="误转")["code_"] == 422
    passed = act(waiting, cast.EDITOR, "pass-on", department="settlement", reason="属于结算")
    assert (passed["department"], passed["reason"]) == ("settlement", "属于结算")
    assert waiting.by(cast.EDITOR).get("/api/v1/inbox/1").status_code == 403
    assert waiting.by(cast.OUTSIDER).get("/api/v1/inbox/1").status_code == 200


def test_a_ticket_is_dismissed_and_taken_up_again(waiting: Service) -> None:
    assert act(waiting, cast.EDITOR, "dismiss", reason="")["code_"] == 422
    dismissed = act(waiting, cast.EDITOR, "dismiss", reason="不属于医保")
    assert dismissed["status"] == "DISMISSED"
    assert act(waiting, cast.EDITOR, "dismiss", 2, reason="再次")["code"] == "illegal-move"
    assert act(waiting, cast.EDITOR, "reopen", 2)["status"] == "OPEN"


@pytest.mark.parametrize("action", ["assign", "answer", "pass-on", "dismiss", "reopen"])
def test_another_department_does_nothing_to_it(waiting: Service, action: str) -> None:
    bodies: dict[str, dict[str, JSON]] = {
        "assign": {"assignee": "outsider"},
        "answer": {"entry": entry_body(department="settlement")},
        "pass-on": {"department": "settlement", "reason": "归我们"},
        "dismiss": {"reason": "不办"},
        "reopen": {},
    }
    assert act(waiting, cast.OUTSIDER, action, **bodies[action])["code_"] == 403
    assert waiting.by(cast.EDITOR).get("/api/v1/inbox/1").json()["version"] == 1


def test_a_ticket_that_does_not_exist_is_not_found(service: Service) -> None:
    assert service.by(cast.EDITOR).get("/api/v1/inbox/1").status_code == 404
    assert act(service, cast.EDITOR, "reopen")["code_"] == 404
