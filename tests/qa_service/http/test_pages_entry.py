"""The department's entries: listing, writing, reviewing, looking back."""

from dataclasses import replace

import pytest

from knowledge.entry import Channel, EntryStatus, FaqEntry, InsuredGroup
from knowledge.policy import Citation, Disclosure
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service
from tests.qa_service.http.reading_pages import ENTRY_FORM, Browser

FULL_FORM = {
    "question": "护理假期间工资怎么发？",
    "answer": "由**用人单位**发放。\r\n\r\n- 以当地规定为准",
    "department": "benefits",
    "variants": "陪产假有钱吗\r\n\r\n陪产假有钱吗\r\n老婆生孩子我放假",
    "citation_number": ["国务院令第619号", "", ""],
    "citation_title": ["", "《某地规定》", ""],
    "citation_clause": ["第七条", "第三条", ""],
    "category": "生育保险 / 假期",
    "keywords": "护理假、陪产假,工资",
    "region": "330100",
    "insured_group": "employee",
    "audience": "男职工",
    "channels": ["hotline", "website"],
    "effective_from": "2026-01-01",
    "effective_until": "2026-12-31",
    "disclosure": "ON_REQUEST",
    "note": "首次起草",
}


def _entry(service: Service, entry_id: int) -> FaqEntry:
    with service.application.store.reading() as records:
        return records.entries.get(entry_id)


def _id(location: str) -> int:
    return int(location.partition("?")[0].rpartition("/")[2])


def test_the_form_of_a_new_entry_keeps_every_field(service: Service) -> None:
    service.register()
    page = Browser(service, cast.EDITOR).post("/entries", **FULL_FORM)
    assert page.location.endswith("?done=drafted")
    text = _entry(service, _id(page.location)).text
    assert text.answer == "由**用人单位**发放。\n\n- 以当地规定为准"
    assert text.variants == ("陪产假有钱吗", "老婆生孩子我放假")
    assert text.citations == (
        Citation("国务院令第619号", "女职工劳动保护特别规定", "第七条"),
        Citation("", "某地规定", "第三条"),
    )
    assert text.category == ("生育保险", "假期")
    assert text.keywords == ("护理假", "陪产假", "工资")
    assert (text.region, text.insured_group, text.audience) == ("330100", InsuredGroup.EMPLOYEE, "男职工")
    assert text.channels == (Channel.HOTLINE, Channel.WEBSITE)
    assert (str(text.effective_from), str(text.effective_until)) == ("2026-01-01", "2026-12-31")
    assert text.disclosure is Disclosure.ON_REQUEST


def test_the_form_of_an_entry_shows_what_was_saved(service: Service) -> None:
    browser = Browser(service, cast.EDITOR)
    entry_id = _id(browser.post("/entries", **FULL_FORM).location)
    before = _entry(service, entry_id)
    page = browser.get(f"/entries/{entry_id}/edit")
    names = [
        name for name in FULL_FORM if not name.startswith("citation") and name not in ("channels", "note")
    ]
    again = {name: page.value(name) for name in names} | {
        "citation_number": [each.document_number for each in before.text.citations],
        "citation_title": [each.document_title for each in before.text.citations],
        "citation_clause": [each.clause for each in before.text.citations],
        "channels": ["hotline", "website"],
        "version": page.value("version"),
    }
    browser.post(f"/entries/{entry_id}/edit", **again)
    assert _entry(service, entry_id).text == before.text


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"question": " "}, "不能为空"),
        ({"question": "问" * 201}, "最多200个字"),
        ({"answer": ""}, "不能为空"),
        ({"answer": "答" * 5001}, "最多5000个字"),
        ({"variants": "似" * 201}, "最多200个字"),
        ({"region": "999999"}, "应为六位行政区划代码"),
        ({"insured_group": "nobody"}, "请从列表中选择"),
        ({"channels": ["pigeon"]}, "请从列表中选择"),
        ({"effective_from": "昨天"}, "应为日期，形如 2026-01-31"),
        ({"effective_from": "2026-02-01", "effective_until": "2026-01-01"}, "不能早于生效日期2026-02-01"),
        ({"disclosure": ""}, "请从列表中选择"),
        ({"citation_number": "", "citation_title": "", "citation_clause": "第一条"}, "请填写文号或文件名"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_cannot_be_saved_is_told_beside_the_field_and_nothing_typed_is_lost(
    service: Service, typed: dict[str, object], problem: str
) -> None:
    page = Browser(service, cast.EDITOR).post("/entries", **{**ENTRY_FORM, "note": "留着我", **typed})
    assert page.status == 422
    assert page.has(problem)
    assert page.value("note") == "留着我"
    for name in ("question", "answer", "variants", "effective_from"):
        assert page.value(name) == str(typed.get(name, ENTRY_FORM.get(name, ""))).strip()


def test_several_problems_are_told_at_once(service: Service) -> None:
    typed = {**ENTRY_FORM, "question": "", "effective_from": "x", "effective_until": "y"}
    page = Browser(service, cast.EDITOR).post("/entries", **typed)
    assert page.html.count('aria-invalid="true"') == 3


def test_whoever_saves_second_keeps_the_text_and_sees_the_other_one(service: Service) -> None:
    entry = service.draft()
    browser = Browser(service, cast.EDITOR)
    stale = browser.get(f"/entries/{entry.id}/edit").value("version")
    other = replace(entry.text, answer="同事写的答案。")
    service.application.publishing.edit(entry.id, entry.version, other, cast.COLLEAGUE, "先存了")
    mine = {**ENTRY_FORM, "answer": "我写的答案。"}
    page = browser.post(f"/entries/{entry.id}/edit", version=stale, **mine)
    assert page.status == 409
    assert page.value("answer") == "我写的答案。"
    assert page.has("童同事")
    assert "<del>同事</del>" in page.html
    assert _entry(service, entry.id).text == other
    again = browser.post(f"/entries/{entry.id}/edit", version=page.value("version"), **mine)
    assert again.status == 303
    with service.application.store.reading() as records:
        assert [each.author for each in records.entries.revisions(entry.id)] == [
            "editor",
            "colleague",
            "editor",
        ]


def test_the_list_is_filtered_by_status_words_and_author(service: Service) -> None:
    service.draft(replace(ALLOWANCE, question="编辑的草稿"))
    service.draft(replace(ALLOWANCE, question="同事的草稿"), by=cast.COLLEAGUE)
    service.publish(replace(ALLOWANCE, question="已经发布的"))
    browser = Browser(service, cast.EDITOR)

    def shown(query: str) -> set[str]:
        page = browser.get(f"/department?{query}")
        return {each for each in ("编辑的草稿", "同事的草稿", "已经发布的") if page.has(each)}

    assert shown("") == {"编辑的草稿", "同事的草稿", "已经发布的"}
    assert shown("status=DRAFT") == {"编辑的草稿", "同事的草稿"}
    assert shown("status=DRAFT&mine=1") == {"编辑的草稿"}
    assert shown("text=同事的") == {"同事的草稿"}
    assert shown("status=WITHDRAWN") == set()
    assert browser.get("/department?status=WITHDRAWN").has("没有符合条件的条目")


def test_a_long_list_comes_in_pages_that_keep_the_filter(service: Service) -> None:
    for number in range(45):
        service.draft(replace(ALLOWANCE, question=f"第{number}个草稿"))
    browser = Browser(service, cast.EDITOR)
    first = browser.get("/department?status=DRAFT")
    assert first.has("共 45 条，第 1 / 3 页")
    assert "/department?status=DRAFT&amp;page=2" in first.html
    last = browser.get("/department?status=DRAFT&page=3")
    assert last.html.count("<tr>") == 6
    assert browser.get("/department?page=0").status == 422
    assert browser.get("/department?page=999").status == 200


def test_an_entry_goes_through_review_page_by_page(service: Service) -> None:
    entry = service.publish()
    edited = service.application.publishing.edit(
        entry.id, entry.version, replace(entry.text, answer=entry.text.answer + "逾期不补。"), cast.EDITOR
    )
    editor = Browser(service, cast.EDITOR)
    assert editor.post(f"/entries/{entry.id}/submit", version=edited.version).location.endswith(
        "done=submitted"
    )
    assert Browser(service, cast.OUTSIDER).get("/department/review").has("没有等您审签的条目")
    for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
        browser = Browser(service, signer)
        assert browser.get("/department/review").has(entry.text.question)
        page = browser.get(f"/entries/{entry.id}/review")
        assert page.has("与在用的第1版相比")
        assert "<ins>逾期不补。</ins>" in page.html
        signed = browser.post(f"/entries/{entry.id}/sign", version=page.value("version"))
        assert signed.location.startswith("/department/review?done=")
        assert browser.get("/department/review").has("没有等您审签的条目")
    assert _entry(service, entry.id).published_revision == 2


def test_a_returned_entry_carries_its_reason_back(service: Service) -> None:
    entry = service.draft()
    sent = service.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    head = Browser(service, cast.HEAD)
    refused = head.post(f"/entries/{entry.id}/return", version=sent.version, reason="  ")
    assert refused.status == 422
    assert refused.has("不能为空，请写明需要修改什么")
    head.post(f"/entries/{entry.id}/return", version=sent.version, reason="请补充依据")
    editor = Browser(service, cast.EDITOR)
    assert editor.get(f"/entries/{entry.id}").has("退回原因：请补充依据")
    assert editor.get("/department?status=RETURNED").has("请补充依据")


def test_signing_what_changed_meanwhile_is_refused_and_the_reason_typed_is_kept(service: Service) -> None:
    entry = service.draft()
    sent = service.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    recalled = service.application.publishing.recall(entry.id, sent.version, cast.EDITOR)
    again = service.application.publishing.submit(entry.id, recalled.version, cast.EDITOR)
    head = Browser(service, cast.HEAD)
    assert head.post(f"/entries/{entry.id}/sign", version=sent.version).status == 409
    page = head.post(f"/entries/{entry.id}/return", version=sent.version, reason="写了很长的原因")
    assert page.status == 409
    assert page.value("reason") == "写了很长的原因"
    assert _entry(service, entry.id) == again


def test_a_reviewer_who_wrote_the_revision_is_told_who_must_sign(service: Service) -> None:
    both = replace(cast.HEAD, roles=cast.HEAD.roles | cast.EDITOR.roles)
    with service.application.store.writing("system") as records:
        records.people.save_member(both)
    entry = service.draft(by=both)
    service.application.publishing.submit(entry.id, entry.version, both)
    page = Browser(service, both).get("/department/review")
    assert page.has("须由另一人办理")


def test_an_entry_is_recalled_withdrawn_and_restored(service: Service) -> None:
    entry = service.draft()
    editor = Browser(service, cast.EDITOR)
    sent = service.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    assert editor.post(f"/entries/{entry.id}/recall", version=sent.version).status == 303
    recalled = _entry(service, entry.id)
    assert recalled.status is EntryStatus.DRAFT
    released = service.release(recalled)
    publisher = Browser(service, cast.PUBLISHER)
    assert publisher.post(f"/entries/{entry.id}/withdraw", version=released.version, reason="").has(
        "不能为空"
    )
    assert (
        publisher.post(f"/entries/{entry.id}/withdraw", version=released.version, reason="政策调整").status
        == 303
    )
    withdrawn = _entry(service, entry.id)
    assert withdrawn.status is EntryStatus.WITHDRAWN
    editor.post(f"/entries/{entry.id}/edit", version=withdrawn.version, **{**ENTRY_FORM, "answer": "改坏了"})
    edited = _entry(service, entry.id)
    compared = editor.get(f"/entries/{entry.id}/compare?from=1&to=2")
    assert compared.has("恢复第1版")
    editor.post(f"/entries/{entry.id}/restore", version=edited.version, revision=1)
    assert _entry(service, entry.id).text == entry.text
    trail = editor.get(f"/entries/{entry.id}")
    for done in ("起草", "撤回", "审签", "签发并发布", "下架：政策调整", "恢复旧版：恢复自第1版"):
        assert trail.has(done), done


def test_steps_that_the_rules_forbid_are_not_offered(service: Service) -> None:
    entry = service.draft()
    offered = {
        member.login: [step for step in ("提交审核", "修改", "撤回", "下架") if f">{step}<" in page.html]
        for member in (cast.EDITOR, cast.HEAD, cast.ADMIN, cast.AUDITOR)
        for page in [Browser(service, member).get(f"/entries/{entry.id}")]
    }
    assert offered == {"editor": ["提交审核", "修改"], "head": [], "admin": [], "auditor": []}


def test_a_citation_of_an_unregistered_document_is_marked(service: Service) -> None:
    cited = (Citation("测发〔2020〕1号", "没登记的", "第一条"), *ALLOWANCE.citations)
    service.register()
    entry = service.draft(replace(ALLOWANCE, citations=cited))
    page = Browser(service, cast.EDITOR).get(f"/entries/{entry.id}")
    assert page.html.count("未登记") == 1


def test_only_administrators_choose_the_department(service: Service) -> None:
    assert "待遇结算处" not in Browser(service, cast.EDITOR).get("/entries/new").html
    refused = Browser(service, cast.EDITOR).post("/entries", **{**ENTRY_FORM, "department": "settlement"})
    assert refused.status == 403
