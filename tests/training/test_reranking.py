"""Training the reranker: a few steps, begun from the small model."""

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from indexer.model_encoder import ModelEncoder
from indexer.normalise import simplify
from indexer.reranking import RERANKER_FILE, Reranker
from indexer.training.export import export_reranker, restore
from indexer.training.material import Group
from indexer.training.pipeline import make_reranker
from indexer.training.reranking import RerankingRecipe, _scores, train_reranker

TINY = RerankingRecipe(steps=2, batch=4, candidates=4, near=2, same_theme=1, seed=3, layers=(0, 1))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of the small encoder's folder."""
    return Path(shutil.copytree(made, tmp_path / "model"))


@pytest.fixture
def groups(material: list[Group]) -> list[Group]:
    """Six groups of ours and six of another agency."""
    ours = [group for group in material if group.theme.startswith("med-")]
    return [*ours[:6], *material[:6]]


def pairs_of(groups: list[Group]) -> list[tuple[str, str]]:
    """A question of each group beside what is read of three."""
    return [
        (group.asked[0], ";".join(other.phrasings[:2]))
        for place, group in enumerate(groups)
        for other in (groups[place], groups[place - 1], groups[place - 5])
    ]


def as_served(pair: tuple[str, str]) -> tuple[str, str]:
    """The pair as serving reads it."""
    return simplify(pair[0]), simplify(pair[1])


def test_what_is_made_opens_beside_its_encoder_which_stays_as_it_was(
    folder: Path, groups: list[Group]
) -> None:
    before, told = ModelEncoder(folder).name, list[tuple[int, int, float]]()
    make_reranker(groups, folder, TINY, lambda *progress: told.append(progress))
    assert [(done, of) for done, of, _ in told] == [(1, 2), (2, 2)]
    assert all(math.isfinite(loss) for _, _, loss in told)
    assert ModelEncoder(folder).name == before
    scores = Reranker(folder).score(groups[0].asked[0], [group.phrasings[0] for group in groups])
    assert len(set(scores)) > 1
    assert all(math.isfinite(score) for score in scores)


def test_the_file_scores_as_torch_does(folder: Path, groups: list[Group]) -> None:
    # After two gentle steps all scores are alike, but for what eight bits round away.
    recipe, (model, tokenizer) = replace(TINY, steps=20, learning_rate=3e-4), restore(folder)
    head = train_reranker(model, tokenizer, groups, ModelEncoder(folder), recipe)
    pairs = pairs_of(groups)
    with torch.no_grad():
        computed = np.asarray(_scores(model, head, tokenizer, [as_served(pair) for pair in pairs]))
    export_reranker(model, head, folder)
    served = Reranker(folder)
    scores = [served.score(asked, [text])[0] for asked, text in pairs]
    assert (folder / RERANKER_FILE).is_file()
    assert np.corrcoef(computed, scores)[0, 1] > 0.95


def test_training_changes_the_layers_and_leaves_the_table_of_words(folder: Path, groups: list[Group]) -> None:
    (model, tokenizer), (before, _) = restore(folder), restore(folder)
    head = train_reranker(model, tokenizer, groups, ModelEncoder(folder), TINY)
    was, now = before.state_dict(), model.state_dict()
    table = "embeddings.word_embeddings.weight"
    assert torch.equal(was[table], now[table])
    query = "encoder.layer.1.attention.self.query.weight"
    assert not torch.equal(was[query], now[query])
    assert all(bool(torch.isfinite(values).all()) for values in (*now.values(), *head.state_dict().values()))
    assert not model.training


def test_of_the_encoders_layers_those_asked_for_are_kept(folder: Path, groups: list[Group]) -> None:
    (model, tokenizer), (before, _) = restore(folder), restore(folder)
    recipe = replace(TINY, steps=1, layers=(1,), learning_rate=1e-9)
    head = train_reranker(model, tokenizer, groups, ModelEncoder(folder), recipe)
    assert model.config.num_hidden_layers == len(model.encoder.layer) == 1
    name = "attention.self.query.weight"
    kept, was = model.state_dict()[f"encoder.layer.0.{name}"], before.state_dict()[f"encoder.layer.1.{name}"]
    assert torch.allclose(kept, was, atol=1e-4)
    export_reranker(model, head, folder)
    assert Reranker(folder).score("问", ["答"])


def test_pairs_of_any_length_come_back_in_their_order(small: tuple[Any, Any]) -> None:
    model, tokenizer = small
    head = torch.nn.Linear(model.config.hidden_size, 1)
    pairs = [(f"第{n}问" * (1 + n * 7 % 5), "异地就医怎么备案") for n in range(40)]
    with torch.no_grad():
        together = _scores(model.eval(), head, tokenizer, pairs)
        alone = torch.cat([_scores(model, head, tokenizer, [pair]) for pair in pairs])
    assert torch.allclose(together, alone, atol=1e-4)
