"""From a trained model to what serving reads: one ONNX graph with 8-bit weights, and its tokenizer.

The graph takes token numbers and their mask and gives the mean of the last layer's token vectors, and what of each of
them tells it from the others: its principal components, of length 1 both. The weights of every matrix product and the
table of word vectors are 8-bit integers, with a scale for each column of the former; activations are quantised as they
come.
"""

import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import TOKEN_DIMENSION, Vectors
from indexer.model_encoder import MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, open_graph
from indexer.normalise import simplify

HIDDEN = "hidden"
"""The output of a graph that has the last layer's token vectors."""
_SHAPE = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
    "layer_norm_eps",
    "pad_token_id",
)


def export(model: Any, tokenizer: Any, folder: Path, name: str, texts: Sequence[str]) -> None:
    """Write `model.onnx`, `tokenizer.json` and `encoder.json` into a folder, which is made.

    `model` is a `transformers.BertModel`, `tokenizer` a `tokenizers.Tokenizer`, `name` what vectors are cached by. From
    `texts` it is learned in what tokens differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as aside:
        plain, quantised, whole = (
            Path(aside, name) for name in ("plain.onnx", "quantised.onnx", "whole.onnx")
        )
        _to_onnx(model, plain)
        _quantise(plain, quantised)
        add_tokens(quantised, whole, tokenizer, texts)
        shutil.move(whole, folder / MODEL_FILE)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    settings = {
        "name": name,
        "dimension": model.config.hidden_size,
        "max_tokens": model.config.max_position_embeddings,
        "shape": {key: getattr(model.config, key) for key in _SHAPE},
    }
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def add_tokens(graph: Path, target: Path, tokenizer: Any, texts: Sequence[str]) -> None:
    """Put the vectors of tokens in the place of a graph's output `HIDDEN`, as `tokens` (texts, tokens,
    TOKEN_DIMENSION).

    They all share a direction, and vary in few: without the mean of those in `texts`, and turned to their principal
    components, a third of the numbers tells nearly all. A Hadamard matrix spreads these evenly over all numbers, so
    that few bits do for each.
    """
    import onnx
    from scipy.linalg import hadamard

    vectors = _hidden(graph, tokenizer, texts)
    centre = vectors.mean(axis=0)
    components = np.linalg.eigh(np.cov(vectors.T))[1][:, ::-1][:, :TOKEN_DIMENSION]
    projection = components @ hadamard(TOKEN_DIMENSION) / np.sqrt(TOKEN_DIMENSION)
    model = onnx.load(str(graph))
    for name, values in (("tokens.centre", centre), ("tokens.projection", projection)):
        model.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    node = onnx.helper.make_node
    model.graph.node.extend(
        [
            node("Sub", [HIDDEN, "tokens.centre"], ["tokens.centred"]),
            node("MatMul", ["tokens.centred", "tokens.projection"], ["tokens.projected"]),
            node("LpNormalization", ["tokens.projected"], ["tokens"], axis=2, p=2),
        ]
    )
    (hidden,) = (output for output in model.graph.output if output.name == HIDDEN)
    model.graph.output.remove(hidden)
    shape = ["texts", "tokens", TOKEN_DIMENSION]
    tokens = onnx.helper.make_tensor_value_info("tokens", onnx.TensorProto.FLOAT, shape)
    model.graph.output.append(tokens)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _hidden(graph: Path, tokenizer: Any, texts: Sequence[str]) -> Vectors:
    """The last layer's vectors of all tokens of the texts, (tokens, dimension)."""
    session = open_graph(graph, threads=1)
    found = []
    for text in texts:
        ids = np.array([tokenizer.encode(simplify(text)).ids], np.int64)
        found.append(session.run([HIDDEN], {"ids": ids, "mask": np.ones_like(ids)})[0][0])
    return np.asarray(np.concatenate(found), np.float32)


def _to_onnx(model: Any, path: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
        """Mean of the token vectors, normalised, and these themselves."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, mask: Any) -> Any:
            tokens = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * weights).sum(1) / weights.sum(1)
            return torch.nn.functional.normalize(mean, dim=1), tokens

    model.config._attn_implementation = "eager"  # plain operators, which every runtime has
    example = torch.tensor([[0, 5, 6, 7, 2], [0, 8, 9, 2, 1]])
    lengths = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own remarks about tracing
        torch.onnx.export(
            Pooled().eval(),
            (example, (example != 1).long()),
            str(path),
            input_names=["ids", "mask"],
            output_names=["result", HIDDEN],
            dynamic_axes={"ids": lengths, "mask": lengths, "result": {0: "texts"}, HIDDEN: lengths},
            opset_version=17,
            dynamo=False,
        )


def _quantise(plain: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it advises every time to optimise first, which here gains nothing (tried)
    try:
        quantize_dynamic(str(plain), str(target), weight_type=QuantType.QInt8, per_channel=True)
    finally:
        root.setLevel(level)


def restore(folder: Path) -> tuple[Any, Any]:
    """The `transformers.BertModel` and the `tokenizers.Tokenizer` that were exported into a folder, for more training.

    Its weights are those of 8 bits; what was rounded away does not come back.
    """
    import onnx
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    plain = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model = BertModel(BertConfig(**settings["shape"], **plain), add_pooling_layer=False)
    graph = onnx.load(str(folder / MODEL_FILE)).graph
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = _stored(name, stored, graph)
            parameter.copy_(torch.from_numpy(np.array(values, np.float32)).reshape(parameter.shape))
    return model.eval(), Tokenizer.from_file(str(folder / TOKENIZER_FILE))


def _stored(name: str, stored: dict[str, NDArray[Any]], graph: Any) -> NDArray[Any]:
    """The values of a parameter: as they are, or 8-bit ones times their scales. A matrix product has no name of its
    own in the graph: it is found by its place in the model, and holds the weights the other way round.
    """
    own = f"model.{name}"
    if own in stored:
        return stored[own]
    if f"{own}_quantized" in stored:
        return _scaled(f"{own}_quantized", stored)
    place = "/model/" + name.removesuffix(".weight").replace(".", "/").replace("layer/", "layer.") + "/MatMul"
    for node in graph.node:
        if node.name.startswith(place) and node.op_type == "MatMulInteger":
            return _scaled(node.input[1], stored).T
    raise ValueError(f"模型文件中没有参数 {name}")


def _scaled(name: str, stored: dict[str, NDArray[Any]]) -> NDArray[Any]:
    base = name.removesuffix("_quantized")
    values = (stored[name].astype(np.float32) - stored[f"{base}_zero_point"]) * stored[f"{base}_scale"]
    return np.asarray(values, np.float32)
