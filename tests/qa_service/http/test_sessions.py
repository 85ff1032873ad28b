"""Signing in, signing out, one's own password."""

import pytest

from tests import cast
from tests.qa_service.http.calling import PASSWORD, Service


@pytest.fixture
def known(service: Service) -> Service:
    """A service where the editor has a password."""
    service.set_password(cast.EDITOR)
    return service


def sign_in(service: Service, password: str = PASSWORD, login: str = "editor") -> int:
    return service.anonymous.post("/api/v1/sessions", json={"login": login, "password": password}).status_code


def test_signing_in_gives_a_token_that_opens_what_the_member_may_see(known: Service) -> None:
    opened = known.anonymous.post("/api/v1/sessions", json={"login": "editor", "password": PASSWORD})
    assert opened.status_code == 201
    assert opened.json()["member"]["role_labels"] == ["编辑"]
    bearer = {"Authorization": f"Bearer {opened.json()['token']}"}
    assert known.anonymous.get("/api/v1/me", headers=bearer).json()["login"] == "editor"


def test_a_wrong_password_and_an_unknown_login_are_refused_alike(known: Service) -> None:
    wrong = known.anonymous.post("/api/v1/sessions", json={"login": "editor", "password": "wrong-wrong"})
    unknown = known.anonymous.post("/api/v1/sessions", json={"login": "nobody", "password": "wrong-wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert "www-authenticate" in wrong.headers


def test_a_member_without_a_password_does_not_sign_in(service: Service) -> None:
    assert sign_in(service, "") == 401
    assert sign_in(service, "x" * 12) == 401


def test_signing_out_ends_the_session(known: Service) -> None:
    client = known.by(cast.EDITOR)
    assert client.delete("/api/v1/sessions").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_guessing_is_slowed_down(known: Service) -> None:
    codes = [sign_in(known, f"wrong-{attempt}") for attempt in range(6)]
    assert codes == [401] * 5 + [429]
    refused = known.anonymous.post("/api/v1/sessions", json={"login": "editor", "password": PASSWORD})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert sign_in(known, login="head") == 401, "another login is not held up"


def test_a_right_password_forgives_the_wrong_ones_before(known: Service) -> None:
    for _ in range(3):
        assert [sign_in(known, "wrong-wrong") for _ in range(3)] == [401] * 3
        assert sign_in(known) == 201


def test_a_member_changes_the_own_password(known: Service) -> None:
    client = known.by(cast.EDITOR)
    wrong = client.put("/api/v1/me/password", json={"current": "wrong", "password": "new-horse-2"})
    assert wrong.status_code == 403
    short = client.put("/api/v1/me/password", json={"current": PASSWORD, "password": "short"})
    assert short.status_code == 422
    changed = client.put("/api/v1/me/password", json={"current": PASSWORD, "password": "new-horse-2"})
    assert changed.status_code == 204
    assert client.get("/api/v1/me").status_code == 401, "sessions of the old password are over"
    assert sign_in(known) == 401
    assert sign_in(known, "new-horse-2") == 201
