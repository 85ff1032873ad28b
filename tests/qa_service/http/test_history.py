"""Revisions, comparison, restoring, and the trail."""

from dataclasses import replace

from knowledge.entry import FaqEntry
from knowledge.policy import Disclosure
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service


def rewritten(service: Service) -> FaqEntry:
    """A draft in its second revision."""
    entry = service.draft()
    text = replace(
        ALLOWANCE, answer="改写。", region="330100", variants=("新问法",), disclosure=Disclosure.ON_REQUEST
    )
    return service.application.publishing.edit(entry.id, entry.version, text, cast.COLLEAGUE, "改写")


def test_every_revision_is_kept(service: Service) -> None:
    entry = rewritten(service)
    found = service.by(cast.HEAD).get(f"/api/v1/entries/{entry.id}/revisions").json()["items"]
    assert [(each["number"], each["author"], each["note"]) for each in found] == [
        (1, "editor", ""),
        (2, "colleague", "改写"),
    ]
    assert found[0]["answer"] == ALLOWANCE.answer


def test_two_revisions_are_compared_field_by_field(service: Service) -> None:
    entry = rewritten(service)
    path = f"/api/v1/entries/{entry.id}/compare"
    found = service.by(cast.HEAD).get(path, params={"from": 1, "to": 2}).json()
    changes = {
        change["field"]: (change["label"], change["before"], change["after"]) for change in found["changes"]
    }
    assert changes == {
        "answer": ("答案", [ALLOWANCE.answer], ["改写。"]),
        "similar_questions": ("相似问", list(ALLOWANCE.variants), ["新问法"]),
        "region": ("地区", ["全国"], ["杭州市"]),
        "disclosure": ("公开属性", ["主动公开"], ["依申请公开"]),
    }
    assert service.by(cast.HEAD).get(path, params={"from": 1, "to": 1}).json()["changes"] == []
    assert service.by(cast.HEAD).get(path, params={"from": 1, "to": 9}).status_code == 404
    assert service.by(cast.HEAD).get(path, params={"from": 1}).status_code == 422


def test_an_earlier_revision_is_restored_as_a_new_one(service: Service) -> None:
    entry = rewritten(service)
    path = f"/api/v1/entries/{entry.id}/restore"
    body = {"version": entry.version, "revision": 1}
    assert service.by(cast.OUTSIDER).post(path, json=body).status_code == 403
    restored = service.by(cast.EDITOR).post(path, json=body).json()
    assert (restored["revision"], restored["answer"], restored["status"]) == (3, ALLOWANCE.answer, "DRAFT")
    assert service.by(cast.EDITOR).post(path, json=body).status_code == 409


def test_the_trail_tells_who_did_what(service: Service) -> None:
    entry = rewritten(service)
    found = service.by(cast.AUDITOR).get(f"/api/v1/entries/{entry.id}/history").json()
    assert [(line["action"], line["by"]) for line in found["items"]] == [
        ("entry.edited", "colleague"),
        ("entry.drafted", "editor"),
    ]


def test_the_history_of_a_draft_is_closed_to_outsiders(service: Service) -> None:
    entry = rewritten(service)
    for path in ("revisions", "history", "compare?from=1&to=2"):
        assert service.by(cast.OUTSIDER).get(f"/api/v1/entries/{entry.id}/{path}").status_code == 403
        assert service.by(cast.OPERATOR).get(f"/api/v1/entries/{entry.id}/{path}").status_code == 403
        assert service.by(cast.OUTSIDER).get(f"/api/v1/entries/99/{path}").status_code == 404
