"""The pages' cookie: what it opens, and that no other site can use it."""

import pytest

from qa_service.http.cookies import CSRF_FIELD, CSRF_HEADER
from tests import cast
from tests.qa_service.http.calling import Service, entry_body

HERE = "http://testserver"


def test_the_cookie_reads_without_a_token(service: Service) -> None:
    client, _ = service.by_cookie(cast.EDITOR)
    assert client.get("/api/v1/me").json()["login"] == "editor"


def test_the_cookie_writes_with_the_pages_token(service: Service) -> None:
    client, token = service.by_cookie(cast.EDITOR)
    drafted = client.post("/api/v1/entries", json=entry_body(), headers={CSRF_HEADER: token, "Origin": HERE})
    assert drafted.status_code == 201


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_the_cookie_does_not_write_without_the_pages_token(service: Service, token: str) -> None:
    client, _ = service.by_cookie(cast.EDITOR)
    refused = client.post(
        "/api/v1/entries", json=entry_body(), headers={CSRF_HEADER.encode(): token.encode()}
    )
    assert refused.status_code == 403
    assert refused.json()["code"] == "csrf"


def test_another_sessions_token_is_not_taken(service: Service) -> None:
    client, _ = service.by_cookie(cast.EDITOR)
    _, other = service.by_cookie(cast.OUTSIDER)
    assert client.post("/api/v1/entries", json=entry_body(), headers={CSRF_HEADER: other}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_write_even_with_the_token(service: Service, headers: dict[str, str]) -> None:
    client, token = service.by_cookie(cast.EDITOR)
    refused = client.post("/api/v1/entries", json=entry_body(), headers={CSRF_HEADER: token, **headers})
    assert refused.status_code == 403
    assert refused.json()["code"] == "cross-site"


def test_a_form_carries_the_token_in_a_field(service: Service) -> None:
    client, token = service.by_cookie(cast.EDITOR)
    # Past the check for the token, the operation refuses the form because it takes JSON.
    assert client.post("/api/v1/entries", data={CSRF_FIELD: token}).status_code == 422
    assert client.post("/api/v1/entries", data={CSRF_FIELD: "wrong"}).json()["code"] == "csrf"


def test_a_bearer_token_needs_no_csrf_token(service: Service) -> None:
    client = service.by(cast.EDITOR)
    assert client.post("/api/v1/entries", json=entry_body()).status_code == 201


def test_an_expired_cookie_is_nobody(service: Service) -> None:
    client, _ = service.by_cookie(cast.EDITOR)
    service.clock.advance(days=3001)
    assert client.get("/api/v1/me").status_code == 401
