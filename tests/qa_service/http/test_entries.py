"""Reading and writing entries; who sees which revision."""

from dataclasses import replace

import pytest

from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, JSON, Service, entry_body


def test_an_editor_drafts_an_entry(service: Service) -> None:
    drafted = service.by(cast.EDITOR).post(
        "/api/v1/entries", json=entry_body(region="杭州", category="生育 / 津贴")
    )
    assert drafted.status_code == 201
    entry = drafted.json()
    assert (entry["status"], entry["revision"], entry["version"]) == ("DRAFT", 1, 1)
    assert (entry["region"], entry["category"]) == ("330100", "生育/津贴")
    assert entry["external_id"] == "BENEFITS-000001"
    assert entry["similar_questions"] == list(ALLOWANCE.variants)
    assert service.by(cast.EDITOR).get(f"/api/v1/entries/{entry['id']}").json() == entry


def test_document_numbers_are_brought_into_one_form(service: Service) -> None:
    body = entry_body(citations=[{"document_number": "国办发[2021]14号"}, {"document_number": " "}])
    entry = service.by(cast.EDITOR).post("/api/v1/entries", json=body).json()
    assert [citation["document_number"] for citation in entry["citations"]] == ["国办发〔2021〕14号"]


@pytest.mark.parametrize(
    "member", [cast.OUTSIDER, cast.OPERATOR, cast.HEAD, cast.LEADER, cast.PUBLISHER, cast.AUDITOR]
)
def test_only_an_editor_of_the_department_drafts(service: Service, member: Member) -> None:
    assert service.by(member).post("/api/v1/entries", json=entry_body()).status_code == 403


def test_an_external_id_that_is_taken_is_a_conflict(service: Service) -> None:
    client = service.by(cast.EDITOR)
    assert client.post("/api/v1/entries", json=entry_body(external_id="X-1")).status_code == 201
    assert client.post("/api/v1/entries", json=entry_body(external_id="X-1")).status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"question": ""}, "#/question"),
        ({"question": "长" * 201}, "#/question"),
        ({"answer": " "}, "#/answer"),
        ({"region": "亚特兰蒂斯"}, "#/region"),
        ({"similar_questions": ["好", ""]}, "#/similar_questions/1"),
        ({"insured_group": "everybody"}, "#/insured_group"),
        ({"effective_from": "2026-13-01"}, "#/effective_from"),
        ({"effective_from": 20260101}, "#/effective_from"),
        ({"effective_from": "2026-02-01", "effective_until": "2026-01-01"}, "#/effective_until"),
        ({"citations": [{"number": "x"}]}, "#/citations/0/number"),
        ({"variants": []}, "#/variants"),
    ],
)
def test_a_bad_value_is_named_with_its_place(service: Service, change: JSON, pointer: str) -> None:
    refused = service.by(cast.EDITOR).post("/api/v1/entries", json=entry_body(**change))
    assert refused.status_code == 422
    assert [item["pointer"] for item in refused.json()["errors"]] == [pointer]


def test_an_edit_makes_a_new_revision(service: Service) -> None:
    entry = service.draft()
    body = entry_body(replace(ALLOWANCE, answer="改写的答案。"), version=entry.version, note="改写")
    edited = service.by(cast.COLLEAGUE).put(f"/api/v1/entries/{entry.id}", json=body).json()
    assert (edited["revision"], edited["answer"], edited["author"]) == (2, "改写的答案。", "colleague")


def test_the_second_of_two_editors_gets_a_conflict_and_overwrites_nothing(service: Service) -> None:
    entry = service.draft()
    path = f"/api/v1/entries/{entry.id}"
    first = entry_body(replace(ALLOWANCE, answer="先到的。"), version=entry.version)
    second = entry_body(replace(ALLOWANCE, answer="后到的。"), version=entry.version)
    assert service.by(cast.EDITOR).put(path, json=first).status_code == 200
    refused = service.by(cast.COLLEAGUE).put(path, json=second)
    assert refused.status_code == 409
    assert refused.json()["code"] == "conflict"
    assert service.by(cast.EDITOR).get(path).json()["answer"] == "先到的。"


DRAFT_READERS = {"editor", "colleague", "head", "admin", "auditor"}


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
def test_a_draft_is_open_to_its_department_and_to_those_who_oversee(service: Service, member: Member) -> None:
    entry = service.draft()
    read = service.by(member).get(f"/api/v1/entries/{entry.id}")
    assert read.status_code == (200 if member.login in DRAFT_READERS else 403)
    listed = service.by(member).get("/api/v1/entries", params={"department": "benefits"}).json()
    assert listed["total"] == (1 if member.login in DRAFT_READERS else 0)


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
def test_an_entry_in_review_is_open_to_its_signers_too(service: Service, member: Member) -> None:
    entry = service.draft()
    service.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    read = service.by(member).get(f"/api/v1/entries/{entry.id}")
    assert read.status_code == (200 if member.login in DRAFT_READERS | {"leader", "publisher"} else 403)


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
def test_a_published_entry_is_open_to_every_member(service: Service, member: Member) -> None:
    entry = service.publish()
    assert service.by(member).get(f"/api/v1/entries/{entry.id}").status_code == 200
    assert service.by(member).get("/api/v1/entries").json()["total"] == 1


def test_others_go_on_seeing_the_published_revision_while_a_new_one_is_written(service: Service) -> None:
    entry = service.publish()
    rewritten = replace(ALLOWANCE, answer="还没有审核的改写。")
    service.application.publishing.edit(entry.id, entry.version, rewritten, cast.EDITOR)
    for_others = service.by(cast.OUTSIDER).get(f"/api/v1/entries/{entry.id}").json()
    assert (for_others["revision"], for_others["status"], for_others["answer"]) == (
        1,
        "PUBLISHED",
        ALLOWANCE.answer,
    )
    for_us = service.by(cast.HEAD).get(f"/api/v1/entries/{entry.id}").json()
    assert (for_us["revision"], for_us["status"], for_us["answer"]) == (2, "DRAFT", "还没有审核的改写。")
    (listed,) = service.by(cast.OUTSIDER).get("/api/v1/entries").json()["items"]
    assert listed["answer"] == ALLOWANCE.answer


def test_the_list_is_filtered_and_paged(service: Service) -> None:
    service.publish()
    service.publish(
        replace(ALLOWANCE, question="男职工有陪产假津贴吗？", category=("生育", "津贴"), region="330100")
    )
    service.draft(replace(ALLOWANCE, question="流产有津贴吗？", citations=()))
    client = service.by(cast.EDITOR)

    def total(**params: object) -> int:
        listed = client.get("/api/v1/entries", params={name: str(value) for name, value in params.items()})
        assert listed.status_code == 200, listed.text
        return int(listed.json()["total"])

    assert total(department="benefits") == 3
    assert total(department="benefits", status="DRAFT") == 1
    assert total(department="benefits", text="陪产") == 1
    assert total(department="benefits", text="%") == 0
    assert total(department="benefits", category="生育") == 1
    assert total(department="benefits", region="杭州市") == 1
    assert total(department="benefits", region="全国") == 2
    assert total(department="benefits", cites="国务院令第619号") == 2
    assert total(department="benefits", published="false") == 1
    assert total(department="settlement") == 0
    assert total() == 2, "without a department: what is on the air, everywhere"
    page = client.get("/api/v1/entries", params={"department": "benefits", "limit": 2, "offset": 2}).json()
    assert (len(page["items"]), page["total"], page["limit"], page["offset"]) == (1, 3, 2, 2)


def test_who_asks_for_what_is_not_on_the_air_gets_the_own_departments(service: Service) -> None:
    service.publish()
    service.draft(replace(ALLOWANCE, question="流产有津贴吗？"))
    for params in ({"status": "DRAFT"}, {"published": "false"}):
        assert service.by(cast.EDITOR).get("/api/v1/entries", params=params).json()["total"] == 1
        assert service.by(cast.OUTSIDER).get("/api/v1/entries", params=params).json()["total"] == 0
        elsewhere = {**params, "department": "benefits"}
        assert service.by(cast.OUTSIDER).get("/api/v1/entries", params=elsewhere).json()["total"] == 0
        assert service.by(cast.AUDITOR).get("/api/v1/entries", params=elsewhere).json()["total"] == 1


@pytest.mark.parametrize("entry_id", ["999", "9007199254740991"])
def test_an_entry_that_does_not_exist_is_not_found(service: Service, entry_id: str) -> None:
    assert service.by(cast.EDITOR).get(f"/api/v1/entries/{entry_id}").status_code == 404


@pytest.mark.parametrize("entry_id", ["0", "-1", "9" * 30, "abc", "1.5", "%00"])
def test_an_id_that_cannot_be_is_refused(service: Service, entry_id: str) -> None:
    assert service.by(cast.EDITOR).get(f"/api/v1/entries/{entry_id}").status_code == 422
