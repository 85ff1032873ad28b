"""The department's inbox on pages: who asked, and the steps towards an answer."""

import pytest

from knowledge.entry import Channel
from knowledge.ticket import Ticket, TicketStatus
from qa_service.misses import Filed
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service
from tests.qa_service.http.reading_pages import ENTRY_FORM, Browser

ASKED = "外地生孩子怎么报销"


@pytest.fixture
def filed(service: Service) -> Filed:
    """A question that an operator handed on to the department."""
    return _file(service, ASKED)


def _file(service: Service, question: str, department: str = "benefits") -> Filed:
    return service.application.misses.queue(
        question,
        channel=Channel.HOTLINE,
        nearest=[],
        now=service.clock(),
        asked_by="operator",
        callback="王女士 13812345678",
        department=department,
    )


def _ticket(service: Service, filed: Filed) -> Ticket:
    with service.application.store.reading() as records:
        return records.tickets.get(filed.ticket_id)


def test_a_ticket_shows_who_asked_when_it_is_due_and_how_often(service: Service, filed: Filed) -> None:
    _file(service, ASKED + "？")
    page = Browser(service, cast.EDITOR).get(f"/tickets/{filed.ticket_id}")
    assert page.has(ASKED + "？")
    assert page.has("提问次数 2 次")
    assert page.has(str(filed.due_on))
    assert page.has("左坐席 登记")
    assert not page.has("已超期")


def test_the_note_for_calling_back_is_seen_by_who_took_it_and_who_handles_it(
    service: Service, filed: Filed
) -> None:
    seen = {
        member.login
        for member in cast.MEMBERS
        if Browser(service, member).get(f"/tickets/{filed.ticket_id}").has("王女士 13812345678")
    }
    assert seen == {"operator", "editor", "colleague", "head", "admin"}


def test_calling_back_forgets_the_note(service: Service, filed: Filed) -> None:
    with service.application.store.reading() as records:
        [occurrence] = records.tickets.occurrences(filed.ticket_id)
    path = f"/tickets/{filed.ticket_id}/called-back"
    assert Browser(service, cast.PUBLISHER).post(path, occurrence_id=occurrence.id).status == 403
    assert Browser(service, cast.OPERATOR).post(path, occurrence_id=occurrence.id).status == 303
    with service.application.store.reading() as records:
        assert records.tickets.occurrences(filed.ticket_id)[0].callback == ""


def test_what_is_overdue_is_marked_and_can_be_listed(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.EDITOR)
    assert browser.get("/department/tickets?show=overdue").has("没有符合条件的问题")
    service.clock.advance(days=30)
    for path in ("/department/tickets", "/department/tickets?show=overdue", f"/tickets/{filed.ticket_id}"):
        assert browser.get(path).has("已超期"), path
    assert browser.get("/department").has("超期 1")


def test_the_inbox_is_filtered(service: Service, filed: Filed) -> None:
    _file(service, "住院押金交多少", "settlement")
    editor, admin = Browser(service, cast.EDITOR), Browser(service, cast.ADMIN)
    assert editor.get("/department/tickets").has(ASKED)
    assert not editor.get("/department/tickets").has("住院押金")
    assert not editor.get("/department/tickets?mine=1").has(ASKED)
    assert not editor.get("/department/tickets?text=押金").has(ASKED)
    assert not editor.get("/department/tickets?show=closed").has(ASKED)
    everything = admin.get("/department/tickets?department=all")
    assert everything.has(ASKED)
    assert everything.has("住院押金")
    assert not admin.get("/department/tickets?department=settlement").has(ASKED)


def test_a_ticket_is_assigned_to_an_editor_of_the_department(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.HEAD)
    page = browser.get(f"/tickets/{filed.ticket_id}")
    assert "童同事" in page.html
    assert "魏外人" not in page.html
    browser.post(f"/tickets/{filed.ticket_id}/assign", version=page.value("version"), assignee="colleague")
    assert _ticket(service, filed).assignee == "colleague"
    assert Browser(service, cast.COLLEAGUE).get("/department/tickets?mine=1").has(ASKED)


def test_an_answer_becomes_an_entry_that_knows_the_askers_words(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.EDITOR)
    form = browser.get(f"/tickets/{filed.ticket_id}/answer")
    assert form.value("question") == ASKED
    typed = {**ENTRY_FORM, "version": form.value("version"), "question": "异地生育如何报销？"}
    page = browser.post(f"/tickets/{filed.ticket_id}/answer", **typed)
    assert page.location.endswith("?done=answered")
    ticket = _ticket(service, filed)
    assert ticket.status is TicketStatus.ANSWERED
    with service.application.store.reading() as records:
        entry = records.entries.get(ticket.entry_id or 0)
    assert entry.text.variants == (ASKED,)
    service.release(entry)
    assert Browser(service, None).get(f"/receipt?code={filed.receipt}").has("由用人单位申请。")
    assert browser.get(f"/tickets/{filed.ticket_id}").has("已办结")


def test_an_answer_that_cannot_be_saved_is_kept(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.EDITOR)
    version = browser.get(f"/tickets/{filed.ticket_id}/answer").value("version")
    page = browser.post(
        f"/tickets/{filed.ticket_id}/answer",
        **{**ENTRY_FORM, "version": version, "question": "", "note": "留着"},
    )
    assert page.status == 422
    assert page.value("answer") == ENTRY_FORM["answer"]
    assert page.value("note") == "留着"
    assert _ticket(service, filed).status is TicketStatus.OPEN


def test_two_who_answer_at_once_make_one_answer_and_lose_no_text(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.EDITOR)
    version = browser.get(f"/tickets/{filed.ticket_id}/answer").value("version")
    service.application.inbox.assign(filed.ticket_id, int(version), cast.HEAD, "colleague")
    page = browser.post(f"/tickets/{filed.ticket_id}/answer", **{**ENTRY_FORM, "version": version})
    assert page.status == 409
    assert page.value("answer") == ENTRY_FORM["answer"]
    again = browser.post(
        f"/tickets/{filed.ticket_id}/answer", **{**ENTRY_FORM, "version": page.value("version")}
    )
    assert again.status == 303


def test_an_entry_that_exists_answers_it(service: Service, filed: Filed) -> None:
    entry = service.publish()
    browser = Browser(service, cast.EDITOR)
    for find in ("", "?find=津贴"):
        assert browser.get(f"/tickets/{filed.ticket_id}{find}").has(ALLOWANCE.question)
    assert browser.get(f"/tickets/{filed.ticket_id}?find=没有这种条目").has("没有找到")
    version = _ticket(service, filed).version
    path = f"/tickets/{filed.ticket_id}/answer-with"
    assert browser.post(path, version=version).has("请先选择一个条目")
    page = browser.post(path, version=version, entry_id=entry.id)
    assert page.location == f"/entries/{entry.id}?done=merged"
    with service.application.store.reading() as records:
        assert ASKED in records.entries.get(entry.id).text.variants


@pytest.mark.parametrize(
    ("step", "values"),
    [("dismiss", {}), ("pass-on", {"department": "settlement"})],
    ids=["dismiss", "pass-on"],
)
def test_a_step_that_needs_a_reason_has_one(
    service: Service, filed: Filed, step: str, values: dict[str, str]
) -> None:
    browser, path = Browser(service, cast.EDITOR), f"/tickets/{filed.ticket_id}/{step}"
    version = _ticket(service, filed).version
    refused = browser.post(path, version=version, reason=" ", **values)
    assert refused.status == 422
    assert refused.has("不能为空")
    stale = browser.post(path, version=version + 5, reason="写好的原因", **values)
    assert "写好的原因</textarea>" in stale.html
    assert browser.post(path, version=version, reason="理由充分", **values).status == 303
    assert _ticket(service, filed).reason == "理由充分"


def test_a_dismissed_ticket_tells_why_and_can_be_reopened(service: Service, filed: Filed) -> None:
    browser = Browser(service, cast.EDITOR)
    version = _ticket(service, filed).version
    browser.post(f"/tickets/{filed.ticket_id}/dismiss", version=version, reason="不属于医保政策")
    assert Browser(service, None).get(f"/receipt?code={filed.receipt}").has("未予答复，原因：不属于医保政策")
    page = browser.get(f"/tickets/{filed.ticket_id}")
    browser.post(f"/tickets/{filed.ticket_id}/reopen", version=page.value("version"))
    assert _ticket(service, filed).status is TicketStatus.OPEN


def test_the_office_may_route_any_ticket(service: Service, filed: Filed) -> None:
    page = Browser(service, cast.PUBLISHER).get(f"/tickets/{filed.ticket_id}")
    assert page.has("转给其他处室")
    assert not page.has("起草答复")


@pytest.mark.parametrize(
    ("code", "status"), [("", 200), ("  ", 200), ("NOPE", 404), ("%00", 200), ("x" * 500, 404)]
)
def test_a_code_that_was_never_given_out_is_told_so(service: Service, code: str, status: int) -> None:
    page = Browser(service, None).get(f"/receipt?code={code}")
    assert page.status == status
    assert page.has("没有查询码为") is (status == 404)


def test_a_receipt_shows_neither_note_nor_who_asked(service: Service, filed: Filed) -> None:
    page = Browser(service, None).get(f"/receipt?code={filed.receipt.lower()}")
    assert page.has(ASKED)
    assert page.has("待遇保障处")
    assert not page.has("王女士")
    assert not page.has("左坐席")
