"""Every error has one shape (RFC 9457)."""

import re

import pytest

from knowledge.errors import ZhengdaError
from knowledge.store import Store
from tests import cast
from tests.qa_service.http.calling import JSON, Service, entry_body

HAN = re.compile("[\u4e00-\u9fff]")


def check(answered: JSON, status: int, code: str) -> JSON:
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    problem = answered.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "instance", "code"}
    assert problem["type"] == f"urn:zhengda:problem:{code}"
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == answered.url.path
    assert HAN.search(problem["title"])
    assert HAN.search(problem["detail"])
    for item in problem.get("errors", []):
        assert set(item) == {"pointer", "location", "detail"}
        assert HAN.search(item["detail"])
    return problem


def test_a_body_that_is_no_json(service: Service) -> None:
    headers = {"Content-Type": "application/json"}
    answered = service.by(cast.EDITOR).post("/api/v1/ask", content=b'{"question": ', headers=headers)
    check(answered, 400, "bad-json")


def test_nobody_known(service: Service) -> None:
    answered = service.anonymous.get("/api/v1/me")
    check(answered, 401, "unauthenticated")
    assert answered.headers["www-authenticate"] == 'Bearer realm="zhengda"'


def test_not_allowed(service: Service) -> None:
    check(service.by(cast.EDITOR).get("/api/v1/keys"), 403, "not-allowed")


def test_no_such_address(service: Service) -> None:
    check(service.anonymous.get("/api/v1/nothing"), 404, "not-found")
    check(service.anonymous.get("/api/v2/ask"), 404, "not-found")


def test_no_such_record(service: Service) -> None:
    check(service.by(cast.EDITOR).get("/api/v1/entries/9"), 404, "not-found")


def test_no_such_method_tells_which_there_are(service: Service) -> None:
    answered = service.anonymous.delete("/api/v1/entries")
    check(answered, 405, "method-not-allowed")
    assert answered.headers["allow"] == "GET, POST"


def test_a_conflict(service: Service) -> None:
    entry = service.draft()
    answered = service.by(cast.EDITOR).put(f"/api/v1/entries/{entry.id}", json=entry_body(version=7))
    check(answered, 409, "conflict")


def test_an_illegal_move(service: Service) -> None:
    entry = service.draft()
    answered = service.by(cast.EDITOR).post(f"/api/v1/entries/{entry.id}/recall", json={"version": 1})
    check(answered, 409, "illegal-move")


def test_too_large(service: Service) -> None:
    body = {"question": "长" * 400_000}
    check(service.by(cast.EDITOR).post("/api/v1/ask", json=body), 413, "too-large")


def test_too_large_without_saying_so_beforehand(service: Service) -> None:
    pieces = (b'{"question": "' if number == 0 else b"x" * 65536 for number in range(20))
    headers = {"Content-Type": "application/json"}
    answered = service.by(cast.EDITOR).post("/api/v1/ask", content=pieces, headers=headers)
    check(answered, 413, "too-large")


def test_bad_values_are_listed_with_their_places(service: Service) -> None:
    answered = service.by(cast.EDITOR).post("/api/v1/ask", json={"question": 5, "record": "yes", "a/b~c": 1})
    errors = check(answered, 422, "invalid-value")["errors"]
    assert [(item["pointer"], item["location"]) for item in errors] == [
        ("#/question", "body"),
        ("#/record", "body"),
        ("#/a~1b~0c", "body"),
    ]


def test_bad_parameters_are_named(service: Service) -> None:
    answered = service.by(cast.EDITOR).get("/api/v1/entries", params={"limit": "many"})
    errors = check(answered, 422, "invalid-value")["errors"]
    assert errors == [{"pointer": "limit", "location": "query", "detail": "应为整数"}]


def test_the_domains_own_refusal_names_the_field(service: Service) -> None:
    answered = service.by(cast.EDITOR).post("/api/v1/ask", json={"question": "津贴", "region": "火星"})
    assert check(answered, 422, "invalid-value")["errors"][0]["pointer"] == "#/region"


def test_what_was_typed_is_not_repeated_at_length(service: Service) -> None:
    answered = service.by(cast.EDITOR).post("/api/v1/ask", json={"question": "津贴", "region": "火" * 200})
    assert len(check(answered, 422, "invalid-value")["detail"]) < 200


def test_the_unexpected_gives_a_number_and_no_inside(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Store, *_: object) -> None:
        raise RuntimeError("secret inside")

    client = service.by(cast.EDITOR)
    monkeypatch.setattr(Store, "reading", broken)
    answered = client.get("/api/v1/departments")
    problem = check(answered, 500, "internal-error")
    number = re.search(r"编号 ([0-9a-f]{8})", problem["detail"])
    assert number
    assert "secret" not in answered.text
    assert number[1] in caplog.text
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_a_store_that_is_out_of_order_is_not_the_callers_fault(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Store, *_: object) -> None:
        raise ZhengdaError("数据库正忙，请稍后重试")

    client = service.by(cast.EDITOR)
    monkeypatch.setattr(Store, "reading", busy)
    check(client.get("/api/v1/departments"), 503, "error")


@pytest.mark.parametrize("body", ["[]", "5", "null", ""])
def test_a_body_that_is_no_object_is_called_the_request(service: Service, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answered = service.by(cast.EDITOR).post("/api/v1/ask", content=body, headers=headers)
    problem = check(answered, 422, "invalid-value")
    assert problem["detail"].startswith("请求内容：")
    assert problem["errors"][0]["pointer"] == "#"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("channel", "应为 hotline、website、api 之一"),
        ("insured_group", "应为 employee、resident 之一，或留空"),
    ],
)
def test_choices_are_listed_in_chinese(service: Service, name: str, expected: str) -> None:
    answered = service.by(cast.EDITOR).post("/api/v1/ask", json={"question": "津贴", name: "all"})
    assert check(answered, 422, "invalid-value")["errors"][0]["detail"] == expected
