"""How likely it is that an entry answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import confidence
from indexer.confidence import (
    CANDIDATES,
    FEATURES,
    REACH_FEATURES,
    VERBATIM,
    WORDS_ALONE,
    Weighed,
    features,
    matched_words,
    probability,
    reach_features,
    weigh,
)
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
SAME_AGAIN = an_entry(4, "备案怎么办", variants=("异地就医如何备案？",))
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
        weighed = weigh("生育津贴", ["生育"], found, ENTRIES, encoder)
        confidences = [candidate.confidence for candidate in weighed.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 < each < 1 for each in confidences)
        assert sorted(c.entry.id for c in weighed.candidates) == sorted(hit.entry_id for hit in found.hits)

    @given(_RESULTS, st.sampled_from(["multilingual-e5-small-q4", ""]))
    def test_that_one_answers_is_never_more_probable_than_that_any_does(
        self, found: SearchResult, encoder: str
    ) -> None:
        weighed = weigh("生育津贴", ["生育"], found, ENTRIES, encoder)
        assert 0 <= weighed.reach < 1
        assert all(candidate.confidence <= weighed.reach for candidate in weighed.candidates)

    def test_what_may_not_be_served_is_no_candidate(self) -> None:
        found = result(Hit(1, 0.9, lexical_rank=1), Hit(2, 0.5, lexical_rank=2))
        weighed = weigh("生育津贴", [], found, {2: ENTRIES[2]}, "")
        assert [candidate.entry.id for candidate in weighed.candidates] == [2]

    def test_only_the_first_hits_are_weighed(self) -> None:
        entries = {id: an_entry(id) for id in range(1, 31)}
        found = result(*(Hit(id, 1 / id, lexical_rank=id) for id in entries))
        weighed = weigh("生育津贴", [], found, entries, "")
        assert sorted(candidate.entry.id for candidate in weighed.candidates) == list(
            range(1, CANDIDATES + 1)
        )

    def test_nothing_found_reaches_nobody(self) -> None:
        assert weigh("生育津贴", [], result(), ENTRIES, "") == Weighed((), 0.0)

    def test_a_candidate_names_the_questions_words_that_its_entry_holds(self) -> None:
        found = result(Hit(1, 0.9, lexical_rank=1), Hit(2, 0.5, lexical_rank=2))
        weighed = weigh("生育津贴备案篮球", ["生育", "备案", "篮球"], found, ENTRIES, "")
        assert {c.entry.id: c.matched for c in weighed.candidates} == {1: ("生育",), 2: ("备案",)}


class TestAskedVerbatim:
    """The department itself wrote the question down as one that the entry answers."""

    def confidences(self, question: str, *hits: Hit) -> dict[int, float]:
        weighed = weigh(question, [], result(*hits), ENTRIES | {4: SAME_AGAIN}, "")
        return {candidate.entry.id: candidate.confidence for candidate in weighed.candidates}

    @pytest.mark.parametrize("asked", ["生育津贴如何申领", "生孩子的钱怎么领", "生孩子的錢，怎麼領？"])
    def test_it_is_as_good_as_certain(self, asked: str) -> None:
        found = self.confidences(asked, Hit(2, 0.9, lexical_rank=1), Hit(1, 0.1, lexical_rank=2))
        assert found[1] >= VERBATIM
        assert found[2] < found[1]

    def test_two_entries_that_both_have_it_are_weighed_like_any(self) -> None:
        found = self.confidences("异地就医如何备案", Hit(2, 0.9, lexical_rank=1), Hit(4, 0.9, lexical_rank=2))
        assert max(found.values()) < VERBATIM


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
        rows = features("生育津贴", found, found.hits, ENTRIES)
        for row in rows:
            assert set(row) == set(FEATURES)
            assert all(math.isfinite(value) for value in row.values())
        if rows:
            assert set(reach_features(rows, found)) == set(REACH_FEATURES)

    def test_those_of_the_search_are_the_best_of_its_hits(self) -> None:
        first = Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.88, dense_rank=2)
        second = Hit(2, 0.5, 0.4, lexical_rank=2, similarity=0.92, dense_rank=1)
        found = result(first, second, background=0.85)
        whole = reach_features(features("生育津贴", found, found.hits, ENTRIES), found)
        assert (whole["lexical"], whole["similarity"], whole["background"]) == (0.6, 0.92, 0.85)
        assert (whole["coverage_asked"], whole["unseen"]) == (0.5, 0.5)


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
            assert set(model.answers) <= {"bias", *FEATURES}
            assert set(model.reach) <= {"bias", *REACH_FEATURES}

    def test_words_alone_do_without_vectors(self) -> None:
        vectors = {name for name in (*FEATURES, *REACH_FEATURES) if "similarity" in name or "dense" in name}
        model = confidence._models()[WORDS_ALONE]
        assert not (vectors | {"both_first", "background"}) & (set(model.answers) | set(model.reach))

    def test_an_encoder_that_nothing_was_fitted_for_is_weighed_by_words(self) -> None:
        found = result(Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.9, dense_rank=1))
        unknown = weigh("生育津贴", [], found, ENTRIES, "http:other@model")
        assert unknown == weigh("生育津贴", [], found, ENTRIES, "")
