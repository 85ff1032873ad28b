"""我转办的问题: an operator follows what was handed on."""

from tests import cast
from tests.qa_service.http.calling import JSON, Service
from tests.qa_service.http.reading_pages import Browser

QUESTION = "外地生孩子怎么报"


def hand_on(service: Service) -> JSON:
    body = {"question": QUESTION, "department": "settlement", "callback": "王女士，下午回电"}
    return service.by(cast.OPERATOR).post("/api/v1/tickets", json=body).json()


def test_an_operator_sees_what_was_handed_on_and_whom_to_call_back(service: Service) -> None:
    filed = hand_on(service)
    page = Browser(service, cast.OPERATOR).get("/handed-on")
    assert page.status == 200
    for shown in (QUESTION, "待分派", "2026-11-23", "待遇结算处", filed["receipt"], "王女士，下午回电"):
        assert page.has(shown), shown
    assert f'href="/tickets/{filed["ticket_id"]}"' in page.html


def test_the_list_narrows_to_a_status(service: Service) -> None:
    hand_on(service)
    browser = Browser(service, cast.OPERATOR)
    assert browser.get("/handed-on?show=pending").has(QUESTION)
    assert not browser.get("/handed-on?show=closed").has(QUESTION)
    assert browser.get("/handed-on?show=nonsense").has(QUESTION)


def test_who_handed_nothing_on_is_told_what_would_be_here(service: Service) -> None:
    hand_on(service)
    page = Browser(service, cast.ADMIN).get("/handed-on")
    assert (page.status, page.has("您还没有转办过问题"), page.has(QUESTION)) == (200, True, False)


def test_operators_find_it_in_the_navigation(service: Service) -> None:
    assert 'href="/handed-on"' in Browser(service, cast.OPERATOR).get("/ask").html
    assert 'href="/handed-on"' not in Browser(service, cast.EDITOR).get("/ask").html
