"""The hotline desk in a real browser, against the real server."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.site import Visit

QUESTION = "生孩子的钱怎么领"
ANSWER = "生育后由用人单位或本人向参保地医保经办机构申领生育津贴"
UNANSWERABLE = "火星上的外星人怎么办理护照"


@pytest.fixture
def desk(visit: Visit) -> Page:
    """The page of an operator who has just signed in."""
    return visit.sign_in(cast.OPERATOR)


def test_an_operator_reads_the_answer_with_its_citation(desk: Page) -> None:
    desk.get_by_label("来电人的问题").fill(QUESTION)
    desk.get_by_role("button", name="提问").click()
    expect(desk.get_by_text("已找到答案", exact=True).first).to_be_visible()
    best = desk.locator(".hit.best")
    expect(best).to_contain_text(ANSWER)
    expect(best).to_contain_text("《女职工劳动保护特别规定》（国务院令第619号）第八条")
    expect(best).to_contain_text("待遇保障处")
    expect(best).to_contain_text("把握高")
    best.get_by_role("link", name="《女职工劳动保护特别规定》").click()
    expect(desk.get_by_role("heading", name="女职工劳动保护特别规定")).to_be_visible()


def test_results_come_while_typing_and_nothing_is_recorded(desk: Page, visit: Visit) -> None:
    before = visit.site.asked()
    desk.get_by_label("来电人的问题").press_sequentially(QUESTION)
    expect(desk.locator(".hit.best")).to_contain_text(ANSWER)
    assert visit.site.asked() == before
    desk.keyboard.press("Enter")
    expect(desk.locator(".hit.best")).to_contain_text(ANSWER)
    desk.wait_for_load_state("networkidle")
    assert visit.site.asked() == before + 1


def test_a_question_asked_in_earnest_keeps_its_receipt_on_the_page(visit: Visit) -> None:
    visit.context.clock.install()
    desk = visit.sign_in(cast.OPERATOR)
    box = desk.get_by_label("来电人的问题")
    box.press_sequentially("火星上的邮局几点开门")
    box.press("Enter")
    expect(desk.locator("#results .receipt-code")).to_be_visible()
    # The preview of the last letters was due after this: it must not come and take the receipt away.
    before = len(visit.requests)
    desk.clock.fast_forward(5_000)
    expect(desk.locator("#results .receipt-code")).to_be_visible()
    assert visit.requests[before:] == []


def test_nothing_is_searched_while_an_input_method_is_composing(visit: Visit) -> None:
    visit.context.clock.install()
    desk = visit.sign_in(cast.OPERATOR)
    desk.get_by_label("来电人的问题").focus()
    keyboard = visit.context.new_cdp_session(desk)
    before = len(visit.requests)
    keyboard.send("Input.imeSetComposition", {"text": "yibao", "selectionStart": 5, "selectionEnd": 5})
    desk.clock.fast_forward(5_000)
    assert visit.requests[before:] == []
    keyboard.send("Input.insertText", {"text": "异地就医备案"})
    desk.clock.fast_forward(5_000)
    expect(desk.locator(".hit").first).to_be_visible()
    assert all("yibao" not in url for url in visit.requests)


def test_a_session_that_has_ended_leads_to_the_sign_in_page(desk: Page, visit: Visit) -> None:
    visit.context.clear_cookies()
    desk.get_by_label("来电人的问题").press_sequentially("异地")
    desk.wait_for_url("**/sign-in")
    # The refusal itself is what the console tells about.
    assert all("401" in complaint for complaint in visit.complaints)
    visit.complaints.clear()


def test_an_unanswerable_question_is_escalated_and_its_receipt_read_without_an_account(
    desk: Page, visit: Visit
) -> None:
    desk.get_by_label("来电人的问题").press_sequentially(UNANSWERABLE)
    expect(desk.locator("#results").get_by_text("未找到", exact=True)).to_be_visible()
    panel = desk.get_by_role("complementary", name="登记待答问题")
    expect(panel.get_by_label("问题", exact=False).first).to_have_value(UNANSWERABLE)
    panel.get_by_label("回电备注").fill("王女士 13812345678 下午")
    panel.get_by_label("转给").select_option(label="待遇保障处")
    panel.get_by_role("button", name="登记").click()
    code = panel.locator(".receipt-code")
    expect(code).to_have_text(re.compile(r"^[2-9A-Z]{10}$"))
    expect(panel).to_contain_text("已转待遇保障处")
    receipt = code.inner_text()

    visit.context.clear_cookies()
    public = visit.open("/receipt")
    public.get_by_label("查询码").fill(receipt.lower())
    public.get_by_role("button", name="查询").click()
    expect(public.get_by_role("heading", name=UNANSWERABLE)).to_be_visible()
    expect(public.get_by_text("问题已转承办处室办理")).to_be_visible()
    expect(public.get_by_text("13812345678")).to_have_count(0)


def test_the_keyboard_alone_is_enough(desk: Page) -> None:
    box = desk.get_by_label("来电人的问题")
    desk.locator("body").click(position={"x": 5, "y": 700})
    desk.keyboard.press("/")
    expect(box).to_be_focused()
    desk.keyboard.type("异地就医备案")
    expect(desk.locator(".hit").first).to_be_visible()
    desk.keyboard.press("ArrowDown")
    first = desk.locator(".hit summary").first
    expect(first).to_be_focused()
    details = desk.locator(".hit details").first
    was_open = details.evaluate("each => each.open")
    desk.keyboard.press("Enter")
    assert details.evaluate("each => each.open") is not was_open
    desk.keyboard.press("ArrowUp")
    expect(box).to_be_focused()


def test_an_answer_is_copied_with_its_sources(desk: Page, visit: Visit) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.get_by_label("来电人的问题").fill(QUESTION)
    desk.keyboard.press("Enter")
    desk.locator(".hit.best").get_by_role("button", name="复制答案").click()
    expect(desk.get_by_role("button", name="已复制")).to_be_visible()
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert ANSWER in copied
    assert "依据：《女职工劳动保护特别规定》（国务院令第619号）第八条" in copied


def test_an_answer_is_rated_where_it_stands(desk: Page, visit: Visit) -> None:
    desk.get_by_label("来电人的问题").fill(QUESTION)
    desk.keyboard.press("Enter")
    desk.locator(".hit.best").get_by_role("button", name="有用").click()
    expect(desk.locator(".hit.best")).to_contain_text("已记录：有用")
    with visit.site.application.store.reading() as records:
        assert records.questions.feedback()[0].question == QUESTION


def test_a_preset_narrows_what_is_found(desk: Page) -> None:
    desk.get_by_label("来电人的问题").press_sequentially(QUESTION)
    expect(desk.locator(".hit.best")).to_be_visible()
    with desk.expect_request(lambda request: "insured_group=resident" in request.url):
        desk.get_by_label("险种").select_option(label="居民")


def test_asking_works_without_scripts(visit: Visit) -> None:
    browser = visit.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain = Visit(visit.site, context, visit.requests, visit.complaints)
    plain.watch()
    page = plain.sign_in(cast.OPERATOR)
    page.get_by_label("来电人的问题").fill(QUESTION)
    page.get_by_role("button", name="提问").click()
    expect(page.locator(".hit.best")).to_contain_text(ANSWER)
    page.get_by_role("complementary").get_by_role("button", name="登记").click()
    page.wait_for_url("**/receipt?code=*")
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    context.close()
