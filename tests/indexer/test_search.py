"""One search: words and meaning, fused, nearest region first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.answers import AnswerVectors
from indexer.encoders import encode_question
from indexer.facets import FacetTable
from indexer.fusion import RRF_K
from indexer.late_interaction import TokenVectors, pack
from indexer.lexical import LexicalIndex
from indexer.reading import Reader
from indexer.scope import Scope
from indexer.search import NEARNESS, SearchResult, search_parts
from indexer.segment import Segmenter
from indexer.vectors import VectorIndex
from indexer.wording import Wording
from knowledge.entry import PublishedEntry
from tests.indexer.making import TODAY, CharacterTokens, an_entry, character_tokens, fill, share_said


class Base:
    """The parts of an index over some entries."""

    def __init__(self, folder: Path, segmenter: Segmenter, entries: list[PublishedEntry]) -> None:
        self.encoder = CharacterTokens(dimension=256)
        self.facets = FacetTable.of(entries)
        self.lexical = fill(LexicalIndex.create(folder / "lexical", segmenter), entries)
        self.segmenter = segmenter
        self.reader = Reader(Wording(), segmenter)
        texts = [(text, row, n) for row, e in enumerate(entries) for n, text in enumerate(e.text.phrasings())]
        self.vectors = VectorIndex.of(
            self.encoder.encode_phrasings([text for text, _, _ in texts]),
            np.array([row for _, row, _ in texts], np.int32),
            np.array([number for _, _, number in texts], np.int32),
            self.encoder.encode_phrasings([entry.text.answer for entry in entries]),
        )
        said = ["".join((*entry.text.phrasings(), entry.text.answer)) for entry in entries]
        self.vectors.tokens.add(range(len(entries)), [pack(character_tokens(text)) for text in said])

    def search(
        self, question: str, scope: Scope = Scope(TODAY), limit: int = 10, by_meaning: bool = True
    ) -> SearchResult:
        encoding = encode_question(self.encoder, question) if by_meaning else None
        reading = self.reader.read(question, self.lexical.vocabulary)
        return search_parts(reading, encoding, scope, limit, self.lexical, self.vectors, self.facets)


ENTRIES = [
    an_entry(1, "生育津贴如何申领", variants=("生孩子的钱怎么领",)),
    an_entry(2, "异地就医如何备案", variants=("在外地看病要先登记吗",)),
    an_entry(3, "门诊费用如何报销"),
]


@pytest.fixture
def base(tmp_path: Path, segmenter: Segmenter) -> Base:
    return Base(tmp_path, segmenter, ENTRIES)


def test_a_hit_tells_how_each_side_saw_it(base: Base) -> None:
    hit = base.search("生孩子的钱怎么领").hits[0]
    assert (hit.entry_id, hit.lexical_rank, hit.dense_rank, hit.phrasing) == (1, 1, 1, 1)
    assert hit.similarity == pytest.approx(1.0, abs=2e-3)
    assert hit.score == pytest.approx(2 / (RRF_K + 1))


def test_by_words_alone_no_hit_has_a_similarity(base: Base) -> None:
    result = base.search("异地就医怎么备案", by_meaning=False)
    hit = result.hits[0]
    assert (hit.entry_id, hit.lexical_rank, hit.dense_rank, hit.phrasing) == (2, 1, 0, -1)
    assert (hit.similarity, result.background) == (0.0, 0.0)
    assert hit.score == pytest.approx(1 / (RRF_K + 1))


def test_what_shares_no_word_is_found_by_meaning_alone(base: Base) -> None:
    found = {hit.entry_id: hit for hit in base.search("篮球").hits}
    assert all(hit.lexical_rank == 0 and hit.lexical == 0.0 for hit in found.values())


def test_the_background_is_the_mean_similarity_of_what_was_found(base: Base) -> None:
    result = base.search("异地就医怎么备案")
    assert result.background == pytest.approx(sum(hit.similarity for hit in result.hits) / len(result.hits))


class TestAnswers:
    ENTRIES = (
        an_entry(1, "生育津贴如何申领", answer="由用人单位申请。"),
        an_entry(2, "异地就医如何备案", answer="在手机上备案。"),
        an_entry(3, "门诊费用如何报销", answer="就医时直接结算。"),
    )

    @pytest.fixture
    def base(self, tmp_path: Path, segmenter: Segmenter) -> Base:
        return Base(tmp_path, segmenter, list(self.ENTRIES))

    def cosines(self, base: Base, question: str) -> dict[int, float]:
        vectors = base.encoder.encode_questions([question, *(entry.text.answer for entry in self.ENTRIES)])
        return dict(zip((1, 2, 3), (vectors[1:] @ vectors[0]).tolist(), strict=True))

    def test_a_hit_tells_how_near_its_answer_is(self, base: Base) -> None:
        expected = self.cosines(base, "手机上怎么备案")
        assert max(expected, key=lambda entry: expected[entry]) == 2
        found = {hit.entry_id: hit.answer for hit in base.search("手机上怎么备案").hits}
        assert found == pytest.approx(expected, abs=2e-3)

    def test_their_background_is_the_mean_of_all_that_were_found_by_meaning(self, base: Base) -> None:
        result = base.search("手机上怎么备案", limit=1)
        assert len(result.hits) == 1
        assert result.answers == pytest.approx(
            sum(self.cosines(base, "手机上怎么备案").values()) / 3, abs=2e-3
        )

    def test_nothing_is_found_by_them(self, base: Base) -> None:
        with_them, base.vectors.answers = base.search("手机上怎么备案"), AnswerVectors()
        without = base.search("手机上怎么备案")
        assert [(hit.entry_id, hit.score) for hit in with_them.hits] == [
            (hit.entry_id, hit.score) for hit in without.hits
        ]
        assert ({hit.answer for hit in without.hits}, without.answers) == ({0.0}, 0.0)

    def test_by_words_alone_there_are_none(self, base: Base) -> None:
        result = base.search("手机上怎么备案", by_meaning=False)
        assert ({hit.answer for hit in result.hits}, result.answers) == ({0.0}, 0.0)


class TestLateInteraction:
    ASKED = "生孩子的钱在外地领"

    def test_each_hit_has_the_score_of_its_own_tokens(self, base: Base) -> None:
        said = {entry.id: (*entry.text.phrasings(), entry.text.answer) for entry in ENTRIES}
        expected = {id: share_said(self.ASKED, *texts) for id, texts in said.items()}
        assert len(set(expected.values())) == 3
        assert {hit.entry_id: hit.late for hit in base.search(self.ASKED).hits} == pytest.approx(expected)

    def test_nothing_is_found_by_it(self, base: Base) -> None:
        with_it, base.vectors.tokens = base.search(self.ASKED), TokenVectors()
        without = base.search(self.ASKED)
        assert [replace(hit, late=0.0) for hit in with_it.hits] == list(without.hits)

    def test_by_words_alone_there_is_none(self, base: Base) -> None:
        assert {hit.late for hit in base.search(self.ASKED, by_meaning=False).hits} == {0.0}


def test_the_weights_name_every_term_of_the_question(base: Base) -> None:
    result = base.search("异地就医，篮球")
    assert set(result.weights) == set(base.segmenter.terms("异地就医，篮球"))
    assert result.weights["篮球"] == pytest.approx(result.unseen_weight)
    assert result.weights["异地"] < result.unseen_weight


def test_no_more_hits_than_the_limit(base: Base) -> None:
    assert len(base.search("如何", limit=2).hits) == 2


@pytest.mark.parametrize("question", ["如何", "生育津贴如何申领" * 5, "由用人单位申请", "申领 申领 申领"])
def test_the_lexical_score_is_a_share_of_the_greatest_possible(base: Base, question: str) -> None:
    for hit in base.search(question).hits:
        assert 0.0 <= hit.lexical <= 1.0


def test_the_lexical_score_is_a_share_even_when_question_and_answer_repeat_it(
    tmp_path: Path, segmenter: Segmenter
) -> None:
    entry = an_entry(1, "报销" * 50, answer="报销" * 500, keywords=("报销",) * 5)
    assert Base(tmp_path, segmenter, [entry]).search("报销").hits[0].lexical <= 1.0


class TestNearest:
    @pytest.fixture
    def local(self, tmp_path: Path, segmenter: Segmenter) -> Base:
        """The same question answered for the nation, a province, its city, and another city."""
        places = ("", "330000", "330100", "440300")
        return Base(
            tmp_path,
            segmenter,
            [
                an_entry(id, "门诊报销比例是多少", region=region, variants=("看病报多少",))
                for id, region in enumerate(places, start=1)
            ],
        )

    @pytest.mark.parametrize("by_meaning", [True, False])
    def test_a_citys_question_is_answered_by_city_province_and_nation_in_this_order(
        self, local: Base, by_meaning: bool
    ) -> None:
        result = local.search("门诊报销比例是多少", Scope(TODAY, region="330100"), by_meaning=by_meaning)
        assert [(hit.entry_id, hit.nearness) for hit in result.hits] == [(3, 2), (2, 1), (1, 0)]

    def test_a_provinces_question_is_answered_by_province_and_nation(self, local: Base) -> None:
        result = local.search("门诊报销比例是多少", Scope(TODAY, region="330000"))
        assert [hit.entry_id for hit in result.hits] == [2, 1]

    def test_each_level_is_worth_four_hundredths_of_the_score(self, local: Base) -> None:
        for hit in local.search("门诊报销比例是多少", Scope(TODAY, region="330100")).hits:
            ranks = (hit.lexical_rank, hit.dense_rank)
            plain = sum(1 / (RRF_K + rank) for rank in ranks)
            assert hit.score == pytest.approx(plain * (1 + NEARNESS * hit.nearness))

    def test_of_an_asker_from_who_knows_where_no_city_is_nearer_than_the_nation(self, local: Base) -> None:
        result = local.search("门诊报销比例是多少")
        assert result.hits[0].entry_id == 1
        assert {hit.nearness for hit in result.hits} == {0}

    def test_a_nearer_region_does_not_beat_a_better_match(self, tmp_path: Path, segmenter: Segmenter) -> None:
        others = [an_entry(id, f"住院押金第{id}项", region="330100") for id in range(3, 12)]
        base = Base(tmp_path, segmenter, [an_entry(1, "门诊报销比例"), *others])
        assert base.search("门诊报销比例", Scope(TODAY, region="330100")).hits[0].entry_id == 1
