"""Signing in and out, one's own password."""

import pytest

from qa_service.http.cookies import SESSION_COOKIE
from tests import cast
from tests.qa_service.http.calling import PASSWORD, Service
from tests.qa_service.http.reading_pages import Browser


def test_a_member_signs_in_and_lands_on_asking(service: Service) -> None:
    service.set_password(cast.OPERATOR)
    browser = Browser(service, None)
    page = browser.post("/sign-in", login="operator", password=PASSWORD)
    assert (page.status, page.location) == (303, "/ask")
    assert browser.get("/ask").has("左坐席")
    cookie = next(cookie for cookie in browser.client.cookies.jar if cookie.name == SESSION_COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")


def test_signing_in_leads_back_to_where_one_was_going(service: Service) -> None:
    service.set_password(cast.EDITOR)
    browser = Browser(service, None)
    sent = browser.get("/department?status=DRAFT")
    page = browser.get(sent.location)
    target = page.value("next")
    assert target == "/department?status=DRAFT"
    assert browser.post("/sign-in", login="editor", password=PASSWORD, next=target).location == target


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/\n/evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(service: Service, elsewhere: str) -> None:
    service.set_password(cast.EDITOR)
    page = Browser(service, None).post("/sign-in", login="editor", password=PASSWORD, next=elsewhere)
    assert page.location == "/ask"


def test_a_wrong_password_says_no_more_than_that_and_keeps_the_login(service: Service) -> None:
    service.set_password(cast.EDITOR)
    for login in ("editor", "nobody"):
        page = Browser(service, None).post("/sign-in", login=login, password="wrong-wrong")
        assert page.status == 401
        assert page.has("账号或口令不正确")
        assert page.value("login") == login
        assert page.value("password") == ""


def test_guessing_passwords_is_slowed_down(service: Service) -> None:
    browser = Browser(service, None)
    answers = [browser.post("/sign-in", login="editor", password="guess-guess").status for _ in range(7)]
    assert answers[-1] == 429


def test_signing_out_ends_the_session(service: Service) -> None:
    browser = Browser(service, cast.OPERATOR)
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/ask").status == 303


def test_a_member_changes_the_own_password_and_stays_signed_in(service: Service) -> None:
    service.set_password(cast.EDITOR)
    browser, elsewhere = Browser(service, cast.EDITOR), Browser(service, cast.EDITOR)
    page = browser.post("/account/password", current=PASSWORD, password="new-horse-22", again="new-horse-22")
    assert (page.status, page.location) == (303, "/account?done=password")
    assert browser.get("/account?done=password").has("口令已修改")
    assert elsewhere.get("/ask").status == 303
    assert Browser(service, None).post("/sign-in", login="editor", password="new-horse-22").status == 303


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"current": "wrong", "password": "new-horse-22", "again": "new-horse-22"}, "原口令不正确"),
        (
            {"current": PASSWORD, "password": "new-horse-22", "again": "new-horse-23"},
            "两次输入的新口令不一致",
        ),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "至少8个字符"),
    ],
)
def test_a_password_that_cannot_be_set_is_refused_beside_its_field(
    service: Service, typed: dict[str, str], problem: str
) -> None:
    service.set_password(cast.EDITOR)
    page = Browser(service, cast.EDITOR).post("/account/password", **typed)
    assert page.status == 422
    assert page.has(problem)
    assert all(value not in page.html for value in typed.values())


def test_only_known_words_are_shown_as_a_notice(service: Service) -> None:
    page = Browser(service, cast.EDITOR).get("/account?done=<b>转账</b>")
    assert not page.has("转账")
