"""Who gets which page, and what every page guards against."""

from dataclasses import replace

import pytest

from knowledge.entry import Channel
from knowledge.people import Member
from tests import cast
from tests.qa_service.http.calling import Service
from tests.qa_service.http.reading_pages import ENTRY_FORM, Browser

FOR_ALL = [
    "/ask",
    "/ask/results?q=生育",
    "/department",
    "/department/review",
    "/handed-on",
    "/policies",
    "/policies/1",
    "/words",
    "/account",
]
POSTS = [
    "/sign-out",
    "/ask",
    "/ask/escalate",
    "/ask/callback",
    "/ask/feedback",
    "/ask/pick",
    "/ask/wrong",
    "/department/learning/accept",
    "/department/learning/decline",
    "/department/learning/reopen",
    "/account/password",
    "/entries",
    "/entries/1/edit",
    "/entries/1/submit",
    "/entries/1/recall",
    "/entries/1/sign",
    "/entries/1/return",
    "/entries/1/withdraw",
    "/entries/1/restore",
    "/entries/1/reports/close",
    "/tickets/1/answer",
    "/tickets/1/answer-with",
    "/tickets/1/assign",
    "/tickets/1/pass-on",
    "/tickets/1/dismiss",
    "/tickets/1/reopen",
    "/tickets/1/called-back",
    "/policies",
    "/policies/1/edit",
    "/policies/1/validity",
    "/words",
    "/words/switch",
    "/words/1",
    "/calibration/rate",
    "/calibration/apply",
    "/calibration/reset",
]


def _login(member: Member) -> str:
    return member.login


@pytest.mark.parametrize("member", cast.MEMBERS, ids=_login)
def test_every_member_has_the_common_pages(service: Service, member: Member) -> None:
    service.register()
    browser = Browser(service, member)
    assert {path: browser.get(path).status for path in FOR_ALL} == dict.fromkeys(FOR_ALL, 200)


@pytest.mark.parametrize("member", cast.MEMBERS, ids=_login)
def test_a_draft_is_open_to_its_department_administrators_and_auditors(
    service: Service, member: Member
) -> None:
    entry = service.draft()
    opened = Browser(service, member).get(f"/entries/{entry.id}").status == 200
    assert opened is (member in (cast.EDITOR, cast.COLLEAGUE, cast.HEAD, cast.ADMIN, cast.AUDITOR))


@pytest.mark.parametrize("member", cast.MEMBERS, ids=_login)
def test_what_waits_for_a_signature_is_open_to_those_who_sign(service: Service, member: Member) -> None:
    entry = service.draft()
    service.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    opened = Browser(service, member).get(f"/entries/{entry.id}/review").status == 200
    assert opened is (member not in (cast.OPERATOR, cast.OUTSIDER))


@pytest.mark.parametrize("member", cast.MEMBERS, ids=_login)
def test_only_the_departments_editors_write(service: Service, member: Member) -> None:
    entry = service.draft()
    browser = Browser(service, member)
    may = member in (cast.EDITOR, cast.COLLEAGUE)
    assert (browser.get(f"/entries/{entry.id}/edit").status == 200) is may
    saved = browser.post(f"/entries/{entry.id}/edit", version=entry.version, **ENTRY_FORM)
    assert (saved.status == 303) is may
    drafted = browser.post("/entries", **ENTRY_FORM)
    assert (drafted.status == 303) is may


@pytest.mark.parametrize("member", cast.MEMBERS, ids=_login)
def test_a_ticket_is_open_to_its_department_the_office_and_those_who_look_everywhere(
    service: Service, member: Member
) -> None:
    ticket = service.application.misses.queue(
        "外地生孩子怎么报", channel=Channel.HOTLINE, nearest=[], now=service.clock(), department="benefits"
    )
    opened = Browser(service, member).get(f"/tickets/{ticket.ticket_id}").status
    assert opened == (403 if member is cast.OUTSIDER else 200)


def test_an_outsider_reads_of_another_department_only_what_is_published(service: Service) -> None:
    entry = service.publish()
    edited = service.application.publishing.edit(
        entry.id, entry.version, replace(entry.text, answer="尚未发布的新答案"), cast.EDITOR
    )
    browser = Browser(service, cast.OUTSIDER)
    page = browser.get(f"/entries/{entry.id}")
    assert page.has(entry.text.answer)
    assert page.has("修改和审核由归属处室办理")
    for hidden in ("尚未发布的新答案", "历次版本", "办理记录"):
        assert not page.has(hidden)
    assert browser.get(f"/entries/{entry.id}/compare?from=1&to=2").status == 403
    assert browser.get(f"/entries/{entry.id}/review").status == 403
    for step in ("submit", "recall", "sign", "return", "withdraw", "restore"):
        refused = browser.post(
            f"/entries/{entry.id}/{step}", version=edited.version, reason="试试", revision=1
        )
        assert refused.status in (403, 409), step
    with service.application.store.reading() as records:
        assert records.entries.get(entry.id) == edited


def test_an_outsider_moves_no_ticket_of_another_department(service: Service) -> None:
    filed = service.application.misses.queue(
        "外地生孩子怎么报", channel=Channel.HOTLINE, nearest=[], now=service.clock(), department="benefits"
    )
    browser = Browser(service, cast.OUTSIDER)
    with service.application.store.reading() as records:
        before = records.tickets.get(filed.ticket_id)
    steps = {
        "assign": {"assignee": "outsider"},
        "pass-on": {"department": "office"},
        "dismiss": {},
        "reopen": {},
    }
    for step, values in steps.items():
        shown = browser.post(
            f"/tickets/{filed.ticket_id}/{step}", version=before.version, reason="试试", **values
        )
        assert shown.status == 403, step
    assert (
        browser.post(f"/tickets/{filed.ticket_id}/answer", version=before.version, **ENTRY_FORM).status == 403
    )
    with service.application.store.reading() as records:
        assert records.tickets.get(filed.ticket_id) == before


def test_another_departments_desk_is_open_to_those_who_look_everywhere(service: Service) -> None:
    service.draft()
    assert Browser(service, cast.OUTSIDER).get("/department?department=benefits").status == 403
    assert Browser(service, cast.OUTSIDER).get("/department/tickets?department=benefits").status == 403
    page = Browser(service, cast.AUDITOR).get("/department?department=benefits")
    assert page.has("职工生育津贴怎么领取？")


@pytest.mark.parametrize("path", [*FOR_ALL, "/", "/entries/new", "/entries/1", "/tickets/1", "/policies/new"])
def test_a_stranger_is_sent_to_sign_in(service: Service, path: str) -> None:
    page = Browser(service, None).get(path)
    assert page.status == 303
    assert page.location.startswith("/sign-in")


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_our_token_is_refused(service: Service, path: str) -> None:
    browser = Browser(service, cast.ADMIN)
    for token in ("", "forged"):
        page = browser.forge(path, token, version="1")
        assert page.status == 403
        assert page.has("页面已过期，请刷新后重试")


@pytest.mark.parametrize("path", POSTS)
def test_a_strangers_form_does_nothing(service: Service, path: str) -> None:
    page = Browser(service, None).post(path, version="1")
    assert (page.status, page.location) == (303, "/sign-in")


def test_a_form_that_another_site_sends_is_refused(service: Service) -> None:
    browser = Browser(service, cast.EDITOR)
    browser.client.headers["Sec-Fetch-Site"] = "cross-site"
    assert browser.post("/entries", **ENTRY_FORM).status == 403
    stranger = Browser(service, None)
    stranger.client.headers["Origin"] = "https://evil.example"
    assert stranger.post("/sign-in", login="editor", password="x").status == 403


@pytest.mark.parametrize("path", ["/ask", "/department", "/entries/new", "/policies", "/sign-in", "/receipt"])
def test_pages_carry_no_inline_script_or_style_and_name_no_other_site(service: Service, path: str) -> None:
    html = Browser(service, cast.EDITOR if path not in ("/sign-in", "/receipt") else None).get(path).html
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
    assert "<script>" not in html
    assert "http://" not in html
    assert "https://" not in html


def test_pages_forbid_what_they_do_not_need(service: Service) -> None:
    answer = service.anonymous.get("/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_the_assets_are_served_from_here(service: Service) -> None:
    for asset in ("zhengda.css", "icon.svg", "ask.js", "desk.js", "vendor/django_htmx/htmx-2.min.js"):
        assert service.anonymous.get(f"/static/{asset}").status_code == 200, asset
