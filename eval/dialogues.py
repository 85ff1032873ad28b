"""Dialogues by which conversations are judged: what is said, and what should be understood.

They lie in `dialogues/`, a file a theme, split by theme as the questions are. Rules are tuned on the validation
themes; the test themes only measure. Each turn says what it expects: `entries` (any of them), `clarify` (a question
back about any of these), `both` (two answers, in their order), and with `new_topic` that it is a question by itself.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from eval.questions import TEST_THEMES
from eval.summary import format_table
from knowledge.conversation import Session
from qa_service.ask import Answered, Asker, Choices, Outcome
from qa_service.composition import Application
from qa_service.conversation.conversing import respond
from qa_service.conversation.reply import Reply, Turn

KINDS = ("clarify", "follow_up", "new_topic", "double")
SPLITS = ("validation", "test")


@dataclass(frozen=True)
class Said:
    """One turn and what it expects."""

    text: str
    entries: tuple[str, ...] = ()
    clarify: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    new_topic: bool = False


@dataclass(frozen=True)
class Dialogue:
    """One dialogue. `theme` is the file it stands in."""

    id: str
    kind: str
    theme: str
    split: str
    turns: tuple[Said, ...]


@dataclass(frozen=True)
class JudgedTurn:
    """What became of a turn: `understood` when the expected entry was answered or offered (or asked back, or both
    answered), `first` when it was moreover the first.
    """

    said: Said
    understood: bool
    first: bool
    got: str


@dataclass(frozen=True)
class JudgedDialogue:
    """A dialogue with its turns as they went."""

    dialogue: Dialogue
    turns: tuple[JudgedTurn, ...]

    @property
    def succeeded(self) -> bool:
        """Whether every turn was understood."""
        return all(turn.understood for turn in self.turns)

    @property
    def arrived(self) -> bool:
        """Whether the last turn was understood: the caller has what he came for, be it without being asked back."""
        return self.turns[-1].understood


def dialogues(*splits: str) -> tuple[Dialogue, ...]:
    """The dialogues of these splits, in a fixed order."""
    found = []
    for file in sorted(files("eval").joinpath("dialogues").iterdir(), key=lambda path: path.name):
        theme = file.name.removesuffix(".jsonl")
        split = "test" if theme in TEST_THEMES else "validation"
        if split in splits and file.name.endswith(".jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                turns = tuple(_said(turn) for turn in row["turns"])
                found.append(Dialogue(row["id"], row["kind"], theme, split, turns))
    return tuple(found)


def _said(turn: dict[str, object]) -> Said:
    def texts(name: str) -> tuple[str, ...]:
        value = turn.get(name, [])
        return tuple(map(str, value)) if isinstance(value, list) else ()

    return Said(
        str(turn["say"]), texts("entries"), texts("clarify"), texts("both"), bool(turn.get("new_topic"))
    )


def judge(application: Application, dialogue: Dialogue) -> JudgedDialogue:
    """Hold the dialogue with the product, recording nothing."""
    now = application.clock()
    session = Session("", now)
    asker = Asker(session=dialogue.id, record=False)
    turns = []
    for said in dialogue.turns:
        reply, session = respond(said.text, asker, session, application.answering, now)
        turns.append(_judged(said, reply))
    return JudgedDialogue(dialogue, tuple(turns))


def _judged(said: Said, reply: Reply) -> JudgedTurn:
    got = described(reply)
    if said.clarify:
        right = reply.clarification is not None and reply.clarification.about.value in said.clarify
        return JudgedTurn(said, right, right, got)
    if said.both:
        pairs = list(zip(said.both, reply.parts, strict=False)) if len(reply.parts) == len(said.both) else []
        understood = bool(pairs) and all(entry in _offered(part.outcome) for entry, part in pairs)
        return JudgedTurn(
            said, understood, understood and all(entry == _first(p.outcome) for entry, p in pairs), got
        )
    in_turn = not said.new_topic or reply.turn is Turn.QUESTION
    understood = in_turn and bool({*said.entries} & {*_offered(reply.outcome)})
    return JudgedTurn(said, understood, understood and _first(reply.outcome) in said.entries, got)


def _offered(outcome: Outcome) -> tuple[str, ...]:
    if isinstance(outcome, Answered):
        return (outcome.answer.entry.external_id,)
    return tuple(o.entry.external_id for o in outcome.options) if isinstance(outcome, Choices) else ()


def _first(outcome: Outcome) -> str:
    return next(iter(_offered(outcome)), "")


def described(reply: Reply) -> str:
    """A reply in a line, for reading what went wrong."""
    if reply.parts:
        return " + ".join(described(part) for part in reply.parts)
    said = f"{type(reply.outcome).__name__} {','.join(_offered(reply.outcome))}"
    if reply.clarification:
        labels = "/".join(option.label for option in reply.clarification.options)
        said += f" ?{reply.clarification.about.value}({labels})"
    return f"{said} [{reply.turn.value}{': ' + reply.understood_as if reply.understood_as else ''}]"


def table(judged: Sequence[JudgedDialogue]) -> str:
    """Success by kind: of whole dialogues, of their last turns, of all turns, and of turns with the entry first."""
    groups: dict[str, list[JudgedDialogue]] = defaultdict(list)
    for each in judged:
        groups[each.dialogue.kind].append(each)
    rows = [_row(kind, groups[kind]) for kind in KINDS if groups[kind]]
    return format_table(
        ("kind", "dialogues", "succeeded", "arrived", "turns", "understood", "first"),
        [*rows, _row("all", judged)],
    )


def as_plain(judged: Iterable[JudgedDialogue]) -> list[dict[str, object]]:
    """Each dialogue as JSON holds it."""
    return [
        {
            "id": each.dialogue.id,
            "kind": each.dialogue.kind,
            "split": each.dialogue.split,
            "succeeded": each.succeeded,
            "turns": [
                {"say": turn.said.text, "understood": turn.understood, "first": turn.first, "got": turn.got}
                for turn in each.turns
            ],
        }
        for each in judged
    ]


def _row(name: str, judged: Sequence[JudgedDialogue]) -> list[str]:
    turns = [turn for each in judged for turn in each.turns]
    return [
        name,
        str(len(judged)),
        _share(sum(each.succeeded for each in judged), len(judged)),
        _share(sum(each.arrived for each in judged), len(judged)),
        str(len(turns)),
        _share(sum(turn.understood for turn in turns), len(turns)),
        _share(sum(turn.first for turn in turns), len(turns)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
