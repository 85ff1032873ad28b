"""Questions that come from use are asked like the others."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from eval.commands import main
from eval.judging import ANSWERED, CHOICES, Judged
from eval.questions import REPORTED, Question, questions, questions_of
from eval.runs import load

QUICK = ("--encoder", "none", "--systems", "zhengda")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def reported(*wrong: str) -> Question:
    return Question("Q", "问", "confirmed", "calls", "calls", kind=REPORTED, wrong=frozenset(wrong))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two confirmed questions about the sample base, and one of which only a wrong answer is known."""
    rows = [
        {
            "id": f"confirmed-{n}",
            "text": q.text,
            "style": "confirmed",
            "relevant": sorted(q.relevant),
            "wrong": [],
        }
        for n, q in enumerate([q for q in questions("train") if q.answerable][:2])
    ]
    rows.append({**rows[0], "id": "confirmed-r", "relevant": [], "wrong": ["SYBX-001"], "kind": "reported"})
    path = tmp_path / "our calls.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_only_an_answer_that_was_reported_is_known_to_be_wrong() -> None:
    assert Judged(reported("A"), ("A", "B"), ANSWERED).wrong
    assert not Judged(reported("A"), ("B", "A"), ANSWERED).wrong
    assert not Judged(reported("A"), ("A",), CHOICES).wrong
    assert not Judged(reported("A"), (), ANSWERED).wrong


def test_a_run_asks_the_questions_of_a_file_and_keeps_them(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "eval"
    done = run("run", "--questions", file, *QUICK, "--data", data)
    assert done.exit_code == 0, done.output
    assert "3 questions of our-calls" in done.output
    assert "confirmed" in done.output
    kept = load(data / "evaluation.sqlite").system("zhengda").judged
    assert tuple(judged.question for judged in kept) == questions_of(file)


def test_an_installation_is_asked_instead_of_the_sample_base(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "eval"
    run("run", "--questions", file, *QUICK, "--data", data)
    (base,) = (path for path in data.iterdir() if path.is_dir())
    (base / "zhengda.toml").write_text('encoder = "none"\nbureau_name = "我局"\n', encoding="utf-8")
    before = Database(base / "zhengda.sqlite")["questions"].count
    done = run("run", "--questions", file, "--base", base, "--systems", "zhengda", "--data", tmp_path / "own")
    assert done.exit_code == 0, done.output
    assert Database(base / "zhengda.sqlite")["questions"].count == before


def test_a_file_and_a_split_exclude_each_other(file: Path, tmp_path: Path) -> None:
    assert run("run", "--questions", file, "--split", "test", "--data", tmp_path).exit_code == 2


@pytest.mark.parametrize("line", ["", "{}", "[1]", "no json", '{"id": "x", "text": "y", "style": "z"}'])
def test_a_line_that_is_no_question_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.jsonl, line 1"):
        questions_of(path)
    assert "line 1" in run("run", "--questions", path, "--data", tmp_path).output


def test_a_history_of_an_earlier_version_is_continued(file: Path, tmp_path: Path) -> None:
    history = Database(tmp_path / "evaluation.sqlite")
    history.table("questions").create(
        {"run": int, "id": str, "place": int, "text": str, "style": str}, pk=("run", "id")
    )
    history.close()
    assert run("runs", "--data", tmp_path).exit_code == 0
    reopened = Database(tmp_path / "evaluation.sqlite")
    assert "wrong" in reopened.table("questions").columns_dict
    reopened.close()
