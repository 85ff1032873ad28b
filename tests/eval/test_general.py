"""Whether an encoder still understands Chinese at large. The numbers are worked out by hand."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import indexer
from eval.commands import main
from eval.general import Pair, Recall, as_plain, compare, general_recall, pairs, table
from eval.overlap import NearCopies, overlap
from indexer.encoders import Vectors

ALL = pairs()
THREE = (Pair("1", "t", "甲", "壹"), Pair("2", "t", "乙", "贰"), Pair("3", "t", "丙", "叁"))
KNOWING = {"甲": 0, "壹": 10, "乙": 90, "贰": 80, "丙": 180, "叁": 170}
"""Degrees. Each is ten away from its own and at least seventy from every other: all are found first."""
MISTAKEN = {"甲": 0, "壹": 10, "乙": 50, "贰": 80, "丙": 60, "叁": 180}
"""甲 is 10 from 壹: first. 乙 is 30 from 贰, 40 from 壹: first. 丙 is 120 from 叁, 50 from 壹, 20 from 贰: third."""


class Compass:
    """Texts as directions in the plane."""

    dimension = 2

    def __init__(self, degrees: dict[str, int], name: str = "compass") -> None:
        self._degrees = degrees
        self.name = name

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        angles = np.radians([self._degrees[text] for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)


def found(degrees: dict[str, int], name: str = "compass") -> Recall:
    return general_recall(Compass(degrees, name), THREE)


class TestRecall:
    def test_of_an_encoder_that_knows(self) -> None:
        recall = found(KNOWING)
        assert recall.ranks == (1, 1, 1)
        assert {key: figure.value for key, figure in recall.figures().items()} == {
            "recall@1": 1.0,
            "MRR": 1.0,
        }

    def test_of_one_that_takes_the_third_for_another(self) -> None:
        recall = found(MISTAKEN)
        assert recall.ranks == (1, 1, 3)
        figures = recall.figures()
        assert figures["recall@1"].value == pytest.approx(2 / 3)
        assert figures["MRR"].value == pytest.approx((1 + 1 + 1 / 3) / 3)

    def test_one_that_tells_nothing_apart_finds_nothing(self) -> None:
        recall = found(dict.fromkeys(KNOWING, 45))
        assert recall.ranks == (3, 3, 3)
        assert recall.figures()["recall@1"].value == 0.0


class TestTwoEncoders:
    def test_what_the_second_lost_is_named(self) -> None:
        lost = compare(found(KNOWING, "old"), found(MISTAKEN, "new"))
        assert (lost.gained, lost.lost) == ((), THREE[2:])
        recall_1, mrr = lost.differences
        assert (recall_1.title, mrr.title) == ("recall@1", "MRR")
        assert recall_1.value == pytest.approx(-1 / 3)
        assert mrr.value == pytest.approx(-2 / 9)  # a third of 1/3 - 1
        assert recall_1.p == mrr.p == 1.0  # a single pair may well be chance
        assert recall_1.interval is not None
        assert recall_1.interval.low < -1 / 3
        assert recall_1.interval.high == 0.0
        assert "at rank 1 now and not before: 0, before and not now: 1" in table(lost)

    def test_of_six_lost_and_none_gained_chance_is_one_in_32(self) -> None:
        told = tuple(Pair(str(number), "t", "", "") for number in range(6))
        all_first, none_first = Recall("old", told, (1,) * 6), Recall("new", told, (2,) * 6)
        for title, value in (("recall@1", -1.0), ("MRR", -0.5)):
            each = {each.title: each for each in compare(all_first, none_first).differences}[title]
            assert each.value == value
            assert each.p == pytest.approx(2 / 2**6)  # both exact, two-sided

    def test_that_are_the_same_differ_in_nothing(self) -> None:
        same = as_plain(compare(found(KNOWING), found(KNOWING)))
        assert same["gained"] == same["lost"] == []
        nothing = {"value": 0.0, "low": None, "high": None, "p": 1.0}
        assert same["differences"] == {"recall@1": nothing, "MRR": nothing}

    def test_are_not_compared_on_other_pairs(self) -> None:
        with pytest.raises(ValueError, match="the same pairs"):
            compare(found(KNOWING), general_recall(Compass(KNOWING), THREE[:2]))


class TestThePairs:
    def test_are_320_of_20_topics_a_third_of_them_questions(self) -> None:
        assert [pair.id for pair in ALL] == [f"GEN-{number:03}" for number in range(1, 321)]
        assert set(Counter(pair.topic for pair in ALL).values()) == {16}
        assert sum(pair.text.endswith("？") for pair in ALL) == 107
        assert [pair.id for pair in ALL if pair.text.endswith("？") != pair.same.endswith("？")] == []

    def test_are_about_neither_insurance_nor_government(self) -> None:
        words = (
            "保险",
            "医保",
            "社保",
            "参保",
            "报销",
            "政府",
            "政务",
            "公积金",
            "养老金",
            "护照",
            "户口",
            "办事",
        )
        assert [text for text in texts() if any(word in text for word in words)] == []

    def test_say_nothing_twice(self) -> None:
        assert len(set(texts())) == 640
        near = NearCopies(texts())
        assert [text for text in texts() if len(near.of(text)) > 1] == []

    def test_share_hardly_a_character_pair(self) -> None:
        assert max(overlap(pair.text, pair.same) for pair in ALL) < 0.15

    def test_are_not_in_what_the_encoder_is_trained_on(self) -> None:
        material = Path(indexer.__file__).parent / "training" / "material"
        lines = [
            line
            for file in sorted(material.glob("*.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        assert lines
        held = NearCopies(texts())
        assert [(text, held.of(text)) for line in lines for text in trained_on(line) if held.of(text)] == []


def texts() -> list[str]:
    return [text for pair in ALL for text in (pair.text, pair.same)]


def trained_on(line: str) -> Iterator[str]:
    group = json.loads(line)
    yield group["question"]
    yield from group["similar_questions"]
    yield from (paraphrase["text"] for paraphrase in group["paraphrases"])


class TestTheCommand:
    def test_compares_the_base_model_with_the_default_one(self) -> None:
        done = CliRunner().invoke(main, ["general", "--limit", "6", "--json"])
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert told["pairs"] == 6
        assert told["before"]["encoder"] == "multilingual-e5-small-q4"
        assert told["after"]["encoder"].startswith("zhengda-")
        # Six of different topics: what is worse than guessing here understands no Chinese.
        assert told["before"]["MRR"]["value"] > 0.5
        assert told["after"]["MRR"]["value"] > 0.5

    def test_prints_what_was_lost(self) -> None:
        done = CliRunner().invoke(main, ["general", "--limit", "2", "--lost", "--encoder", "base"])
        assert done.exit_code == 0, done.output
        assert "2 pairs" in done.output
        assert "recall@1: +0.0000, p = 1.0000" in done.output

    def test_an_encoder_that_there_is_not_is_refused(self) -> None:
        done = CliRunner().invoke(main, ["general", "--limit", "2", "--encoder", "google"])
        assert done.exit_code == 1
        assert "google" in done.output

    def test_a_relative_folder_starts_where_the_command_does(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(main, ["general", "--limit", "2", "--encoder", "model:nowhere"])
        assert done.exit_code == 1
        assert str(tmp_path / "nowhere") in done.output

    def test_has_help(self) -> None:
        assert "Example: python -m eval general" in CliRunner().invoke(main, ["general", "--help"]).output
