"""How sure a figure is, and whether a difference is more than chance. Resampling and exact tests are scipy's."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eval.metrics import Ratio

RESAMPLES = 1000
_SEED = 20_260_101
_BATCH = 100  # resamples held in memory at once
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A 95% percentile bootstrap interval over questions (Efron and Tibshirani, 1993)."""

    low: float
    high: float


def interval(ratio: Ratio) -> Interval | None:
    """The interval of a measure; None where it does not exist or too few questions could tell."""
    if np.count_nonzero(ratio.possible) < 2:
        return None
    return _bootstrap((ratio.happened, ratio.possible), _ratio, vectorized=True)


def interval_of(statistic: Callable[[NDArray[np.intp]], float], count: int) -> Interval | None:
    """The interval of any statistic of a choice, with repetition, of `count` questions given by their places."""
    if count < 2:
        return None

    def resampled(places: Floats) -> float:
        return statistic(places.astype(np.intp))

    return _bootstrap((np.arange(count, dtype=np.float64),), resampled, vectorized=False)


def difference(before: Floats, after: Floats) -> Interval | None:
    """The interval of the mean difference of two systems on the same questions."""
    if len(before) < 2 or not np.any(before != after):
        return None
    return _bootstrap((after - before,), np.mean, vectorized=True)


def mcnemar(gained: int, lost: int, alternative: str = "two-sided") -> float:
    """The exact p-value that gains and losses are equally likely (McNemar, 1947): the binomial test of the discordant
    pairs. `alternative` "less" asks whether there are fewer gains than losses. 1 without any.
    """
    if gained + lost == 0:
        return 1.0
    return float(stats.binomtest(gained, gained + lost, 0.5, alternative=alternative).pvalue)


def permuted(before: Floats, after: Floats) -> float:
    """The p-value that two systems are equal on average, from swapping them at random question by question (Smucker,
    Allan and Carterette, CIKM 2007). 1 when they agree on all questions but one.
    """
    changed = before != after
    if np.count_nonzero(changed) < 2:
        return 1.0  # one question swapped is as far off
    # A question that both answer alike weighs nothing, swapped or not.
    found = stats.permutation_test(
        (after[changed] - before[changed],),
        np.sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=9_999,
        batch=_BATCH,
        rng=np.random.default_rng(_SEED),
    )
    return float(found.pvalue)


def _ratio(happened: Floats, possible: Floats, axis: int = -1) -> Floats:
    total = possible.sum(axis=axis)
    return np.asarray(happened.sum(axis=axis) / np.where(total > 0, total, np.nan))


def _bootstrap(samples: Sequence[Floats], statistic: Callable[..., object], vectorized: bool) -> Interval:
    with warnings.catch_warnings():
        # Of a few questions a resample may hold none where it could have happened; those are left out below.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            samples,
            statistic,
            paired=len(samples) > 1,
            vectorized=vectorized,
            n_resamples=RESAMPLES,
            batch=_BATCH if vectorized else None,
            confidence_level=0.95,
            method="percentile",
            rng=np.random.default_rng(_SEED),
        )
    kept = found.bootstrap_distribution[np.isfinite(found.bootstrap_distribution)]
    return Interval(*(float(edge) for edge in np.percentile(kept, [2.5, 97.5])))
