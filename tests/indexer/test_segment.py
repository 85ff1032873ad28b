"""From text to index terms."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.normalise import normalise
from indexer.segment import Segmenter, bigrams
from indexer.wording import bundled, terms_of_file, wording_of


@pytest.mark.parametrize("term", ["跨省异地就医", "家庭共济", "门诊慢特病", "生育津贴", "灵活就业人员"])
def test_terms_of_the_domain_stay_whole(segmenter: Segmenter, term: str) -> None:
    assert term in segmenter.words(f"请问{term}怎么办理")


def test_every_term_of_the_dictionary_is_one_word_when_it_stands_alone(segmenter: Segmenter) -> None:
    torn = [term for term in bundled().terms if term not in segmenter.words(term)]
    assert torn == []


def test_the_shorter_words_inside_a_long_one_are_found_too(segmenter: Segmenter) -> None:
    words = segmenter.words("跨省异地就医")
    assert {"异地", "就医", "跨省异地就医"} <= set(words)


def test_words_come_from_the_normalised_text(segmenter: Segmenter) -> None:
    assert segmenter.words("異地就醫　備案！") == segmenter.words("异地就医备案")


def test_a_bureaus_own_word_stays_whole_once_it_is_in_its_dictionary(segmenter: Segmenter) -> None:
    word = "浙里办医保棒"
    assert word not in segmenter.words(f"怎么用{word}")
    assert word in Segmenter(wording_of((), [word])).words(f"怎么用{word}")


def test_the_dictionarys_fingerprint_follows_its_words_not_their_order(segmenter: Segmenter) -> None:
    one, other = (
        Segmenter(wording_of((), ["甲乙", "丙丁"])),
        Segmenter(wording_of((), ["丙丁", "甲乙", bundled().terms[0]])),
    )
    assert one.dictionary_hash == other.dictionary_hash != segmenter.dictionary_hash


def test_a_dictionary_file_has_one_term_a_line_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_bytes("\ufeff# 本市的词\n惠民保\n\n  益惠錢塘 \n".encode())
    assert terms_of_file(file) == ("惠民保", "益惠钱塘")


class TestBigrams:
    def test_they_overlap(self) -> None:
        assert bigrams("异地就医") == ["异地", "地就", "就医"]

    def test_a_character_alone_is_kept(self) -> None:
        assert bigrams("药 a 费用") == ["药", "费用", "a"]

    def test_latin_words_and_numbers_are_kept_whole(self) -> None:
        assert bigrams("drg付费2.5%") == ["付费", "drg", "2.5%"]

    @given(st.text(alphabet="医保药品报销a1 ", max_size=30))
    def test_every_chinese_character_is_in_one(self, text: str) -> None:
        pairs = "".join(bigrams(normalise(text)))
        assert set(normalise(text)) - {" "} <= set(pairs)


class TestTerms:
    def test_words_and_bigrams_are_both_there(self, segmenter: Segmenter) -> None:
        terms = segmenter.terms("门诊慢特病")
        assert "门诊慢特病" in terms
        assert "慢特" in terms

    def test_a_word_of_two_characters_counts_twice(self, segmenter: Segmenter) -> None:
        assert segmenter.terms("报销").count("报销") == 2

    def test_single_chinese_characters_are_not_words(self, segmenter: Segmenter) -> None:
        assert "的" not in segmenter.terms("我的药")

    @given(st.text(max_size=40))
    def test_no_term_holds_a_space(self, segmenter: Segmenter, text: str) -> None:
        # Terms are handed to the engine separated by spaces.
        assert [term for term in segmenter.terms(text) if not term or term.split() != [term]] == []


class TestInformativeWords:
    def test_function_words_and_single_characters_are_left_out(self, segmenter: Segmenter) -> None:
        words = segmenter.informative_words("请问一下我的医保卡丢了怎么办呢")
        assert "医保卡" in words
        assert not {"请问", "一下", "我", "的", "了", "怎么办", "呢"} & set(words)

    def test_numbers_are_kept(self, segmenter: Segmenter) -> None:
        assert "5" in segmenter.informative_words("5 个月")

    def test_each_is_named_once_in_order(self, segmenter: Segmenter) -> None:
        assert segmenter.informative_words("备案报销备案") == ["备案", "报销"]

    @pytest.mark.parametrize("chatter", ["您好", "谢谢", "请问一下", "为什么呢", "？？"])
    def test_small_talk_has_none(self, segmenter: Segmenter, chatter: str) -> None:
        assert segmenter.informative_words(chatter) == []
