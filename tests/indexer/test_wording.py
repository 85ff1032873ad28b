"""The bundled words, and the bureau's over them."""

import pytest

from indexer.normalise import normalise
from indexer.segment import Segmenter
from indexer.wording import Synonym, bundled, bundled_words, wording_of
from knowledge.wording import Word, WordKind, new_word

FEE = Synonym("门槛费", "起付标准")


class TestBundled:
    def test_there_are_words_of_every_kind(self) -> None:
        wording = bundled()
        assert len(wording.synonyms) >= 400
        assert len(wording.stop_phrases) >= 150
        assert {"国家医保服务平台", "医疗保障局", "杭州市", "杭州", "浙江省"} <= set(wording.names)
        assert "异地就医备案" in wording.terms

    @pytest.mark.parametrize("kind", WordKind)
    def test_each_is_one_that_a_bureau_could_have_added(self, kind: WordKind) -> None:
        words = bundled_words(kind)
        assert [str(new_word(kind, text, formal)) for text, formal in words if len(text) > 1]
        assert len(words) == len(set(words))

    def test_the_direction_never_turns_round(self) -> None:
        said = {synonym.said for synonym in bundled().synonyms}
        assert [synonym for synonym in bundled().synonyms if synonym.formal in said] == []

    def test_no_synonym_replaces_a_name_or_a_stop_phrase(self) -> None:
        said = {synonym.said for synonym in bundled().synonyms}
        assert said.isdisjoint(bundled().names)
        assert said.isdisjoint(bundled().stop_phrases)

    def test_all_are_normalised_and_stop_phrases_come_longest_first(self) -> None:
        wording = bundled()
        every = [*wording.terms, *wording.names, *wording.stop_phrases, *(s.said for s in wording.synonyms)]
        assert [text for text in every if normalise(text) != text] == []
        lengths = [len(phrase) for phrase in wording.stop_phrases]
        assert lengths == sorted(lengths, reverse=True)

    @pytest.mark.parametrize("term", ["医保定点", "统筹基金支付", "异地就医备案"])
    def test_a_citys_name_inside_ordinary_words_is_not_cut_out(self, segmenter: Segmenter, term: str) -> None:
        assert not set(segmenter.words(f"我问的是{term}医院")) & {"保定", "统筹基", "金支"}


class TestTheBureausWords:
    def test_are_added(self) -> None:
        wording = wording_of(
            [
                new_word(WordKind.SYNONYM, "门坎錢", "起付标准"),
                new_word(WordKind.STOP_PHRASE, "侬好"),
                new_word(WordKind.NAME, "益惠钱塘"),
                new_word(WordKind.TERM, "西湖益联保"),
            ],
            extra_terms=["浙里办医保棒"],
        )
        assert Synonym("门坎钱", "起付标准") in wording.synonyms
        assert "侬好" in wording.stop_phrases
        assert "益惠钱塘" in wording.names
        assert {"西湖益联保", "浙里办医保棒"} <= set(wording.terms)

    def test_one_that_is_switched_off_takes_the_bundled_one_out(self) -> None:
        off = Word(WordKind.SYNONYM, FEE.said, FEE.formal, active=False)
        assert FEE in bundled().synonyms
        assert FEE not in wording_of([off]).synonyms
        assert len(wording_of([off]).synonyms) == len(bundled().synonyms) - 1

    def test_one_of_another_kind_or_with_other_formal_words_takes_nothing_out(self) -> None:
        off = [
            Word(WordKind.TERM, FEE.said, active=False),
            Word(WordKind.SYNONYM, FEE.said, "起付线", active=False),
        ]
        assert FEE in wording_of(off).synonyms

    def test_terms_and_names_change_the_dictionarys_hash_and_synonyms_do_not(self) -> None:
        plain = bundled().dictionary_hash
        assert wording_of([new_word(WordKind.TERM, "西湖益联保")]).dictionary_hash != plain
        assert wording_of([new_word(WordKind.NAME, "益惠钱塘")]).dictionary_hash != plain
        assert wording_of([new_word(WordKind.SYNONYM, "门坎钱", "起付标准")]).dictionary_hash == plain
        assert wording_of([new_word(WordKind.STOP_PHRASE, "侬好")]).dictionary_hash == plain
