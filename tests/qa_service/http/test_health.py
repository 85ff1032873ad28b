"""/healthz, /readyz, /metrics."""

from collections.abc import Iterator

import pytest

from knowledge.errors import ZhengdaError
from knowledge.store import Store
from qa_service.settings import Settings
from tests import cast
from tests.indexer.embedding_server import EmbeddingServer, embedding_server
from tests.qa_service.http.calling import Service


def test_a_living_process_says_so(service: Service) -> None:
    assert service.anonymous.get("/healthz").json() == {"status": "ok"}


def test_monitors_may_ask_without_wanting_the_content(service: Service) -> None:
    assert service.anonymous.head("/healthz").status_code == 200
    start = service.anonymous.head("/", follow_redirects=False)
    assert (start.status_code, start.headers["location"]) == (303, "/sign-in")
    signed_in, _ = service.by_cookie(cast.EDITOR)
    start = signed_in.head("/", follow_redirects=False)
    assert (start.status_code, start.headers["location"]) == (303, "/ask")


def test_a_ready_service_tells_how_far_the_index_is(service: Service) -> None:
    service.publish()
    ready = service.anonymous.get("/readyz")
    assert ready.status_code == 200
    found = ready.json()
    assert (found["status"], found["entries"], found["sequence"], found["lag"]) == ("ready", 1, 1, 0)
    assert found["warnings"] == []


def test_a_store_out_of_reach_is_not_ready(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(self: Store) -> int:
        raise ZhengdaError("数据库暂时无法使用")

    monkeypatch.setattr(Store, "publication_seq", unreachable)
    ready = service.anonymous.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "store-unreachable")
    assert service.anonymous.get("/healthz").status_code == 200


class TestWithoutAnEncoder:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"encoder": "http:gone@http://127.0.0.1:9/v1"})

    def test_a_broken_encoder_is_a_warning_and_not_an_error(self, service: Service) -> None:
        service.furnish()
        service.publish()
        asked = service.by(cast.OPERATOR).post(
            "/api/v1/ask", json={"question": "生育津贴怎么领取", "record": False}
        )
        assert asked.status_code == 200
        assert "仅按词语检索" in asked.json()["warning"]
        assert service.anonymous.get("/readyz").json()["warnings"] != []
        assert "zhengda_encoder_degraded 1.0" in service.anonymous.get("/metrics").text


class TestWithAnEncoderThatStopsAnswering:
    @pytest.fixture
    def endpoint(self) -> Iterator[EmbeddingServer]:
        with embedding_server() as running:
            yield running

    @pytest.fixture
    def settings(self, settings: Settings, endpoint: EmbeddingServer) -> Settings:
        return settings.model_copy(update={"encoder": f"http:m3@{endpoint.url}"})

    def test_that_it_was_put_aside_is_shown(self, service: Service, endpoint: EmbeddingServer) -> None:
        service.furnish()
        endpoint.mood = "with an error"
        endpoint.asked.clear()
        for _ in range(5):
            body = {"question": "异地就医怎么备案", "record": False}
            asked = service.by(cast.OPERATOR).post("/api/v1/ask", json=body)
            assert "仅按词语检索" in asked.json()["warning"]
        assert len(endpoint.asked) == 3
        (warning,) = service.anonymous.get("/readyz").json()["warnings"]
        assert "连续3次失败，已停用，每隔30秒再试一次" in warning
        assert "zhengda_encoder_degraded 1.0" in service.anonymous.get("/metrics").text


def test_metrics_count_what_was_asked(service: Service) -> None:
    service.furnish()
    service.publish()
    client = service.by(cast.OPERATOR)
    client.post("/api/v1/ask", json={"question": "生育津贴怎么领取"})
    client.post("/api/v1/ask", json={"question": "火车票改签要收多少手续费", "channel": "website"})
    shown = service.anonymous.get("/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    lines = shown.text.splitlines()
    assert 'zhengda_asks_total{channel="hotline",outcome="answered"} 1.0' in lines
    assert 'zhengda_asks_total{channel="website",outcome="unanswered"} 1.0' in lines
    assert 'zhengda_tickets{status="open"} 1.0' in lines
    assert "zhengda_tickets_overdue 0.0" in lines
    assert "zhengda_index_entries 13.0" in lines
    assert "zhengda_index_lag 0.0" in lines
    assert "zhengda_encoder_degraded 0.0" in lines
    counted = 'zhengda_http_request_seconds_count{method="POST",route="/api/v1/ask",status="200"} 2.0'
    assert counted in lines


def test_ids_and_odd_methods_make_no_series_of_their_own(service: Service) -> None:
    for number in range(3):
        service.by(cast.EDITOR).get(f"/api/v1/entries/{number + 7}")
        service.anonymous.get(f"/nothing/{number}")
        service.anonymous.request(f"ODD{number}", "/api/v1/ask")
    shown = service.anonymous.get("/metrics").text
    assert 'route="/api/v1/entries/{entry_id}",status="404"} 3.0' in shown
    assert 'method="GET",route="unmatched",status="404"} 3.0' in shown
    assert "ODD1" not in shown


class TestWithATokenForTheFigures:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"metrics_token": "watch-7f3a"})

    @pytest.mark.parametrize(
        "sent", [None, "Bearer wrong", "Bearer ", "Basic watch-7f3a", "Bearer watch-7f3", "Bearer 盯着"]
    )
    def test_the_figures_are_closed_to_who_does_not_have_it(self, service: Service, sent: str | None) -> None:
        headers = [(b"Authorization", sent.encode())] if sent else []
        refused = service.anonymous.get("/metrics", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert "metrics_token" in refused.json()["detail"]
        assert refused.headers["www-authenticate"]

    def test_no_other_proof_opens_them(self, service: Service) -> None:
        assert service.by(cast.ADMIN).get("/metrics").status_code == 401

    def test_whether_the_service_is_ready_stays_open(self, service: Service) -> None:
        assert service.anonymous.get("/readyz").status_code == 200

    def test_the_figures_are_open_to_who_has_it(self, service: Service) -> None:
        shown = service.anonymous.get("/metrics", headers={"Authorization": "Bearer watch-7f3a"})
        assert (shown.status_code, "zhengda_index_entries" in shown.text) == (200, True)
