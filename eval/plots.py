"""The plots of the report, as SVG that stands inside a page: no script, no font, no address in it."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eval.calibration import Bin
from eval.selective import Curve

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, and readable to whoever reads with a screen reader
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}
_NAMESPACES = re.compile(r' xmlns(?::\w+)?="[^"]*"')
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def risk_coverage(curves: Mapping[str, Curve], name: str, colours: Mapping[str, str]) -> str:
    """Risk over coverage, a line a system."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _figure("coverage", "risk: wrong among answered")
        highest = 0.05
        for system, each in curves.items():
            label = f"{system} (area {each.area:.3f})"
            axes.plot(each.coverage, each.risk, label=label, linewidth=1.4, color=colours[system])
            # The first few questions say little: one mistake is a risk of one half.
            highest = max(highest, float(each.risk[len(each.risk) // 50 :].max(initial=0.0)))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, min(1.0, highest * 1.05))
        figure.legend(loc="outside lower center", ncols=2)
        return _svg(figure, f"Risk over coverage, {name}")


def reliability(bins: Sequence[Bin], name: str) -> str:
    """How often the first candidate was right, over what its confidence said; below it how many questions."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(5.6, 4.6), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        filled = [each for each in bins if each.count]
        upper.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--", label="perfect")
        upper.plot(
            [each.confidence for each in filled], [each.right for each in filled], marker="o", label=name
        )
        upper.set_ylabel("first candidate right")
        upper.set_ylim(0, 1)
        upper.legend(loc="upper left")
        lower.bar([each.low for each in bins], [each.count for each in bins], 1 / len(bins), align="edge")
        lower.set_xlabel("confidence")
        lower.set_ylabel("questions")
        lower.set_xlim(0, 1)
        return _svg(figure, f"Reliability of the confidence of {name}")


def grouped_bars(
    values: Mapping[str, Mapping[str, float]], label: str, name: str, colours: Mapping[str, str]
) -> str:
    """System → group → value as bars side by side, a cluster a group."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _figure("", label, width=7.6)
        names = list(dict.fromkeys(group for each in values.values() for group in each))
        width = 0.85 / max(len(values), 1)
        for number, (system, each) in enumerate(values.items()):
            places = np.arange(len(names)) + (number - (len(values) - 1) / 2) * width
            axes.bar(
                places, [each.get(group, 0.0) for group in names], width, label=system, color=colours[system]
            )
        axes.set_xticks(range(len(names)), names)
        axes.set_ylim(0, 1)
        figure.legend(loc="outside lower center", ncols=4)
        return _svg(figure, f"{label} by {name}")


def histogram(values: Mapping[str, Sequence[float]], label: str, name: str, last: float | None = None) -> str:
    """How many questions had which value, a line a group. Values above `last` count as `last`."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure, axes = _figure(label, "share of questions")
        end = last or max((value for each in values.values() for value in each), default=1.0) or 1.0
        edges = np.linspace(0, end, 31)
        for group, each in values.items():
            shares = np.full(len(each), 1 / max(len(each), 1))
            axes.hist(np.minimum(each, end), list(edges), weights=shares, histtype="step", label=group)
        axes.legend(loc="upper right")
        return _svg(figure, f"{label}: {name}")


def _figure(across: str, upwards: str, width: float = 5.6) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(across)
    axes.set_ylabel(upwards)
    return figure, axes


def _svg(figure: Figure, title: str) -> str:
    """The figure as an `svg` element; HTML knows its namespaces, so no address is left in it."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    element = _NAMESPACES.sub("", _METADATA.sub("", text[text.index("<svg") :]))
    opening, rest = element.split(">", 1)
    return f'{opening} role="img" aria-label="{title}"><title>{title}</title>{rest}'
