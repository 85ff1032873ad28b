"""One page about one run: tables, plots and the wrong answers, in a file that needs nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval import plots
from eval.calibration import calibration_of, reliability
from eval.judging import ALL_ANSWERABLE, ALL_UNANSWERABLE, Judged, by_theme, groups
from eval.metrics import MEASURES, latency, scores
from eval.overlap import distribution
from eval.questions import KINDS, STYLES
from eval.runs import Run, SystemRun
from eval.selective import curve_of
from eval.summary import Figure, confidence_figures, group_figures

RANKING = ("recall_1", "recall_3", "recall_10", "mrr_10", "ndcg_10")
OUTCOMES = ("answered", "wrong", "choices", "right_in_choices", "refused")
Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""A header and rows of cells."""


def page(run: Run, overlaps: Mapping[str, Sequence[float]]) -> str:
    """The report as HTML. `overlaps` are those of the questions with their entries, by style."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    first = run.systems[0]
    return environment.get_template("report.html").render(
        run=run,
        first=first,
        counts={name: len(group) for name, group in groups(first.judged).items()},
        systems_table=_by_system(run, ALL_ANSWERABLE, RANKING),
        outcomes_table=_by_system(run, ALL_ANSWERABLE, OUTCOMES),
        unanswerable_table=_by_system(run, ALL_UNANSWERABLE, ("answered", "choices", "refused")),
        confidence_table=_confidence(run),
        style_table=_by_group(first, STYLES, (*RANKING, *OUTCOMES)),
        kind_table=_by_group(first, KINDS, ("answered", "choices", "refused")),
        theme_table=_by_theme(first),
        latency_table=_latency(run),
        overlap_table=distribution(overlaps),
        drawn={name: Markup(svg) for name, svg in _drawn(run, overlaps).items()},
        mistakes=[j for j in first.judged if j.wrong],
        missed=[j for j in first.judged if j.question.answerable and not j.rank],
    )


def _drawn(run: Run, overlaps: Mapping[str, Sequence[float]]) -> dict[str, str]:
    first = run.systems[0]
    colours = {system.name: f"C{place}" for place, system in enumerate(run.systems)}
    answerable = {s.name: curve_of([j for j in s.judged if j.question.answerable]) for s in _orders(run)}
    everything = {s.name: curve_of(s.judged) for s in _orders(run)}
    by_style = {s.name: _scored(groups(s.judged), STYLES, "recall_1") for s in run.systems}
    refusals = {s.name: _scored(groups(s.judged), KINDS, "refused") for s in run.systems if _decides(s)}
    drawn = {
        "answerable": plots.risk_coverage(answerable, "answerable questions", colours),
        "everything": plots.risk_coverage(everything, "all questions", colours),
        "styles": plots.grouped_bars(by_style, "recall@1", "style", colours),
        "kinds": plots.grouped_bars(refusals, "refused", "kind of unanswerable question", colours),
        "latency": plots.histogram(
            {first.name: [j.ms for j in first.judged]},
            "milliseconds",
            "time of a question",
            last=latency(first.judged)["p99"] or None,
        ),
        "overlap": plots.histogram(overlaps, "overlap of bigrams", "questions with their entries", last=1.0),
    }
    if first.probable:
        bins = reliability(*calibration_of(first.judged))
        drawn["reliability"] = plots.reliability(bins, first.name)
    return drawn


def _orders(run: Run) -> list[SystemRun]:
    """The systems without those that rank and order questions just as one before them, whatever they answer."""
    seen: dict[tuple[tuple[float, int], ...], SystemRun] = {}
    for system in run.systems:
        seen.setdefault(tuple((j.confidence, j.rank) for j in system.judged), system)
    return list(seen.values())


def _decides(system: SystemRun) -> bool:
    return any(j.outcome for j in system.judged)


def _scored(grouped: Mapping[str, Sequence[Judged]], names: Sequence[str], key: str) -> dict[str, float]:
    return {name: scores(grouped[name])[key] or 0.0 for name in names if name in grouped}


def _by_system(run: Run, group: str, keys: Sequence[str]) -> Table:
    rows = []
    for system in run.systems:
        judged = groups(system.judged).get(group, [])
        rows.append([system.name, *_cells(group_figures(judged), keys)])
    return ["system", *(MEASURES[key] for key in keys)], rows


def _by_group(system: SystemRun, names: Sequence[str], keys: Sequence[str]) -> Table:
    grouped = groups(system.judged)
    rows = [
        [name, str(len(grouped[name])), *_cells(group_figures(grouped[name]), keys)]
        for name in names
        if name in grouped
    ]
    return ["", "questions", *(MEASURES[key] for key in keys)], rows


def _by_theme(system: SystemRun) -> Table:
    keys = (*RANKING, "answered", "wrong")
    rows = [
        [theme, str(len(group)), *_cells(group_figures(group, intervals=False), keys)]
        for theme, group in by_theme(system.judged).items()
    ]
    return ["theme", "questions", *(MEASURES[key] for key in keys)], rows


def _confidence(run: Run) -> Table:
    figures = [(system.name, confidence_figures(system)) for system in run.systems]
    names = list(dict.fromkeys(name for _, found in figures for name in found))
    return ["system", *names], [
        [system, *(str(found.get(name, Figure(None))) for name in names)] for system, found in figures
    ]


def _latency(run: Run) -> Table:
    rows = [[s.name, *(f"{value:.1f}" for value in latency(s.judged).values())] for s in run.systems]
    return ["system", "p50 ms", "p95 ms", "p99 ms"], rows


def _cells(figures: Mapping[str, Figure], keys: Sequence[str]) -> list[str]:
    return [str(figures[key]) for key in keys]
