"""Tuning the encoder further on one bureau's own knowledge, and keeping the result only when it is no worse.

Of what people were confirmed to mean, and of the similar questions, a part is held out: never trained on, and found
before and after. Half of what is trained on comes from the shipped material, so that the general is not unlearned for
the particular.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from indexer.encoders import Encoder
from indexer.normalise import normalise
from indexer.training.contrastive import Progress, Recipe
from indexer.training.material import Group, MaterialProblem

LEAST_HELD = 30
"""Fewer questions held out would not tell a better model from a worse one."""
_HELD_SHARE = 0.2
_GENTLE = Recipe(epochs=2, learning_rate=3e-5)


@dataclass(frozen=True)
class HeldOut:
    """A question that is not trained on, and the number of the group that answers it."""

    text: str
    group: int


@dataclass(frozen=True)
class Adaptation:
    """How many of the questions held out found their entry first, before and after.

    `before` and `after` are of all; `gained` were found only after, `lost` only before.
    """

    held: int
    before: int
    after: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def worthwhile(self) -> bool:
        """Whether the tuned model may take the old one's place."""
        return self.after >= self.before


def hold_out(groups: Sequence[Group], seed: int = 1) -> tuple[list[Group], list[HeldOut]]:
    """The groups to train on, and the questions held out of them: a fifth of what was confirmed and of the similar
    questions, of no group more than half (of a single confirmed one, that). Raises MaterialProblem when there are too
    few to judge by.
    """
    random = Random(seed)
    kept, held = [], []
    for number, group in enumerate(groups):
        # What was asked in the very words of a phrasing would be found again whatever the training.
        written = set(map(normalise, group.phrasings))
        group = replace(group, asked=tuple(text for text in group.asked if normalise(text) not in written))
        asked = [text for text in group.asked if random.random() < _HELD_SHARE][
            : max(1, len(group.asked) // 2)
        ]
        similar = group.phrasings[1:]
        variants = [text for text in similar if random.random() < _HELD_SHARE][: len(similar) // 2]
        held += [HeldOut(text, number) for text in (*asked, *variants)]
        kept.append(
            replace(
                group,
                phrasings=tuple(text for text in group.phrasings if text not in variants),
                asked=tuple(text for text in group.asked if text not in asked),
            )
        )
    if len(held) < LEAST_HELD:
        raise MaterialProblem(
            f"本单位可用于检验的问法只有{len(held)}条，至少需要{LEAST_HELD}条；"
            "请先为条目补充相似问，或积累群众认可的问答后再试"
        )
    return kept, held


def found_first(encoder: Encoder, groups: Sequence[Group], held: Sequence[HeldOut]) -> list[bool]:
    """Whether the nearest phrasing of each question held out is one of its own group."""
    owners = np.array([number for number, group in enumerate(groups) for _ in group.phrasings])
    phrasings = encoder.encode_phrasings([text for group in groups for text in group.phrasings])
    asked = encoder.encode_questions([question.text for question in held])
    nearest = owners[(asked @ phrasings.T).argmax(axis=1)]
    return [bool(owner == question.group) for owner, question in zip(nearest, held, strict=True)]


def compare(before: Encoder, after: Encoder, groups: Sequence[Group], held: Sequence[HeldOut]) -> Adaptation:
    """What tuning has changed for the questions held out."""
    was, now = found_first(before, groups, held), found_first(after, groups, held)
    changes = list(zip(held, was, now, strict=True))
    return Adaptation(
        held=len(held),
        before=sum(was),
        after=sum(now),
        gained=tuple(question.text for question, old, new in changes if new and not old),
        lost=tuple(question.text for question, old, new in changes if old and not new),
    )


def adapt(
    own: Sequence[Group],
    shipped: Sequence[Group],
    start: Path,
    target: Path,
    minutes: float,
    progress: Progress | None = None,
    seed: int = 1,
) -> Adaptation:
    """Tune the model of the folder `start` on a bureau's own groups and write it into the folder `target`.

    `shipped` is material to remind it of; training ends after about so many `minutes`. The result says whether the
    tuned model is worthwhile: nothing here puts it in use. Raises MaterialProblem when there is too little to go by.
    """
    from indexer.model_encoder import ModelEncoder
    from indexer.training.export import restore
    from indexer.training.pipeline import NAME, make

    kept, held = hold_out(own, seed)
    reminders = Random(seed).sample(list(shipped), min(len(shipped), len(kept)))
    trainable = [group for group in (*kept, *reminders) if len(set(group.phrasings) | set(group.asked)) > 1]
    recipe = replace(
        _GENTLE, batch=min(_GENTLE.batch, max(2, len(trainable) // 2)), seed=seed, minutes=minutes
    )
    make(trainable, target, recipe, restore(start), NAME, progress)
    return compare(ModelEncoder(start), ModelEncoder(target), kept, held)
