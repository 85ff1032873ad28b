"""API keys as an administrator manages them."""

import pytest

from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import Service

OTHERS = [member for member in cast.MEMBERS if member is not cast.ADMIN]


def test_a_key_is_shown_once_and_works(service: Service) -> None:
    client = service.by(cast.ADMIN)
    added = client.post("/api/v1/keys", json={"name": "热线系统", "channel": "hotline"}).json()
    assert added["key"].startswith("zsk_")
    asked = service.anonymous.post(
        "/api/v1/ask", json={"question": "津贴", "record": False}, headers={"X-API-Key": added["key"]}
    )
    assert asked.status_code == 200
    listed = client.get("/api/v1/keys")
    assert added["key"] not in listed.text
    assert "hash" not in listed.text
    assert listed.json()["items"][0]["prefix"] == added["prefix"]


def test_a_public_key_looks_public(service: Service) -> None:
    added = service.by(cast.ADMIN).post("/api/v1/keys", json={"name": "官网", "public": True}).json()
    assert added["key"].startswith("zpk_")
    assert added["channel"] == "website"


def test_a_revoked_key_stays_in_the_list(service: Service) -> None:
    client = service.by(cast.ADMIN)
    client.post("/api/v1/keys", json={"name": "旧系统"})
    assert client.delete("/api/v1/keys/1").status_code == 204
    assert client.get("/api/v1/keys").json()["items"][0]["revoked_at"] is not None
    assert client.delete("/api/v1/keys/9").status_code == 404


@pytest.mark.parametrize("member", OTHERS, ids=lambda member: member.login)
def test_only_an_administrator_manages_keys(service: Service, member: Member) -> None:
    client = service.by(member)
    assert client.get("/api/v1/keys").status_code == 403
    assert client.post("/api/v1/keys", json={"name": "x"}).status_code == 403
    assert client.delete("/api/v1/keys/1").status_code == 403
