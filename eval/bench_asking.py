"""Asking over HTTP, with one client and with many; typing ahead."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.bench_base import Base
from eval.bench_knowledge import samples
from eval.bench_measuring import Timing, resident_mb, timed
from eval.bench_server import Server, Throughput, measure_ask, serving, throughput
from eval.questions import questions
from indexer.normalise import normalise
from indexer.scope import Scope
from indexer.sound import initials, syllables
from qa_service.composition import build
from qa_service.settings import Settings
from qa_service.suggesting import Suggestions

WORKERS = 2
CLIENTS = 8
_SECONDS = 10.0
_ASKED = 300
_COMMON = 20
_MOST = 10_000
_QUESTIONS = 100
_NOTHING = ("麒麟", "麒麟臂", "zzqx", "xkqz", "wqwqwq", "天外来客", "囧", "qqqqqqqq")


@dataclass(frozen=True)
class Asking:
    """`one_client` asks one question after the other, none twice; `distinct` and `repeated` come from `CLIENTS` clients
    at once to a server of `WORKERS` processes. All are recorded; the repeated ones have an answer or choices.
    """

    one_client: Timing
    distinct: Throughput
    repeated: Throughput


@dataclass(frozen=True)
class Typing:
    """Typing ahead from anywhere, a prefix at a time; `memory_mb` is what the list adds to the process."""

    by_characters: Timing
    by_pinyin: Timing
    by_initials: Timing
    nothing: Timing
    memory_mb: float


def measure_asking(settings: Settings) -> Asking:
    """Ask the questions of both splits over copies of the data folder, thrown away with what was recorded there."""
    texts = list(dict.fromkeys(each.text for split in ("test", "validation") for each in questions(split)))
    first, warming, rest = texts[:_ASKED], texts[_ASKED : _ASKED + 100], texts[_ASKED + 100 :]
    with _copy(settings) as copied, serving(copied) as (server, _):
        one_client = measure_ask(server, first)
    with _copy(settings) as copied, serving(copied, WORKERS) as (server, _):
        throughput(server, warming, CLIENTS, _SECONDS)
        distinct = throughput(server, rest, CLIENTS, _SECONDS)
        common = _with_an_answer(server, first)
        throughput(server, common * CLIENTS, CLIENTS, _SECONDS)
        repeated = throughput(server, (common * _MOST)[:_MOST], CLIENTS, _SECONDS)
    return Asking(one_client, distinct, repeated)


def measure_typing(base: Base) -> Typing:
    """Type the samples' questions, a character or a syllable more each time."""
    application = build(base.settings)
    try:
        before = resident_mb()
        suggestions = Suggestions(application.store, application.index, application.today)
        suggestions.refresh()
        memory = resident_mb() - before
        scope = Scope(application.today())
        asked = [normalise(text.question) for text in samples().values()][:_QUESTIONS]

        def typing(typed: list[str]) -> Timing:
            timed(lambda each: suggestions.suggest(each, scope, 8), typed[:20])
            return timed(lambda each: suggestions.suggest(each, scope, 8), typed)

        heard = [found for text in asked if (found := syllables(text[:6]))]
        return Typing(
            typing([text[:end] for text in asked for end in range(1, 7)]),
            typing(["".join(found[:end]) for found in heard for end in range(1, 5)]),
            typing([initials(found[:end]) for found in heard for end in range(2, 7)]),
            typing(list(_NOTHING) * 10),
            memory,
        )
    finally:
        application.close()


def _with_an_answer(server: Server, texts: list[str]) -> list[str]:
    """The first few that are not handed on: those would each be queued again."""
    found = list[str]()
    connection = server.another()  # the first has been idle for so long that it is closed
    for text in texts:
        reply = connection.post("/api/v1/ask", {"question": text, "record": False})
        if reply["outcome"] != "unanswered":
            found.append(text)
        if len(found) == _COMMON:
            break
    connection.close()
    return found


@contextmanager
def _copy(settings: Settings) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(dir=Path(settings.data).parent) as folder:
        shutil.copytree(
            settings.data, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("live", "fts5*")
        )
        yield settings.model_copy(update={"data": Path(folder)})
