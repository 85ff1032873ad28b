"""The vectors of whole entries."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.answers import ANSWER_LENGTH
from indexer.encoders import EncoderUnavailable, Vectors
from indexer.encoding import answer_text, encode_entries
from indexer.late_interaction import pack
from indexer.vector_cache import VectorCache
from tests.indexer.making import AnswersToo, CharacterEncoder, CharacterTokens, an_entry, character_tokens

ENTRIES = [
    an_entry(7, "生育津贴如何申领", variants=("生孩子的钱怎么领", "津贴找谁要"), answer="由单位申请。"),
    an_entry(3, "异地就医如何备案", answer="在手机上办。"),
]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[VectorCache]:
    opened = VectorCache(tmp_path / "vectors.sqlite")
    yield opened
    opened.close()


def test_each_phrasing_knows_its_entry_and_its_number(cache: VectorCache) -> None:
    encoded = encode_entries(cache, AnswersToo(), ENTRIES)
    assert encoded.owners == [7, 7, 7, 3]
    assert encoded.numbers == [0, 1, 2, 0]
    said = ["生育津贴如何申领", "生孩子的钱怎么领", "津贴找谁要", "异地就医如何备案"]
    assert np.allclose(encoded.phrasings, AnswersToo().encode_questions(said), atol=1e-3)


def test_answers_come_in_the_order_of_the_entries(cache: VectorCache) -> None:
    encoded = encode_entries(cache, AnswersToo(), ENTRIES)
    expected = AnswersToo().encode_questions(["由单位申请。", "在手机上办。"])
    assert encoded.answers is not None
    assert np.allclose(encoded.answers, expected, atol=1e-3)


def test_the_encoder_is_asked_once_for_what_several_entries_say(cache: VectorCache) -> None:
    encoder = AnswersToo()
    alike = [an_entry(id, "生育津贴如何申领", answer="由单位申请。") for id in (1, 2)]
    encoded = encode_entries(cache, encoder, alike)
    assert encoder.encoded == ["生育津贴如何申领", "由单位申请。"]
    assert encoded.answers is not None
    assert np.array_equal(encoded.answers[0], encoded.answers[1])


def test_of_no_entries_there_are_none(cache: VectorCache) -> None:
    encoded = encode_entries(cache, AnswersToo(), [])
    assert encoded.answers is not None
    assert (encoded.phrasings.shape, encoded.answers.shape, encoded.tokens) == ((0, 64), (0, 64), [])


def test_what_an_encoder_makes_of_answers_is_not_asked_where_nothing_is_weighed_by_it(
    cache: VectorCache,
) -> None:
    encoder = CharacterEncoder("http:some-model")
    assert encode_entries(cache, encoder, ENTRIES).answers is None
    assert encoder.encoded == ["生育津贴如何申领", "生孩子的钱怎么领", "津贴找谁要", "异地就医如何备案"]


def test_an_encoder_that_cannot_do_with_answers_costs_the_answers_alone(
    cache: VectorCache, caplog: pytest.LogCaptureFixture
) -> None:
    class Short(AnswersToo):
        def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
            if any("。" in text for text in texts):
                raise EncoderUnavailable("输入过长")
            return super().encode_phrasings(texts)

    encoded = encode_entries(cache, Short(), ENTRIES)
    assert encoded.phrasings.shape == (4, 64)
    assert encoded.answers is None
    assert "输入过长" in caplog.text


class TestTokens:
    def of(self, cache: VectorCache, encoder: CharacterEncoder) -> list[list[list[int]]]:
        return [tokens.tolist() for tokens in encode_entries(cache, encoder, ENTRIES).tokens]

    def packed(self, *texts: str) -> list[list[int]]:
        packed: list[list[int]] = pack(character_tokens("".join(texts))).tolist()
        return packed

    def test_are_those_of_all_phrasings_and_then_of_the_answer_entry_by_entry(
        self, cache: VectorCache
    ) -> None:
        assert self.of(cache, CharacterTokens()) == [
            self.packed("生育津贴如何申领", "生孩子的钱怎么领", "津贴找谁要", "由单位申请。"),
            self.packed("异地就医如何备案", "在手机上办。"),
        ]

    def test_of_answers_are_not_asked_where_nothing_is_weighed_by_them(self, cache: VectorCache) -> None:
        assert self.of(cache, CharacterTokens("http:some-model")) == [
            self.packed("生育津贴如何申领", "生孩子的钱怎么领", "津贴找谁要"),
            self.packed("异地就医如何备案"),
        ]

    def test_of_phrasings_stay_where_answers_are_too_much_for_the_encoder(self, cache: VectorCache) -> None:
        class Short(CharacterTokens):
            def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
                if any("。" in text for text in texts):
                    raise EncoderUnavailable("输入过长")
                return super().encode_phrasings(texts)

        assert self.of(cache, Short())[1] == self.packed("异地就医如何备案")

    def test_are_none_of_an_encoder_that_gives_none(self, cache: VectorCache) -> None:
        assert self.of(cache, AnswersToo()) == [[], []]


def test_of_a_long_answer_the_beginning_is_encoded() -> None:
    answer = "由用人单位申请，" * 100
    assert answer_text(an_entry(1, answer=answer)) == answer[:ANSWER_LENGTH]
