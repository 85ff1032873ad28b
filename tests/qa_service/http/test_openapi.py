"""The description of the API says all that a caller needs."""

import json
from collections.abc import Iterator

import pytest

from tests.qa_service.http.calling import JSON, Service

METHODS = ("get", "post", "put", "delete", "patch")


@pytest.fixture
def document(service: Service) -> JSON:
    return service.anonymous.get("/openapi.json").json()


def operations(document: JSON) -> Iterator[tuple[str, JSON]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_operation_has_a_name_a_summary_and_a_description_in_chinese(document: JSON) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for label, operation in operations(document):
        for told in ("summary", "description"):
            assert any("\u4e00" <= char <= "\u9fff" for char in operation[told]), label
        assert operation["tags"], label


def test_every_parameter_is_described(document: JSON) -> None:
    for label, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{label} {parameter['name']}"


def test_every_body_has_an_example(document: JSON) -> None:
    for label, operation in operations(document):
        if "requestBody" in operation:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
            assert schema["examples"], label
            assert schema["additionalProperties"] is False, label


def test_every_error_is_a_problem(document: JSON) -> None:
    for label, operation in operations(document):
        errors = {status: told for status, told in operation["responses"].items() if status >= "400"}
        assert "500" in errors, label
        for told in errors.values():
            assert list(told["content"]) == ["application/problem+json"], label
            assert told["content"]["application/problem+json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_operation_but_the_open_ones_needs_proof(document: JSON) -> None:
    open_to_all = {"GET /healthz", "GET /readyz", "POST /api/v1/sessions"}
    for label, operation in operations(document):
        security = operation.get("security", [])
        if label in open_to_all:
            assert security == [], label
            continue
        if label == "GET /metrics":
            assert security == [{"metricsToken": []}, {}], "needed only where a token is set"
            continue
        assert {"bearer": []} in security, label
        assert ({} in security) is (label == "GET /api/v1/tickets/{receipt}"), label
        assert "401" in operation["responses"], label


def test_the_longest_question_is_the_setting(service: Service, document: JSON) -> None:
    schema = document["components"]["schemas"]["AskRequest"]
    assert schema["properties"]["question"]["maxLength"] == service.application.settings.max_question


def test_every_text_that_is_sent_is_bounded(document: JSON) -> None:
    def unbounded(schema: JSON, place: str) -> Iterator[str]:
        if schema.get("type") == "string" and not {"maxLength", "enum", "const", "format"} & set(schema):
            yield place
        for name, part in schema.get("properties", {}).items():
            yield from unbounded(part, f"{place}/{name}")
        for part in (*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])):
            yield from unbounded(part, place)

    found: list[str] = []
    for label, operation in operations(document):
        for parameter in operation.get("parameters", []):
            found += unbounded(parameter["schema"], f"{label} {parameter['name']}")
        if "requestBody" in operation:
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[
                2
            ]
            found += unbounded(document["components"]["schemas"][name], name)
    assert found == []


def test_no_page_that_loads_from_elsewhere_is_served(service: Service) -> None:
    assert service.anonymous.get("/docs").status_code == 404
    assert service.anonymous.get("/redoc").status_code == 404


def test_the_document_is_the_same_every_time(service: Service) -> None:
    first, second = (service.anonymous.get("/openapi.json").text for _ in range(2))
    assert first == second
    assert json.loads(first)["openapi"].startswith("3.1")


def test_every_number_that_is_sent_is_bounded(document: JSON) -> None:
    for name in ("Move", "FeedbackRequest", "NewKey", "CallbackDone", "RestoreRequest", "AnswerRequest"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            for part in (schema, *schema.get("anyOf", [])):
                assert part.get("type") != "integer" or {"minimum", "maximum"} <= set(part), f"{name}.{field}"
