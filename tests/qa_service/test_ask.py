"""Answering one question: the approved text, or choices, or the admission that nobody here knows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.segment import Segmenter
from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry, InsuredGroup
from knowledge.errors import InvalidValue
from knowledge.policy import Citation, Disclosure, PolicyDocument, Validity
from qa_service.ask import OF_NO_PLACE, SAYS_NOTHING, Answered, Asker, Choices, Unanswered, search
from tests.indexer.embedding_server import embedding_server
from tests.qa_service.bureau import MONDAY, Bureau, bureau_at

TODAY = MONDAY.date()
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
LAW = PolicyDocument("女职工劳动保护特别规定", "国务院令第619号")
CITED = Citation("国务院令第619号", "女职工劳动保护特别规定", "第八条")


def found(bureau: Bureau, question: str, **asker: Any) -> list[str]:
    """The external ids of everything that could be served, most probable first."""
    asking = Asker(**{"channel": Channel.HOTLINE, "record": False, **asker})
    hits = search(question, asking, bureau.application.answering, bureau.clock(), 20).hits
    return [hit.entry.external_id for hit in hits]


class TestOutcomes:
    def test_above_the_answer_threshold_the_first_hit_answers(self, bureau: Bureau) -> None:
        entries = bureau.furnish()
        outcome = bureau.ask("异地就医怎么备案", (0.0, 0.0))
        assert isinstance(outcome, Answered)
        assert outcome.answer.entry.id == entries["异地就医怎么备案？"].id
        assert outcome.answer is outcome.hits[0]
        assert outcome.confidence == outcome.answer.confidence
        assert "备案" in outcome.answer.matched

    def test_below_it_choices_are_offered_most_probable_first(self, bureau: Bureau) -> None:
        entries = bureau.furnish()
        outcome = bureau.ask("异地就医怎么备案", (1.0, 0.0))
        assert isinstance(outcome, Choices)
        assert outcome.options[0].entry.id == entries["异地就医怎么备案？"].id
        assert outcome.options == outcome.hits[: len(outcome.options)]
        confidences = [option.confidence for option in outcome.options]
        assert confidences == sorted(confidences, reverse=True)

    def test_a_question_that_is_not_for_this_base_is_not_answered(self, bureau: Bureau) -> None:
        bureau.furnish()
        outcome = bureau.ask("异地就医怎么备案", (0.0, 1.0))
        assert isinstance(outcome, Unanswered)
        assert outcome.reach < 1.0

    def test_choices_for_the_figure_of_a_place_say_that_the_first_is_not_of_it(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("住院的起付线是多少？")
        offered = bureau.ask("武汉住院起付线是多少", (1.0, 0.0))
        assert isinstance(offered, Choices)
        assert offered.note == OF_NO_PLACE
        assert bureau.ask("住院起付线是多少钱", (1.0, 0.0)).note == ""

    @pytest.mark.parametrize("signs", ["12393", "${7*7}", "——？？"])
    def test_signs_and_numbers_alone_are_offered_choices_at_most(self, bureau: Bureau, signs: str) -> None:
        bureau.put_on_the_air("拨打12393可以咨询什么？", "可以咨询7件事。", variants=("12393电话",))
        outcome = bureau.ask(signs, (0.0, 0.0))
        assert not isinstance(outcome, Answered)
        assert not outcome.hits or outcome.note == SAYS_NOTHING

    def test_a_number_that_the_department_wrote_down_as_a_question_is_answered(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("拨打12393可以咨询什么？", "可以咨询7件事。", variants=("12393",))
        assert isinstance(bureau.ask("12393", (0.0, 0.0)), Answered)

    @pytest.mark.parametrize("thresholds", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
    def test_each_tells_confidence_reach_snapshot_warning_and_time(
        self, bureau: Bureau, thresholds: tuple[float, float]
    ) -> None:
        bureau.furnish()
        outcome = bureau.ask(" 异地就医怎么备案 ", thresholds)
        assert outcome.question == "异地就医怎么备案"
        assert 0 < outcome.confidence <= outcome.reach < 1
        assert outcome.snapshot == bureau.application.index.snapshot
        assert outcome.warning == "语义检索未启用，仅按词语检索"
        assert outcome.took_ms > 0

    def test_the_settings_decide_how_many_choices_there_are(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        with bureau_at(sqlite_url, tmp_path, segmenter, choices=3) as bureau:
            for number in range(8):
                bureau.store_published(f"第{number}种门诊慢特病怎么认定？")
            bureau.follow()
            assert len(bureau.must_offer("门诊慢特病怎么认定").options) == 3

    def test_the_bureaus_own_thresholds_are_used(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        strict = {"answer_threshold": 1.0, "choices_threshold": 0.0}
        with bureau_at(sqlite_url, tmp_path, segmenter, **strict) as bureau:
            bureau.furnish()
            assert isinstance(bureau.ask("异地就医怎么备案？"), Choices)

    def test_a_question_word_for_word_as_the_department_wrote_it_is_answered(self, bureau: Bureau) -> None:
        entries = bureau.furnish()
        for question, entry in entries.items():
            outcome = bureau.ask(question)
            assert isinstance(outcome, Answered)
            assert outcome.answer.entry.id == entry.id

    def test_with_nothing_on_the_air_nothing_is_answered(self, bureau: Bureau) -> None:
        outcome = bureau.ask("异地就医怎么备案", (0.0, 0.0))
        assert isinstance(outcome, Unanswered)
        assert (outcome.hits, outcome.confidence) == ((), 0.0)


class TestWhatIsServed:
    def test_the_text_is_the_approved_text_word_for_word(self, bureau: Bureau) -> None:
        answer = "**可以**领取：\n\n1. 由用人单位申领；\n2. 或由本人申领。\n\n<b>咨询</b>　12393"
        bureau.put_on_the_air("职工生育津贴怎么领取？", answer, citations=(CITED,), keywords=("津贴",))
        entry = bureau.must_answer("生育津贴怎么领").answer.entry
        assert entry.text.answer == answer
        assert entry.text.citations == (CITED,)
        assert (entry.external_id, entry.revision) == ("BENEFITS-000001", 1)

    def test_an_entry_is_served_from_its_first_day_to_its_last(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("生育津贴怎么领取？", effective_from=TODAY, effective_until=TOMORROW)
        served = []
        for days in (-1, 0, 1, 2):
            bureau.clock.now = MONDAY + timedelta(days=days)
            served.append(found(bureau, "生育津贴怎么领取") != [])
        assert served == [False, True, True, False]

    def test_the_day_begins_at_midnight_in_china(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("生育津贴怎么领取？", effective_from=TOMORROW)
        midnight = MONDAY.replace(hour=16, minute=0)
        bureau.clock.now = midnight - timedelta(seconds=1)
        assert found(bureau, "生育津贴怎么领取") == []
        bureau.clock.now = midnight
        assert found(bureau, "生育津贴怎么领取") != []

    def test_an_entry_whose_document_runs_out_is_served_to_that_day(self, bureau: Bureau) -> None:
        with bureau.writing() as records:
            records.policies.add(replace(LAW, valid_until=TODAY))
        bureau.put_on_the_air("生育津贴怎么领取？", citations=(CITED,))
        assert found(bureau, "生育津贴怎么领取") != []
        bureau.clock.now = MONDAY + timedelta(days=1)
        assert found(bureau, "生育津贴怎么领取") == []


def withdraw(bureau: Bureau, entry: FaqEntry) -> None:
    with bureau.writing() as records:
        gone = replace(entry, status=EntryStatus.WITHDRAWN, published_revision=None, published_at=None)
        records.entries.save(gone, "entry.withdrawn")


def revise(bureau: Bureau, entry: FaqEntry, **changes: Any) -> None:
    with bureau.writing() as records:
        new = replace(entry, revision=2, text=replace(entry.text, **changes), published_revision=2)
        records.entries.save(new, "entry.published")


class TestAnIndexThatIsBehind:
    """Nothing here is followed: what is found is checked against the record a moment before it is served."""

    @pytest.fixture
    def entry(self, bureau: Bureau) -> FaqEntry:
        with bureau.writing() as records:
            records.policies.add(LAW)
        return bureau.put_on_the_air("生育津贴怎么领取？", citations=(CITED,))

    def test_a_withdrawn_text_never_leaves(self, bureau: Bureau, entry: FaqEntry) -> None:
        assert found(bureau, "生育津贴怎么领取")
        withdraw(bureau, entry)
        assert found(bureau, "生育津贴怎么领取") == []
        assert isinstance(bureau.ask("生育津贴怎么领取？", (0.0, 0.0)), Unanswered)

    @pytest.mark.parametrize("validity", [Validity.REPEALED, Validity.EXPIRED])
    def test_a_text_that_rests_on_a_lapsed_document_never_leaves(
        self, bureau: Bureau, entry: FaqEntry, validity: Validity
    ) -> None:
        with bureau.writing() as records:
            document = records.policies.by_number(LAW.number)
            assert document is not None
            records.policies.save(replace(document, validity=validity), "policy.validity")
        assert found(bureau, "生育津贴怎么领取") == []

    def test_a_superseded_text_gives_way_to_the_new_one(self, bureau: Bureau, entry: FaqEntry) -> None:
        revise(bureau, entry, answer="由本人在线申领。")
        answer = bureau.must_answer("生育津贴怎么领取？").answer.entry
        assert (answer.revision, answer.text.answer) == (2, "由本人在线申领。")

    @pytest.mark.parametrize(
        ("changes", "asker"),
        [
            ({"effective_until": YESTERDAY}, {}),
            ({"effective_from": TOMORROW}, {}),
            ({"region": "440300"}, {"region": "330100"}),
            ({"insured_group": InsuredGroup.EMPLOYEE}, {"insured_group": "resident"}),
            ({"audience": "学生"}, {"audience": "退休人员"}),
            ({"channels": (Channel.HOTLINE,)}, {"channel": Channel.WEBSITE}),
            ({"disclosure": Disclosure.NOT_DISCLOSED}, {"channel": Channel.WEBSITE}),
            ({"disclosure": Disclosure.ON_REQUEST}, {"channel": Channel.WEBSITE}),
        ],
    )
    def test_a_new_revision_that_is_not_for_this_asker_never_leaves(
        self, bureau: Bureau, entry: FaqEntry, changes: dict[str, Any], asker: dict[str, Any]
    ) -> None:
        assert found(bureau, "生育津贴怎么领取", **asker)
        revise(bureau, entry, **changes)
        assert found(bureau, "生育津贴怎么领取", **asker) == []


class TestTheAskersPlace:
    @pytest.fixture
    def local(self, bureau: Bureau) -> Bureau:
        """One question answered for the nation, a province, its city and another city."""
        for place, region in (("全国", ""), ("浙江", "330000"), ("杭州", "330100"), ("深圳", "440300")):
            bureau.store_published("门诊报销比例是多少？", f"{place}的规定。", region=region)
        bureau.follow()
        return bureau

    @pytest.mark.parametrize(
        ("region", "answer"),
        [
            ("330100", "杭州的规定。"),
            ("330200", "浙江的规定。"),
            ("330000", "浙江的规定。"),
            ("440300", "深圳的规定。"),
            ("440000", "全国的规定。"),
            ("", "全国的规定。"),
        ],
    )
    def test_the_nearest_regions_entry_answers(self, local: Bureau, region: str, answer: str) -> None:
        assert local.must_answer("门诊报销比例是多少", region=region).answer.entry.text.answer == answer

    @pytest.mark.parametrize("question", ["门诊报销比例是多少？", "门诊能报多少", "看门诊报销比例"])
    def test_the_entry_of_a_farther_region_is_not_offered_beside_it(
        self, local: Bureau, question: str
    ) -> None:
        options = local.must_offer(question, region="330100").options
        assert [option.entry.text.answer for option in options] == ["杭州的规定。"]

    def test_the_wording_may_differ_between_regions(self, bureau: Bureau) -> None:
        bureau.store_published("门诊报销比例是多少", "全国的规定。")
        bureau.store_published("门诊报销比例为多少", "杭州的规定。", region="330100")
        bureau.follow()
        answers = [
            option.entry.text.answer
            for option in bureau.must_offer("门诊报销比例多少", region="330100").options
        ]
        assert answers == ["杭州的规定。", "全国的规定。"]

    def test_what_only_the_nation_answers_is_answered_everywhere(self, local: Bureau) -> None:
        local.put_on_the_air("异地就医怎么备案？", "全国统一办理。")
        answer = local.must_answer("异地就医怎么备案", region="330100").answer.entry.text.answer
        assert answer == "全国统一办理。"

    def test_the_bureaus_own_region_is_taken_when_the_asker_names_none(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        with bureau_at(sqlite_url, tmp_path, segmenter, region="杭州") as bureau:
            bureau.store_published("门诊报销比例是多少？", "杭州的规定。", region="330100")
            bureau.store_published("门诊报销比例是多少？", "深圳的规定。", region="440300")
            bureau.follow()
            assert bureau.must_answer("门诊报销比例是多少").answer.entry.text.answer == "杭州的规定。"
            named = bureau.must_answer("门诊报销比例是多少", region="440300").answer.entry.text.answer
            assert named == "深圳的规定。"


class TestTheAskersGroup:
    def test_an_employee_is_not_told_the_residents_rule(self, bureau: Bureau) -> None:
        for group in InsuredGroup:
            bureau.store_published("门诊报销比例是多少？", f"{group.label}的规定。", insured_group=group)
        bureau.follow()
        for group in (InsuredGroup.EMPLOYEE, InsuredGroup.RESIDENT):
            options = bureau.must_offer("门诊报销比例是多少", insured_group=group.value).options
            told = {option.entry.text.answer for option in options}
            assert told == {f"{group.label}的规定。", "职工和居民的规定。"}

    def test_what_is_for_another_audience_is_not_told(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("门诊报销比例是多少？", audience="学生")
        assert found(bureau, "门诊报销比例", audience="退休人员") == []
        assert found(bureau, "门诊报销比例", audience="学生") != []

    def test_the_website_tells_only_what_is_disclosed_on_initiative(self, bureau: Bureau) -> None:
        for disclosure in Disclosure:
            bureau.store_published(f"{disclosure.label}的门诊规定是什么？", disclosure=disclosure)
        bureau.follow()
        assert len(found(bureau, "门诊规定", channel=Channel.WEBSITE)) == 1
        assert len(found(bureau, "门诊规定", channel=Channel.HOTLINE)) == 3

    def test_what_is_for_the_hotline_stays_off_the_website(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("门诊报销比例是多少？", channels=(Channel.HOTLINE,))
        assert found(bureau, "门诊报销比例", channel=Channel.WEBSITE) == []
        assert found(bureau, "门诊报销比例", channel=Channel.HOTLINE) != []


class TestWhatCanBeAsked:
    @pytest.mark.parametrize("nothing", ["", "  ", "\n\t", "\x00", "\u3000"])
    def test_nothing_is_refused(self, bureau: Bureau, nothing: str) -> None:
        with pytest.raises(InvalidValue, match="不能为空"):
            bureau.ask(nothing)

    def test_too_much_is_refused_and_says_how_much_is_allowed(self, bureau: Bureau) -> None:
        bureau.furnish()
        assert bureau.ask("药" * 500, record=False).question == "药" * 500
        with pytest.raises(InvalidValue, match="最多500个字"):
            bureau.ask("药" * 501)

    def test_a_refused_question_is_not_written_down(self, bureau: Bureau) -> None:
        before = bureau.rows()
        with pytest.raises(InvalidValue):
            bureau.ask("")
        assert bureau.rows() == before

    @pytest.mark.parametrize(
        "odd",
        ["备案\x00\x00", "备\ud83d案", "😀😀", "' OR 1=1 --", "备案\r\n\t", "\u202e备案", "%_", "a" * 500],
    )
    def test_odd_characters_are_no_obstacle(self, bureau: Bureau, odd: str) -> None:
        bureau.furnish()
        assert bureau.ask(odd, (1.0, 1.0)).hits is not None


class TestAnEncoderThatBreaks:
    @pytest.fixture
    def broken(self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
        """A bureau whose encoder worked when the index was built."""
        with (
            embedding_server() as server,
            bureau_at(sqlite_url, tmp_path, segmenter, encoder=f"http:m3@{server.url}") as bureau,
        ):
            bureau.furnish()
            assert bureau.must_answer("异地就医如何备案").warning == ""
            server.mood = "with an error"
            yield bureau

    def test_costs_the_answer_nothing_but_a_warning(self, broken: Bureau) -> None:
        outcome = broken.must_answer("异地就医怎么备案")
        assert outcome.answer.entry.text.question == "异地就医怎么备案？"
        assert outcome.warning == "语义检索暂不可用，仅按词语检索"

    def test_a_miss_still_reaches_its_ticket(self, broken: Bureau) -> None:
        first = broken.must_miss("火车票改签的钱医保给报吗").filed
        second = broken.must_miss("请问火车票改签的钱医保给报吗").filed
        assert first is not None
        assert second is not None
        assert second.ticket_id == first.ticket_id

    def test_what_is_published_meanwhile_is_answered(self, broken: Bureau) -> None:
        text = EntryText("家庭共济怎么绑定？", "在国家医保服务平台绑定。", "benefits")
        broken.publish(text)
        assert broken.must_answer("家庭共济怎么绑定").answer.entry.text == text
