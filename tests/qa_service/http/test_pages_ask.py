"""Asking on the page: what is shown, what is recorded, what is handed on."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.segment import Segmenter
from knowledge.entry import InsuredGroup
from knowledge.store import TicketFilter
from knowledge.ticket import Ticket
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service, running
from tests.qa_service.http.reading_pages import Browser

QUESTION = "生孩子的钱怎么领"
UNANSWERABLE = "火星上的外星人怎么办理护照"


@pytest.fixture
def desk(service: Service) -> Browser:
    """An operator's browser; there is something to find."""
    service.furnish()
    service.register()
    service.publish()
    return Browser(service, cast.OPERATOR)


def _asked(service: Service) -> dict[str, int]:
    with service.application.store.reading() as records:
        return dict(records.questions.statistics()["questions"])


def _tickets(service: Service) -> tuple[Ticket, ...]:
    with service.application.store.reading() as records:
        return records.tickets.list(TicketFilter()).items


def test_an_answer_stands_with_citation_department_dates_and_confidence(desk: Browser) -> None:
    page = desk.post("/ask", q=QUESTION)
    assert page.has("已找到答案")
    assert page.has(ALLOWANCE.answer)
    assert page.has("《女职工劳动保护特别规定》（国务院令第619号） 第八条")
    assert page.has("待遇保障处")
    assert page.has("长期有效")
    assert page.has("把握高")
    assert page.has("最接近的问法")
    assert "<mark>" in page.html


def test_asking_in_earnest_is_recorded_and_typing_ahead_is_not(service: Service, desk: Browser) -> None:
    desk.get(f"/ask?q={QUESTION}")
    desk.get(f"/ask/results?q={QUESTION}")
    desk.get(f"/ask/results?q={UNANSWERABLE}")
    assert _asked(service) == {}
    assert _tickets(service) == ()
    desk.post("/ask", q=QUESTION)
    desk.part("/ask", q=UNANSWERABLE)
    assert _asked(service) == {"answered": 1, "unanswered": 1}


def test_a_question_that_nothing_answers_is_queued_with_a_receipt(service: Service, desk: Browser) -> None:
    page = desk.part("/ask", q=UNANSWERABLE)
    assert page.has("未找到")
    code = re.search(r'receipt-code">(\w{10})<', page.html)
    assert code is not None
    [ticket] = _tickets(service)
    assert ticket.question == UNANSWERABLE
    assert page.has(f"{ticket.due_on} 前答复")
    assert Browser(service, None).get(f"/receipt?code={code[1]}").has(UNANSWERABLE)


def test_htmx_gets_the_results_alone(desk: Browser) -> None:
    part = desk.part("/ask", q=QUESTION)
    assert "<html" not in part.html
    assert "<html" in desk.post("/ask", q=QUESTION).html


def test_an_expired_session_sends_htmx_to_the_sign_in_page(service: Service) -> None:
    answer = Browser(service, None).client.get("/ask/results?q=x", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize("q", ["", "   ", "\x00"])
def test_an_empty_question_finds_nothing_and_says_so_in_earnest(
    service: Service, desk: Browser, q: str
) -> None:
    assert desk.post("/ask", q=q).status == 200
    assert _asked(service) == {}


def test_a_question_that_is_too_long_is_told_and_kept(desk: Browser) -> None:
    page = desk.post("/ask", q="长" * 501)
    assert page.has("最多500个字")
    assert page.value("q") == "长" * 501


def test_presets_narrow_the_search_and_stay_chosen(service: Service, desk: Browser) -> None:
    group = replace(
        ALLOWANCE, question="居民生孩子能领津贴吗？", insured_group=InsuredGroup.RESIDENT, region="330100"
    )
    service.publish(group)
    page = desk.get(f"/ask?q={QUESTION}&region=440100&insured_group=employee&audience=学生")
    assert not page.has(group.question)
    assert (page.value("region"), page.value("insured_group"), page.value("audience")) == (
        "440100",
        "employee",
        "学生",
    )
    assert desk.get(f"/ask?q={QUESTION}&region=330100&insured_group=resident").has(group.question)


@pytest.mark.parametrize("preset", ["region=999999", "insured_group=nobody"])
def test_a_preset_that_does_not_exist_is_told(desk: Browser, preset: str) -> None:
    page = desk.get(f"/ask?q=x&{preset}")
    assert page.status == 200
    assert page.has("地区" if "region" in preset else "险种")


def test_an_operator_hands_a_question_on_with_a_note_for_calling_back(
    service: Service, desk: Browser
) -> None:
    page = desk.part(
        "/ask/escalate",
        question=UNANSWERABLE + "，电话13812345678",
        callback="王女士 13812345678",
        department="settlement",
    )
    assert page.has("已转待遇结算处")
    [ticket] = _tickets(service)
    assert ticket.department == "settlement"
    assert "138" not in ticket.question
    with service.application.store.reading() as records:
        [occurrence] = records.tickets.occurrences(ticket.id)
    assert occurrence.callback == "王女士 13812345678"
    assert occurrence.asked_by == "operator"
    assert f'receipt-code">{occurrence.receipt}<' in page.html


def test_the_system_finds_the_department_when_nobody_names_it(service: Service) -> None:
    service.publish()
    desk = Browser(service, cast.OPERATOR)
    desk.part("/ask/escalate", question="生育津贴可以预支吗", callback="", department="")
    assert [ticket.department for ticket in _tickets(service)] == ["benefits"]


def test_a_note_for_calling_back_joins_what_was_queued_by_itself(service: Service, desk: Browser) -> None:
    page = desk.part("/ask", q=UNANSWERABLE)
    receipt = page.value("receipt")
    stranger = Browser(service, cast.EDITOR)
    assert stranger.part("/ask/callback", receipt=receipt, callback="我").status == 403
    assert desk.part("/ask/callback", receipt=receipt, callback="王女士 下午").has("已记下")
    assert desk.part("/ask/callback", receipt="NOPE", callback="王女士").status == 404
    [ticket] = _tickets(service)
    with service.application.store.reading() as records:
        [occurrence] = records.tickets.occurrences(ticket.id)
    assert (ticket.occurrences, occurrence.callback) == (1, "王女士 下午")


def test_handing_nothing_on_is_refused_and_keeps_the_note(service: Service, desk: Browser) -> None:
    for send in (desk.part, desk.post):
        page = send("/ask/escalate", question=" ", callback="王女士", department="")
        assert page.status == 422
        assert page.has("不能为空，请输入要咨询的内容")
        assert page.value("callback") == "王女士"
    assert desk.part("/ask/escalate", question="x y", department="nowhere").status == 422
    assert _tickets(service) == ()


def test_feedback_is_kept_masked(service: Service, desk: Browser) -> None:
    with service.application.store.reading() as records:
        found = records.entries.list(limit=1).items[0]
    page = desk.part(
        "/ask/feedback",
        q="13812345678 能领吗",
        entry_id=found.id,
        revision=found.revision,
        helpful="no",
    )
    assert page.has("已记录：没用")
    with service.application.store.reading() as records:
        [given] = records.questions.feedback()
    assert (given.question, given.helpful, given.entry_id) == ("【电话】 能领吗", False, found.id)


def test_feedback_on_what_does_not_exist_is_refused(desk: Browser) -> None:
    assert desk.part("/ask/feedback", q="x", entry_id=999, revision=1, helpful="yes").status == 404
    assert desk.part("/ask/feedback", q="x", entry_id="x", revision=1, helpful="yes").status == 422


@pytest.fixture
def words_only(tmp_path: Path, segmenter: Segmenter) -> Iterator[Service]:
    settings = Settings(data=tmp_path, encoder="st:no-such-model")
    with running(settings, segmenter) as service:
        service.publish()
        yield service


def test_searching_by_words_alone_is_warned_of(words_only: Service) -> None:
    browser = Browser(words_only, cast.OPERATOR)
    assert browser.get("/ask").has("语义检索不可用，目前只按词语检索")
    part = browser.get("/ask/results?q=生育津贴")
    assert part.has("仅按词语检索")
    assert part.has("职工生育津贴怎么领取？")


def test_what_people_asked_lately_is_offered(desk: Browser) -> None:
    desk.post("/ask", q=QUESTION)
    assert desk.get("/ask").has("近来常问 职工生育津贴怎么领取？")


class TestAskingBack:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Whatever comes first answers."""
        return settings.model_copy(update={"answer_threshold": 0.0, "choices_threshold": 0.0})

    def test_what_the_caller_did_not_say_is_asked_with_buttons(self, service: Service, desk: Browser) -> None:
        for group in (InsuredGroup.EMPLOYEE, InsuredGroup.RESIDENT):
            question = f"{group.label}医保住院费用的报销比例是多少？"
            service.publish(replace(ALLOWANCE, question=question, variants=(), insured_group=group))
        page = desk.post("/ask", q="住院费用的报销比例", session="call-1")
        assert page.has("您参加的是职工医保还是居民医保？")
        assert 'name="q" value="居民医保"' in page.html
        chosen = desk.post("/ask", q="居民医保", session="call-1")
        assert chosen.has("结合上文理解为")
        assert chosen.has("这位来电人：")
        assert chosen.value("session") == "call-1"


def test_the_next_caller_begins_with_an_empty_page(service: Service, desk: Browser) -> None:
    desk.post("/ask", q=QUESTION, session="call-1", insured_group="employee")
    assert desk.post("/ask/next", session="call-1").location == "/ask"
    page = desk.get("/ask")
    assert page.value("insured_group") == ""
    assert page.value("session") not in ("", "call-1")


def test_two_questions_in_one_breath_are_answered_one_after_the_other(desk: Browser) -> None:
    page = desk.post("/ask", q="异地就医怎么备案？发现骗保怎么举报？")
    assert page.has("来电人问了2件事")
    assert ">0 毫秒" not in page.html


def test_every_answer_says_why_it_is_the_one_once_that_is_opened(desk: Browser) -> None:
    page = desk.post("/ask", q=QUESTION)
    assert page.has("为什么是这条")
    assert page.has("得分构成")
    assert '<details class="why"><summary>' in page.html
