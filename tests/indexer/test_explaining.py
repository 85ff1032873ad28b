"""Why an entry was found."""

import math
from collections import Counter

import pytest

from indexer import explaining
from indexer.confidence import Model, Weighed, weigh
from indexer.explaining import PARTS, Comparison, How, MatchedWord, Nearest, PartName
from indexer.features import CANDIDATE
from indexer.reading import Expansion, Reader, Reading
from indexer.search import Hit, SearchResult
from indexer.segment import Segmenter
from indexer.slip import Slip
from indexer.wording import Synonym, Wording
from tests.indexer.making import an_entry

ALLOWANCE = an_entry(1, "生育津贴如何申领", variants=("生小孩的钱找谁要",), answer="由单位办理。")
REGISTRATION = an_entry(2, "异地就医如何备案", answer="在窗口办理。")
MODEL = Model(
    {
        "similarity": 4.0,
        "support_rise": 10.0,
        "lexical": -2.0,
        "coverage_all": 5.0,
        "lexical_first": 1.5,
        "group_conflict": -1.0,
    },
    {"bias": 0.5, "length": -0.25},
)
"""Weights that can be multiplied in the head."""
NOTHING = dict.fromkeys(CANDIDATE, 0.0)
FIRST = NOTHING | {
    "similarity": 0.9,
    "support_rise": 0.05,
    "lexical": 0.5,
    "coverage_all": 0.8,
    "lexical_first": 1.0,
}
SECOND = NOTHING | {"similarity": 0.8, "support_rise": 0.02, "lexical": 0.75, "coverage_all": 0.6}
THIRD = NOTHING | {"similarity": 0.8, "group_conflict": 1.0}


def weighed(*rows: dict[str, float]) -> Weighed:
    return Weighed((), 0.9, "e", dict(enumerate(rows, start=1)), {"length": 2.0}, MODEL)


def parts(found: Comparison | None) -> dict[PartName, float]:
    assert found is not None
    return {part.name: part.contribution for part in found.parts if part.contribution}


def reading(question: str, *slips: Slip, **expansions: Expansion) -> Reading:
    return Reading(question, question, question, Counter(), expansions, slips)


class TestTheParts:
    def test_every_feature_of_a_candidate_stands_in_one(self) -> None:
        everything = sorted(name for names in PARTS.values() for name in names)
        assert everything == sorted(CANDIDATE)

    def test_of_the_first_beside_the_runner_up_worked_out_by_hand(self) -> None:
        # Scores: 3.6 + 0.5 - 1 + 4 + 1.5 = 8.6; 3.2 + 0.2 - 1.5 + 3 = 4.9; 3.2 - 1 = 2.2.
        found = explaining.comparison(weighed(FIRST, SECOND, THIRD), 1)
        assert parts(found) == pytest.approx(
            {
                PartName.MEANING: 4 * 0.1 + 10 * 0.03,
                PartName.WORDS: -2 * -0.25,
                PartName.COVERAGE: 5 * 0.2,
                PartName.LEAD: 1.5,
            }
        )
        assert found is not None
        assert found.rival == 2
        assert found.lead == pytest.approx(8.6 - 4.9)

    def test_of_another_beside_the_first(self) -> None:
        found = explaining.comparison(weighed(FIRST, SECOND, THIRD), 3)
        assert parts(found) == pytest.approx(
            {
                PartName.MEANING: 4 * -0.1 + 10 * -0.05,
                PartName.WORDS: -2 * -0.5,
                PartName.COVERAGE: 5 * -0.8,
                PartName.LEAD: -1.5,
                PartName.GROUP: -1.0,
            }
        )
        assert found is not None
        assert found.rival == 1
        assert found.lead == pytest.approx(2.2 - 8.6)

    def test_of_the_only_one_beside_none_that_answers(self) -> None:
        found = explaining.comparison(weighed(SECOND), 1)
        # Nothing answers: 0.5 - 0.25 * 2 = 0; with a length of 2.
        assert parts(found) == pytest.approx(
            {PartName.MEANING: 3.4, PartName.WORDS: -1.5, PartName.COVERAGE: 3.0}
        )
        assert found is not None
        assert found.rival is None
        assert found.lead == pytest.approx(4.9)
        longer = Weighed((), 0.9, "e", {1: SECOND}, {"length": 4.0}, MODEL)
        assert parts(explaining.comparison(longer, 1))[PartName.NONE] == pytest.approx(0.5)

    def test_of_what_was_not_weighed_there_are_none(self) -> None:
        assert explaining.comparison(weighed(FIRST), 9) is None
        assert explaining.comparison(Weighed((), 0.0), 1) is None


def test_the_lead_is_the_logarithm_of_how_much_likelier_the_one_is() -> None:
    hits = (
        Hit(1, 0.9, lexical=0.45, lexical_rank=1, similarity=0.91, support=0.9, dense_rank=1, phrasing=0),
        Hit(2, 0.5, lexical=0.4, lexical_rank=2, similarity=0.9, support=0.9, dense_rank=2, phrasing=0),
    )
    result = SearchResult(hits, "s", {"生育": 2.0, "备案": 1.0}, 3.0, background=0.88)
    for encoder in ("zhengda-e5-small", ""):
        found = weigh("生育怎么备案", (), result, {1: ALLOWANCE, 2: REGISTRATION}, encoder)
        first, second = found.candidates
        compared = explaining.comparison(found, first.entry.id)
        assert compared is not None
        assert math.exp(compared.lead) == pytest.approx(first.confidence / second.confidence)
        assert compared.lead == pytest.approx(sum(part.contribution for part in compared.parts))


class TestTheWords:
    def test_are_those_that_both_have_the_longest_alone(self) -> None:
        found = explaining.matched(("生育", "津贴", "生育津贴", "备案"), reading("生育津贴备案"), ALLOWANCE)
        assert found == (MatchedWord("生育津贴", "生育津贴", How.VERBATIM, 1.0),)

    def test_through_a_synonym_tell_what_was_said(self) -> None:
        by = Expansion(0.4, "生孩子的钱", "生育津贴", "synonym")
        asked = reading("生孩子的钱", 生育=by, 津贴=by, 生育津贴=by, 育津=by)
        assert explaining.matched((), asked, ALLOWANCE) == (
            MatchedWord("生孩子的钱", "生育津贴", How.SYNONYM, 0.4),
        )
        assert explaining.matched((), asked, REGISTRATION) == ()

    def test_of_a_synonym_of_which_the_entry_has_but_a_part_is_that_part(self) -> None:
        by = Expansion(0.4, "外地看病", "跨省异地就医", "synonym")
        asked = reading("外地看病", 跨省=by, 异地=by, 就医=by, 异地就医=by, 省异=by)
        assert explaining.through_expansions(asked, REGISTRATION) == (
            MatchedWord("外地看病", "异地就医", How.SYNONYM, 0.4),
        )

    def test_that_were_misspelt_tell_what_was_typed(self) -> None:
        asked = reading("生玉津贴怎么领", Slip("生玉津贴", "生育津贴", "sound"))
        assert explaining.matched(("生育津贴",), asked, ALLOWANCE) == (
            MatchedWord("生玉津贴", "生育津贴", How.SLIP, 1.0),
        )

    @pytest.mark.parametrize(("typed", "how"), [("shengyujintie", "pinyin"), ("syjt", "initials")])
    def test_that_were_spelt_in_letters_tell_the_letters(self, typed: str, how: str) -> None:
        asked = reading(typed, Slip(typed, "生育津贴", how))
        assert explaining.matched(("生育津贴",), asked, ALLOWANCE) == (
            MatchedWord(typed, "生育津贴", How.PINYIN, 1.0),
        )

    def test_of_a_slip_that_is_only_possible_count_less(self) -> None:
        by = Expansion(0.4, "玉津贴", "生育津贴", "sound")
        asked = reading("玉津贴", Slip("玉津贴", "生育津贴", "sound", certain=False), 生育津贴=by)
        assert explaining.matched((), asked, ALLOWANCE) == (MatchedWord("玉津贴", "生育津贴", How.SLIP, 0.4),)

    def test_are_found_in_a_question_as_it_is_really_read(self) -> None:
        wording = Wording(
            terms=("生育津贴",),
            synonyms=(Synonym("生孩子的钱", "生育津贴"),),
            stop_phrases=("请问",),
            names=(),
        )
        segmenter = Segmenter(wording)
        asked = Reader(wording, segmenter).read("请问生孩子的钱如何申领")
        words = segmenter.informative_words(asked.bare)
        found = explaining.matched(words, asked, ALLOWANCE)
        assert MatchedWord("生孩子的钱", "生育津贴", How.SYNONYM, 0.4) in found
        assert MatchedWord("申领", "申领", How.VERBATIM, 1.0) in found
        assert all("请问" not in word.matched for word in found)


class TestTheNearestPhrasing:
    def test_is_a_similar_question_with_its_cosine(self) -> None:
        hit = Hit(1, 0.5, similarity=0.87, phrasing=1)
        assert explaining.nearest(hit, ALLOWANCE) == Nearest("生小孩的钱找谁要", 0.87)

    @pytest.mark.parametrize("phrasing", [-1, 2])
    def test_is_none_when_words_found_the_entry_or_it_has_changed_since(self, phrasing: int) -> None:
        assert explaining.nearest(Hit(1, 0.5, phrasing=phrasing), ALLOWANCE) is None
