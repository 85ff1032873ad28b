"""`python -m eval.bench`: how fast and how big, on generated knowledge of several sizes, and whether that is enough.

Everything runs on this machine, alone if the figures are to mean something. Prepared bases of 100,000 entries take
minutes and about 1.3 GB of disk the first time; they are kept in the data folder.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.base import sample_application
from eval.bench_asking import CLIENTS, WORKERS, Asking, Typing, measure_asking, measure_typing
from eval.bench_base import Base, cached_encodings, perturbed, prepare, sample_encodings
from eval.bench_measuring import Target, Timing, machine
from eval.bench_search import (
    Asked,
    Baselines,
    OpenedBase,
    SearchFigures,
    measure_baselines,
    measure_reading,
    measure_search,
)
from eval.bench_server import ServerFigures, measure_encoding, measure_server
from eval.questions import questions
from indexer.encoders import Encoder, Encoding, open_encoder

SIZES = (1_000, 10_000, 100_000)
FULL_SIZE = 100_000
ASKED_SIZE = 10_000
PARTS = ("search", "baselines", "read", "suggest", "server", "ask")
_ROUNDS = 10
_ASKED_OVER_HTTP = 300


@dataclass
class SizeFigures:
    """What was measured at one size; None where it was not asked for. The times are seconds, None when a base was
    found ready.
    """

    entries: int
    store_seconds: float | None = None
    index_seconds: float | None = None
    search: SearchFigures | None = None
    baselines: Baselines | None = None
    read: Timing | None = None
    typing: Typing | None = None
    server: ServerFigures | None = None
    asking: Asking | None = None


@dataclass
class Figures:
    """A whole run."""

    machine: dict[str, str]
    sizes: dict[int, SizeFigures] = field(default_factory=dict)
    asking: Asking | None = None
    encoding: Timing | None = None


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="numbers of entries, separated by commas")
    parser.add_argument("--parts", type=_parts, default=PARTS, help=f"what to measure, of {','.join(PARTS)}")
    parser.add_argument("--questions", type=int, default=600, help="how many test questions are searched for")
    parser.add_argument("--data", type=Path, default=Path("data/bench"), help="where prepared bases are kept")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    arguments = parser.parse_args(argv)
    figures = run(arguments.data, arguments.sizes, arguments.parts, arguments.questions)
    if arguments.json:
        print(json.dumps(as_json(figures), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(figures)))


def run(data: Path, sizes: tuple[int, ...], parts: tuple[str, ...], count: int) -> Figures:
    """Measure the parts at every size over at most `count` questions."""
    encoder = open_encoder("bundled")
    asked = _asked(data, encoder, count)
    figures = Figures(machine())
    for size in sizes:
        _say(f"{size} entries: preparing")
        encodings = sample_encodings(data, encoder, size)
        base = prepare(data, size, encoder, encodings)
        figures.sizes[size] = _measure(base, encoder, encodings, asked, parts)
    if "ask" in parts:
        _say("asking over HTTP on the sample base")
        application = sample_application(data / "sample")
        application.close()
        figures.asking = measure_asking(application.settings)
        figures.encoding = measure_encoding(encoder, [text for text, _ in asked][:_ASKED_OVER_HTTP])
    return figures


def targets(figures: Figures) -> Iterator[Target]:
    """What was promised, as far as it was measured."""
    full, tenth = figures.sizes.get(FULL_SIZE), figures.sizes.get(FULL_SIZE // 10)
    if full and full.search:
        for where, found in _both(full.search):
            yield Target(f"search {where}, {FULL_SIZE:,} entries, p50", found.p50_ms, 3, "ms")
            yield Target(f"search {where}, {FULL_SIZE:,} entries, p99", found.p99_ms, 10, "ms")
        if tenth and tenth.search:
            for (where, found), (_, before) in zip(_both(full.search), _both(tenth.search), strict=True):
                growth = found.p50_ms / before.p50_ms
                yield Target(f"growth of search {where} from a tenth of the entries", growth, 3, "times")
        if full.baselines:
            ratio = full.baselines.rank_bm25.p50_ms / full.search.everywhere.p50_ms
            yield Target("speed of search everywhere against rank-bm25", ratio, 30, "times", at_least=True)
    if full and full.server:
        slowest = max(full.server.publish_here.p99_ms, full.server.publish_there.p99_ms)
        yield Target("publish to searchable, both processes, p99", slowest / 1000, 2, "s")
        yield Target("memory of the server", full.server.memory_mb / 1000, 1.5, "GB")
        yield Target("start to ready with an existing index", full.server.start_seconds, 5, "s")
    yield from _asking_targets(full, tenth, figures.asking)


def _asking_targets(
    full: SizeFigures | None, tenth: SizeFigures | None, sample: Asking | None
) -> Iterator[Target]:
    if full and full.typing:
        for how, found in _typed(full.typing):
            yield Target(f"suggest {how}, {FULL_SIZE:,} entries, p50", found.p50_ms, 3, "ms")
        yield Target("memory added by suggest", full.typing.memory_mb, 150, "MB")
    for where, asking in (
        ("sample base", sample),
        (f"{ASKED_SIZE:,} entries", tenth and tenth.asking),
    ):
        if asking:
            yield Target(f"ask over HTTP, {where}, p50", asking.one_client.p50_ms, 20, "ms")
            yield Target(f"ask over HTTP, {where}, p99", asking.one_client.p99_ms, 60, "ms")
            yield Target(f"distinct questions, {where}", asking.distinct.a_second, 100, "/s", at_least=True)
            yield Target(f"repeated questions, {where}", asking.repeated.a_second, 800, "/s", at_least=True)


def lines(figures: Figures) -> Iterator[str]:
    """The run as text."""
    yield "machine"
    for name, value in figures.machine.items():
        yield f"  {name:<12}{value}"
    for found in figures.sizes.values():
        yield ""
        yield f"{found.entries:,} entries"
        for name, seconds in (("stored", found.store_seconds), ("indexed", found.index_seconds)):
            if seconds is not None:
                yield f"  {name + ' in':<36}{seconds:.1f} s"
        for name, figure in _rows(found):
            yield f"  {name:<36}{figure}"
    if figures.asking and figures.encoding:
        yield ""
        yield "sample base"
        for name, figure in _asking_rows(figures.asking):
            yield f"  {name:<36}{figure}"
        yield f"  {'encoding alone':<36}{figures.encoding}"
    yield ""
    yield "targets"
    yield from (f"  {target}" for target in targets(figures))


def as_json(figures: Figures) -> dict[str, Any]:
    """The run as plain values."""
    verdicts = [asdict(target) | {"met": target.met} for target in targets(figures)]
    return asdict(figures) | {"targets": verdicts}


def _rows(found: SizeFigures) -> Iterator[tuple[str, object]]:
    if found.search:
        yield "vectors, one a phrasing", f"{found.search.vectors:,}"
        for where, timing in _both(found.search):
            yield f"search {where}", f"{timing}  ({timing.count} questions)"
        yield "recall@10 of vectors from a region", f"{found.search.recall_from_a_region:.3f}"
        yield "recall@10 of vectors everywhere", f"{found.search.recall_everywhere:.3f}"
    if found.search and found.baselines:
        ours = found.search.everywhere.p50_ms
        for name, timing in vars(found.baselines).items():
            ratio = f"{timing.p50_ms / ours:.1f} × our search everywhere"
            yield name, f"{timing}  {ratio}  ({timing.count} questions)"
    if found.read:
        yield "reading a question", found.read
    if found.typing:
        yield from ((f"suggest {how}", timing) for how, timing in _typed(found.typing))
        yield "memory added by suggest", f"{found.typing.memory_mb:.0f} MB"
    if found.asking:
        yield from _asking_rows(found.asking)
    if found.server:
        yield "start to ready", f"{found.server.start_seconds:.2f} s"
        yield "memory of the server", f"{found.server.memory_mb:.0f} MB"
        for name in ("publish_here", "publish_there", "withdraw_here", "withdraw_there"):
            row = name.replace("_here", ", this process").replace("_there", ", the server")
            yield row, getattr(found.server, name)


def _measure(
    base: Base, encoder: Encoder, encodings: dict[str, Encoding], asked: list[Asked], parts: tuple[str, ...]
) -> SizeFigures:
    found = SizeFigures(base.count, base.store_seconds, base.index_seconds)
    if {"search", "baselines", "read"} & set(parts):
        _say(f"{base.count} entries: searching")
        opened = OpenedBase(base, encoder)
        if "read" in parts:
            found.read = measure_reading(opened, asked)
        if {"search", "baselines"} & set(parts):
            found.search = measure_search(opened, asked)
        if "baselines" in parts:
            _say(f"{base.count} entries: the other engines")
            matrix = perturbed(encoder, encodings, base.count).all()
            found.baselines = measure_baselines(opened, asked, matrix)
    if "suggest" in parts:
        _say(f"{base.count} entries: typing ahead")
        found.typing = measure_typing(base)
    if "ask" in parts and base.count == ASKED_SIZE:
        _say(f"{base.count} entries: asking over HTTP")
        found.asking = measure_asking(base.settings)
    if "server" in parts:
        _say(f"{base.count} entries: serving")
        found.server = measure_server(base, encoder, _ROUNDS)
    return found


def _asked(data: Path, encoder: Encoder, count: int) -> list[Asked]:
    """Questions of the test split, drawn so that every style is among the first."""
    texts = [question.text for question in questions("test")]
    random.Random(1).shuffle(texts)
    encodings = cached_encodings(data, encoder, texts[:count])
    return [(text, encodings[text]) for text in texts[:count]]


def _asking_rows(asking: Asking) -> Iterator[tuple[str, object]]:
    yield "ask over HTTP, one client", f"{asking.one_client}  ({asking.one_client.count} questions)"
    for name, found in (("distinct", asking.distinct), ("repeated", asking.repeated)):
        shown = f"{found.a_second:.0f}/s  {found.took}  ({found.took.count} questions)"
        yield f"{name}, {CLIENTS} clients, {WORKERS} processes", shown


def _typed(typing: Typing) -> Iterator[tuple[str, Timing]]:
    yield "by characters", typing.by_characters
    yield "by pinyin", typing.by_pinyin
    yield "by initials", typing.by_initials
    yield "nothing that matches", typing.nothing


def _both(found: SearchFigures) -> Iterator[tuple[str, Timing]]:
    yield "from a region", found.from_a_region
    yield "everywhere", found.everywhere


def _sizes(given: str) -> tuple[int, ...]:
    return tuple(int(size) for size in given.split(","))


def _parts(given: str) -> tuple[str, ...]:
    wanted = tuple(given.split(","))
    if unknown := set(wanted) - set(PARTS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return wanted


def _say(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
