"""The department's pages in a real browser: what scripts add to them."""

from playwright.sync_api import Dialog, expect

from tests import cast
from tests.browser.site import PASSWORD, Visit


def test_an_entry_goes_from_the_form_to_the_air(visit: Visit) -> None:
    page = visit.sign_in(cast.EDITOR, "/department")
    page.get_by_role("link", name="起草新条目").click()
    page.get_by_label("标准问").fill("陪产假期间的津贴由谁发？")
    page.get_by_label("答案").fill("由**用人单位**发放。\n\n- 以当地规定为准")
    page.get_by_label("文号").first.fill("国务院令第619号")
    page.get_by_label("条款").first.fill("第七条")
    page.get_by_role("button", name="再加一行").click()
    expect(page.get_by_label("文号")).to_have_count(3)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("已保存为草稿")).to_be_visible()
    expect(page.get_by_text("《女职工劳动保护特别规定》（国务院令第619号）")).to_be_visible()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核。")).to_be_visible()

    for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
        page = visit.sign_in(signer, "/department/review")
        page.get_by_role("link", name="陪产假期间的津贴由谁发？").click()
        page.get_by_role("button", name="同意").click()
        if signer is cast.PUBLISHER:
            page.get_by_role("dialog").get_by_role("button", name="确定").click()
        page.wait_for_url("**/department/review?done=*")
    expect(page.get_by_text("已签发并发布")).to_be_visible()


def test_giving_up_in_the_dialog_changes_nothing(visit: Visit) -> None:
    entry = visit.site.draft("撤回前要问一句吗？")
    visit.site.application.publishing.submit(entry.id, entry.version, cast.EDITOR)
    page = visit.sign_in(cast.EDITOR, f"/entries/{entry.id}")
    page.get_by_role("button", name="撤回").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("已有的审签作废")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="撤回")).to_be_visible()
    page.get_by_role("button", name="撤回").click()
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已撤回，可以继续修改。")).to_be_visible()


def test_leaving_a_form_that_was_changed_is_asked_about(visit: Visit) -> None:
    page = visit.sign_in(cast.EDITOR, "/entries/new")
    page.get_by_label("标准问").press_sequentially("写到一半")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="取消").click()
    page.wait_for_url("**/department")
    assert asked == ["beforeunload"]


def test_what_was_typed_survives_a_session_that_ended_meanwhile(visit: Visit) -> None:
    page = visit.sign_in(cast.EDITOR, "/entries/new")
    page.get_by_label("标准问").fill("登录过期会丢稿吗？")
    page.get_by_label("答案").fill("不会。")
    for _ in range(2):
        page.get_by_role("button", name="再加一行").click()
    expect(page.get_by_label("条款")).to_have_count(4)
    page.get_by_label("条款").last.fill("第九条")
    page.get_by_label("网站").check()
    visit.context.clear_cookies()
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url("**/sign-in")
    page.get_by_label("账号").fill(cast.EDITOR.login)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/ask")
    page.goto(visit.site.address + "/entries/new")
    page.get_by_role("button", name="恢复填写的内容").click()
    expect(page.get_by_label("标准问")).to_have_value("登录过期会丢稿吗？")
    expect(page.get_by_label("条款").last).to_have_value("第九条")
    expect(page.get_by_label("网站")).to_be_checked()
    page.get_by_label("文号").last.fill("国务院令第619号")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("已保存为草稿")).to_be_visible()
    page.goto(visit.site.address + "/entries/new")
    expect(page.get_by_role("button", name="恢复填写的内容")).to_be_hidden()


def test_two_editors_at_once_lose_nothing(visit: Visit) -> None:
    entry = visit.site.draft("两个人同时改会怎样？")
    page = visit.sign_in(cast.EDITOR, f"/entries/{entry.id}/edit")
    page.get_by_label("答案").fill("这是我写的答案。")
    visit.site.application.publishing.edit(entry.id, entry.version, entry.text, cast.COLLEAGUE, "先存了")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_role("alert")).to_contain_text("童同事")
    expect(page.get_by_label("答案")).to_have_value("这是我写的答案。")
    # The refusal itself is what the console tells about.
    assert all("409" in complaint for complaint in visit.complaints)
    visit.complaints.clear()
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_text("已保存为新的版本。")).to_be_visible()
