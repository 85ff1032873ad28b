"""Training the encoder: what people ask is drawn to what the departments wrote for it, and away from its neighbours.

Now and then what is drawn near is the answer instead of another wording, all of that step.

A step takes one asked text and one phrasing of each of many groups and scores all against all: symmetric cross
entropy over scaled cosines with the other groups' phrasings as negatives (van den Oord et al., "Representation
Learning with Contrastive Predictive Coding", 2018). Groups come in runs of neighbours of one theme, so most of what a
text is held apart from is about the same thing, which is what makes negatives hard.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from indexer.answers import ANSWER_LENGTH
from indexer.normalise import simplify
from indexer.training.material import Group, MaterialProblem
from indexer.training.slips import slip

Progress = Callable[[int, int, float], None]
"""Called with the steps done, the steps to do and the running loss."""
_CHUNK = 32
_TIMED = 10
"""After so many steps it is known how long one takes."""


@dataclass(frozen=True)
class Recipe:
    """How to train. `batch` groups a step, `neighbours` of them at a time from one theme; `slips` is the share of
    texts that get typing slips, `answers` that of the steps with answers, `scale` the inverse of the temperature.
    Training that would take longer than so many `minutes` makes fewer steps.
    """

    epochs: float = 3
    batch: int = 64
    neighbours: int = 8
    learning_rate: float = 1e-4
    scale: float = 30.0
    slips: float = 0.15
    answers: float = 0.15
    warm_up: float = 0.1
    seed: int = 1
    minutes: float = math.inf


def train(model: Any, groups: Sequence[Group], recipe: Recipe, progress: Progress | None = None) -> None:
    """Train a `SentenceTransformer` in place. Its table of word vectors stays as it is: most of its rows would see no
    text, and those that did would drift away from them. Raises MaterialProblem when there are fewer groups than half a
    batch.
    """
    an_epoch = sum(1 for _ in batches(groups, recipe, Random(0)))
    if not an_epoch:
        raise MaterialProblem(f"语料只有{len(groups)}组问法，至少需要{math.ceil(recipe.batch / 2)}组")
    import torch
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    random = Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    model[0].auto_model.embeddings.word_embeddings.weight.requires_grad_(False)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    both_ways = ("query_to_doc", "doc_to_query")
    compared = MultipleNegativesRankingLoss(
        model, scale=recipe.scale, directions=both_ways, partition_mode="per_direction"
    )
    steps = math.ceil(an_epoch * recipe.epochs)
    mean, started = 0.0, time.monotonic()
    for step, pairs in enumerate(_endless_pairs(groups, recipe, random)):
        if step == _TIMED and math.isfinite(recipe.minutes):
            steps = min(steps, int(step * recipe.minutes * 60 / (time.monotonic() - started)))
        if step >= steps:
            break
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * schedule(step, steps, recipe.warm_up)
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            vectors = _encode(model, [text for pair in pairs for text in pair])
        asked, phrasings = vectors[0::2].float(), vectors[1::2].float()
        loss = compared.compute_loss_from_embeddings([asked, phrasings], None)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        mean = loss.item() if step == 0 else 0.95 * mean + 0.05 * loss.item()
        if progress is not None:
            progress(step + 1, steps, mean)
    model.eval()


def batches(groups: Sequence[Group], recipe: Recipe, random: Random) -> Iterator[list[tuple[int, str]]]:
    """One epoch: every text that may be asked once, as (group number, text), no group twice in a batch.

    What is left at the end, less than half a batch, is dropped.
    """
    waiting = {number: _askable(group, random) for number, group in enumerate(groups)}
    themes: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        themes[group.theme].append(number)
    runs: list[list[tuple[int, str]]] = []
    while any(waiting.values()):
        for numbers in themes.values():
            left = [number for number in numbers if waiting[number]]
            random.shuffle(left)
            runs += [
                [(number, waiting[number].pop()) for number in left[start : start + recipe.neighbours]]
                for start in range(0, len(left), recipe.neighbours)
            ]
    random.shuffle(runs)
    batch: dict[int, str] = {}
    for run in runs:
        batch |= {number: text for number, text in run if number not in batch}
        if len(batch) >= recipe.batch:
            yield list(batch.items())
            batch = {}
    if len(batch) >= recipe.batch // 2:
        yield list(batch.items())


def _askable(group: Group, random: Random) -> list[str]:
    texts = [*group.asked, *group.phrasings[1:]]
    random.shuffle(texts)
    return texts


def _endless_pairs(
    groups: Sequence[Group], recipe: Recipe, random: Random
) -> Iterator[list[tuple[str, str]]]:
    """The pairs of one step after the other: with other wordings, or with answers where enough groups have one."""
    # What answers two groups in the same words cannot tell them apart.
    answered = list({group.answer: group for group in groups if group.answer}.values())
    by_wordings = _endless(groups, recipe, random)
    by_answers = _endless(answered, recipe, random) if len(answered) >= recipe.batch / 2 else None
    while True:
        if by_answers is not None and random.random() < recipe.answers:
            yield list(_pairs(answered, next(by_answers), recipe, random, with_answers=True))
        else:
            yield list(_pairs(groups, next(by_wordings), recipe, random))


def _endless(groups: Sequence[Group], recipe: Recipe, random: Random) -> Iterator[list[tuple[int, str]]]:
    while True:
        yield from batches(groups, recipe, random)


def _pairs(
    groups: Sequence[Group],
    batch: list[tuple[int, str]],
    recipe: Recipe,
    random: Random,
    with_answers: bool = False,
) -> Iterator[tuple[str, str]]:
    """Each text of the batch, slipped now and then, with another wording of its group or with its answer."""
    for number, text in batch:
        group = groups[number]
        others = [phrasing for phrasing in group.phrasings if phrasing != text] or group.asked
        asked = slip(text, random) if random.random() < recipe.slips else text
        yield (
            simplify(asked),
            simplify(group.answer[:ANSWER_LENGTH] if with_answers else random.choice(others)),
        )


def schedule(step: int, steps: int, warm_up: float) -> float:
    """The share of the learning rate at a step: linear up, linear down, never quite nothing."""
    return min(1.0, (step + 1) / max(1.0, steps * warm_up)) * max(0.02, 1 - step / steps)


def _encode(model: Any, texts: list[str]) -> Any:
    """The vectors of the texts with their gradients. Texts of like length go together: one story among keywords would
    otherwise cost as much as if all were stories.
    """
    import torch

    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    parts = []
    for start in range(0, len(order), _CHUNK):
        tokens = model.preprocess([texts[place] for place in order[start : start + _CHUNK]])
        parts.append(model(tokens)["sentence_embedding"])
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]
