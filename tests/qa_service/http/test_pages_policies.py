"""The register of policy documents on pages."""

from dataclasses import replace

import pytest

from knowledge.policy import PolicyDocument, Validity
from tests import cast
from tests.qa_service.http.calling import LAW, Service
from tests.qa_service.http.reading_pages import Browser

FORM = {
    "title": "《关于门诊共济的通知》",
    "number": "测医保发(2024)12号",
    "issuer": "测试市医疗保障局",
    "co_issuers": "测试市财政局\r\n测试市卫生健康委",
    "topic": "门诊统筹",
    "signed_on": "2024-05-01",
    "validity": "IN_FORCE",
    "disclosure": "ON_INITIATIVE",
    "repeals": "测医保发〔2019〕3号",
    "text": "全文如下",
}


def _document(service: Service, policy_id: int) -> PolicyDocument:
    with service.application.store.reading() as records:
        return records.policies.get(policy_id)


def test_a_document_is_registered(service: Service) -> None:
    browser = Browser(service, cast.EDITOR)
    page = browser.post("/policies", **FORM)
    assert page.location == "/policies/1?done=policy-added"
    document = _document(service, 1)
    assert (document.title, document.number) == ("关于门诊共济的通知", "测医保发〔2024〕12号")
    assert document.co_issuers == ("测试市财政局", "测试市卫生健康委")
    assert browser.get("/policies/1").has("测试市医疗保障局、测试市财政局、测试市卫生健康委")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"title": "《》"}, "不能为空，请填写文件名"),
        ({"number": "第一号文件"}, "没有文号的文件请留空"),
        ({"signed_on": "去年"}, "应为日期"),
        ({"validity": "SOMETIMES"}, "请从列表中选择"),
        ({"topic": "题" * 61}, "最多60个字"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_what_cannot_be_registered_is_told_and_kept(
    service: Service, typed: dict[str, str], problem: str
) -> None:
    page = Browser(service, cast.EDITOR).post("/policies", **{**FORM, **typed})
    assert page.status == 422
    assert page.has(problem)
    assert page.value("text") == "全文如下"


def test_a_number_is_registered_once(service: Service) -> None:
    browser = Browser(service, cast.EDITOR)
    browser.post("/policies", **FORM)
    page = browser.post("/policies", **{**FORM, "title": "另一份"})
    assert page.status == 409
    assert page.has("已经登记")
    assert page.value("title") == "另一份"


def test_documents_are_found_by_words_number_and_validity(service: Service) -> None:
    service.register()
    service.register(PolicyDocument("旧通知", "测发〔2011〕3号", validity=Validity.REPEALED, topic="旧规"))
    browser = Browser(service, cast.OPERATOR)
    assert browser.get("/policies?text=国务院令第 619 号").has(LAW.title)
    assert not browser.get("/policies?text=旧通知").has(LAW.title)
    assert not browser.get("/policies?validity=REPEALED").has(LAW.title)
    assert browser.get("/policies?topic=旧规").has("旧通知")
    assert browser.get("/policies?text=没有").has("没有符合条件的文件")


def test_a_citation_leads_to_its_document(service: Service) -> None:
    document = service.register()
    browser = Browser(service, cast.OPERATOR)
    assert browser.get("/policies/find?number=国务院令第619号").location == f"/policies/{document.id}"
    assert browser.get(f"/policies/find?title={LAW.title}").location == f"/policies/{document.id}"
    assert browser.get("/policies/find?number=x&title=y").location == "/policies?text=x"


def test_a_document_shows_what_rests_on_it_and_how_much_would_fall_silent(service: Service) -> None:
    document = service.register()
    published = service.publish()
    draft = service.draft(replace(published.text, question="还在起草的条目"))
    page = Browser(service, cast.EDITOR).get(f"/policies/{document.id}")
    assert page.has("依据此文件的条目（2）")
    assert page.has("有 1 条正在答复的条目以此文件为依据")
    outside = Browser(service, cast.OPERATOR).get(f"/policies/{document.id}")
    assert outside.has(published.text.question)
    assert not outside.has(draft.text.question)
    assert not outside.has("改为“已废止”")


def test_validity_changes_with_a_reason_and_the_answers_fall_silent(service: Service) -> None:
    document = service.register()
    service.publish()
    browser = Browser(service, cast.PUBLISHER)
    path = f"/policies/{document.id}/validity"
    typed = {"validity": "REPEALED", "valid_until": "", "version": document.version}
    refused = browser.post(path, reason="", **typed)
    assert refused.status == 422
    assert refused.has("变更效力须写明依据")
    assert refused.value("validity") == "REPEALED"
    assert browser.post(path, reason="被新法废止", **typed).status == 303
    service.index()
    assert not Browser(service, cast.OPERATOR).get("/ask?q=生孩子的钱怎么领").has("由用人单位或本人向参保地")
    page = browser.get(f"/policies/{document.id}")
    assert page.has("此文件已不再有效")
    assert page.has("变更效力：被新法废止")


def test_a_stale_or_misspelt_change_of_validity_changes_nothing(service: Service) -> None:
    document = service.register()
    browser = Browser(service, cast.PUBLISHER)
    path = f"/policies/{document.id}/validity"
    stale = browser.post(path, validity="REPEALED", reason="某文", version=document.version + 1)
    assert stale.status == 409
    assert stale.value("reason") == "某文"
    assert browser.post(path, validity="LOST", reason="某文", version=document.version).has("请从列表中选择")
    late = {"validity": "IN_FORCE", "valid_until": "明天", "reason": "某文", "version": document.version}
    assert browser.post(path, **late).has("应为日期")
    assert _document(service, document.id) == document


def test_who_keeps_no_register_may_not_change_it(service: Service) -> None:
    document = service.register()
    for member in (cast.OPERATOR, cast.AUDITOR, cast.HEAD):
        browser = Browser(service, member)
        assert browser.get("/policies/new").status == 403
        assert browser.post("/policies", **FORM).status == 403
        typed = {"validity": "REPEALED", "reason": "某文", "version": document.version}
        assert browser.post(f"/policies/{document.id}/validity", **typed).status == 403
        assert "变更依据" not in browser.get(f"/policies/{document.id}").html


def test_a_record_is_corrected_without_touching_validity(service: Service) -> None:
    document = service.register(replace(LAW, validity=Validity.AMENDED))
    browser = Browser(service, cast.EDITOR)
    form = browser.get(f"/policies/{document.id}/edit")
    typed = {**FORM, "number": LAW.number, "version": form.value("version"), "validity": "REPEALED"}
    assert browser.post(f"/policies/{document.id}/edit", **typed).status == 303
    saved = _document(service, document.id)
    assert (saved.title, saved.validity) == ("关于门诊共济的通知", Validity.AMENDED)
    stale = browser.post(f"/policies/{document.id}/edit", **{**typed, "text": "我写的"})
    assert stale.status == 409
    assert stale.value("text") == "我写的"
    wrong = browser.post(f"/policies/{document.id}/edit", **{**typed, "title": ""})
    assert wrong.status == 422


@pytest.mark.parametrize("name", ["text", "q"])
def test_the_register_is_searched(service: Service, name: str) -> None:
    service.register()
    service.register(replace(LAW, title="另一份", number="国家医疗保障局公告2021年第22号"))
    page = Browser(service, cast.OPERATOR).get(f"/policies?{name}=国家医疗保障局公告（2021年第22号）")
    assert (page.has("另一份"), page.has(LAW.title)) == (True, False)
