"""The questions by which answers are judged must be honest: nothing of the measure was seen by what is measured."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import indexer
from eval.overlap import NEAR_COPY_OF_ENTRY, NearCopies, distribution, overlap, sample_phrasings, with_entries
from eval.questions import (
    KINDS,
    SPLITS,
    STYLES,
    TEST_THEMES,
    VALIDATION_THEMES,
    Question,
    questions,
    split_of,
    spread,
)
from indexer.normalise import normalise
from qa_service.samples import SAMPLES

TRAIN, VALIDATION, TEST = (questions(split) for split in SPLITS)
ALL = questions(*SPLITS)
ANSWERABLE = tuple(question for question in ALL if question.answerable)
UNANSWERABLE = tuple(question for question in ALL if not question.answerable)
MATERIAL = Path(indexer.__file__).parent / "training" / "material"


@cache
def themes() -> dict[str, list[dict[str, Any]]]:
    """Theme → sample entries as they are written."""
    return {
        file.stem: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for file in SAMPLES.joinpath("entries").glob("*.jsonl")
    }


@cache
def theme_of() -> dict[str, str]:
    """External id → theme."""
    return {row["external_id"]: theme for theme, rows in themes().items() for row in rows}


def training_texts() -> Iterator[str]:
    """Every text that the encoder is trained on."""
    for file in sorted(MATERIAL.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            group = json.loads(line)
            yield group["question"]
            yield from group["similar_questions"]
            yield from (paraphrase["text"] for paraphrase in group["paraphrases"])


@cache
def trained_on() -> NearCopies:
    return NearCopies(training_texts())


class TestTheSplit:
    def test_every_question_is_in_one_of_the_three(self) -> None:
        assert {question.split for question in ALL} == set(SPLITS)
        assert len(ALL) == len(TRAIN) + len(VALIDATION) + len(TEST)

    def test_themes_are_on_one_side_only(self) -> None:
        for split, expected in (("test", TEST_THEMES), ("validation", VALIDATION_THEMES)):
            assert {q.theme for q in ANSWERABLE if q.split == split} == expected
        assert TEST_THEMES.isdisjoint(VALIDATION_THEMES)
        assert themes().keys() >= TEST_THEMES | VALIDATION_THEMES

    def test_an_entry_of_its_own_theme_answers_a_question(self) -> None:
        assert [q.id for q in ANSWERABLE if q.theme not in {theme_of()[each] for each in q.relevant}] == []

    def test_no_entry_of_the_test_answers_a_question_that_is_fitted_on(self) -> None:
        across = [
            (q.id, each) for q in VALIDATION for each in q.relevant if split_of(theme_of()[each]) == "test"
        ]
        assert across == []

    def test_unanswerable_questions_of_every_kind_measure_and_fit(self) -> None:
        for split in ("validation", "test"):
            assert {q.kind for q in UNANSWERABLE if q.split == split} == set(KINDS)

    @pytest.mark.parametrize("fitted", [TRAIN, VALIDATION], ids=["train", "validation"])
    def test_no_question_of_the_test_is_nearly_in_what_was_fitted_on(
        self, fitted: tuple[Question, ...]
    ) -> None:
        known = NearCopies(question.text for question in fitted)
        assert [(q.id, known.of(q.text)) for q in TEST if known.of(q.text)] == []

    def test_a_split_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no split tune: there are train, validation, test"):
            questions("tune")


class TestTheTrainingMaterial:
    """The encoder has seen nothing of the themes by which it is judged."""

    @pytest.mark.parametrize("asked", [VALIDATION, TEST], ids=["validation", "test"])
    def test_holds_no_near_copy_of_a_question(self, asked: tuple[Question, ...]) -> None:
        copies = {q.id: trained_on().of(q.text)[:1] for q in asked if q.answerable}
        assert {id: found for id, found in copies.items() if found} == {}

    def test_holds_no_near_copy_of_an_unanswerable_question(self) -> None:
        copies = {q.id: trained_on().of(q.text)[:1] for q in UNANSWERABLE if normalise(q.text)}
        assert {id: found for id, found in copies.items() if found} == {}

    @pytest.mark.parametrize("theme", sorted(TEST_THEMES | VALIDATION_THEMES))
    def test_holds_no_near_copy_of_an_entry_of_those_themes(self, theme: str) -> None:
        copies = {
            phrasing: trained_on().of(phrasing)[:1]
            for row in themes()[theme]
            for phrasing in (row["question"], *row["similar_questions"])
        }
        assert {phrasing: found for phrasing, found in copies.items() if found} == {}


class TestEachQuestion:
    def test_has_an_id_of_its_own(self) -> None:
        assert [id for id, count in Counter(question.id for question in ALL).items() if count > 1] == []

    def test_is_asked_once(self) -> None:
        counts = Counter(normalise(question.text) for question in ALL if question.kind != "gibberish")
        assert [text for text, count in counts.items() if count > 1] == []

    def test_has_words_and_a_known_style(self) -> None:
        assert [q.id for q in ALL if not q.text.strip() or q.text != q.text.strip()] == []
        assert {q.style for q in ALL} <= set(STYLES)

    def test_that_can_be_answered_names_entries_that_exist(self) -> None:
        there = sample_phrasings()
        assert [(q.id, each) for q in ANSWERABLE for each in q.relevant if each not in there] == []

    def test_that_can_be_answered_has_no_kind_and_the_others_have_one(self) -> None:
        assert {q.kind for q in ANSWERABLE} == {""}
        assert {q.kind for q in UNANSWERABLE} <= set(KINDS)

    def test_that_is_a_story_is_one(self) -> None:
        lengths = {q.id: len(q.text) for q in ANSWERABLE if q.style == "story"}
        assert {id: length for id, length in lengths.items() if not 55 <= length <= 170} == {}


class TestHowMany:
    def test_at_least_three_an_entry(self) -> None:
        counts = Counter(external_id for q in ANSWERABLE for external_id in q.relevant)
        assert {id: counts[id] for id in sample_phrasings() if counts[id] < 3} == {}

    def test_the_test_has_1500_that_are_answered_and_600_that_are_not(self) -> None:
        answerable = sum(question.answerable for question in TEST)
        assert answerable >= 1_500
        assert len(TEST) - answerable >= 600

    @pytest.mark.parametrize("style", STYLES)
    def test_every_style_is_asked_in_on_every_side(self, style: str) -> None:
        for split in (TRAIN, VALIDATION, TEST):
            answerable = [question for question in split if question.answerable]
            assert sum(question.style == style for question in answerable) >= 0.1 * len(answerable)


class TestHonesty:
    def test_no_question_is_a_near_copy_of_what_its_entry_is_asked_by(self) -> None:
        phrasings = sample_phrasings()
        copies = [
            (question.id, phrasing, round(overlap(question.text, phrasing), 2))
            for question in ANSWERABLE
            for external_id in question.relevant
            for phrasing in phrasings[external_id]
            if overlap(question.text, phrasing) >= NEAR_COPY_OF_ENTRY
        ]
        assert copies == []

    def test_questions_and_their_entries_share_few_words(self) -> None:
        # What `python -m eval overlap` prints, held: half of the questions share less than a sixth of their pairs.
        shares = with_entries(TEST, sample_phrasings()).values()
        every = {"all": tuple(share for each in shares for share in each)}
        _, [[_, count, median, p90, _, greatest]] = distribution(every)
        assert int(count) == sum(question.answerable for question in TEST)
        assert float(median) <= 0.15
        assert float(p90) <= 0.30
        assert float(greatest) < NEAR_COPY_OF_ENTRY

    def test_no_unanswerable_question_is_a_near_copy_of_any_entry(self) -> None:
        known = NearCopies(
            (phrasing for phrasings in sample_phrasings().values() for phrasing in phrasings),
            NEAR_COPY_OF_ENTRY,
        )
        assert [(q.id, known.of(q.text)[:1]) for q in UNANSWERABLE if known.of(q.text)] == []


class TestASpread:
    def test_takes_some_from_the_first_to_the_last(self) -> None:
        assert spread(TEST[:10], 5) == TEST[:10:2]
        assert spread(TEST[:10], 0) == spread(TEST[:10], 20) == TEST[:10]
