"""From a trained model to a folder that serves, and back."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from indexer.model_encoder import BUNDLED, ELSEWHERE_FILE, SETTINGS_FILE, ModelEncoder
from indexer.training.export import export, restore
from indexer.training.pipeline import NAME, sentence_transformer
from tests.training.conftest import TEXTS


def cosines(one: Any, other: Any) -> Any:
    return (np.asarray(one) * np.asarray(other)).sum(axis=1)


def test_the_folder_serves_what_torch_computes(small: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small")
    served = ModelEncoder(tmp_path / "model")
    assert served.name.startswith("small#")
    assert served.dimension == model.config.hidden_size
    container = sentence_transformer(model, tokenizer)
    plain = [text for text in TEXTS if text != "異地就醫備案"]  # serving simplifies, torch does not
    assert cosines(served.encode_questions(plain), container.encode(plain)).min() > 0.98


def test_a_long_text_is_cut_where_torch_cuts_it(small: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small")
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
    export(*restore(made), tmp_path / "again", "small")
    before, after = ModelEncoder(made), ModelEncoder(tmp_path / "again")
    assert cosines(before.encode_questions(TEXTS), after.encode_questions(TEXTS)).min() > 0.995


def test_restored_weights_are_those_that_were_exported_up_to_their_rounding(
    small: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = small
    export(model, tokenizer, tmp_path / "model", "small")
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
