"""Whether an encoder still understands Chinese at large: pairs of sentences that say the same in different words.

They lie in `general.jsonl`, each of a topic of everyday life, many with neighbours that are easy to confuse; none is
about insurance or a government's services. What an encoder gains on callers' questions it must not lose here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from eval.metrics import Ratio
from eval.significance import Floats, Interval, difference, interval, mcnemar, permuted
from eval.summary import Figure, format_table, plain
from indexer.encoders import Encoder


@dataclass(frozen=True)
class Pair:
    """A sentence and another that says the `same`."""

    id: str
    topic: str
    text: str
    same: str


@dataclass(frozen=True)
class Recall:
    """At which rank, from 1, an encoder found the other sentence of each pair among those of all."""

    encoder: str
    pairs: tuple[Pair, ...]
    ranks: tuple[int, ...]

    @property
    def first(self) -> Floats:
        """1 where it came first, else 0."""
        return np.asarray([rank == 1 for rank in self.ranks], dtype=np.float64)

    @property
    def reciprocal(self) -> Floats:
        """1 / rank."""
        return 1 / np.asarray(self.ranks, dtype=np.float64)

    def measured(self) -> dict[str, Floats]:
        """Of each pair recall@1 and the reciprocal rank, which is not cut off."""
        return {"recall@1": self.first, "MRR": self.reciprocal}

    def figures(self) -> dict[str, Figure]:
        """The mean of each measure."""
        ratios = {title: Ratio(values, np.ones_like(values)) for title, values in self.measured().items()}
        return {title: Figure(ratio.value, interval(ratio)) for title, ratio in ratios.items()}


@dataclass(frozen=True)
class Difference:
    """By how much the second of two encoders is better in a measure, with the 95% interval, None when nothing moved,
    and the p-value that both are equally good: McNemar's for recall@1, from swapping for MRR.
    """

    title: str
    value: float
    interval: Interval | None
    p: float


@dataclass(frozen=True)
class Comparison:
    """Two encoders on the same pairs. `gained` and `lost` are those that only the second, or only the first, found at
    rank 1.
    """

    before: Recall
    after: Recall
    differences: tuple[Difference, ...]
    gained: tuple[Pair, ...]
    lost: tuple[Pair, ...]


def pairs() -> tuple[Pair, ...]:
    """Every pair, in a fixed order."""
    lines = files("eval").joinpath("general.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Pair(**json.loads(line)) for line in lines)


def general_recall(encoder: Encoder, told: Sequence[Pair] | None = None) -> Recall:
    """Look for `same` of each pair among those of all by the cosine with `text`; `told` are all pairs by default.

    Of equally near ones the right one counts as the last: an encoder that tells nothing apart finds nothing.
    """
    told = pairs() if told is None else told
    texts = encoder.encode_questions([pair.text for pair in told])
    others = encoder.encode_phrasings([pair.same for pair in told])
    cosines = texts @ others.T
    ranks = (cosines >= np.diagonal(cosines)[:, None]).sum(axis=1)
    return Recall(encoder.name, tuple(told), tuple(map(int, ranks)))


def compare(before: Recall, after: Recall) -> Comparison:
    """What the second encoder gained and lost against the first. Raises ValueError unless both had the same pairs."""
    if before.pairs != after.pairs:
        raise ValueError("two encoders are compared on the same pairs in the same order")
    moved = after.first - before.first
    gained = tuple(pair for pair, by in zip(after.pairs, moved, strict=True) if by > 0)
    lost = tuple(pair for pair, by in zip(after.pairs, moved, strict=True) if by < 0)
    p = {
        "recall@1": mcnemar(len(gained), len(lost)),
        "MRR": permuted(before.reciprocal, after.reciprocal),
    }
    old, new = before.measured(), after.measured()
    differences = tuple(
        Difference(
            title, float((new[title] - old[title]).mean()), difference(old[title], new[title]), p[title]
        )
        for title in old
    )
    return Comparison(before, after, differences, gained, lost)


def table(found: Comparison) -> str:
    """The measures of both, and their differences."""
    named = [(each.encoder, each.figures()) for each in (found.before, found.after)]
    rows = [[name, *map(str, figures.values())] for name, figures in named]
    said = [f"{len(found.after.pairs)} pairs", format_table(["", *named[0][1]], rows)]
    for each in found.differences:
        between = f" [{each.interval.low:+.4f}, {each.interval.high:+.4f}]" if each.interval else ""
        said.append(f"{each.title}: {each.value:+.4f}{between}, p = {each.p:.4f}")
    said.append(f"at rank 1 now and not before: {len(found.gained)}, before and not now: {len(found.lost)}")
    return "\n".join(said)


def as_plain(found: Comparison) -> dict[str, object]:
    """A comparison as JSON holds it."""
    return {
        "pairs": len(found.after.pairs),
        "before": {"encoder": found.before.encoder, **plain(found.before.figures())},
        "after": {"encoder": found.after.encoder, **plain(found.after.figures())},
        "differences": {
            each.title: {
                "value": each.value,
                "low": each.interval.low if each.interval else None,
                "high": each.interval.high if each.interval else None,
                "p": each.p,
            }
            for each in found.differences
        },
        "gained": [pair.id for pair in found.gained],
        "lost": [pair.id for pair in found.lost],
    }
