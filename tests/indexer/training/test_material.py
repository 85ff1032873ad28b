"""Training material: what a line must hold, and what the shipped lines are."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eval.questions import TEST_THEMES, VALIDATION_THEMES, questions
from indexer.normalise import normalise
from indexer.training.material import MATERIAL, Group, MaterialProblem, read_groups

LINE = {
    "id": "lost-card-001",
    "question": "医保卡丢失如何补办？",
    "similar_questions": ["社保卡遗失补办流程"],
    "paraphrases": [{"style": "spoken", "text": " 卡丢了咋办 "}, {"style": "short", "text": "补卡"}],
}


def write(folder: Path, *lines: object, name: str = "lost-card.jsonl") -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (folder / name).write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


class TestReading:
    def test_a_line_is_a_group_and_its_file_the_theme(self, tmp_path: Path) -> None:
        assert read_groups(write(tmp_path, LINE)) == [
            Group(
                id="lost-card-001",
                theme="lost-card",
                phrasings=("医保卡丢失如何补办？", "社保卡遗失补办流程"),
                asked=("卡丢了咋办", "补卡"),
            )
        ]

    def test_files_come_by_name_and_lines_in_order(self, tmp_path: Path) -> None:
        write(tmp_path, LINE | {"id": "b1"}, LINE | {"id": "b2"}, name="b.jsonl")
        write(tmp_path, LINE | {"id": "a1"}, name="a.jsonl")
        write(tmp_path, "no material", name="notes.txt")
        assert [(group.theme, group.id) for group in read_groups(tmp_path)] == [
            ("a", "a1"),
            ("b", "b1"),
            ("b", "b2"),
        ]

    def test_an_entry_nobody_has_asked_for_yet_needs_two_phrasings(self, tmp_path: Path) -> None:
        assert read_groups(write(tmp_path, LINE | {"paraphrases": []}))[0].asked == ()

    def test_a_folder_without_material_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(MaterialProblem, match=r"没有训练语料") as raised:
            read_groups(tmp_path)
        assert str(tmp_path) in str(raised.value)


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in LINE.items() if name != key}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "",
        "[]",
        '"text"',
        "null",
        *(_without(key) for key in LINE),
        LINE | {"question": " "},
        LINE | {"question": None},
        LINE | {"similar_questions": [""]},
        LINE | {"similar_questions": "社保卡遗失补办流程"},
        LINE | {"similar_questions": [7]},
        LINE | {"paraphrases": ["卡丢了咋办"]},
        LINE | {"paraphrases": [{"style": "spoken"}]},
        LINE | {"paraphrases": {"style": "spoken", "text": "卡丢了咋办"}},
        LINE | {"paraphrases": [{"style": "spoken", "text": "\u3000"}]},
        LINE | {"similar_questions": ["医保卡丢失如何补办？"], "paraphrases": []},
    ],
    ids=lambda line: json.dumps(line, ensure_ascii=False)[:60],
)
def test_a_line_that_cannot_be_used_is_named_with_its_file(tmp_path: Path, line: object) -> None:
    write(tmp_path, LINE, line, LINE)
    with pytest.raises(MaterialProblem) as raised:
        read_groups(tmp_path)
    assert str(raised.value).startswith("lost-card.jsonl 第2行无法使用：")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    write(tmp_path, LINE)
    (tmp_path / "old.jsonl").write_bytes(json.dumps(LINE, ensure_ascii=False).encode("gb18030"))
    with pytest.raises(MaterialProblem, match=r"old\.jsonl 不是 UTF-8"):
        read_groups(tmp_path)


@cache
def _shipped() -> list[Group]:
    return read_groups()


@cache
def _lines() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in sorted(MATERIAL.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


class TestShipped:
    def test_there_are_two_thousand_groups_with_ids_of_their_own(self) -> None:
        assert len(_shipped()) >= 2000
        assert [id for id, count in Counter(group.id for group in _shipped()).items() if count > 1] == []

    def test_each_was_asked_in_ten_ways_and_written_in_two(self) -> None:
        # What is there to keep general Chinese in mind needs less.
        few = [g.id for g in _shipped() if len(set(g.asked)) < (7 if g.theme.startswith("general-") else 10)]
        assert few == []
        assert [group.id for group in _shipped() if len(set(group.phrasings)) < 2] == []

    def test_each_in_six_styles_at_least(self) -> None:
        styles = {line["id"]: {each["style"] for each in line["paraphrases"]} for line in _lines()}
        least = {id: 5 if id.startswith("general-") else 6 for id in styles}
        assert [id for id, said in styles.items() if len(said) < least[id]] == []

    def test_nothing_is_said_in_two_groups(self) -> None:
        said = {
            (normalise(text), group.id) for group in _shipped() for text in (*group.phrasings, *group.asked)
        }
        assert [text for text, groups in Counter(text for text, _ in said).items() if groups > 1] == []

    def test_no_theme_is_one_that_measures(self) -> None:
        measuring = TEST_THEMES | VALIDATION_THEMES
        assert {group.theme.removeprefix("sample-") for group in _shipped()}.isdisjoint(measuring)

    def test_no_question_that_measures_is_among_it(self) -> None:
        trained = {normalise(text) for group in _shipped() for text in (*group.phrasings, *group.asked)}
        measured = {normalise(question.text) for question in questions("validation", "test")}
        assert trained.isdisjoint(measured)

    def test_nothing_in_it_is_longer_than_anybody_may_ask(self) -> None:
        longest = max(len(text) for group in _shipped() for text in (*group.phrasings, *group.asked))
        assert longest <= 500
