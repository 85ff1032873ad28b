"""What a run says in numbers, with intervals: for the terminal, for JSON and for the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.calibration import brier, calibration_of, expected_error, reliability
from eval.judging import Judged
from eval.metrics import MEASURES, latency, measure
from eval.runs import SystemRun
from eval.selective import answered_from, curve, curve_of, threshold_at
from eval.significance import Interval, interval, interval_of

COVERAGE = 0.8


@dataclass(frozen=True)
class Figure:
    """A value with its 95% interval; None where it does not exist."""

    value: float | None
    interval: Interval | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        between = f" [{self.interval.low:.3f}, {self.interval.high:.3f}]" if self.interval else ""
        return f"{self.value:.3f}{between}"


def group_figures(judged: Sequence[Judged], intervals: bool = True) -> dict[str, Figure]:
    """Every measure of a group of questions."""
    measured = measure(judged)
    return {
        key: Figure(measured[key].value, interval(measured[key]) if intervals else None) for key in MEASURES
    }


def confidence_figures(system: SystemRun, intervals: bool = True) -> dict[str, Figure]:
    """What a system's confidence is worth, by what it is called; calibration only where it is a probability."""
    judged = system.judged
    answerable = [j for j in judged if j.question.answerable]
    unanswerable = [j for j in judged if not j.question.answerable]
    found = {
        "area under risk–coverage, answerable": _area(answerable, intervals),
        "area under risk–coverage, all": _area(judged, intervals),
        f"risk at {COVERAGE:.2f} coverage of the answerable": _resampled(
            lambda confidence, right: curve(confidence, 1 - right).risk_at(COVERAGE), answerable, intervals
        ),
        f"unanswerable answered at that threshold ({COVERAGE:.2f} coverage)": Figure(
            answered_from(unanswerable, threshold_at(answerable, COVERAGE)) if unanswerable else None
        ),
    }
    if system.probable:
        found["Brier score"] = _resampled(brier, judged, intervals)
        found["calibration error (15 bins)"] = _resampled(
            lambda confidence, right: expected_error(reliability(confidence, right)), judged, intervals
        )
    return found


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as a text table, the first column to the left."""
    table = [list(header), *map(list, rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def plain(figures: Mapping[str, Figure]) -> dict[str, dict[str, float | None]]:
    """Figures as JSON holds them."""
    return {
        key: {
            "value": figure.value,
            "low": figure.interval.low if figure.interval else None,
            "high": figure.interval.high if figure.interval else None,
        }
        for key, figure in figures.items()
    }


def latency_text(judged: Sequence[Judged]) -> str:
    """The time a question took, as one line."""
    return "  ".join(f"{name} {value:.1f} ms" for name, value in latency(judged).items())


def _area(judged: Sequence[Judged], intervals: bool) -> Figure:
    if not judged:
        return Figure(None)
    if not intervals:
        return Figure(curve_of(judged).area)
    return _resampled(lambda confidence, right: curve(confidence, 1 - right).area, judged, intervals)


def _resampled(
    statistic: Callable[..., float],
    judged: Sequence[Judged],
    intervals: bool,
) -> Figure:
    """A statistic of confidence and of whether the first candidate answers."""
    if not judged:
        return Figure(None)
    confidence, right = calibration_of(judged)
    between = (
        interval_of(lambda places: statistic(confidence[places], right[places]), len(judged))
        if intervals
        else None
    )
    return Figure(float(np.float64(statistic(confidence, right))), between)
