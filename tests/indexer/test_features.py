"""What there is to tell whether an entry answers, worked out by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from indexer.features import CANDIDATE, OF_VECTORS, SEARCH, candidate_features, search_features
from indexer.search import Hit, SearchResult
from knowledge.entry import InsuredGroup
from tests.indexer.making import an_entry
from tests.indexer.test_confidence import ENTRIES, RESULTS, result

FIRST = Hit(
    1, 0.9, 0.6, lexical_rank=1, similarity=0.92, support=0.9, dense_rank=1, nearness=2, answer=0.5, late=0.7
)
SECOND = Hit(2, 0.5, 0.4, lexical_rank=2, similarity=0.88, support=0.87, dense_rank=3, answer=0.45, late=0.6)


def of_one(question: str, hit: Hit, **changes: object) -> dict[str, float]:
    """The features of a hit that was found alone."""
    return candidate_features(question, result(hit, **changes), [hit], ENTRIES)[0]


class TestOfACandidate:
    def test_worked_out_by_hand(self) -> None:
        found = result(FIRST, SECOND, background=0.85, answers=0.47)
        rows = candidate_features("生育津贴", found, [FIRST, SECOND], ENTRIES)
        expected = {
            "similarity": 0.92,
            "similarity_rise": 0.07,
            "similarity_lead": 0.04,
            "support_rise": 0.05,
            "support_lead": 0.03,
            "answer_rise": 0.03,
            "answer_lead": 0.05,
            "late": 0.7,
            "late_rise": 0.05,  # above the mean of 0.7 and 0.6
            "late_lead": 0.1,
            "dense_first": 1.0,
            "both_first": 1.0,
            "lexical": 0.6,
            "lexical_lead": 0.2,
            "lexical_first": 1.0,
            "lexical_share": 1.0,
            "coverage_asked": 0.5,  # 生育 2 and 津贴 1 of 6
            "coverage_all": 0.5,
            "coverage_lead": 0.5,
            "reciprocal_rank": 1.0,
            "nearness": 1.0,
            "group_conflict": 0.0,
            "number_missing": 0.0,
            "figure_of_place": 0.0,
            "matter_missing": 0.0,
            "alone": 0.0,
        }
        assert rows[0] == pytest.approx(expected)
        others = {
            "similarity_lead": -0.04,
            "support_lead": -0.03,
            "lexical_lead": -0.2,
            "coverage_lead": -0.5,
            "answer_rise": -0.02,
            "answer_lead": -0.05,
            "late": 0.6,
            "late_rise": -0.05,
            "late_lead": -0.1,
        }
        assert {name: rows[1][name] for name in others} == pytest.approx(others)
        assert (rows[1]["lexical_first"], rows[1]["dense_first"], rows[1]["both_first"]) == (0, 0, 0)
        assert rows[1]["lexical_share"] == pytest.approx(0.4 / 0.6)
        assert rows[1]["reciprocal_rank"] == 0.5

    def test_first_for_words_and_first_for_meaning_are_both_first_in_one_alone(self) -> None:
        other = Hit(2, 0.5, 0.4, lexical_rank=1, similarity=0.88, dense_rank=2)
        rows = candidate_features("生育", result(FIRST, other), [FIRST, other], ENTRIES)
        assert [row["both_first"] for row in rows] == [1, 0]
        assert [row["lexical_first"] for row in rows] == [1, 1]

    def test_words_of_the_answer_count_in_one_coverage_only(self) -> None:
        hit = Hit(1, 0.9, lexical_rank=1)
        found = SearchResult((hit,), "s", weights={"单位": 1.0, "生育": 1.0})
        row = candidate_features("单位 生育", found, [hit], ENTRIES)[0]
        assert (row["coverage_asked"], row["coverage_all"]) == (0.5, 1.0)

    def test_rare_words_cover_more_than_common_ones(self) -> None:
        hit = Hit(1, 0.9, lexical_rank=1)
        found = SearchResult((hit,), "s", weights={"津贴": 4.0, "备案": 1.0})
        assert candidate_features("津贴备案", found, [hit], ENTRIES)[0]["coverage_asked"] == 0.8

    def test_a_hit_alone_leads_by_all_it_has(self) -> None:
        hit = Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.9, support=0.8, dense_rank=1)
        row = of_one("生育", hit)
        assert (row["lexical_lead"], row["similarity_lead"], row["support_lead"]) == (0.6, 0.9, 0.8)

    def test_a_hit_that_was_not_found_by_meaning_did_not_rise(self) -> None:
        row = of_one("生育", Hit(1, 0.9, 0.6, lexical_rank=1), background=0.85)
        assert (row["similarity_rise"], row["support_rise"], row["dense_first"]) == (0, 0, 0)

    def test_the_answer_of_a_hit_that_was_not_found_by_meaning_counts_all_the_same(self) -> None:
        row = of_one("生育", Hit(1, 0.9, 0.6, lexical_rank=1, answer=0.5), answers=0.25)
        assert (row["answer_rise"], row["answer_lead"]) == (0.25, 0.5)

    def test_by_late_interaction_one_leads_the_next_and_the_others_trail_the_first(self) -> None:
        hits = [Hit(1, 0.9, late=0.5), Hit(2, 0.8, late=0.8), Hit(3, 0.7, late=0.2)]
        rows = candidate_features("生育", result(*hits), hits, ENTRIES)
        assert [row["late"] for row in rows] == [0.5, 0.8, 0.2]
        assert [row["late_rise"] for row in rows] == pytest.approx([0.0, 0.3, -0.3])
        assert [row["late_lead"] for row in rows] == pytest.approx([-0.3, 0.3, -0.6])

    def test_a_hit_alone_does_not_rise_by_late_interaction_and_leads_by_all_it_has(self) -> None:
        row = of_one("生育", Hit(1, 0.9, 0.6, lexical_rank=1, late=0.6))
        assert (row["late"], row["late_rise"], row["late_lead"]) == (0.6, 0.0, 0.6)

    def test_a_hit_that_was_not_found_by_words_has_no_share(self) -> None:
        row = of_one("生育", Hit(1, 0.9, similarity=0.9, dense_rank=1))
        assert (row["lexical"], row["lexical_share"], row["lexical_first"]) == (0, 0, 0)


class TestKindOfInsured:
    def conflict(self, question: str, group: InsuredGroup) -> float:
        entries = {1: an_entry(1, "门诊费用如何报销", insured_group=group)}
        hit = Hit(1, 0.9, lexical_rank=1)
        return candidate_features(question, result(hit), [hit], entries)[0]["group_conflict"]

    @pytest.mark.parametrize("question", ["居民门诊怎么报", "新农合看门诊", "學生門診能報嗎"])
    def test_a_residents_question_is_none_for_an_entry_of_employees(self, question: str) -> None:
        assert self.conflict(question, InsuredGroup.EMPLOYEE) == 1
        assert self.conflict(question, InsuredGroup.RESIDENT) == 0

    def test_an_employees_question_is_none_for_an_entry_of_residents(self) -> None:
        assert self.conflict("在职职工门诊怎么报", InsuredGroup.RESIDENT) == 1
        assert self.conflict("在职职工门诊怎么报", InsuredGroup.EMPLOYEE) == 0

    def test_an_entry_for_both_is_in_nobodys_way(self) -> None:
        assert self.conflict("居民门诊怎么报", InsuredGroup.BOTH) == 0

    @pytest.mark.parametrize("question", ["门诊怎么报", "职工转居民以后门诊怎么报"])
    def test_who_names_none_or_both_contradicts_nobody(self, question: str) -> None:
        assert self.conflict(question, InsuredGroup.EMPLOYEE) == 0
        assert self.conflict(question, InsuredGroup.RESIDENT) == 0


class TestNumbers:
    def missing(self, question: str, answer: str = "由参保地规定。") -> float:
        entries = {1: an_entry(1, "门诊费用如何报销", answer=answer)}
        hit = Hit(1, 0.9, lexical_rank=1)
        return candidate_features(question, result(hit), [hit], entries)[0]["number_missing"]

    def test_without_numbers_none_is_missing(self) -> None:
        assert self.missing("门诊怎么报") == 0

    def test_the_share_of_those_that_the_entry_does_not_hold(self) -> None:
        answer = "支付比例为70%，起付标准为500元。"
        assert self.missing("报70%吗", answer=answer) == 0
        assert self.missing("报85%吗", answer=answer) == 1
        assert self.missing("满500元报85%吗", answer=answer) == 0.5

    def test_numerals_are_the_same_in_chinese(self) -> None:
        assert self.missing("断缴3个月", answer="中断三个月以上的，重新计算等待期。") == 0


class TestFiguresOfPlaces:
    def asked(self, question: str, home: str | None = None, **entry: Any) -> float:
        entries = {1: an_entry(1, "住院的起付标准是多少？", **entry)}
        hit = Hit(1, 0.9, lexical_rank=1)
        found = replace(result(hit), region=home)
        return candidate_features(question, found, [hit], entries)[0]["figure_of_place"]

    @pytest.mark.parametrize("question", ["武汉住院起付线多少", "請問東莞市住院的門檻費是幾百元"])
    def test_of_a_place_that_the_entry_does_not_know_are_missing(self, question: str) -> None:
        assert self.asked(question) == 1

    def test_are_there_for_the_place_of_the_entry_the_answer_or_the_bureau(self) -> None:
        asked = "武汉住院起付线多少"
        assert self.asked(asked, region="420100") == 0
        assert self.asked(asked, region="420000") == 0
        assert self.asked(asked, answer="武汉三级医院为800元。") == 0
        assert self.asked(asked, home="420100") == 0
        assert self.asked(asked, home="420000") == 0
        assert self.asked(asked, home="330100") == 1

    def test_are_not_asked_for_by_who_only_tells_where_he_is(self) -> None:
        assert self.asked("我在武汉，住院怎么报销") == 0
        assert self.asked("住院起付线多少") == 0
        assert self.asked("医保定点评估要几个月") == 0


def test_an_entry_without_similar_questions_stands_alone() -> None:
    entries = {
        1: an_entry(1, "住院的起付线是多少？"),
        2: an_entry(2, "住院的起付线", variants=("住院起付线",)),
    }
    hits = [Hit(1, 0.9, lexical_rank=1), Hit(2, 0.8, lexical_rank=2)]
    rows = candidate_features("住院起付线", result(*hits), hits, entries)
    assert [row["alone"] for row in rows] == [1.0, 0.0]


class TestMatters:
    def missing(self, question: str, **entry: Any) -> float:
        entries = {1: an_entry(1, "住院的起付线是多少？", **entry)}
        hit = Hit(1, 0.9, lexical_rank=1)
        return candidate_features(question, result(hit), [hit], entries)[0]["matter_missing"]

    def test_are_the_share_of_those_named_that_no_wording_of_the_entry_names(self) -> None:
        assert self.missing("大病的起付线是多少") == 1
        assert self.missing("大病住院的起付线是多少") == 0.5
        assert self.missing("出院时的起付线是多少") == 0

    def test_count_where_only_the_answer_names_them(self) -> None:
        assert self.missing("大病的起付线是多少", answer="大病保险的起付线另行规定。") == 1

    def test_of_a_question_that_names_none_none_is_missing(self) -> None:
        assert self.missing("起付线是多少") == 0


class TestOfTheSearch:
    def test_worked_out_by_hand(self) -> None:
        first = Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.88, support=0.86, dense_rank=2)
        second = Hit(2, 0.5, 0.4, lexical_rank=2, similarity=0.92, support=0.84, dense_rank=1)
        found = result(first, second, background=0.85)
        rows = candidate_features("生育津贴", found, found.hits, ENTRIES)
        assert search_features("生育津贴", found, rows, found.hits) == pytest.approx(
            {
                "top_similarity": 0.92,
                "top_support": 0.86,
                "similarity_margin": 0.04,
                "background": 0.85,
                "elsewhere": 0.0,
                "elsewhere_lead": 0.0,
                "top_lexical": 0.6,
                "top_coverage_asked": 0.5,
                "top_coverage_all": 0.5,
                "nothing_covered": 0.0,
                "unseen": 0.5,  # 篮球 3 of 6
                "length": math.log(5),
                "short": 1.0,
            }
        )

    def test_of_a_question_for_somebody_else_it_is_told_by_how_much_and_that_its_words_are_not_here(
        self,
    ) -> None:
        found = result(Hit(3, 0.5, dense_rank=1, similarity=0.6), elsewhere=0.85)
        rows = candidate_features("篮球", found, found.hits, ENTRIES)
        features = search_features("篮球", found, rows, found.hits)
        assert features["elsewhere_lead"] == pytest.approx(0.25)
        assert features["nothing_covered"] == float(rows[0]["coverage_asked"] < 0.1)

    def test_a_question_of_eight_characters_is_not_short(self) -> None:
        found = result(FIRST)
        rows = candidate_features("", found, found.hits, ENTRIES)
        short = [
            search_features(question, found, rows, found.hits)["short"] for question in ("七" * 7, "八" * 8)
        ]
        assert short == [1.0, 0.0]

    def test_of_one_hit_there_is_no_margin(self) -> None:
        found = result(FIRST)
        rows = candidate_features("生育", found, found.hits, ENTRIES)
        assert search_features("生育", found, rows, found.hits)["similarity_margin"] == 0

    def test_a_question_without_terms_is_all_unseen(self) -> None:
        found = SearchResult((FIRST,), "s")
        rows = candidate_features("？", found, found.hits, ENTRIES)
        whole = search_features("？", found, rows, found.hits)
        assert (whole["unseen"], whole["top_coverage_asked"], whole["length"]) == (1.0, 0.0, 0.0)


@given(RESULTS)
def test_every_feature_that_is_named_is_there_and_finite(found: SearchResult) -> None:
    rows = candidate_features("生育津贴3个月", found, found.hits, ENTRIES)
    for row in rows:
        assert set(row) == set(CANDIDATE)
        assert all(math.isfinite(value) for value in row.values())
    if rows:
        whole = search_features("生育津贴3个月", found, rows, found.hits)
        assert set(whole) == set(SEARCH)
        assert all(math.isfinite(value) for value in whole.values())


@given(RESULTS)
def test_those_of_vectors_are_all_that_vectors_change(found: SearchResult) -> None:
    def features(result: SearchResult) -> list[dict[str, float]]:
        rows = candidate_features("生育津贴", result, result.hits, ENTRIES)
        whole = search_features("生育津贴", result, rows, result.hits) if rows else {}
        return [{name: v for name, v in row.items() if name not in OF_VECTORS} for row in (*rows, whole)]

    blind = [Hit(h.entry_id, h.score, h.lexical, h.lexical_rank, nearness=h.nearness) for h in found.hits]
    without = SearchResult(tuple(blind), "s", found.weights, found.unseen_weight)
    assert features(found) == features(without)
