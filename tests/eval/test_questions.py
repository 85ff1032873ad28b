"""The questions by which answers are judged must be honest: nothing of the measure was seen by what is measured."""

import json
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from eval.questions import KINDS, STYLES, TUNE_THEMES, Question, questions
from indexer.normalise import normalise

TEST, TUNE = questions("test"), questions("tune")
ALL = (*TEST, *TUNE)
ANSWERABLE = tuple(question for question in ALL if question.answerable)
UNANSWERABLE = tuple(question for question in ALL if not question.answerable)


@cache
def samples() -> dict[str, dict[str, Any]]:
    """External id → sample entry as it is written."""
    folder = files("knowledge").joinpath("samples", "entries")
    rows = [
        json.loads(line)
        for file in folder.iterdir()
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return {row["external_id"]: row for row in rows}


def bigrams(text: str) -> set[str]:
    plain = normalise(text).replace(" ", "")
    return {plain[place : place + 2] for place in range(len(plain) - 1)} or {plain}


def overlap(one: str, other: str) -> float:
    """Jaccard's coefficient of the character bigrams."""
    left, right = bigrams(one), bigrams(other)
    return len(left & right) / len(left | right)


class TestTheSplit:
    def test_every_question_is_in_one_of_the_two(self) -> None:
        assert {question.split for question in ALL} == {"test", "tune"}
        assert len(TEST) > 0
        assert len(TUNE) > 0

    def test_no_question_of_the_test_is_in_what_was_fitted_on(self) -> None:
        fitted = {normalise(question.text) for question in TUNE} - {""}
        assert [question.id for question in TEST if normalise(question.text) in fitted] == []

    def test_no_question_of_the_test_is_nearly_in_what_was_fitted_on(self) -> None:
        fitted = [(question, bigrams(question.text)) for question in TUNE if normalise(question.text)]
        copies = []
        for question in TEST:
            asked = bigrams(question.text)
            copies += [
                (question.id, other.id)
                for other, known in fitted
                if len(asked & known) / len(asked | known) >= 0.8
            ]
        assert copies == []

    def test_themes_are_on_one_side_only(self) -> None:
        themes = {name: {q.theme for q in ANSWERABLE if q.split == name} for name in ("test", "tune")}
        assert themes["tune"] == TUNE_THEMES
        assert themes["test"].isdisjoint(TUNE_THEMES)

    def test_unanswerable_questions_of_every_kind_are_on_both_sides(self) -> None:
        for name in ("test", "tune"):
            assert {q.kind for q in UNANSWERABLE if q.split == name} == set(KINDS)


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
        unknown = [(q.id, each) for q in ANSWERABLE for each in q.relevant if each not in samples()]
        assert unknown == []

    def test_that_can_be_answered_has_no_kind_and_the_others_have_one(self) -> None:
        assert {q.kind for q in ANSWERABLE} == {""}
        assert {q.kind for q in UNANSWERABLE} <= set(KINDS)

    def test_that_is_a_story_is_one(self) -> None:
        lengths = {q.id: len(q.text) for q in ANSWERABLE if q.style == "story"}
        assert {id: length for id, length in lengths.items() if not 55 <= length <= 170} == {}


class TestHowMany:
    def test_at_least_three_an_entry(self) -> None:
        counts = Counter(external_id for q in ANSWERABLE for external_id in q.relevant)
        assert {
            external_id: counts[external_id] for external_id in samples() if counts[external_id] < 3
        } == {}

    def test_at_least_two_hundred_that_nothing_answers(self) -> None:
        assert len(UNANSWERABLE) >= 200

    @pytest.mark.parametrize("style", STYLES)
    def test_every_style_is_asked_in_on_both_sides(self, style: str) -> None:
        for split in (TEST, TUNE):
            asked = sum(question.answerable and question.style == style for question in split)
            assert asked >= 0.08 * len(split)


class TestHonesty:
    def test_no_question_is_a_near_copy_of_what_its_entry_is_asked_by(self) -> None:
        copies = [
            (question.id, phrasing, round(overlap(question.text, phrasing), 2))
            for question in ANSWERABLE
            for phrasing in _phrasings(question)
            if overlap(question.text, phrasing) >= 0.5
        ]
        assert copies == []

    def test_no_unanswerable_question_is_a_near_copy_of_any_entry(self) -> None:
        known = [
            bigrams(phrasing)
            for row in samples().values()
            for phrasing in (row["question"], *row["similar_questions"])
        ]
        copies = []
        for question in UNANSWERABLE:
            asked = bigrams(question.text)
            if any(len(asked & each) / len(asked | each) >= 0.5 for each in known):
                copies.append(question.id)
        assert copies == []


def _phrasings(question: Question) -> list[str]:
    rows = [samples()[external_id] for external_id in question.relevant]
    return [phrasing for row in rows for phrasing in (row["question"], *row["similar_questions"])]


class TestTheMeasureOfOverlap:
    def test_worked_out_by_hand(self) -> None:
        # 异地 地就 就医 against 异地 地备 备案: one of five
        assert overlap("异地就医", "异地备案") == pytest.approx(1 / 5)

    def test_script_and_punctuation_make_no_difference(self) -> None:
        assert overlap("異地就醫？", "异地就医") == 1.0
