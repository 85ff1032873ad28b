"""The register of policy documents."""

from dataclasses import replace

import pytest

from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, LAW, Service, policy_body


def test_a_document_is_registered_in_one_form(service: Service) -> None:
    body = policy_body(number="医保发【2020】８号", valid_until="2030-12-31", topic="缴费")
    added = service.by(cast.EDITOR).post("/api/v1/policies", json=body)
    assert added.status_code == 201
    assert (added.json()["number"], added.json()["lapsed"]) == ("医保发〔2020〕8号", False)
    assert service.by(cast.OPERATOR).get(f"/api/v1/policies/{added.json()['id']}").json() == added.json()


def test_a_number_that_is_registered_is_a_conflict(service: Service) -> None:
    service.register()
    assert service.by(cast.EDITOR).post("/api/v1/policies", json=policy_body()).status_code == 409


@pytest.mark.parametrize("member", [cast.OPERATOR, cast.HEAD, cast.LEADER, cast.AUDITOR])
def test_only_those_who_write_or_publish_register(service: Service, member: Member) -> None:
    law = service.register()
    assert service.by(member).post("/api/v1/policies", json=policy_body(number="")).status_code == 403
    change = policy_body(version=law.version)
    assert service.by(member).put(f"/api/v1/policies/{law.id}", json=change).status_code == 403


def test_the_list_is_filtered(service: Service) -> None:
    service.register()
    service.register(replace(LAW, title="另一份", number="医保发〔2020〕8号", topic="缴费"))
    client = service.by(cast.OPERATOR)

    def titles(**params: str) -> list[str]:
        return [item["title"] for item in client.get("/api/v1/policies", params=params).json()["items"]]

    assert titles(text="医保发[2020]8号") == ["另一份"]
    assert titles(q="医保发[2020]8号") == ["另一份"]
    assert titles(text="另一", q="没有这样的") == ["另一份"]
    assert titles(q="没有这样的") == []
    assert titles(topic="缴费") == ["另一份"]
    assert titles(validity="REPEALED") == []
    assert len(titles()) == 2
    assert len(titles(limit="1")) == 1


def test_a_change_of_validity_says_why(service: Service) -> None:
    law = service.register()
    path = f"/api/v1/policies/{law.id}"
    body = policy_body(version=law.version, validity="REPEALED")
    refused = service.by(cast.PUBLISHER).put(path, json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/reason"
    changed = service.by(cast.PUBLISHER).put(path, json={**body, "reason": "被新规废止"}).json()
    assert (changed["validity_label"], changed["lapsed"]) == ("已废止", True)
    stale = service.by(cast.PUBLISHER).put(path, json={**body, "reason": "再来一次"})
    assert stale.status_code == 409


def test_entries_that_rest_on_a_document_are_listed(service: Service) -> None:
    law = service.register()
    published = service.publish()
    draft = service.draft(replace(ALLOWANCE, question="流产有津贴吗？"))
    path = f"/api/v1/policies/{law.id}/entries"

    def ids(member: Member) -> list[int]:
        return [item["id"] for item in service.by(member).get(path).json()["items"]]

    assert ids(cast.EDITOR) == [published.id, draft.id]
    assert ids(cast.OUTSIDER) == [published.id], "another department's draft is not shown"
    assert service.by(cast.EDITOR).get("/api/v1/policies/99/entries").status_code == 404


def test_a_document_that_does_not_exist_is_not_found(service: Service) -> None:
    assert service.by(cast.OPERATOR).get("/api/v1/policies/99").status_code == 404
    change = policy_body(version=1)
    assert service.by(cast.EDITOR).put("/api/v1/policies/99", json=change).status_code == 404
