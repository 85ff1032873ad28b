"""Who may call what: sessions, secret keys, the website's public key, nobody."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from knowledge.entry import Channel
from knowledge.policy import Disclosure
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service

ASK = {"question": "生育津贴怎么领取", "record": False}
FOR_MEMBERS = (
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/entries"),
    ("GET", "/api/v1/entries/1"),
    ("GET", "/api/v1/entries/1/revisions"),
    ("GET", "/api/v1/entries/1/history"),
    ("GET", "/api/v1/review-queue"),
    ("GET", "/api/v1/policies"),
    ("GET", "/api/v1/inbox"),
    ("GET", "/api/v1/inbox/1"),
    ("GET", "/api/v1/departments"),
    ("GET", "/api/v1/members"),
    ("GET", "/api/v1/keys"),
    ("GET", "/api/v1/audit"),
    ("GET", "/api/v1/calendar?year=2026"),
    ("DELETE", "/api/v1/sessions"),
)


@pytest.mark.parametrize(("method", "path"), FOR_MEMBERS)
def test_what_is_for_members_is_closed_to_keys_and_to_nobody(
    service: Service, method: str, path: str
) -> None:
    nobody = service.anonymous.request(method, path)
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert service.by_key().request(method, path).status_code == 403
    assert service.by_key(public=True).request(method, path).status_code == 403


def test_a_secret_key_asks_searches_suggests_and_files(service: Service) -> None:
    client = service.by_key()
    assert client.post("/api/v1/ask", json=ASK).status_code == 200
    assert client.get("/api/v1/search", params={"q": "津贴"}).status_code == 200
    assert client.get("/api/v1/suggest", params={"q": "津贴"}).status_code == 200
    filed = client.post("/api/v1/tickets", json={"question": "几天能办好", "callback": "回电"})
    assert filed.status_code == 201
    assert filed.json()["ticket_id"] == 1


def test_a_public_key_asks_suggests_rates_and_files_but_does_not_search(service: Service) -> None:
    client = service.by_key(public=True)
    assert client.post("/api/v1/ask", json=ASK).status_code == 200
    assert client.get("/api/v1/suggest", params={"q": "津贴"}).status_code == 200
    assert client.post("/api/v1/feedback", json={"question": "津贴", "helpful": True}).status_code == 201
    filed = client.post("/api/v1/tickets", json={"question": "几天能办好"})
    assert filed.status_code == 201
    assert filed.json()["ticket_id"] is None
    assert client.get(f"/api/v1/tickets/{filed.json()['receipt']}").status_code == 200
    assert client.get("/api/v1/search", params={"q": "津贴"}).status_code == 403


def test_a_public_key_neither_routes_nor_leaves_a_callback(service: Service) -> None:
    client = service.by_key(public=True)
    for more in ({"department": "benefits"}, {"callback": "回电"}):
        assert client.post("/api/v1/tickets", json={"question": "几天能办好", **more}).status_code == 403


@pytest.mark.parametrize("channel", list(Channel))
def test_a_public_key_sees_what_the_public_may_see_whatever_it_was_made_for(
    service: Service, channel: Channel
) -> None:
    service.publish(replace(ALLOWANCE, disclosure=Disclosure.NOT_DISCLOSED))
    client = service.by_key(channel, public=True)
    assert client.post("/api/v1/ask", json=ASK).json()["answer"] is None
    assert client.post("/api/v1/ask", json={**ASK, "channel": "hotline"}).status_code == 403
    assert service.by_key(Channel.HOTLINE).post("/api/v1/ask", json=ASK).json()["answer"] is not None


def test_a_key_is_taken_as_bearer_token_too(service: Service) -> None:
    key = service.by_key().headers["X-API-Key"]
    called = service.anonymous.post("/api/v1/ask", json=ASK, headers={"Authorization": f"Bearer {key}"})
    assert called.status_code == 200


@pytest.mark.parametrize("token", ["zsk_unknown", "zpk_unknown", "nonsense", "zsk_", "é"])
def test_a_key_or_token_that_is_not_known_opens_nothing(service: Service, token: str) -> None:
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-API-Key": token}):
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        refused = service.anonymous.post("/api/v1/ask", json=ASK, headers=raw)
        assert refused.status_code == 401
        assert refused.json()["code"] == "unauthenticated"


def test_a_revoked_key_opens_nothing(service: Service) -> None:
    client = service.by_key()
    assert client.post("/api/v1/ask", json=ASK).status_code == 200
    assert service.by(cast.ADMIN).delete("/api/v1/keys/1").status_code == 204
    assert client.post("/api/v1/ask", json=ASK).status_code == 401


def test_an_expired_session_opens_nothing(service: Service) -> None:
    client = service.by(cast.EDITOR)
    assert client.get("/api/v1/me").status_code == 200
    service.clock.advance(days=3001)
    assert client.get("/api/v1/me").status_code == 401


def test_calling_from_this_machine_is_no_proof(service: Service) -> None:
    local = TestClient(service.app, client=("127.0.0.1", 40000), raise_server_exceptions=False)
    assert local.post("/api/v1/ask", json=ASK).status_code == 401


def test_a_deactivated_member_is_out_at_once(service: Service) -> None:
    client = service.by(cast.EDITOR)
    change = {"name": "艾编辑", "department": "benefits", "roles": ["editor"], "active": False}
    assert service.by(cast.ADMIN).put("/api/v1/members/editor", json=change).status_code == 200
    assert client.get("/api/v1/me").status_code == 401
