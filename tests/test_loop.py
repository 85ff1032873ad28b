"""The loop, told once through the HTTP API on each database.

A department drafts, three people sign, it is published and answers. What is not answered reaches the department that
owns the policy, and its answer becomes an entry. What is repealed or withdrawn is not answered any more.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.segment import Segmenter
from knowledge.people import Member
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import Service, policy_body, running

JSON = dict[str, Any]

SIGNERS = (cast.HEAD, cast.LEADER, cast.PUBLISHER)
ALLOWANCE = "职工生育津贴怎么领取？"
ASKED = "生育津贴怎么领取"
MISSED = "我电话13812345678，火车票改签的钱医保给报吗"
MISSED_AGAIN = "火车票改签的钱医保给不给报"
ANSWER = "火车票改签费不属于医疗费用，基本医疗保险基金不予支付。"


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """Loading its dictionary takes most of the time that building an application takes."""
    return Segmenter()


@pytest.fixture
def service(store_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Service]:
    """A bureau on its first day: people, and a few entries that were approved elsewhere."""
    settings = Settings(data=tmp_path, database_url=store_url)
    with running(settings, segmenter) as service:
        service.furnish()
        yield service


def call(service: Service, member: Member, method: str, path: str, **body: Any) -> JSON:
    """What the API answers this member; it must not refuse."""
    answered = service.by(member).request(method, f"/api/v1{path}", json=body or None)
    assert answered.status_code < 300, answered.text
    found: JSON = answered.json()
    return found


def ask(service: Service, question: str) -> JSON:
    return call(service, cast.OPERATOR, "POST", "/ask", question=question, channel="hotline")


def draft(service: Service) -> JSON:
    """The allowance entry as a draft, resting on a registered document."""
    call(service, cast.EDITOR, "POST", "/policies", **policy_body())
    return call(
        service,
        cast.EDITOR,
        "POST",
        "/entries",
        question=ALLOWANCE,
        answer="生育后由用人单位或本人向参保地医保经办机构申领生育津贴。",
        department="benefits",
        similar_questions=["生孩子的钱怎么领", "生育津贴去哪里办"],
        citations=[{"document_number": "国务院令第619号", "clause": "第八条"}],
    )


def release(service: Service, entry: JSON) -> JSON:
    """Submit, and let three people sign."""
    path = f"/entries/{entry['id']}"
    entry = call(service, cast.EDITOR, "POST", f"{path}/submit", version=entry["version"])
    for signer in SIGNERS:
        waiting = call(service, signer, "GET", "/review-queue")
        assert [item["id"] for item in waiting["items"]] == [entry["id"]]
        entry = call(service, signer, "POST", f"{path}/sign", version=entry["version"])
    return entry


def answered_within_two_seconds(service: Service, question: str, expected: bool = True) -> JSON:
    """The outcome once it is as expected. Raises AssertionError when two seconds pass before that."""
    deadline = time.monotonic() + 2
    while True:
        found = ask(service, question)
        if (found["outcome"] == "answered") is expected:
            return found
        assert time.monotonic() < deadline, found


def test_drafted_signed_by_three_published_and_answered_with_its_citation(service: Service) -> None:
    entry = draft(service)
    assert ask(service, ALLOWANCE)["outcome"] != "answered", "a draft answers nobody"
    published = release(service, entry)
    assert (published["status"], published["published_revision"]) == ("PUBLISHED", 1)
    found = answered_within_two_seconds(service, ASKED)
    assert found["answer"]["answer"] == published["answer"]
    assert found["answer"]["department"] == cast.BENEFITS.name
    assert found["answer"]["citations"][0]["document_number"] == "国务院令第619号"
    trail = call(service, cast.AUDITOR, "GET", f"/entries/{entry['id']}/history")["items"]
    assert [(line["action"], line["by"]) for line in reversed(trail)] == [
        ("entry.drafted", "editor"),
        ("entry.submitted", "editor"),
        ("entry.signed", "head"),
        ("entry.signed", "leader"),
        ("entry.published", "publisher"),
    ]


def test_missed_answered_by_the_department_published_and_answered(service: Service) -> None:
    missed = ask(service, MISSED)
    assert missed["outcome"] == "unanswered"
    receipt = missed["ticket"]["receipt"]
    (ticket,) = call(service, cast.PUBLISHER, "GET", "/inbox")["items"]
    assert "13812345678" not in ticket["question"]
    if ticket["department"] != "benefits":
        owner = cast.PUBLISHER if ticket["department"] == "office" else cast.OUTSIDER
        passing = {"version": ticket["version"], "department": "benefits", "reason": "归待遇保障处"}
        call(service, owner, "POST", f"/inbox/{ticket['id']}/pass-on", **passing)
    (ticket,) = call(service, cast.EDITOR, "GET", "/inbox")["items"]
    reply = {"question": "火车票改签费医保报销吗？", "answer": ANSWER, "department": "benefits"}
    path = f"/inbox/{ticket['id']}/answer"
    answered = call(service, cast.EDITOR, "POST", path, version=ticket["version"], entry=reply)
    assert answered["entry"]["similar_questions"] == ["火车票改签的钱医保给报吗"], (
        "nothing of the masked number"
    )
    waiting = service.anonymous.get(f"/api/v1/tickets/{receipt}").json()
    assert (waiting["status"], waiting["answer"]) == ("ANSWERED", None), "not before it is reviewed"

    release(service, answered["entry"])
    assert answered_within_two_seconds(service, MISSED_AGAIN)["answer"]["answer"] == ANSWER
    closed = service.anonymous.get(f"/api/v1/tickets/{receipt}").json()
    assert (closed["status"], closed["answer"]["answer"]) == ("CLOSED", ANSWER)


def test_a_second_asker_joins_and_reads_the_same_answer(service: Service) -> None:
    first, second = ask(service, MISSED), ask(service, MISSED)
    assert second["ticket"]["joined"] is True
    assert first["ticket"]["receipt"] != second["ticket"]["receipt"]
    (ticket,) = call(service, cast.PUBLISHER, "GET", "/inbox")["items"]
    assert ticket["occurrences"] == 2


def test_a_repealed_policy_is_not_answered_from(service: Service) -> None:
    release(service, draft(service))
    answered_within_two_seconds(service, ASKED)
    (policy,) = call(service, cast.PUBLISHER, "GET", "/policies")["items"]
    affected = call(service, cast.PUBLISHER, "GET", f"/policies/{policy['id']}/entries")
    assert [entry["question"] for entry in affected["items"]] == [ALLOWANCE]
    repealed = policy_body(version=policy["version"], validity="REPEALED", reason="被新规废止")
    call(service, cast.PUBLISHER, "PUT", f"/policies/{policy['id']}", **repealed)
    assert ask(service, ASKED)["answer"] is None, "at once: a hit is checked against the record"


def test_a_withdrawn_entry_is_not_answered(service: Service) -> None:
    entry = release(service, draft(service))
    answered_within_two_seconds(service, ASKED)
    path = f"/entries/{entry['id']}/withdraw"
    call(service, cast.PUBLISHER, "POST", path, version=entry["version"], reason="口径有变")
    assert ask(service, ASKED)["answer"] is None


def test_a_returned_entry_is_corrected_and_published(service: Service) -> None:
    entry = draft(service)
    path = f"/entries/{entry['id']}"
    entry = call(service, cast.EDITOR, "POST", f"{path}/submit", version=entry["version"])
    returned = call(
        service, cast.HEAD, "POST", f"{path}/return", version=entry["version"], reason="写明在哪里办"
    )
    assert returned["return_reason"] == "写明在哪里办"
    corrected = call(
        service,
        cast.EDITOR,
        "PUT",
        path,
        version=returned["version"],
        question=ALLOWANCE,
        answer="到参保地医保经办机构的服务窗口申领。",
        department="benefits",
        similar_questions=["生孩子的钱怎么领", "生育津贴去哪里办"],
    )
    release(service, corrected)
    found = answered_within_two_seconds(service, ASKED)
    assert (found["answer"]["revision"], found["answer"]["answer"]) == (
        2,
        "到参保地医保经办机构的服务窗口申领。",
    )
