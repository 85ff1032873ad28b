"""What was encoded once is not encoded again."""

import multiprocessing
import sqlite3
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import EncoderUnavailable, Vectors
from indexer.late_interaction import PACKED_BYTES, Packed, pack
from indexer.vector_cache import VectorCache
from tests.indexer.making import AnswersToo, CharacterEncoder, CharacterTokens, character_tokens


class FailingAfter(CharacterEncoder):
    """Encodes so many batches and then breaks down."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        if not self._left:
            raise EncoderUnavailable("语义模型接口无法使用")
        self._left -= 1
        return super().encode_phrasings(texts)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[VectorCache]:
    opened = VectorCache(tmp_path / "vectors.sqlite")
    yield opened
    opened.close()


def test_vectors_come_in_the_order_of_the_texts(cache: VectorCache) -> None:
    encoder, texts = CharacterEncoder(), ["生育津贴", "异地就医", "生育津贴", "药"]
    vectors = cache.encode(encoder, texts)
    assert vectors.dtype == np.float32
    # Kept in 16 bits: three digits of each number.
    assert np.allclose(vectors, encoder.encode_questions(texts), atol=1e-3)


def test_a_text_is_encoded_once(cache: VectorCache) -> None:
    encoder = CharacterEncoder()
    first = cache.encode(encoder, ["备案", "报销", "备案"])
    second = cache.encode(encoder, ["报销", "参保", "备案"])
    assert encoder.encoded == ["备案", "报销", "参保"]
    assert np.array_equal(second[[2, 0]], first[[0, 1]])


def test_it_is_kept_when_the_file_is_opened_again(tmp_path: Path) -> None:
    encoder, path = CharacterEncoder(), tmp_path / "deep" / "vectors.sqlite"
    for _ in range(2):
        cache = VectorCache(path)
        cache.encode(encoder, ["备案", "报销"])
        cache.close()
    assert encoder.encoded == ["备案", "报销"]


def test_two_encoders_do_not_share_vectors(cache: VectorCache) -> None:
    one, other = CharacterEncoder("one"), CharacterEncoder("other", dimension=8)
    cache.encode(one, ["备案"])
    assert cache.encode(other, ["备案"]).shape == (1, 8)
    assert other.encoded == ["备案"]


def test_a_model_that_changed_its_dimension_is_asked_again(cache: VectorCache) -> None:
    cache.encode(CharacterEncoder("http:m@u", dimension=64), ["备案"])
    grown = CharacterEncoder("http:m@u", dimension=8)
    assert np.allclose(cache.encode(grown, ["备案"]), grown.encode_questions(["备案"]), atol=1e-3)


def test_vectors_of_another_shape_than_promised_are_refused(cache: VectorCache) -> None:
    class Liar(CharacterEncoder):
        def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
            return np.zeros((len(texts), 3), np.float32)

    with pytest.raises(EncoderUnavailable, match="形状不符"):
        cache.encode(Liar(), ["备案"])


def test_nothing_to_encode_is_no_vectors(cache: VectorCache) -> None:
    assert cache.encode(CharacterEncoder(), []).shape == (0, 64)


def test_progress_counts_every_text_once(cache: VectorCache) -> None:
    texts, steps = [f"第{number}个问题" for number in range(150)], list[int]()
    cache.encode(CharacterEncoder(), texts[:10])
    cache.encode(CharacterEncoder(), [*texts, texts[0]], steps.append)
    assert sum(steps) == 151
    assert steps[0] == 11


def test_what_was_encoded_before_a_batch_failed_is_kept(cache: VectorCache) -> None:
    texts = [f"第{number}个问题" for number in range(200)]
    with pytest.raises(EncoderUnavailable):
        cache.encode(FailingAfter(batches=2), texts)
    recovered = CharacterEncoder()
    cache.encode(recovered, texts)
    assert recovered.encoded == texts[128:]


def test_texts_that_come_again_far_apart_are_encoded_once(cache: VectorCache) -> None:
    encoder, texts = CharacterEncoder(), [f"第{number}个问题" for number in range(600)]
    twice = cache.encode(encoder, [*texts, *texts])
    assert encoder.encoded == texts
    assert np.array_equal(twice[:600], twice[600:])


def test_what_is_kept_is_held_once_while_it_is_read(cache: VectorCache) -> None:
    wide, texts = CharacterEncoder(dimension=1000), [f"第{number}个问题" for number in range(3000)]
    cache.encode(wide, texts)
    tracemalloc.start()
    try:
        vectors = cache.encode(wide, texts)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * vectors.nbytes


class TestTokens:
    TEXTS = ("生育津贴", "异地就医备案", "药品")

    @pytest.fixture
    def expected(self) -> list[Packed]:
        return [pack(character_tokens(text)) for text in self.TEXTS]

    def same(self, found: Sequence[Packed], expected: Sequence[Packed]) -> bool:
        return all(np.array_equal(*each) for each in zip(found, expected, strict=True))

    def test_come_with_the_vectors_and_come_back_as_they_were(
        self, tmp_path: Path, expected: list[Packed]
    ) -> None:
        encoder = CharacterTokens()
        for _ in range(2):
            cache = VectorCache(tmp_path / "vectors.sqlite")
            vectors, tokens = cache.encode_with_tokens(encoder, self.TEXTS)
            cache.close()
            assert self.same(tokens, expected)
            assert np.allclose(vectors, encoder.encode_questions(self.TEXTS), atol=1e-3)
        assert encoder.encoded == list(self.TEXTS)

    def test_come_in_the_order_of_the_texts_of_which_some_were_kept(self, cache: VectorCache) -> None:
        cache.encode(CharacterTokens(), ["备案"])
        texts = ["报销", "备案", "参保手续", "报销"]
        _, tokens = cache.encode_with_tokens(CharacterTokens(), texts)
        assert self.same(tokens, [pack(character_tokens(text)) for text in texts])

    def test_of_what_was_kept_without_them_are_made_once(
        self, cache: VectorCache, expected: list[Packed]
    ) -> None:
        cache.encode(AnswersToo(), self.TEXTS)
        encoder = CharacterTokens(AnswersToo().name)
        for _ in range(2):
            assert self.same(cache.encode_with_tokens(encoder, self.TEXTS)[1], expected)
        assert encoder.encoded == list(self.TEXTS)

    @pytest.mark.parametrize("left", [0, 1, 128, 128 + PACKED_BYTES - 1, 128 + PACKED_BYTES + 1])
    def test_of_a_value_of_a_length_that_none_has_are_made_again(
        self, cache: VectorCache, expected: list[Packed], left: int
    ) -> None:
        encoder = CharacterTokens()
        cache.encode(encoder, self.TEXTS)
        cache._db.execute("UPDATE vector SET value = substr(value, 1, ?)", (left,))
        vectors, tokens = cache.encode_with_tokens(encoder, self.TEXTS)
        assert self.same(tokens, expected)
        assert np.allclose(vectors, encoder.encode_questions(self.TEXTS), atol=1e-3)
        assert encoder.encoded == [*self.TEXTS, *self.TEXTS]

    def test_are_none_of_an_encoder_that_gives_none(self, cache: VectorCache) -> None:
        cache.encode(CharacterTokens(), self.TEXTS)  # not even those that are kept under the same name
        for _ in range(2):
            vectors, tokens = cache.encode_with_tokens(AnswersToo(), self.TEXTS)
            assert [each.shape for each in tokens] == [(0, PACKED_BYTES)] * 3
            assert np.allclose(vectors, AnswersToo().encode_questions(self.TEXTS), atol=1e-3)

    def test_that_are_fewer_than_the_texts_are_not_kept(self, cache: VectorCache) -> None:
        class Liar(CharacterTokens):
            def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
                vectors, tokens = super().encode_with_tokens(texts)
                return vectors, tokens[1:]

        with pytest.raises(ValueError, match="shorter"):
            cache.encode(Liar(), self.TEXTS)
        encoder = CharacterTokens()
        cache.encode(encoder, self.TEXTS)
        assert encoder.encoded == list(self.TEXTS)


class TestDamage:
    @pytest.mark.parametrize("content", [b"", b"not a database at all" * 300])
    def test_a_file_that_is_no_database_is_replaced(self, tmp_path: Path, content: bytes) -> None:
        path, encoder = tmp_path / "vectors.sqlite", CharacterEncoder()
        path.write_bytes(content)
        cache = VectorCache(path)
        assert cache.encode(encoder, ["备案"]).any()
        cache.encode(encoder, ["备案"])
        cache.close()
        assert encoder.encoded == ["备案"]

    def test_a_file_with_a_broken_page_costs_the_encoding_and_nothing_else(self, tmp_path: Path) -> None:
        path, texts = tmp_path / "vectors.sqlite", [f"第{number}个问题" for number in range(500)]
        cache = VectorCache(path)
        cache.encode(CharacterEncoder(), texts)
        cache.close()
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        cache, encoder = VectorCache(path), CharacterEncoder()
        vectors = cache.encode(encoder, texts)
        assert np.allclose(vectors, encoder.encode_questions(texts), atol=1e-3)
        cache.encode(encoder, texts)
        cache.close()
        assert encoder.encoded == texts

    def test_a_file_in_the_hands_of_another_is_left_alone(self, tmp_path: Path) -> None:
        path, encoder = tmp_path / "vectors.sqlite", CharacterEncoder()
        cache = VectorCache(path)
        cache.encode(encoder, ["备案"])
        cache._db.execute("PRAGMA busy_timeout = 0")  # nobody wants to wait half a minute for this
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert cache.encode(encoder, ["备案", "报销"]).any(axis=1).all()
        other.execute("COMMIT")
        other.close()
        cache.encode(encoder, ["备案", "报销"])
        cache.close()
        assert encoder.encoded == ["备案", "报销", "报销"]


def test_two_processes_share_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fill, args=(tmp_path / "vectors.sqlite", n)) for n in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    encoder = CharacterEncoder()
    cache = VectorCache(tmp_path / "vectors.sqlite")
    cache.encode(encoder, [*_texts(0), *_texts(1)])
    cache.close()
    assert encoder.encoded == []


def _texts(number: int) -> list[str]:
    """Half of them are those of the other process."""
    return [f"第{n}个问题" for n in range(number * 300, number * 300 + 600)]


def _fill(path: Path, number: int) -> None:
    cache = VectorCache(path)
    cache.encode(CharacterEncoder(), _texts(number))
    cache.close()
