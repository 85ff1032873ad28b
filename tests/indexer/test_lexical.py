"""Search by words in a real tantivy index."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.facets import FacetTable
from indexer.lexical import MAX_QUERY_TERMS, LexicalHit, LexicalIndex, asked_terms
from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import PublishedEntry
from tests.indexer.making import TODAY, an_entry, fill

TOPICS = ("生育津贴如何申领", "异地就医如何备案", "门诊费用如何报销", "医保卡丢失怎么办理", "住院押金多少")
Find = Callable[[str], list[int]]


class Base:
    """A lexical index with its facets, asked in plain words."""

    def __init__(self, folder: Path, segmenter: Segmenter, entries: list[PublishedEntry]) -> None:
        self.index = fill(LexicalIndex.create(folder, segmenter), entries)
        self.facets = FacetTable.of(entries)
        self.segmenter = segmenter

    def hits(self, question: str, limit: int = 10, scope: Scope = Scope(TODAY)) -> list[LexicalHit]:
        terms = self.segmenter.terms(question)
        return self.index.search(terms, self.facets, self.facets.mask(scope), scope, limit)

    def found(self, question: str, limit: int = 10, scope: Scope = Scope(TODAY)) -> list[int]:
        return [hit.entry_id for hit in self.hits(question, limit, scope)]

    def replace(self, *entries: PublishedEntry, removed: tuple[int, ...] = ()) -> None:
        self.index.replace(entries, removed)
        for entry_id in removed:
            self.facets.remove(entry_id)
        for entry in entries:
            self.facets.add(entry)


@pytest.fixture
def base(tmp_path: Path, segmenter: Segmenter) -> Base:
    entries = [an_entry(id, question) for id, question in enumerate(TOPICS, start=1)]
    return Base(tmp_path / "lexical", segmenter, entries)


def test_the_entry_that_shares_most_words_comes_first(base: Base) -> None:
    assert base.found("异地就医要备案吗")[0] == 2


def test_hits_come_best_first_with_positive_scores(base: Base) -> None:
    scores = [hit.score for hit in base.hits("医保卡异地门诊费用报销备案")]
    assert len(scores) > 2
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_traditional_and_full_width_words_find_it_too(base: Base) -> None:
    assert base.found("異地就醫　備案")[0] == 2


def test_a_slip_of_one_character_is_forgiven(base: Base) -> None:
    assert base.found("异地就一备案")[0] == 2


def test_what_shares_no_word_is_not_found(base: Base) -> None:
    assert base.found("篮球") == []


def test_an_empty_question_finds_nothing(base: Base) -> None:
    assert base.found("") == []
    assert base.found("？！") == []


def test_no_more_than_the_limit_is_found(base: Base) -> None:
    assert len(base.found("如何", limit=2)) == 2


def test_words_of_the_answer_find_it_but_count_less(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = [
        an_entry(1, "退休人员怎么缴费", answer="须补足缴费年限。"),
        an_entry(2, "缴费年限怎么计算", answer="由经办机构核定。"),
    ]
    assert Base(tmp_path / "lexical", segmenter, entries).found("缴费年限") == [2, 1]


def test_words_of_similar_questions_and_keywords_find_it(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = [
        an_entry(1, "生育津贴如何申领", variants=("生孩子的钱怎么领",)),
        an_entry(2, "新生儿如何参保", keywords=("宝宝上保险",)),
    ]
    base = Base(tmp_path / "lexical", segmenter, entries)
    assert base.found("生孩子的钱") == [1]
    assert base.found("宝宝") == [2]


def test_the_question_counts_twice(segmenter: Segmenter) -> None:
    terms = asked_terms(an_entry(1, "报销", variants=("备案",), keywords=("医保",)), segmenter)
    assert [terms.count(word) for word in ("报销", "备案", "医保")] == [4, 2, 2]


class TestChanges:
    def test_a_replaced_entry_is_found_by_its_new_words_only(self, base: Base) -> None:
        base.replace(an_entry(2, "急诊抢救怎么结算", revision=2))
        assert base.found("急诊抢救") == [2]
        assert 2 not in base.found("异地就医备案")

    def test_a_removed_entry_is_not_found(self, base: Base) -> None:
        base.replace(removed=(2,))
        assert 2 not in base.found("异地就医备案")

    def test_a_new_entry_is_found_at_once(self, base: Base) -> None:
        base.replace(an_entry(9, "急诊抢救怎么结算"))
        assert base.found("急诊抢救")[0] == 9

    def test_removing_what_is_not_there_does_nothing(self, base: Base) -> None:
        base.replace(removed=(99,))
        assert base.found("异地就医备案")[0] == 2

    def test_the_same_change_again_changes_nothing(self, base: Base) -> None:
        for _ in range(3):
            base.replace(an_entry(2, "急诊抢救怎么结算", revision=2))
        assert base.found("急诊抢救") == [2]

    def test_they_are_there_when_the_index_is_opened_again(
        self, base: Base, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        base.replace(an_entry(9, "急诊抢救怎么结算"), removed=(2,))
        base.index.finish()
        base.index = LexicalIndex.open(tmp_path / "lexical", segmenter)
        assert base.found("急诊抢救") == [9]
        assert base.found("异地就医备案") == []


class TestLongTexts:
    def test_a_long_story_finds_what_it_is_about(self, base: Base) -> None:
        story = "我妈妈今年六十多岁，去年跟着我到城里带孙子，前几天突然肚子疼去看急诊，" * 8
        assert base.found(story + "想问异地就医怎么备案")[0] == 2

    def test_a_question_of_thousands_of_different_characters_is_answered(self, base: Base) -> None:
        characters = "".join(chr(0x4E00 + step) for step in range(5_000))
        assert len(set(base.segmenter.terms(characters))) > MAX_QUERY_TERMS
        assert base.found(characters + "异地就医备案" * 3)[0] == 2

    def test_the_longest_entry_allowed_can_be_indexed_and_found(
        self, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        variants = tuple(f"第{number}种问法" + "很长" * 90 for number in range(200))
        entry = an_entry(1, "药" * 200, answer="答" * 4_990 + "血液透析", variants=variants)
        assert Base(tmp_path / "lexical", segmenter, [entry]).found("血液透析") == [1]

    def test_a_word_without_end_is_no_obstacle(self, tmp_path: Path, segmenter: Segmenter) -> None:
        entry = an_entry(1, "异地就医如何备案", answer="a" * 5_000)
        base = Base(tmp_path / "lexical", segmenter, [entry])
        assert base.found("备案" + "a" * 400) == [1]


class TestWeights:
    def test_a_terms_weight_is_its_inverse_document_frequency(self, base: Base) -> None:
        # ln(1 + (N - n + 0.5) / (n + 0.5)) with N = 5; "如何" stands in three questions, "备案" in one.
        weights = base.index.weigh(["如何", "备案", "篮球"])
        assert weights == pytest.approx({"如何": 0.538997, "备案": 1.386294, "篮球": 2.484907}, abs=1e-6)

    def test_each_term_is_weighed_once(self, base: Base) -> None:
        assert list(base.index.weigh(["备案", "如何", "备案"])) == ["备案", "如何"]
