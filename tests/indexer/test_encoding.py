"""The vectors of whole entries."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.answers import ANSWER_LENGTH
from indexer.encoders import EncoderUnavailable, Vectors
from indexer.encoding import answer_text, encode_entries
from indexer.vector_cache import VectorCache
from tests.indexer.making import AnswersToo, CharacterEncoder, an_entry

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
    assert (encoded.phrasings.shape, encoded.answers.shape) == ((0, 64), (0, 64))


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


def test_of_a_long_answer_the_beginning_is_encoded() -> None:
    answer = "由用人单位申请，" * 100
    assert answer_text(an_entry(1, answer=answer)) == answer[:ANSWER_LENGTH]
