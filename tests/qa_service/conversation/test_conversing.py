"""Conversations: asking back, following up, changing the topic, two questions in one breath."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.segment import Segmenter
from knowledge.conversation import LIFE, About
from knowledge.entry import Channel, InsuredGroup
from qa_service.ask import Answered, Asker, Choices, Unanswered
from qa_service.conversation.conversing import converse, forget
from qa_service.conversation.reply import Reply, Turn
from tests.indexer.embedding_server import embedding_server
from tests.qa_service.bureau import Bureau, bureau_at

EMPLOYEE, RESIDENT = "职工医保住院费用的报销比例是多少？", "城乡居民医保住院费用的报销比例是多少？"


@pytest.fixture
def hospital(sqlite_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
    """A bureau that answers whatever comes first, with an entry for employees and its twin for residents."""
    always = {"answer_threshold": 0.0, "choices_threshold": 0.0}
    with bureau_at(sqlite_url, tmp_path, segmenter, **always) as bureau:
        bureau.furnish()
        bureau.put_on_the_air(EMPLOYEE, insured_group=InsuredGroup.EMPLOYEE)
        bureau.put_on_the_air(RESIDENT, insured_group=InsuredGroup.RESIDENT)
        bureau.put_on_the_air("住院报销需要提交哪些材料？", "提交发票和病历。")
        yield bureau


def say(bureau: Bureau, text: str, **asker: Any) -> Reply:
    given = {"channel": Channel.HOTLINE, "session": "call-1", "login": "operator", **asker}
    return converse(text, Asker(**given), bureau.application.answering, bureau.clock())


def first(reply: Reply) -> str:
    return reply.outcome.hits[0].entry.text.question


class TestAskingBack:
    def test_entries_that_differ_by_the_insured_group_are_asked_about(self, hospital: Bureau) -> None:
        reply = say(hospital, "住院费用报销比例")
        assert isinstance(reply.outcome, Choices)
        assert reply.clarification is not None
        assert reply.clarification.about is About.INSURED_GROUP
        assert reply.clarification.question == "您参加的是职工医保还是居民医保？"
        assert {(o.label, o.value) for o in reply.clarification.options} == {
            ("职工医保", "employee"),
            ("居民医保", "resident"),
        }

    @pytest.mark.parametrize(
        ("answer", "question"),
        [("居民", RESIDENT), ("resident", RESIDENT), ("我是职工", EMPLOYEE), ("居民医保", RESIDENT)],
    )
    def test_the_answer_decides_and_is_remembered(self, hospital: Bureau, answer: str, question: str) -> None:
        say(hospital, "住院费用报销比例")
        reply = say(hospital, answer)
        assert (reply.turn, first(reply)) == (Turn.CLARIFIED, question)
        assert isinstance(reply.outcome, Answered)
        again = say(hospital, "请问住院费用报销比例")
        assert (again.clarification, first(again)) == (None, question)

    @pytest.mark.parametrize("text", ["职工住院费用报销比例", "新农合住院费用报销比例"])
    def test_what_the_question_says_is_not_asked(self, hospital: Bureau, text: str) -> None:
        assert say(hospital, text).clarification is None

    def test_what_the_operator_has_preset_is_not_asked(self, hospital: Bureau) -> None:
        reply = say(hospital, "住院费用报销比例", insured_group="resident")
        assert (reply.clarification, first(reply)) == (None, RESIDENT)

    def test_a_question_as_the_department_wrote_it_is_answered(self, hospital: Bureau) -> None:
        assert isinstance(say(hospital, "住院报销需要提交哪些材料").outcome, Answered)

    def test_whoever_says_something_else_is_not_held_to_the_question(self, hospital: Bureau) -> None:
        say(hospital, "住院费用报销比例")
        reply = say(hospital, "医保电子凭证如何激活")
        assert (reply.turn, first(reply)) == (Turn.QUESTION, "医保电子凭证如何激活？")


class TestChoices:
    """Offered without a question, they can be answered all the same."""

    @pytest.fixture
    def unsure(self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
        never = {"answer_threshold": 1.0, "choices_threshold": 0.0}
        with bureau_at(sqlite_url, tmp_path, segmenter, **never) as bureau:
            bureau.put_on_the_air("社保卡丢失以后怎样挂失？")
            bureau.put_on_the_air("医保待遇不服如何申请复议？")
            bureau.put_on_the_air("社保卡消磁损坏如何更换？")
            yield bureau

    @pytest.mark.parametrize("words", ["消磁了，坏了更换", "社保卡消磁损坏如何更换"])
    def test_are_answered_in_words_of_ones_own(self, unsure: Bureau, words: str) -> None:
        offered = say(unsure, "社保卡怎么弄")
        assert isinstance(offered.outcome, Choices)
        assert offered.clarification is None
        reply = say(unsure, words)
        assert (reply.turn, first(reply)) == (Turn.CLARIFIED, "社保卡消磁损坏如何更换？")

    def test_are_left_for_another_question(self, unsure: Bureau) -> None:
        say(unsure, "社保卡怎么弄")
        assert say(unsure, "待遇不服怎么复议").turn is not Turn.CLARIFIED


class TestAskedAgain:
    """The same question by itself, while everything stands as it did."""

    ASKED = "住院要交什么材料"

    @pytest.fixture
    def by_meaning(self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
        with (
            embedding_server() as server,
            bureau_at(
                sqlite_url,
                tmp_path,
                segmenter,
                encoder=f"http:m3@{server.url}",
                answer_threshold=0.0,
                choices_threshold=0.0,
            ) as bureau,
        ):
            bureau.furnish()
            bureau.put_on_the_air("住院报销需要提交哪些材料？")
            yield bureau

    def ask(self, bureau: Bureau, **asker: Any) -> Reply:
        return say(bureau, self.ASKED, session="", **asker)

    def test_gets_the_same_reply_until_something_is_published(self, by_meaning: Bureau) -> None:
        before = self.ask(by_meaning)
        assert before.outcome.warning == ""
        assert self.ask(by_meaning, login="wang").outcome.hits is before.outcome.hits
        assert self.ask(by_meaning, insured_group="resident").outcome.hits is not before.outcome.hits
        by_meaning.put_on_the_air(f"{self.ASKED}？", "身份证。")
        after = self.ask(by_meaning)
        assert first(after) == f"{self.ASKED}？" != first(before)

    def test_is_recorded_each_time(self, by_meaning: Bureau) -> None:
        for _ in range(3):
            self.ask(by_meaning)
        assert by_meaning.rows()["questions"] == 3

    def test_is_looked_for_anew_while_words_are_all_there_is(self, hospital: Bureau) -> None:
        assert self.ask(hospital).outcome.hits is not self.ask(hospital).outcome.hits


class TestFollowingUp:
    def test_the_same_of_other_people(self, hospital: Bureau) -> None:
        say(hospital, "职工医保住院费用报销比例是多少")
        reply = say(hospital, "那居民的呢")
        assert (reply.turn, first(reply)) == (Turn.FOLLOW_UP, RESIDENT)
        assert "居民" in reply.understood_as

    def test_an_aspect_of_the_same_matter(self, hospital: Bureau) -> None:
        say(hospital, "职工医保住院费用报销比例是多少")
        reply = say(hospital, "需要带什么材料")
        assert (reply.turn, first(reply)) == (Turn.FOLLOW_UP, "住院报销需要提交哪些材料？")

    def test_a_new_topic_is_asked_by_itself(self, hospital: Bureau) -> None:
        say(hospital, "职工医保住院费用报销比例是多少")
        for text in ("发现骗保怎么举报", "那医保电子凭证如何激活"):
            reply = say(hospital, text)
            assert (reply.turn, reply.understood_as) == (Turn.QUESTION, "")

    def test_without_a_session_nothing_is_remembered(self, hospital: Bureau) -> None:
        say(hospital, "职工医保住院费用报销比例是多少", session="")
        assert say(hospital, "那居民的呢", session="").turn is Turn.QUESTION
        assert hospital.rows()["conversations"] == 0

    @pytest.mark.parametrize(
        "other", [{"session": "call-2"}, {"login": "wang"}, {"channel": Channel.WEBSITE}]
    )
    def test_sessions_of_others_are_their_own(self, hospital: Bureau, other: dict[str, Any]) -> None:
        say(hospital, "职工医保住院费用报销比例是多少")
        assert say(hospital, "那居民的呢", **other).turn is Turn.QUESTION

    def test_it_is_forgotten_half_an_hour_after_the_last_word(self, hospital: Bureau) -> None:
        for wait, turn in ((LIFE - timedelta(minutes=1), Turn.FOLLOW_UP), (LIFE, Turn.QUESTION)):
            say(hospital, "职工医保住院费用报销比例是多少")
            hospital.clock.now += wait
            assert say(hospital, "那居民的呢").turn is turn

    def test_the_next_caller_is_another_person(self, hospital: Bureau) -> None:
        say(hospital, "我是居民，住院费用报销比例是多少")
        forget(
            Asker(channel=Channel.HOTLINE, session="call-1", login="operator"),
            hospital.application.answering,
            hospital.clock(),
        )
        assert say(hospital, "那职工的呢").turn is Turn.QUESTION


class TestTwoQuestions:
    TEXT = "异地就医怎么备案？发现骗保怎么举报？"

    def test_each_gets_its_answer(self, hospital: Bureau) -> None:
        reply = say(hospital, self.TEXT)
        assert [first(part) for part in reply.parts] == ["异地就医怎么备案？", "发现骗保怎么举报？"]
        assert reply.outcome.hits == reply.parts[0].outcome.hits

    def test_each_is_recorded(self, hospital: Bureau) -> None:
        say(hospital, self.TEXT)
        assert hospital.rows()["questions"] == 2

    def test_a_story_with_one_question_is_one(self, hospital: Bureau) -> None:
        assert say(hospital, "我上个月住院了，花了两万块。异地就医怎么备案？").parts == ()

    def test_two_ways_of_asking_the_same_are_one(self, hospital: Bureau) -> None:
        assert say(hospital, "异地就医怎么备案，异地就医备案怎么办？").parts == ()


class TestWhatIsWritten:
    def test_nothing_at_all_when_it_is_not_to_be_recorded(self, hospital: Bureau) -> None:
        say(hospital, "职工医保住院费用报销比例是多少")
        before = hospital.contents()
        assert say(hospital, "那居民的呢", record=False).turn is Turn.FOLLOW_UP
        assert hospital.contents() == before

    def test_what_is_kept_is_masked(self, hospital: Bureau) -> None:
        say(hospital, "住院费用报销比例，我的电话13812345678")
        kept = str(hospital.contents()["conversations"])
        assert "13812345678" not in kept
        assert "call-1" not in kept

    def test_who_only_says_who_he_is_opens_no_ticket(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        never = {"answer_threshold": 1.0, "choices_threshold": 1.0}
        with bureau_at(sqlite_url, tmp_path, segmenter, **never) as bureau:
            bureau.furnish()
            assert isinstance(say(bureau, "我是居民").outcome, Unanswered)
            assert bureau.rows()["tickets"] == 0
