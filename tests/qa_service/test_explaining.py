"""Why an outcome is what it is."""

from dataclasses import replace

import pytest

from indexer.calibration import Thresholds
from qa_service.ask import Answered, Choices, Outcome
from qa_service.explaining import Detail, Explanation, Reason, explain_outcome, explanation_json, told_of
from tests.qa_service.bureau import Bureau

ASKED = "请问异地就医怎么备案呢"


def explained(outcome: Outcome) -> Explanation:
    found = explain_outcome(outcome)
    assert found is not None
    return found


class TestTheReason:
    @pytest.mark.parametrize(
        ("thresholds", "reason", "outcome"),
        [
            ((0.0, 0.0), Reason.SURE, "直接作答"),
            ((1.0, 0.0), Reason.UNSURE, "给出选项"),
            ((1.0, 1.0), Reason.OUT_OF_REACH, "不作答"),
        ],
    )
    def test_follows_from_the_thresholds(
        self, bureau: Bureau, thresholds: tuple[float, float], reason: Reason, outcome: str
    ) -> None:
        bureau.furnish()
        found = explained(bureau.ask(ASKED, thresholds))
        assert found.reason is reason
        assert found.text.endswith(outcome)
        assert found.thresholds == Thresholds(*thresholds)

    def test_of_an_empty_base_is_that_nothing_was_found(self, bureau: Bureau) -> None:
        found = explained(bureau.ask(ASKED))
        assert (found.reason, found.entries, found.words) == (Reason.NOTHING_FOUND, (), ())

    def test_of_a_doubted_entry_is_the_doubt(self, bureau: Bureau) -> None:
        bureau.furnish()
        offered = bureau.ask(ASKED, (1.0, 0.0))
        assert isinstance(offered, Choices)
        hits = tuple(replace(hit, doubted=True) for hit in offered.hits)
        assert explained(replace(offered, hits=hits)).reason is Reason.DOUBTED

    def test_of_signs_and_numbers_is_that_they_say_nothing(self, bureau: Bureau) -> None:
        bureau.put_on_the_air("拨打12393可以咨询什么？", variants=("12393电话",))
        assert explained(bureau.ask("12393", (0.0, 0.0))).reason is Reason.SAYS_NOTHING

    def test_of_choices_that_would_be_sure_enough_is_what_the_asker_has_not_said(
        self, bureau: Bureau
    ) -> None:
        bureau.furnish()
        offered = replace(bureau.ask(ASKED, (1.0, 0.0)), thresholds=Thresholds(0.0, 0.0))
        assert explained(offered).reason is Reason.DEPENDS

    def test_of_an_answer_below_the_threshold_is_what_the_asker_told(self, bureau: Bureau) -> None:
        bureau.furnish()
        answered = replace(bureau.ask(ASKED, (0.0, 0.0)), thresholds=Thresholds(1.0, 0.0))
        assert isinstance(answered, Answered)
        assert explained(answered).reason is Reason.TOLD

    def test_of_a_question_that_the_department_wrote_down_is_that(self, bureau: Bureau) -> None:
        bureau.furnish()
        answered = bureau.ask("异地就医怎么备案？", (0.9, 0.0))
        found = explained(answered)
        assert (found.reason, found.entries[0].verbatim) == (Reason.VERBATIM, True)
        assert "一字不差" in dict(told_of(found.entries[0]))["得分构成"]


class TestTheEntries:
    def test_are_the_answer_alone_or_every_choice(self, bureau: Bureau) -> None:
        bureau.furnish()
        answered, offered = bureau.ask(ASKED, (0.0, 0.0)), bureau.ask(ASKED, (1.0, 0.0))
        assert isinstance(offered, Choices)
        assert [of.entry for of in explained(answered).entries] == [answered.hits[0].entry]
        assert [of.entry for of in explained(offered).entries] == [hit.entry for hit in offered.options]

    def test_the_parts_come_to_the_lead_and_the_lead_to_the_odds(self, bureau: Bureau) -> None:
        bureau.furnish()
        offered = bureau.ask(ASKED, (1.0, 0.0))
        first, second = offered.hits[:2]
        of = explained(offered).entries[0]
        assert of.comparison is not None
        assert of.comparison.lead == pytest.approx(sum(part.contribution for part in of.comparison.parts))
        assert of.rival == second.entry
        assert 2.718281828459045**of.comparison.lead == pytest.approx(first.confidence / second.confidence)

    def test_words_are_those_of_the_question_without_its_greeting(self, bureau: Bureau) -> None:
        bureau.furnish()
        found = explained(bureau.ask(ASKED, (0.0, 0.0)))
        assert "请问" in found.removed
        assert "请问" not in found.read_as
        assert "备案" in {word.matched for word in found.words}

    def test_a_word_behind_a_synonym_is_among_those_matched(self, bureau: Bureau) -> None:
        bureau.furnish()
        answered = bureau.must_answer("去外地看病怎么备案")
        word = next(word for word in explained(answered).words if word.how.value == "synonym")
        assert "外地看病" in word.said
        assert word.matched in answered.answer.matched
        assert (
            f"“{word.said}”即{word.matched}（同义词，按0.4计）"
            in dict(told_of(explained(answered).entries[0]))["相同的词语"]
        )


@pytest.mark.parametrize(
    ("lead", "times"),
    [
        (0.0, "可能性约为后者的1倍"),
        (1.6094379, "可能性约为后者的5倍"),
        (-1.6094379, "后者的可能性约为本条的5倍"),
        (5.0, "可能性是后者的100倍以上"),
        (-900.0, "后者的可能性是本条的100倍以上"),
    ],
)
def test_a_lead_is_told_in_times(bureau: Bureau, lead: float, times: str) -> None:
    bureau.furnish()
    of = explained(bureau.ask(ASKED, (0.0, 0.0))).entries[0]
    assert of.comparison is not None
    of = replace(of, comparison=replace(of.comparison, lead=lead))
    assert dict(told_of(of))["得分构成"].endswith(times)


class TestAsJson:
    def test_everything_names_revision_snapshot_and_thresholds(self, bureau: Bureau) -> None:
        bureau.furnish()
        outcome = bureau.ask(ASKED, (0.0, 0.0))
        found = explanation_json(outcome, Detail.EVERYTHING)
        assert found is not None
        assert found["decision"]["snapshot"] == outcome.snapshot
        assert (found["decision"]["answer_threshold"], found["decision"]["choices_threshold"]) == (0.0, 0.0)
        assert found["entries"][0]["revision"] == outcome.hits[0].entry.revision

    def test_words_are_words_alone(self, bureau: Bureau) -> None:
        bureau.furnish()
        found = explanation_json(bureau.ask(ASKED, (0.0, 0.0)), Detail.WORDS)
        assert found is not None
        assert found["words"]
        assert (found["decision"], found["entries"]) == (None, [])

    def test_nothing_is_nothing(self, bureau: Bureau) -> None:
        assert explanation_json(bureau.ask(ASKED), Detail.NOTHING) is None
