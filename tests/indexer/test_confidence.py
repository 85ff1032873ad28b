"""How likely it is that an entry answers."""

import json
import math
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer import confidence
from indexer.calibration import ALONE
from indexer.confidence import (
    CANDIDATES,
    VERBATIM,
    WORDS_ALONE,
    Model,
    Weighed,
    family_of,
    matched_words,
    model_for,
    weigh,
)
from indexer.features import CANDIDATE, OF_VECTORS, SEARCH
from indexer.model_encoder import BUNDLED, ModelEncoder
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
        support=st.floats(-1, 1),
        dense_rank=st.integers(0, 50),
        nearness=st.integers(0, 2),
        answer=st.floats(-1, 1),
        late=st.floats(-1, 1),
    ),
    unique_by=lambda hit: hit.entry_id,
    max_size=3,
)
RESULTS = st.builds(
    SearchResult,
    hits=_HITS.map(tuple),
    snapshot=st.just("s"),
    weights=st.dictionaries(st.sampled_from(["生育", "津贴", "篮球"]), st.floats(0.01, 12)),
    unseen_weight=st.floats(0.01, 12),
    background=_SHARES,
    answers=_SHARES,
)
_WEIGHTS = st.floats(-1e6, 1e6)


def family() -> str:
    """What the shipped encoder is called, whatever file it comes in."""
    return str(json.loads((BUNDLED / "encoder.json").read_text(encoding="utf-8"))["name"])


ENCODERS = st.sampled_from([f"{family()}#0123456789ab", "", "http:other@model"])


def result(*hits: Hit, **changes: object) -> SearchResult:
    weights = {"生育": 2.0, "津贴": 1.0, "篮球": 3.0}
    return SearchResult(hits=hits, snapshot="s", weights=weights, unseen_weight=3.0, **changes)  # type: ignore[arg-type]  # what is left out has defaults


class TestProbabilities:
    """The exponentials of the scores by their sum, that of nobody among them."""

    def test_worked_out_by_hand(self) -> None:
        model = Model({"lexical": 2.0, "coverage_all": -1.0}, {"bias": 0.5, "length": -0.25})
        rows = [{"lexical": 0.75, "coverage_all": 0.5}, {"lexical": 0.5, "coverage_all": 1.0}]
        # Scores: 1.5 - 0.5 = 1 and 1 - 1 = 0; nobody: 0.5 - 0.25 * 2 = 0.
        total = math.e + 1 + 1
        assert model.probabilities(rows, {"length": 2.0}) == pytest.approx([math.e / total, 1 / total])

    def test_without_weights_nobody_is_as_probable_as_each(self) -> None:
        assert Model({}, {}).probabilities([{}, {}, {}], {}) == [0.25, 0.25, 0.25]

    def test_what_is_not_a_candidate_has_no_probability(self) -> None:
        assert Model({}, {"bias": 1.0}).probabilities([], {}) == []

    @given(
        st.lists(st.fixed_dictionaries({"lexical": _SHARES, "similarity": _SHARES}), max_size=10),
        _WEIGHTS,
        _WEIGHTS,
        _WEIGHTS,
    )
    def test_they_are_never_more_than_certainty_together_whatever_the_weights(
        self, rows: list[dict[str, float]], lexical: float, similarity: float, bias: float
    ) -> None:
        found = Model({"lexical": lexical, "similarity": similarity}, {"bias": bias}).probabilities(rows, {})
        assert len(found) == len(rows)
        assert all(0 <= each <= 1 for each in found)
        assert sum(found) <= 1 + 1e-9

    @given(st.lists(_SHARES, min_size=2, max_size=6), st.floats(0.01, 5))
    def test_what_one_gains_the_others_lose(self, values: list[float], gain: float) -> None:
        model, rows = Model({"lexical": 1.0}, {"bias": 0.0}), [{"lexical": value} for value in values]
        before = model.probabilities(rows, {})
        after = model.probabilities([{"lexical": values[0] + gain}, *rows[1:]], {})
        assert after[0] > before[0]
        assert all(now < was for now, was in zip(after[1:], before[1:], strict=True))


class TestWeighing:
    @given(RESULTS, ENCODERS)
    def test_candidates_come_most_probable_first_with_probabilities(
        self, found: SearchResult, encoder: str
    ) -> None:
        weighed = weigh("生育津贴", ["生育"], found, ENTRIES, encoder)
        confidences = [candidate.confidence for candidate in weighed.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= each <= 1 for each in confidences)
        assert sum(confidences) <= 1 + 1e-9
        assert sorted(c.entry.id for c in weighed.candidates) == sorted(hit.entry_id for hit in found.hits)

    @given(RESULTS, ENCODERS)
    def test_that_any_answers_is_as_probable_as_all_of_them_together(
        self, found: SearchResult, encoder: str
    ) -> None:
        weighed = weigh("生育津贴", ["生育"], found, ENTRIES, encoder)
        assert 0 <= weighed.reach <= 1
        assert weighed.reach == pytest.approx(sum(c.confidence for c in weighed.candidates))

    def test_of_equals_the_one_comes_first_that_the_search_had_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(confidence, "_models", lambda: {WORDS_ALONE: Model({}, {})})
        found = result(Hit(3, 0.2, lexical_rank=3), Hit(1, 0.5, lexical_rank=2), Hit(2, 0.9, lexical_rank=1))
        weighed = weigh("生育津贴", [], found, ENTRIES, "")
        assert [candidate.entry.id for candidate in weighed.candidates] == [2, 1, 3]
        assert [candidate.confidence for candidate in weighed.candidates] == [0.25] * 3
        assert weighed.reach == 0.75

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


class TestByWhatItIsWeighed:
    FOUND = result(Hit(1, 0.9, 0.6, lexical_rank=1, similarity=0.9, support=0.85, dense_rank=1))

    def test_an_encoder_is_known_by_its_family_however_it_was_tuned(self) -> None:
        assert family_of(f"{family()}#0123456789ab") == family()
        assert model_for(f"{family()}#0123456789ab") is model_for(f"{family()}#ba9876543210")

    def test_the_shipped_encoder_is_of_the_family_that_the_weights_were_fitted_with(self) -> None:
        assert family_of(ModelEncoder().name) == family() != WORDS_ALONE

    @pytest.mark.parametrize("encoder", ["http:other@model", "st:some/model#1", "zhengda", ""])
    def test_an_encoder_that_nothing_was_fitted_for_is_weighed_by_words(self, encoder: str) -> None:
        assert family_of(encoder) == WORDS_ALONE
        unknown = weigh("生育津贴", [], self.FOUND, ENTRIES, encoder)
        assert unknown.candidates == weigh("生育津贴", [], self.FOUND, ENTRIES, "").candidates

    def test_where_nothing_was_found_by_meaning_words_decide(self) -> None:
        by_words = result(Hit(1, 0.9, 0.6, lexical_rank=1))
        weighed = weigh("生育津贴", [], by_words, ENTRIES, f"{family()}#1")
        assert weighed == weigh("生育津贴", [], by_words, ENTRIES, "")
        assert weighed.encoder == ""

    def test_it_says_by_what_it_weighed(self) -> None:
        assert weigh("生育津贴", [], self.FOUND, ENTRIES, f"{family()}#1").encoder == f"{family()}#1"


class TestAskedVerbatim:
    """The department itself wrote the question down as one that the entry answers."""

    def weighed(self, question: str, *hits: Hit) -> Weighed:
        return weigh(question, [], result(*hits), ENTRIES | {4: SAME_AGAIN}, "")

    @pytest.mark.parametrize("asked", ["生育津贴如何申领", "生孩子的钱怎么领", "生孩子的錢，怎麼領？"])
    def test_it_is_as_good_as_certain(self, asked: str) -> None:
        weighed = self.weighed(asked, Hit(2, 0.9, lexical_rank=1), Hit(1, 0.1, lexical_rank=2))
        first, second = weighed.candidates
        assert (first.entry.id, first.verbatim, second.verbatim) == (1, True, False)
        assert first.confidence >= VERBATIM
        assert second.confidence < first.confidence
        assert first.confidence <= weighed.reach <= 1

    def test_two_entries_that_both_have_it_are_weighed_like_any(self) -> None:
        weighed = self.weighed("异地就医如何备案", Hit(2, 0.9, lexical_rank=1), Hit(4, 0.9, lexical_rank=2))
        assert not any(candidate.verbatim for candidate in weighed.candidates)
        assert weighed.candidates[0].confidence < VERBATIM

    @given(st.text(max_size=20))
    def test_what_nobody_wrote_down_is_not_verbatim(self, question: str) -> None:
        assume("备案" not in question)
        weighed = self.weighed(question, Hit(2, 0.9, lexical_rank=1))
        assert not weighed.candidates[0].verbatim


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
        assert {family(), WORDS_ALONE} <= set(confidence._models())

    def test_they_name_known_features_only(self) -> None:
        for model in confidence._models().values():
            assert set(model.candidate) <= set(CANDIDATE)
            assert set(model.none) <= {"bias", *SEARCH}

    def test_those_with_vectors_use_every_feature(self) -> None:
        model = confidence._models()[family()]
        assert set(model.candidate) == set(CANDIDATE)
        assert set(model.none) == {"bias", *SEARCH}

    def test_words_alone_do_without_vectors(self) -> None:
        model = confidence._models()[WORDS_ALONE]
        assert OF_VECTORS.isdisjoint({*model.candidate, *model.none})
        assert {*model.candidate, *model.none} == {"bias", *CANDIDATE, *SEARCH} - OF_VECTORS

    def test_they_are_finite(self) -> None:
        for model in confidence._models().values():
            assert all(map(math.isfinite, (*model.candidate.values(), *model.none.values())))

    def test_each_set_has_points_to_calibrate_by(self) -> None:
        fitted = json.loads(files("indexer").joinpath("confidence.json").read_text(encoding="utf-8"))
        assert set(fitted["calibration"]) == {
            name + suffix for name in fitted["models"] for suffix in ("", ALONE)
        }
        for points in fitted["calibration"].values():
            assert len(points) > 100
            for first, right, *_ in points:
                assert 0 <= first <= 1
                assert right in (0, 1)
