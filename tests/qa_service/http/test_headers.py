"""What every response tells the browser."""

import pytest

from indexer.segment import Segmenter
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import Service, running


@pytest.mark.parametrize("path", ["/api/v1/me", "/nothing", "/healthz", "/openapi.json", "/metrics"])
def test_every_response_carries_the_policy(service: Service, path: str) -> None:
    headers = service.anonymous.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_nothing_tells_which_server_this_is(service: Service) -> None:
    assert "server" not in service.by(cast.EDITOR).get("/api/v1/me").headers


def test_over_https_browsers_are_told_to_stay_there(settings: Settings, segmenter: Segmenter) -> None:
    secure = settings.model_copy(update={"secure_cookies": True})
    with running(secure, segmenter) as service:
        headers = service.anonymous.get("/healthz").headers
    assert headers["strict-transport-security"].startswith("max-age=")
