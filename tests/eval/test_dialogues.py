"""The dialogues: enough of each kind, split by theme, expecting entries that there are."""

import json
from collections import Counter
from itertools import chain

from eval.dialogues import KINDS, SPLITS, Dialogue, JudgedDialogue, JudgedTurn, Said, dialogues, table
from qa_service.samples import SAMPLES


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(dialogue.kind for dialogue in dialogues(*SPLITS))
    assert set(kinds) == set(KINDS)
    assert kinds["clarify"] >= 40
    assert kinds["follow_up"] >= 60
    assert kinds["new_topic"] >= 25
    assert kinds["double"] >= 25


def test_no_theme_is_in_both_splits_and_no_dialogue_twice() -> None:
    validation, test = dialogues("validation"), dialogues("test")
    assert not {each.theme for each in validation} & {each.theme for each in test}
    held = [each.turns for each in (*validation, *test)]
    assert len({each.id for each in (*validation, *test)}) == len(held) == len(set(held))


def test_what_they_expect_is_in_the_sample_base() -> None:
    lines = chain.from_iterable(
        path.read_text(encoding="utf-8").splitlines() for path in (SAMPLES / "entries").glob("*.jsonl")
    )
    known = {json.loads(line)["external_id"] for line in lines}
    for dialogue in dialogues(*SPLITS):
        for turn in dialogue.turns:
            assert {*turn.entries, *turn.both} <= known, dialogue.id
            assert turn.entries or turn.both or turn.clarify, dialogue.id


def test_the_table_counts_dialogues_and_turns() -> None:
    right, wrong = JudgedTurn(Said("a"), True, False, ""), JudgedTurn(Said("b"), False, False, "")
    held = [
        JudgedDialogue(Dialogue(name, "clarify", "theme", "test", ()), turns)
        for name, turns in (("1", (right, right)), ("2", (right, wrong)))
    ]
    row = next(line for line in table(held).splitlines() if line.startswith("clarify"))
    assert row.split() == ["clarify", "2", "0.500", "0.500", "4", "0.750", "0.000"]
