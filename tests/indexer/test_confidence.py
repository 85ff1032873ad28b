"""How likely it is that an entry answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import confidence
from indexer.confidence import CANDIDATES, FEATURES, WORDS_ALONE, features, matched_words, probability, weigh
from indexer.encoders import BundledEncoder
from indexer.search import Hit, SearchResult
from tests.indexer.making import an_entry

ENTRIES = {
    1: an_entry(
        1, "生育津贴如何申领", variants=("生孩子的钱怎么领",), keywords=("津贴",), answer="由单位申请。"
    ),
    2: an_entry(2, "异地就医如何备案"),
    3: an_entry(3, "门诊费用如何报销"),
}
_SHARES = st.floats(0, 1)
_HITS = st.lists(
    st.builds(
        Hit,
        entry_id=st.sampled_from(sorted(ENTRIES)),
        score=_SHARES,
        lexical=_SHARES,
        lexical_rank=st.integers(0, 50),
        similarity=st.floats(-1, 1),
        dense_rank=st.integers(0, 50),
        nearness=st.integers(0, 2),
    ),
    unique_by=lambda hit: hit.entry_id,
    max_size=3,
)
_RESULTS = st.builds(
    SearchResult,
    hits=_HITS.map(tuple),
    snapshot=st.just("s"),
    weights=st.dictionaries(st.sampled_from(["生育", "津贴", "篮球"]), st.floats(0.01, 12)),
    unseen_weight=st.floats(0.01, 12),
    background=_SHARES,
)


def result(*hits: Hit, **changes: object) -> SearchResult:
    weights = {"生育": 2.0, "津贴": 1.0, "篮球": 3.0}
    return SearchResult(hits=hits, snapshot="s", weights=weights, unseen_weight=3.0, **changes)  # type: ignore[arg-type]  # what is left out has defaults


class TestProbability:
    def test_it_is_the_logistic_function_of_the_weighted_sum(self) -> None:
        model = {"bias": -1.0, "lexical": 2.0, "length": 0.5}
        row = dict.fromkeys(FEATURES, 0.0) | {"lexical": 0.75, "length": 1.0}
        # -1 + 1.5 + 0.5 = 1
        assert probability(row, model) == pytest.approx(1 / (1 + math.exp(-1)))

    def test_a_model_without_weights_says_half(self) -> None:
        assert probability(dict.fromkeys(FEATURES, 0.3), {}) == 0.5

    @given(st.dictionaries(st.sampled_from(("bias", *FEATURES)), st.floats(-1e6, 1e6)))
    def test_it_never_reaches_certainty_whatever_the_weights(self, model: dict[str, float]) -> None:
        assert 0 < probability(dict.fromkeys(FEATURES, 1.0), model) < 1


class TestWeighing:
    @given(_RESULTS, st.sampled_from(["multilingual-e5-small-q4", "", "http:other@model"]))
    def test_candidates_come_most_probable_first_with_probabilities(
        self, found: SearchResult, encoder: str
    ) -> None:
        candidates = weigh("生育津贴", ["生育"], found, ENTRIES, encoder)
        confidences = [candidate.confidence for candidate in candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 < each < 1 for each in confidences)
        assert sorted(c.entry.id for c in candidates) == sorted(hit.entry_id for hit in found.hits)

    def test_what_may_not_be_served_is_no_candidate(self) -> None:
        found = result(Hit(1, 0.9, lexical_rank=1), Hit(2, 0.5, lexical_rank=2))
        candidates = weigh("生育津贴", [], found, {2: ENTRIES[2]}, "")
        assert [candidate.entry.id for candidate in candidates] == [2]

    def test_only_the_first_hits_are_weighed(self) -> None:
        entries = {id: an_entry(id) for id in range(1, 31)}
        found = result(*(Hit(id, 1 / id, lexical_rank=id) for id in entries))
        candidates = weigh("生育津贴", [], found, entries, "")
        assert sorted(candidate.entry.id for candidate in candidates) == list(range(1, CANDIDATES + 1))

    def test_nothing_found_is_nobody_to_weigh(self) -> None:
        assert weigh("生育津贴", [], result(), ENTRIES, "") == []

    def test_a_candidate_names_the_questions_words_that_its_entry_holds(self) -> None:
        found = result(Hit(1, 0.9, lexical_rank=1), Hit(2, 0.5, lexical_rank=2))
        matched = {
            c.entry.id: c.matched
            for c in weigh("生育津贴备案篮球", ["生育", "备案", "篮球"], found, ENTRIES, "")
        }
        assert matched == {1: ("生育",), 2: ("备案",)}


class TestFeatures:
    def test_worked_out_by_hand(self) -> None:
        first = Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.92, dense_rank=1, nearness=2)
        second = Hit(2, 0.5, 0.4, lexical_rank=2, similarity=0.88, dense_rank=3)
        rows = features("生育津贴", result(first, second, background=0.85), [first, second], ENTRIES)
        expected = {
            "lexical": 0.6,
            "lexical_lead": 0.2,
            "lexical_first": 1.0,
            "similarity": 0.92,
            "similarity_rise": 0.07,
            "similarity_lead": 0.04,
            "dense_first": 1.0,
            "both_first": 1.0,
            "coverage_asked": 0.5,  # 生育 2 and 津贴 1 of 6
            "coverage_all": 0.5,
            "coverage_lead": 0.5,
            "unseen": 0.5,  # 篮球 3 of 6
            "reciprocal_rank": 1.0,
            "nearness": 1.0,
            "length": math.log(5),
        }
        assert rows[0] == pytest.approx(expected)
        assert rows[1]["lexical_lead"] == pytest.approx(-0.2)
        assert rows[1]["similarity_lead"] == pytest.approx(-0.04)
        assert rows[1]["coverage_lead"] == pytest.approx(-0.5)
        assert (rows[1]["lexical_first"], rows[1]["dense_first"], rows[1]["both_first"]) == (0, 0, 0)
        assert rows[1]["reciprocal_rank"] == 0.5

    def test_words_of_the_answer_count_in_one_coverage_only(self) -> None:
        hit = Hit(1, 0.9, lexical_rank=1)
        found = SearchResult((hit,), "s", weights={"单位": 1.0, "生育": 1.0})
        row = features("单位 生育", found, [hit], ENTRIES)[0]
        assert (row["coverage_asked"], row["coverage_all"]) == (0.5, 1.0)

    def test_a_hit_alone_leads_by_all_it_has(self) -> None:
        hit = Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.9, dense_rank=1)
        row = features("生育", result(hit), [hit], ENTRIES)[0]
        assert (row["lexical_lead"], row["similarity_lead"]) == (0.6, 0.9)

    def test_a_hit_that_was_not_found_by_meaning_did_not_rise(self) -> None:
        hit = Hit(1, 0.9, 0.6, lexical_rank=1)
        assert features("生育", result(hit, background=0.85), [hit], ENTRIES)[0]["similarity_rise"] == 0.0

    @given(_RESULTS)
    def test_every_feature_that_is_fitted_is_there(self, found: SearchResult) -> None:
        for row in features("生育津贴", found, found.hits, ENTRIES):
            assert set(row) == set(FEATURES)
            assert all(math.isfinite(value) for value in row.values())


class TestMatchedWords:
    def test_in_question_similar_questions_keywords_and_answer(self) -> None:
        words = ["申领", "生孩子", "津贴", "单位", "篮球"]
        assert matched_words(words, ENTRIES[1]) == ("申领", "生孩子", "津贴", "单位")

    def test_entries_are_read_normalised(self) -> None:
        entry = an_entry(9, "醫保電子憑證，ＡＰＰ怎麼用")
        assert matched_words(["医保", "app"], entry) == ("医保", "app")

    def test_a_word_is_not_pieced_together_from_two_phrasings(self) -> None:
        entry = an_entry(9, "怎么备", variants=("案子",))
        assert matched_words(["备案"], entry) == ()


class TestTheFittedWeights:
    def test_they_are_there_for_the_bundled_encoder_and_for_words_alone(self) -> None:
        assert {BundledEncoder.name, WORDS_ALONE} <= set(confidence._models())

    def test_they_name_known_features_only(self) -> None:
        for model in confidence._models().values():
            assert set(model) <= {"bias", *FEATURES}

    def test_words_alone_do_without_vectors(self) -> None:
        vectors = {"similarity", "similarity_rise", "similarity_lead", "dense_first", "both_first"}
        assert not vectors & set(confidence._models()[WORDS_ALONE])

    def test_an_encoder_that_nothing_was_fitted_for_is_weighed_by_words(self) -> None:
        found = result(Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.9, dense_rank=1))
        unknown = weigh("生育津贴", [], found, ENTRIES, "http:other@model")
        words = weigh("生育津贴", [], found, ENTRIES, "")
        assert [c.confidence for c in unknown] == [c.confidence for c in words]
