"""A bureau's own website calls with its public key; nothing else is open to other origins."""

import pytest
from starlette.testclient import TestClient

from qa_service.settings import Settings
from tests.qa_service.http.calling import Service

WEBSITE = "https://ybj.example.gov.cn"
STRANGER = "https://elsewhere.example"
OPEN = [
    ("POST", "/api/v1/ask"),
    ("GET", "/api/v1/suggest"),
    ("POST", "/api/v1/feedback"),
    ("POST", "/api/v1/tickets"),
    ("GET", "/api/v1/tickets/ABCDEFGHJK"),
]
CLOSED = [
    ("GET", "/api/v1/ask"),
    ("GET", "/api/v1/search"),
    ("GET", "/api/v1/tickets"),
    ("POST", "/api/v1/tickets/ABCDEFGHJK"),
    ("GET", "/api/v1/tickets/ABCDEFGHJK/more"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/entries"),
    ("POST", "/ask"),
    ("GET", "/receipt"),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"website_origins": (WEBSITE,)})


def preflight(client: TestClient, method: str, path: str, origin: str = WEBSITE) -> dict[str, str]:
    answered = client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,x-api-key",
        },
    )
    allowed = "access-control-allow-origin" in answered.headers
    assert (answered.status_code == 204) is allowed
    return dict(answered.headers)


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_the_website_may_call_what_is_open(service: Service, method: str, path: str) -> None:
    headers = preflight(service.anonymous, method, path)
    assert headers["access-control-allow-origin"] == WEBSITE
    assert headers["access-control-allow-methods"] == method
    assert headers["access-control-allow-headers"] == "Authorization, Content-Type, X-API-Key"
    assert "origin" in headers["vary"].lower()
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_everything_else_is_closed_to_it(service: Service, method: str, path: str) -> None:
    assert "access-control-allow-origin" not in preflight(service.anonymous, method, path)
    called = service.anonymous.request(method, path, headers={"Origin": WEBSITE})
    assert "access-control-allow-origin" not in called.headers
    assert called.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("origin", [STRANGER, "null", f"{WEBSITE}.evil.example", "http://ybj.example.gov.cn"])
def test_other_websites_may_call_nothing(service: Service, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(service.anonymous, "POST", "/api/v1/ask", origin)
    asked = service.by_key(public=True).get("/api/v1/suggest?q=津贴", headers={"Origin": origin})
    assert "access-control-allow-origin" not in asked.headers
    assert asked.headers["vary"] == "Origin", "or a cache would give it the website's answer"
    assert asked.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_website_reads_answers_and_problems(service: Service) -> None:
    client = service.by_key(public=True)
    asked = client.post(
        "/api/v1/ask", json={"question": "津贴", "record": False}, headers={"Origin": WEBSITE}
    )
    refused = client.post("/api/v1/ask", json={}, headers={"Origin": WEBSITE})
    unknown = service.anonymous.post("/api/v1/ask", json={"question": "津贴"}, headers={"Origin": WEBSITE})
    assert (asked.status_code, refused.status_code, unknown.status_code) == (200, 422, 401)
    for answered in (asked, refused, unknown):
        assert answered.headers["access-control-allow-origin"] == WEBSITE
        assert answered.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answered.headers["access-control-expose-headers"] == "Retry-After"
        assert "access-control-allow-credentials" not in answered.headers


class TestWithoutAWebsite:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"website_origins": ()})

    def test_nothing_is_open(self, service: Service) -> None:
        for method, path in OPEN:
            assert "access-control-allow-origin" not in preflight(service.anonymous, method, path)
