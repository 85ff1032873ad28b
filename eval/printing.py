"""Runs and comparisons as text and as JSON."""

from collections.abc import Sequence
from typing import Any

from eval.comparing import Change, Comparison
from eval.judging import ALL_ANSWERABLE, by_theme, groups
from eval.metrics import MEASURES
from eval.runs import Run, SystemRun
from eval.summary import confidence_figures, format_table, group_figures, latency_text, plain


def tables(run: Run) -> str:
    """A run: for each system a table of groups, then what its confidence is worth."""
    asked = len(run.systems[0].judged) if run.systems else 0
    asked_of = f"{asked} questions of {', '.join(run.splits)} over {run.entries} entries"
    said = [f"run {run.id}: {asked_of}, snapshot {run.snapshot}, encoder {run.encoder or 'none'}"]
    for system in run.systems:
        said += ["", f"{system.name}: {system.title}", _table(system), *_lines(system)]
    return "\n".join(said)


def as_plain(run: Run) -> dict[str, Any]:
    """A run as JSON holds it."""
    return {
        "run": run.id,
        "at": run.at,
        "splits": list(run.splits),
        "entries": run.entries,
        "snapshot": run.snapshot,
        "encoder": run.encoder,
        "systems": {
            system.name: {
                "title": system.title,
                "groups": {
                    name: {"count": len(group), **plain(group_figures(group))}
                    for name, group in groups(system.judged).items()
                },
                "themes": {
                    name: {"count": len(group), **plain(group_figures(group, intervals=False))}
                    for name, group in by_theme(system.judged).items()
                },
                "confidence": plain(confidence_figures(system)),
            }
            for system in run.systems
        },
    }


def comparison(found: Comparison, before: str, after: str, with_words: bool) -> str:
    """A comparison: the measures, the events with their significance, and the questions gained and lost."""
    said = [f"{len(found.after)} questions in both, {found.left_out} left out"]
    header = ["", before, after, "difference"]
    said += ["", format_table(header, [_moved(*each) for each in found.scores])]
    header = ["", before, after, "of", "better", "worse", "p (McNemar)"]
    said += ["", format_table(header, [_changed(each) for each in found.changes])]
    for shift in found.shifts:
        between = f" [{shift.interval.low:+.4f}, {shift.interval.high:+.4f}]" if shift.interval else ""
        said.append(
            f"{shift.title}: {shift.after - shift.before:+.4f}{between}, p = {shift.p:.4f} (swapping)"
        )
    words = {j.question.id: f"  {j.question.text}" if with_words else "" for j in found.after}
    for change in found.changes:
        for title, ids in (("better", change.gained), ("worse", change.lost)):
            if ids:
                said += ["", f"{change.event.title}: {title} for {len(ids)}"]
                said += [f"  {each}{words[each]}" for each in ids]
    return "\n".join(said)


def comparison_as_plain(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON holds it."""
    return {
        "questions": len(found.after),
        "left_out": found.left_out,
        "measures": {title: {"before": old, "after": new} for title, old, new in found.scores},
        "changes": {
            each.event.key: {
                "before": each.before,
                "after": each.after,
                "of": each.count,
                "better": list(each.gained),
                "worse": list(each.lost),
                "p": each.p,
            }
            for each in found.changes
        },
        "shifts": {
            each.title: {
                "before": each.before,
                "after": each.after,
                "low": each.interval.low if each.interval else None,
                "high": each.interval.high if each.interval else None,
                "p": each.p,
            }
            for each in found.shifts
        },
    }


def _table(system: SystemRun) -> str:
    rows = []
    for name, group in (groups(system.judged) | by_theme(system.judged)).items():
        figures = group_figures(group, intervals=False)
        rows.append([name, str(len(group)), *(str(figures[key]) for key in MEASURES)])
    return format_table(["", "n", *MEASURES.values()], rows)


def _lines(system: SystemRun) -> list[str]:
    answerable = groups(system.judged).get(ALL_ANSWERABLE, [])
    named = {MEASURES[key]: each for key, each in group_figures(answerable).items() if each.value is not None}
    between = [f"{name} {figure}" for name, figure in (named | confidence_figures(system)).items()]
    return [f"  {line}" for line in (*between, latency_text(system.judged))]


def _moved(title: str, before: float | None, after: float | None) -> Sequence[str]:
    both = before is not None and after is not None
    difference = f"{after - before:+.3f}" if both and after is not None and before is not None else "-"
    return [title, *("-" if each is None else f"{each:.3f}" for each in (before, after)), difference]


def _changed(change: Change) -> Sequence[str]:
    counts = (change.before, change.after, change.count, len(change.gained), len(change.lost))
    return [change.event.title, *map(str, counts), f"{change.p:.4f}"]
