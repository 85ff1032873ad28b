"""Filing by hand, and reading with the receipt."""

from dataclasses import replace

import pytest

from knowledge.policy import Disclosure
from knowledge.ticket import TicketStatus
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, JSON, Service

QUESTION = "辅助生殖的费用能报吗"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def file(service: Service, **more: JSON) -> JSON:
    filed = service.by(cast.OPERATOR).post("/api/v1/tickets", json={"question": QUESTION, **more})
    assert filed.status_code == 201, filed.text
    return filed.json()


def answered(service: Service, **change: JSON) -> JSON:
    """A ticket that was answered and whose entry was published; returns what was filed."""
    filed = file(service, department="benefits", callback="王女士 13812345678")
    text = replace(ALLOWANCE, question="辅助生殖费用可以报销吗？", variants=(), **change)
    ticket, entry = service.application.inbox.answer(filed["ticket_id"], 1, cast.EDITOR, text)
    assert ticket.status is TicketStatus.ANSWERED
    service.release(entry)
    return filed


def test_an_operator_escalates_with_department_and_callback(service: Service) -> None:
    filed = file(service, department="settlement", callback="王女士，下午回电")
    assert (filed["department"], filed["joined"]) == (cast.SETTLEMENT.name, False)
    assert filed["due_on"] == "2026-11-23", "five working days after a Monday"


def test_what_was_filed_is_open_to_whoever_has_the_receipt(service: Service) -> None:
    filed = file(service, callback="王女士")
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt'].lower()}")
    assert read.status_code == 200
    assert (read.json()["status_label"], read.json()["answer"]) == ("待分派", None)
    assert "王女士" not in read.text
    assert "callback" not in read.json()


def test_personal_data_is_masked_in_what_the_receipt_shows(service: Service) -> None:
    filed = file(service, question="我身份证11010519491231002X能办吗")
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}").json()
    assert read["question"] == "我身份证【身份证号】能办吗"


def test_the_same_question_joins_the_ticket(service: Service) -> None:
    first, second = file(service), file(service)
    assert (second["ticket_id"], second["joined"]) == (first["ticket_id"], True)
    assert second["receipt"] != first["receipt"]


def test_the_receipt_shows_the_published_answer_once_closed(service: Service) -> None:
    filed = answered(service)
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}").json()
    assert (read["status"], read["answer"]["answer"]) == ("CLOSED", ALLOWANCE.answer)


def test_the_receipt_shows_no_answer_that_was_withdrawn_since(service: Service) -> None:
    filed = answered(service)
    entry = service.by(cast.EDITOR).get("/api/v1/entries/1").json()
    service.application.publishing.withdraw(1, entry["version"], cast.PUBLISHER, "有误")
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}").json()
    assert (read["status"], read["answer"]) == ("CLOSED", None)


def test_an_answer_that_is_not_public_is_for_staff(service: Service) -> None:
    path = f"/api/v1/tickets/{answered(service, disclosure=Disclosure.ON_REQUEST)['receipt']}"
    assert service.anonymous.get(path).json()["answer"] is None
    assert service.by_key(public=True).get(path).json()["answer"] is None
    assert service.by(cast.OPERATOR).get(path).json()["answer"] is not None


def test_the_receipt_shows_why_a_question_was_dismissed(service: Service) -> None:
    filed = file(service, department="benefits")
    service.application.inbox.dismiss(filed["ticket_id"], 1, cast.EDITOR, "不属于医保业务")
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}").json()
    assert (read["status"], read["reason"]) == ("DISMISSED", "不属于医保业务")


def test_why_a_question_was_passed_on_stays_inside(service: Service) -> None:
    filed = file(service, department="benefits")
    service.application.inbox.pass_on(filed["ticket_id"], 1, cast.EDITOR, "settlement", "内部意见")
    read = service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}")
    assert (read.json()["department"], read.json()["reason"]) == (cast.SETTLEMENT.name, "")


def test_an_overdue_question_shows_as_such(service: Service) -> None:
    filed = file(service)
    service.clock.advance(days=8)
    assert service.anonymous.get(f"/api/v1/tickets/{filed['receipt']}").json()["overdue"] is True


def test_a_receipt_that_was_never_given_is_not_found(service: Service) -> None:
    assert service.anonymous.get("/api/v1/tickets/ABCDEFGHJK").status_code == 404
    assert service.anonymous.get("/api/v1/tickets/%00").status_code == 404
    assert service.anonymous.get(f"/api/v1/tickets/{'A' * 41}").status_code == 422


def test_a_department_that_does_not_exist_is_not_found(service: Service) -> None:
    body = {"question": QUESTION, "department": "nowhere"}
    assert service.by(cast.OPERATOR).post("/api/v1/tickets", json=body).status_code == 404


def test_filing_needs_proof_of_who_files(service: Service) -> None:
    assert service.anonymous.post("/api/v1/tickets", json={"question": QUESTION}).status_code == 401


@pytest.mark.parametrize("typed", ["{a} {b}", "{a}-{b}", " {a}—{b} ", "{a}－{b}", "{a}_{b}"])
def test_a_receipt_is_found_as_people_type_it(service: Service, typed: str) -> None:
    receipt = file(service)["receipt"]
    for code in (receipt, receipt.lower(), receipt.translate(FULL_WIDTH)):
        spaced = typed.format(a=code[:5], b=code[5:])
        assert service.anonymous.get(f"/api/v1/tickets/{spaced}").json()["receipt"] == receipt
        page = service.anonymous.get("/receipt", params={"code": spaced})
        assert (page.status_code, QUESTION in page.text) == (200, True)


def test_an_operator_lists_the_questions_handed_on(service: Service) -> None:
    filed = file(service, department="settlement", callback="王女士，下午回电")
    service.by(cast.ADMIN).post("/api/v1/tickets", json={"question": QUESTION})
    listed = service.by(cast.OPERATOR).get("/api/v1/tickets?mine=1").json()
    (item,) = listed["items"]
    assert (listed["total"], item["id"], item["occurrences"]) == (1, filed["ticket_id"], 2)
    (asked,) = item["asked"]
    assert (asked["receipt"], asked["callback"]) == (filed["receipt"], "王女士，下午回电")


def test_what_was_asked_in_vain_counts_as_handed_on(service: Service) -> None:
    service.furnish()
    service.by(cast.OPERATOR).post("/api/v1/ask", json={"question": "火车票改签要收多少手续费"})
    listed = service.by(cast.OPERATOR).get("/api/v1/tickets").json()
    assert [item["question"] for item in listed["items"]] == ["火车票改签要收多少手续费"]


def test_questions_handed_on_are_listed_by_status(service: Service) -> None:
    answered(service)
    client = service.by(cast.OPERATOR)
    assert client.get("/api/v1/tickets?mine=1&status=CLOSED").json()["total"] == 1
    assert client.get("/api/v1/tickets?mine=1&status=OPEN&status=ASSIGNED").json()["total"] == 0


def test_other_peoples_questions_are_not_listed_here(service: Service) -> None:
    file(service)
    assert service.by(cast.COLLEAGUE).get("/api/v1/tickets").json()["items"] == []
    refused = service.by(cast.ADMIN).get("/api/v1/tickets?mine=0")
    assert (refused.status_code, "/api/v1/inbox" in refused.json()["detail"]) == (422, True)
    assert service.by_key().get("/api/v1/tickets").status_code == 403
    assert service.anonymous.get("/api/v1/tickets").status_code == 401
