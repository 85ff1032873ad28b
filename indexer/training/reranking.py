"""Training the reranker: of several entries, which one is it that the question asks for?

A step takes some questions, each with a wording of its own group and of several others, nearest neighbours most of
them, and scores each pair; cross entropy over the scores of one question (listwise softmax: Cao et al., "Learning to
Rank: From Pairwise Approach to Listwise Approach", 2007).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Encoder
from indexer.normalise import simplify
from indexer.reranking import MAX_TOKENS
from indexer.training.contrastive import Progress, schedule
from indexer.training.elsewhere import of_other_agencies
from indexer.training.material import Group
from indexer.training.slips import slip

_CHUNK = 32
_PADDING = 1
Pair = tuple[str, str]


@dataclass(frozen=True)
class RerankingRecipe:
    """How to train: `steps` of `batch` questions, each beside `candidates` groups: its own, `near` of the `nearest`
    six, `same_theme` of its theme, and any. `layers` are those of the encoder that are kept, None for all.
    """

    steps: int = 900
    batch: int = 12
    candidates: int = 7
    nearest: int = 6
    near: int = 3
    same_theme: int = 2
    learning_rate: float = 5e-5
    slips: float = 0.15
    warm_up: float = 0.05
    seed: int = 5
    layers: tuple[int, ...] | None = None


def train_reranker(
    model: Any,
    tokenizer: Any,
    groups: Sequence[Group],
    encoder: Encoder,
    recipe: RerankingRecipe,
    progress: Progress | None = None,
) -> Any:
    """Train a `transformers.BertModel` in place, begun from an encoder's weights, and give its head, a
    `torch.nn.Linear` from the mean of the token vectors to a score. `encoder` tells which groups are near each other.
    """
    import torch

    torch.manual_seed(recipe.seed)
    tokenizer.enable_truncation(MAX_TOKENS)
    if recipe.layers is not None:
        model.encoder.layer = torch.nn.ModuleList(model.encoder.layer[number] for number in recipe.layers)
        model.config.num_hidden_layers = len(recipe.layers)
    model.embeddings.word_embeddings.weight.requires_grad_(False)
    head = torch.nn.Linear(model.config.hidden_size, 1)
    weights = [weight for weight in (*model.parameters(), *head.parameters()) if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    questions = _questions(groups, neighbours(groups, encoder, recipe.nearest), recipe)
    model.train()
    mean = 0.0
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * schedule(step, recipe.steps, recipe.warm_up)
        pairs = [pair for _ in range(recipe.batch) for pair in next(questions)]
        with torch.autocast("cpu", torch.bfloat16):
            scores = _scores(model, head, tokenizer, pairs)
        right = torch.zeros(recipe.batch, dtype=torch.long)
        loss = torch.nn.functional.cross_entropy(scores.view(recipe.batch, -1), right)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        mean = loss.item() if step == 0 else 0.95 * mean + 0.05 * loss.item()
        if progress is not None:
            progress(step + 1, recipe.steps, mean)
    model.eval()
    return head.eval()


def neighbours(groups: Sequence[Group], encoder: Encoder, count: int) -> NDArray[np.intp]:
    """The numbers of the groups whose wordings lie nearest to each one's, shape (groups, at most count)."""
    texts = [(number, text) for number, group in enumerate(groups) for text in group.phrasings]
    vectors = encoder.encode_phrasings([text for _, text in texts])
    middles = np.zeros((len(groups), vectors.shape[1]), np.float32)
    np.add.at(middles, [number for number, _ in texts], vectors)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    near = middles @ middles.T
    np.fill_diagonal(near, -np.inf)
    return np.argsort(-near, axis=1)[:, : min(count, len(groups) - 1)]


def _questions(
    groups: Sequence[Group], near: NDArray[np.intp], recipe: RerankingRecipe
) -> Iterator[list[Pair]]:
    """Endlessly a question's pairs, that with its own group first. What other agencies are asked is a third of all."""
    random = Random(recipe.seed)
    themes = defaultdict[str, list[int]](list)
    for number, group in enumerate(groups):
        themes[group.theme].append(number)
    ours = [
        (n, text) for n, group in enumerate(groups) if not of_other_agencies(group) for text in _texts(group)
    ]
    others = [
        (n, text) for n, group in enumerate(groups) if of_other_agencies(group) for text in _texts(group)
    ]
    while True:
        some = [*ours, *random.sample(others, min(len(others), len(ours) // 2 or len(others)))]
        random.shuffle(some)
        for number, text in some:
            asked = simplify(slip(text, random) if random.random() < recipe.slips else text)
            beside = _beside(
                number, themes[groups[number].theme], near[number].tolist(), len(groups), recipe, random
            )
            yield [(asked, _read(groups[each], text, random)) for each in (number, *beside)]


def _texts(group: Group) -> tuple[str, ...]:
    return (*group.asked, *group.phrasings[1:])


def _beside(
    own: int, theme: Sequence[int], near: list[int], groups: int, recipe: RerankingRecipe, random: Random
) -> list[int]:
    """The other groups that a question of one is shown with."""
    chosen = dict.fromkeys(random.sample(near, min(recipe.near, len(near))))
    same = [each for each in theme if each != own and each not in chosen]
    chosen.update(dict.fromkeys(random.sample(same, min(recipe.same_theme, len(same)))))
    rest = [each for each in range(groups) if each != own and each not in chosen]
    wanted = recipe.candidates - 1 - len(chosen)
    return [*chosen, *random.sample(rest, min(wanted, len(rest)))]


def _read(group: Group, asked: str, random: Random) -> str:
    """What of a group is read beside a question, as `indexer.reranking.read_text` does it of an entry."""
    others = [text for text in group.phrasings[1:] if text != asked]
    return simplify("；".join((group.phrasings[0], *random.sample(others, min(1, len(others))))))


def _scores(model: Any, head: Any, tokenizer: Any, pairs: Sequence[Pair]) -> Any:
    """The scores (pairs,) with their gradients; pairs of like length go through together."""
    import torch

    encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(pairs))]
    order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
    parts = []
    for start in range(0, len(order), _CHUNK):
        texts = [encoded[place] for place in order[start : start + _CHUNK]]
        longest = len(texts[-1])
        ids = torch.tensor([text + [_PADDING] * (longest - len(text)) for text in texts])
        mask = (ids != _PADDING).long()
        tokens = model(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (tokens * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        parts.append(head(mean.float())[:, 0])
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]
