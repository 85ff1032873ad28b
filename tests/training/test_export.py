"""From a trained model to a folder that serves, and back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from indexer.encoders import TOKEN_DIMENSION
from indexer.model_encoder import BUNDLED, ELSEWHERE_FILE, MODEL_FILE, SETTINGS_FILE, ModelEncoder, open_graph
from indexer.training.export import export, restore
from indexer.training.pipeline import NAME, sentence_transformer
from tests.training.conftest import TEXTS


def cosines(one: Any, other: Any) -> Any:
    return (np.asarray(one) * np.asarray(other)).sum(axis=1)


def test_the_folder_serves_what_torch_computes(small: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small", TEXTS)
    served = ModelEncoder(tmp_path / "model")
    assert served.name.startswith("small#")
    assert served.dimension == model.config.hidden_size
    container = sentence_transformer(model, tokenizer)
    plain = [text for text in TEXTS if text != "異地就醫備案"]  # serving simplifies, torch does not
    assert cosines(served.encode_questions(plain), container.encode(plain)).min() > 0.98


def test_tokens_keep_what_tells_them_apart(small: tuple[Any, Any], tmp_path: Path) -> None:
    """Cosines of tokens are those of the model's own vectors without their mean, as far as 128 components tell."""
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small", TEXTS)
    plain = [text for text in TEXTS if text != "異地就醫備案"]
    served = np.concatenate(ModelEncoder(tmp_path / "model").encode_with_tokens(plain)[1])
    with torch.no_grad():
        ids = [torch.tensor([tokenizer.encode(text).ids]) for text in plain]
        own = np.concatenate([model(each).last_hidden_state[0].numpy() for each in ids])
    centred = own - own.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert served.shape == (len(centred), TOKEN_DIMENSION)
    between = np.corrcoef((served @ served.T).ravel(), (centred @ centred.T).ravel())[0, 1]
    assert between > 0.95


def test_the_graph_tells_texts_that_go_through_it_together_apart(
    small: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small", TEXTS)
    graph = open_graph(tmp_path / "model" / MODEL_FILE, 1)
    assert [output.name for output in graph.get_outputs()] == ["result", "tokens"]
    ids = np.array([[0, 5, 6, 2], [0, 8, 2, 1]])
    result, tokens = graph.run(None, {"ids": ids, "mask": (ids != 1).astype(np.int64)})
    assert (result.shape, tokens.shape) == ((2, model.config.hidden_size), (2, 4, TOKEN_DIMENSION))
    assert np.allclose(np.linalg.norm(result, axis=1), 1.0, atol=1e-4)
    assert np.allclose(np.linalg.norm(tokens, axis=2), 1.0, atol=1e-4)


def test_a_long_text_is_cut_where_torch_cuts_it(small: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small", TEXTS)
    container, text = sentence_transformer(model, tokenizer), ["异地就医怎么备案" * 200]
    assert cosines(ModelEncoder(tmp_path / "model").encode_questions(text), container.encode(text)) > 0.98


def test_what_was_made_knows_what_it_is_and_what_is_elsewhere(made: Path) -> None:
    settings = json.loads((made / SETTINGS_FILE).read_text(encoding="utf-8"))
    assert (settings["name"], settings["dimension"], settings["shape"]["num_hidden_layers"]) == (
        "small",
        384,
        2,
    )
    stored = np.load(made / ELSEWHERE_FILE)
    assert stored.shape[1] == 384
    assert np.allclose(np.linalg.norm(stored.astype(np.float32), axis=1), 1, atol=1e-2)


def test_restored_and_exported_again_it_gives_the_same_vectors(made: Path, tmp_path: Path) -> None:
    export(*restore(made), tmp_path / "again", "small", TEXTS)
    before, after = ModelEncoder(made), ModelEncoder(tmp_path / "again")
    assert cosines(before.encode_questions(TEXTS), after.encode_questions(TEXTS)).min() > 0.995


def test_restored_weights_are_those_that_were_exported_up_to_their_rounding(
    small: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small", TEXTS)
    restored, _ = restore(tmp_path / "model")
    there = restored.state_dict()
    for name, values in model.state_dict().items():
        step = float(values.abs().max()) / 100  # 127 steps each way, and half a step of rounding
        assert float((values - there[name]).abs().max()) <= step, name


def test_the_shipped_model_can_be_trained_further() -> None:
    model, tokenizer = restore(BUNDLED)
    container, plain = (
        sentence_transformer(model, tokenizer),
        [text for text in TEXTS if text != "異地就醫備案"],
    )
    served = ModelEncoder()
    assert served.name.startswith(f"{NAME}#")
    assert cosines(served.encode_questions(plain), container.encode(plain)).min() > 0.95
