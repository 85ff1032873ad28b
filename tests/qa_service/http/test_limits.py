"""Rate limits: per key, per visitor, behind proxies."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qa_service.http.limits import OwnBuckets, RateLimits
from qa_service.http.problems import TooManyRequests
from qa_service.settings import Settings
from tests.qa_service.http.calling import Service

ASK = {"question": "津贴", "record": False}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, website_per_minute=3, trusted_proxies="10.0.0.1")


class Ticking:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_bucket_holds_a_minutes_worth_and_refills_steadily() -> None:
    ticking = Ticking()
    limits = RateLimits(ticking)
    for _ in range(6):
        limits.take("a", per_minute=6)
    with pytest.raises(TooManyRequests) as refused:
        limits.take("a", per_minute=6)
    assert refused.value.headers == {"Retry-After": "10"}
    limits.take("b", per_minute=6)
    ticking.seconds = 10
    limits.take("a", per_minute=6)
    with pytest.raises(TooManyRequests):
        limits.take("a", per_minute=6)


def test_old_buckets_are_forgotten_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_service.http.limits._MANY", 10)
    ticking, buckets = Ticking(), OwnBuckets()
    limits = RateLimits(ticking, buckets)
    for number in range(10):
        limits.take(number, per_minute=5)
    ticking.seconds = 601
    limits.take("new", per_minute=5)
    assert len(buckets) == 1


def codes(client: TestClient, times: int, **headers: str) -> list[int]:
    return [client.post("/api/v1/ask", json=ASK, headers=headers).status_code for _ in range(times)]


def test_a_public_key_is_limited_by_visitor(service: Service) -> None:
    key = service.by_key(public=True).headers["X-API-Key"]

    def visitor(host: str) -> TestClient:
        return TestClient(service.app, headers={"X-API-Key": key}, client=(host, 1))

    assert codes(visitor("203.0.113.5"), 4) == [200, 200, 200, 429]
    assert codes(visitor("203.0.113.6"), 1) == [200]
    assert codes(visitor("2001:db8:1:2::1"), 3) == [200] * 3
    assert codes(visitor("2001:db8:1:2:ffff::9"), 1) == [429], "a visitor owns the /64"
    assert codes(visitor("2001:db8:1:3::1"), 1) == [200]


def test_a_visitors_address_is_believed_from_a_trusted_proxy_only(service: Service) -> None:
    key = service.by_key(public=True).headers["X-API-Key"]
    proxy = TestClient(service.app, headers={"X-API-Key": key}, client=("10.0.0.1", 1))
    assert codes(proxy, 4, **{"X-Forwarded-For": "198.51.100.1"}) == [200, 200, 200, 429]
    assert codes(proxy, 1, **{"X-Forwarded-For": "198.51.100.2"}) == [200]
    stranger = TestClient(service.app, headers={"X-API-Key": key}, client=("198.51.100.66", 1))
    spoofed = [codes(stranger, 1, **{"X-Forwarded-For": f"198.51.100.{n}"})[0] for n in range(100, 104)]
    assert spoofed == [200, 200, 200, 429]


def test_a_secret_key_is_limited_by_its_own_rate(service: Service) -> None:
    assert codes(service.by_key(per_minute=2), 3) == [200, 200, 429]
    assert codes(service.by_key(per_minute=2), 1) == [200]


def test_reading_with_a_receipt_is_limited_by_visitor(service: Service) -> None:
    found = [service.anonymous.get("/api/v1/tickets/ABCDEFGHJK").status_code for _ in range(4)]
    assert found == [404, 404, 404, 429]


def test_a_public_key_is_limited_by_its_own_rate_too(service: Service) -> None:
    key = service.by_key(public=True, per_minute=5).headers["X-API-Key"]

    def visitor(host: str) -> TestClient:
        return TestClient(service.app, headers={"X-API-Key": key}, client=(host, 1))

    assert codes(visitor("203.0.113.5"), 5) == [200, 200, 200, 429, 429]
    assert codes(visitor("203.0.113.6"), 3) == [200, 200, 429], (
        "what was refused used up nothing of the key's"
    )
    assert codes(visitor("203.0.113.7"), 1) == [429]
