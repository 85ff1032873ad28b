"""The department's box of wordings and reports, and the operator's two buttons."""

import re
from pathlib import Path

import pytest

from knowledge.entry import EntryStatus, FaqEntry
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service
from tests.qa_service.http.reading_pages import Browser

WORDING = "娃落地以后补贴找谁要"
PAGE = "/department/learning"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Words alone: every question here is one that they tell apart, and nothing has to be encoded."""
    return Settings(data=tmp_path, encoder="none", website_per_minute=1000)


@pytest.fixture
def entry(service: Service) -> FaqEntry:
    service.furnish()
    service.register()
    return service.publish()


@pytest.fixture
def operator(service: Service, entry: FaqEntry) -> Browser:
    return Browser(service, cast.OPERATOR)


@pytest.fixture
def editor(service: Service, entry: FaqEntry) -> Browser:
    return Browser(service, cast.EDITOR)


def pick(operator: Browser, entry: FaqEntry, wording: str = WORDING) -> None:
    shown = operator.part("/ask/pick", q=wording, entry_id=entry.id, revision=1)
    assert shown.status == 200, shown.text


def numbers(editor: Browser) -> tuple[str, ...]:
    return tuple(re.findall(r'name="proposal" value="(\d+)"', editor.get(PAGE).html))


def stored(service: Service, entry: FaqEntry) -> FaqEntry:
    with service.application.store.reading() as records:
        return records.entries.get(entry.id)


def test_an_operator_picks_from_what_was_found(operator: Browser, editor: Browser, entry: FaqEntry) -> None:
    found = operator.get("/ask/results?q=医保怎么报销").html
    assert 'hx-post="/ask/pick"' in found
    assert 'hx-post="/ask/wrong"' in found
    told = operator.part("/ask/pick", q=WORDING, entry_id=entry.id, revision=1)
    assert told.has("已记下选用这条")
    page = editor.get(PAGE)
    assert page.has("群众问法待确认")
    assert page.has(WORDING)
    assert page.has("坐席选用 1")
    assert editor.get("/department").has("群众问法 1")


def test_the_answer_itself_needs_no_picking(operator: Browser) -> None:
    page = operator.post("/ask", q=ALLOWANCE.question)
    best = re.search(r'<li class="hit best">.*?(?=<li class="hit|\Z)', page.html, re.DOTALL)
    assert best is not None
    assert "选用这条" not in best[0]
    assert "答错了" in best[0]


def test_without_scripts_the_buttons_lead_back_to_the_page(operator: Browser, entry: FaqEntry) -> None:
    for path in ("/ask/pick", "/ask/wrong"):
        sent = operator.post(path, q=WORDING, entry_id=entry.id, revision=1)
        assert (sent.status, sent.location) == (303, "/ask")


@pytest.mark.parametrize("path", ["/ask/pick", "/ask/wrong"])
def test_what_was_replaced_meanwhile_is_told(operator: Browser, entry: FaqEntry, path: str) -> None:
    told = operator.part(path, q=WORDING, entry_id=entry.id, revision=7)
    assert told.status == 409
    assert told.has("新的版本")
    assert operator.part(path, q=WORDING, entry_id=999, revision=1).has("没有编号为 999 的条目")


def test_one_click_takes_the_wordings_into_a_draft(
    service: Service, operator: Browser, editor: Browser, entry: FaqEntry
) -> None:
    pick(operator, entry)
    pick(operator, entry, "孕妇补助谁给")
    done = editor.post(f"{PAGE}/accept", entry_id=entry.id, version=entry.version, proposal=numbers(editor))
    assert done.location == f"/entries/{entry.id}?done=wordings-accepted"
    drafted = stored(service, entry)
    assert drafted.status is EntryStatus.DRAFT
    assert drafted.text.variants[-2:] == (WORDING, "孕妇补助谁给")
    assert editor.get(PAGE).has("没有待确认的问法")


def test_one_click_takes_them_in_and_submits(
    service: Service, operator: Browser, editor: Browser, entry: FaqEntry
) -> None:
    pick(operator, entry)
    values = {"entry_id": entry.id, "version": entry.version, "proposal": numbers(editor), "then": "submit"}
    assert editor.post(f"{PAGE}/accept", **values).location.endswith("?done=wordings-submitted")
    assert stored(service, entry).status is EntryStatus.IN_REVIEW


def test_a_refusal_is_undone_on_the_same_page(operator: Browser, editor: Browser, entry: FaqEntry) -> None:
    pick(operator, entry)
    (number,) = numbers(editor)
    assert editor.post(f"{PAGE}/decline", proposal=number).location == f"{PAGE}?done=wordings-declined"
    page = editor.get(PAGE)
    assert page.has("没有待确认的问法")
    assert page.has("近来不采用的")
    assert editor.post(f"{PAGE}/reopen", proposal=number).status == 303
    assert numbers(editor) == (number,)


def test_what_cannot_be_done_is_told_on_the_page(
    service: Service, operator: Browser, editor: Browser, entry: FaqEntry
) -> None:
    pick(operator, entry)
    none = editor.post(f"{PAGE}/accept", entry_id=entry.id, version=entry.version)
    assert none.status == 422
    assert none.has("请至少选择一条")
    odd = editor.post(f"{PAGE}/accept", entry_id=entry.id, version=entry.version, proposal="x")
    assert odd.status == 422
    stale = editor.post(f"{PAGE}/accept", entry_id=entry.id, version=0, proposal=numbers(editor))
    assert stale.status == 409
    assert stale.has("刚刚被他人修改过")
    (number,) = numbers(editor)
    editor.post(f"{PAGE}/decline", proposal=number)
    assert editor.post(f"{PAGE}/decline", proposal=number).status == 409


def test_whoever_does_not_decide_sees_no_buttons(
    service: Service, operator: Browser, entry: FaqEntry
) -> None:
    pick(operator, entry)
    page = Browser(service, cast.HEAD).get(PAGE)
    assert page.has(WORDING)
    assert "加入并送审" not in page.html
    assert not Browser(service, cast.OUTSIDER).get(PAGE).has(WORDING)
    assert Browser(service, cast.OUTSIDER).get(f"{PAGE}?department=benefits").status == 403
    assert Browser(service, cast.AUDITOR).get(f"{PAGE}?department=all").has(WORDING)
    sent = Browser(service, cast.HEAD).post(f"{PAGE}/decline", proposal=1)
    assert sent.status == 403


def test_a_reported_answer_is_first_on_the_desk_until_somebody_has_looked(
    service: Service, operator: Browser, editor: Browser, entry: FaqEntry
) -> None:
    told = operator.part("/ask/wrong", q="补贴谁给", entry_id=entry.id, revision=1, comment="文件改了")
    assert told.has("核实之前不再直接作答")
    for path in ("/department", "/department/review", "/department/tickets"):
        assert editor.get(path).has("有 1 个条目有反映答错")
    assert editor.get(PAGE).has("暂不直接作答")
    asked = operator.post("/ask", q=ALLOWANCE.question)
    assert asked.has("请选择")
    assert asked.has("归属处室正在核实")
    assert asked.has("有反映答错，处室核实中")
    page = editor.get(f"/entries/{entry.id}")
    assert page.has("文件改了")
    assert page.has("工作人员 1 次")
    empty = editor.post(f"/entries/{entry.id}/reports/close", version=entry.version, reason=" ")
    assert empty.status == 422
    done = editor.post(f"/entries/{entry.id}/reports/close", version=entry.version, reason="与第八条一致")
    assert done.location == f"/entries/{entry.id}?done=reports-closed"
    page = editor.get(f"/entries/{entry.id}")
    assert page.has("答案无误：与第八条一致")
    assert page.has("核实反映")
    assert not editor.get("/department").has("有反映答错")
    assert operator.post("/ask", q=ALLOWANCE.question).has("已找到答案")


def test_only_those_who_answer_for_the_text_close_reports(
    service: Service, operator: Browser, entry: FaqEntry
) -> None:
    operator.part("/ask/wrong", q="补贴谁给", entry_id=entry.id, revision=1)
    for member in (cast.OPERATOR, cast.OUTSIDER, cast.AUDITOR):
        browser = Browser(service, member)
        assert "核实完毕" not in browser.get(f"/entries/{entry.id}").html
        sent = browser.post(f"/entries/{entry.id}/reports/close", version=1, reason="没问题")
        assert sent.status == 403


def test_what_people_said_of_an_answer_stands_on_the_entrys_page(service: Service, entry: FaqEntry) -> None:
    website = service.by_key(public=True)
    for helpful, comment in ((True, ""), (True, "很清楚"), (False, "没说材料<b>")):
        body = {"question": "补贴谁给", "entry_id": entry.id, "helpful": helpful, "comment": comment}
        website.post("/api/v1/feedback", json=body)
    page = Browser(service, cast.EDITOR).get(f"/entries/{entry.id}")
    assert page.has("有用 2 次，没用 1 次")
    assert page.has("没说材料<b>")
    assert "<b>" not in page.html


def test_the_page_is_for_members_alone(service: Service) -> None:
    assert Browser(service, None).get(PAGE).location.startswith("/sign-in")
