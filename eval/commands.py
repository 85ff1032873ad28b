"""The commands of `python -m eval`."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from eval import gate as gating
from eval.base import DEFAULT_ENCODER, installed_application, published, sample_application
from eval.comparing import compare as compared
from eval.dialogues import SPLITS as DIALOGUE_SPLITS
from eval.dialogues import as_plain as dialogues_as_plain
from eval.dialogues import dialogues as held_dialogues
from eval.dialogues import judge as hold
from eval.dialogues import table as dialogue_table
from eval.general import as_plain as general_as_plain
from eval.general import compare as compared_in_general
from eval.general import general_recall
from eval.general import pairs as general_pairs
from eval.general import table as general_table
from eval.judging import judge_all
from eval.lineup import NAMES, PRODUCT, LineUp
from eval.overlap import NEAR_COPY_OF_ENTRY, distribution, sample_phrasings, with_entries
from eval.printing import as_plain, comparison, comparison_as_plain, tables
from eval.questions import SPLITS, Question, questions, questions_of, spread
from eval.runs import FILE_NAME, NoSuchRun, Run, SystemRun, listed, load, record
from eval.summary import format_table
from indexer.encoders import BaseModelEncoder, EncoderUnavailable, open_encoder
from qa_service.composition import Application

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/eval"),
    show_default=True,
    help="Where the sample base and the history of runs are kept.",
)


def _from_here(_context: click.Context, _option: click.Parameter, encoder: str) -> str:
    """A relative `model:FOLDER` on the command line starts here, in the settings in the data folder."""
    kind, _, folder = encoder.partition(":")
    return f"model:{Path(folder).absolute()}" if kind == "model" and folder else encoder


_ENCODER = click.option(
    "--encoder",
    default=DEFAULT_ENCODER,
    callback=_from_here,
    show_default=True,
    help="As in the settings; a relative folder starts here.",
)
_LIMIT = click.option(
    "--limit", type=click.IntRange(min=0), default=0, help="Ask only so many, evenly spread."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _RunByDefault(click.Group):
    """A group whose `run` may be left out."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in context.help_option_names):
            args = ["run", *args]
        return super().parse_args(context, args)


@click.group(
    cls=_RunByDefault, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def main() -> None:
    """Measure the answers, compare runs, report, and guard against getting worse.

    Without a command: run. Example: python -m eval --split validation --systems zhengda,bm25
    """


@main.command()
@click.option(
    "--split", "splits", type=click.Choice(SPLITS), multiple=True, help="Default: test. Repeatable."
)
@click.option(
    "--questions",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Ask these instead: a file of `zhengda export --judgments`.",
)
@click.option(
    "--base",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Ask the installation of this data folder instead of the sample base; it is only read.",
)
@click.option("--systems", default=",".join(NAMES), show_default=True, help="Who takes part, with commas.")
@_DATA
@_ENCODER
@_LIMIT
@_JSON
def run(
    splits: tuple[str, ...],
    file: Path | None,
    base: Path | None,
    systems: str,
    data: Path,
    encoder: str,
    limit: int,
    as_json: bool,
) -> None:
    """Ask every question, print the tables and record the run.

    Example: python -m eval run --split test --systems zhengda

    Example: python -m eval run --questions confirmed.jsonl --base data --systems zhengda
    """
    if file and splits:
        raise click.UsageError("--questions and --split exclude each other")
    names = [name.strip() for name in systems.split(",") if name.strip()]
    if unknown := [name for name in names if name not in NAMES]:
        raise click.BadParameter(
            f"{', '.join(unknown)}: there are {', '.join(NAMES)}", param_hint="--systems"
        )
    try:
        asked = questions_of(file) if file else questions(*(splits or ("test",)))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if not asked:
        raise click.ClickException(f"{file}: no question in it")
    application = installed_application(base) if base else sample_application(data, encoder)
    done = record(data / FILE_NAME, _asked(application, data, spread(asked, limit), names))
    click.echo(json.dumps(as_plain(done), ensure_ascii=False, indent=1) if as_json else tables(done))


def ask(data: Path, splits: Sequence[str], names: Sequence[str], encoder: str, limit: int = 0) -> Run:
    """Ask the named systems the questions of these splits about the sample base."""
    asked = spread(questions(*splits), limit)
    return _asked(sample_application(data, encoder), data, asked, names)


def _asked(application: Application, data: Path, asked: tuple[Question, ...], names: Sequence[str]) -> Run:
    """Ask the named systems, and close the application."""
    try:
        thresholds = application.calibrating.in_force()
        taking_part = LineUp(application, data / "baseline-vectors.sqlite", asked).systems(names)
        return Run(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            splits=tuple(dict.fromkeys(question.split for question in asked)),
            entries=len(published(application)),
            snapshot=application.index.snapshot,
            encoder=application.index.encoder_name,
            answer_threshold=thresholds.answer,
            choices_threshold=thresholds.choices,
            systems=tuple(SystemRun.of(system, judge_all(system, asked)) for system in taking_part),
        )
    finally:
        application.close()


@main.command()
@click.option(
    "--split", "splits", type=click.Choice(DIALOGUE_SPLITS), multiple=True, help="Default: test. Repeatable."
)
@click.option("--failures", is_flag=True, help="Print what was said and got where a dialogue failed.")
@_DATA
@_ENCODER
@_JSON
def dialogues(splits: tuple[str, ...], failures: bool, data: Path, encoder: str, as_json: bool) -> None:
    """Hold every dialogue and print success by kind.

    Example: python -m eval dialogues --split validation --failures
    """
    application = sample_application(data, encoder)
    try:
        judged = [hold(application, each) for each in held_dialogues(*(splits or ("test",)))]
    finally:
        application.close()
    if as_json:
        click.echo(json.dumps(dialogues_as_plain(judged), ensure_ascii=False, indent=1))
        return
    click.echo(dialogue_table(judged))
    for each in judged if failures else ():
        if not each.succeeded:
            click.echo(f"\n{each.dialogue.id} ({each.dialogue.kind})")
            for turn in each.turns:
                click.echo(f"  {'ok' if turn.understood else 'NO'}  {turn.said.text} => {turn.got}")


@main.command()
@_DATA
@_JSON
def runs(data: Path, as_json: bool) -> None:
    """List the recorded runs, the newest first."""
    found = listed(data / FILE_NAME)
    if as_json:
        click.echo(json.dumps([each.__dict__ for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        said = f"{each.questions} questions of {', '.join(each.splits)}"
        click.echo(
            f"{each.id:>4}  {each.at}  {said}  {each.encoder or 'words alone'}  {', '.join(each.systems)}"
        )


@main.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--ids", is_flag=True, help="Print ids alone, not the questions' words.")
@_DATA
@_JSON
def compare(before: str, after: str, ids: bool, data: Path, as_json: bool) -> None:
    """What run B gained and lost against run A, and whether that is more than chance.

    A and B are numbers of runs, 0 for the newest, with a system where it is not the product: 3:bm25.

    Example: python -m eval compare 3 4
    """
    old, new = _system(data, before), _system(data, after)
    found = compared(old.judged, new.judged)
    if as_json:
        click.echo(json.dumps(comparison_as_plain(found), ensure_ascii=False, indent=1))
    else:
        click.echo(comparison(found, before, after, with_words=not ids))


@main.command()
@click.argument("number", metavar="[RUN]", type=int, default=0)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: report.html in --data."
)
@_DATA
def report(number: int, output: Path | None, data: Path) -> None:
    """Write a run, the newest by default, as one HTML page that needs nothing else.

    Example: python -m eval report 4 --output report.html
    """
    from eval.report import page  # matplotlib: no other command needs it

    found = _run(data, number)
    asked = [j.question for j in found.systems[0].judged]
    target = output or data / "report.html"
    target.write_text(page(found, with_entries(asked, sample_phrasings())), encoding="utf-8")
    click.echo(str(target))


@main.command()
@click.option(
    "--split", "splits", type=click.Choice(SPLITS), multiple=True, help="Default: validation and test."
)
@click.option("--accept", is_flag=True, help="Make the present results the baseline.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, file_okay=False),
    default=gating.FOLDER,
    help="The folder of the baseline; the committed one by default.",
)
@_DATA
@_ENCODER
@_LIMIT
@click.pass_context
def gate(
    context: click.Context,
    splits: tuple[str, ...],
    accept: bool,
    baseline: Path,
    data: Path,
    encoder: str,
    limit: int,
) -> None:
    """Fail (exit code 1) when the product got significantly worse than the baseline.

    Run it before releasing a change of dictionary, synonyms, model or threshold; --accept when the change is wanted.

    Example: python -m eval gate
    """
    chosen = splits or gating.SPLITS
    judged = ask(data, chosen, [PRODUCT], encoder, limit).system(PRODUCT).judged
    passed = True
    for split in chosen:
        own = [j for j in judged if j.question.split == split]
        if accept:
            gating.accept(baseline, split, own)
        verdict = gating.check(baseline, split, own)
        passed = passed and verdict.passed
        click.echo("\n".join(gating.lines(verdict)))
    if not passed:
        context.exit(1)


@main.command()
@click.option("--lost", is_flag=True, help="Print the pairs that only the base model found first.")
@_ENCODER
@_LIMIT
@_JSON
def general(lost: bool, encoder: str, limit: int, as_json: bool) -> None:
    """Whether general Chinese was lost in training: the base model and the encoder on sentences that say the same.

    Each is looked for among all. With --limit among fewer, which is easier.

    Example: python -m eval general --lost
    """
    told = spread(general_pairs(), limit)
    try:
        base, trained = (general_recall(each, told) for each in (BaseModelEncoder(), open_encoder(encoder)))
    except EncoderUnavailable as error:
        raise click.ClickException(str(error)) from error
    found = compared_in_general(base, trained)
    if as_json:
        click.echo(json.dumps(general_as_plain(found), ensure_ascii=False, indent=1))
        return
    click.echo(general_table(found))
    for pair in found.lost if lost else ():
        click.echo(f"  {pair.id}  {pair.text}  {pair.same}")


@main.command()
@_JSON
def overlap(as_json: bool) -> None:
    """How much of the questions stands in their entries already, by style.

    Example: python -m eval overlap
    """
    found = with_entries(questions(*SPLITS), sample_phrasings())
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    header, rows = distribution(found)
    click.echo(format_table(header, rows))
    click.echo(f"A near-copy would have {NEAR_COPY_OF_ENTRY} or more.")


def _system(data: Path, named: str) -> SystemRun:
    number, _, system = named.partition(":")
    if not number.isdigit():
        raise click.BadParameter(f"{named!r} is no run: give its number, or number:system")
    found = _run(data, int(number))
    try:
        return found.system(system or PRODUCT)
    except NoSuchRun as error:
        raise click.ClickException(str(error)) from error


def _run(data: Path, number: int) -> Run:
    try:
        return load(data / FILE_NAME, number)
    except NoSuchRun as error:
        raise click.ClickException(str(error)) from error
