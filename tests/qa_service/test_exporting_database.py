"""The SQLite file that stands by itself: its tables, its search, its own explanation."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entry import Channel, EntryText
from knowledge.policy import Citation, Disclosure, PolicyDocument
from knowledge.store import Store
from qa_service.exporting import Selection, export_entries
from qa_service.exporting.bigrams import indexed, query
from tests.knowledge.making import an_asked_question, an_entry
from tests.qa_service.stocked import stored


def open_database(file: Path) -> sqlite_utils.Database:
    return sqlite_utils.Database(file)


def search(file: Path, match: str) -> list[str]:
    """As the readme of the file says."""
    statement = (
        "SELECT entries.external_id FROM search JOIN entries ON entries.id = search.rowid"
        " WHERE search MATCH ? ORDER BY search.rank"
    )
    with sqlite3.connect(file) as connection:
        found = [row[0] for row in connection.execute(statement, [match])]
    connection.close()
    return found


@pytest.fixture
def store(sqlite_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(sqlite_url)


@pytest.fixture
def database(store: Store, tmp_path: Path) -> Path:
    benefit = EntryText(
        "生育津贴如何申领？",
        "由用人单位向医保局申请，共98天。",
        "benefits",
        variants=("生孩子的钱怎么领", "津贴找谁要"),
        citations=(Citation("主席令第35号", "社会保险法", "第五十六条"), Citation("", "某办法")),
        keywords=("产假", "12393热线"),
        channels=(Channel.HOTLINE,),
    )
    stored(store, benefit, EntryText("异地就医如何备案？", "在国家医保服务平台APP办理。", "settlement"))
    with store.writing(by="system") as records:
        records.entries.add(an_entry("DRAFT-1"))
        records.policies.add(PolicyDocument("社会保险法", "主席令第35号", co_issuers=("甲、乙", "丙")))
        entry = records.entries.by_external_id("A-1")
        assert entry is not None
        records.questions.add(an_asked_question(entry_id=entry.id))
        records.questions.add(an_asked_question("unanswered"))
    export_entries(store, tmp_path / "out.sqlite")
    return tmp_path / "out.sqlite"


def test_the_database_has_a_table_for_each_kind_of_thing(database: Path) -> None:
    file = open_database(database)
    assert [row["external_id"] for row in file["entries"].rows] == ["A-1", "A-2"]
    assert [row["question"] for row in file["similar_questions"].rows] == ["生孩子的钱怎么领", "津贴找谁要"]
    assert [(row["policy_number"], row["clause"]) for row in file["citations"].rows] == [
        ("主席令第35号", "第五十六条"),
        ("", ""),
    ]
    assert [row["title"] for row in file["policies"].rows] == ["社会保险法"]
    assert {row["code"] for row in file["departments"].rows} == {"benefits", "settlement", "office"}
    figures = {(row["topic"], row["name"]): row["value"] for row in file["statistics"].rows}
    assert figures["entries", "published"] == 2
    assert figures["questions", "answered"] == figures["questions", "unanswered"] == 1
    assert figures["days", "2026-03-02 answered"] == 1
    assert figures["departments", "benefits"] == 1
    assert figures["average_days_to_close", ""] is None
    file.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("津贴", ["A-1"]),
        ("备案", ["A-2"]),
        ("生育津贴", ["A-1"]),
        ("产假", ["A-1"]),
        ("生孩子", ["A-1"]),
        ("12393", ["A-1"]),
        ("app", ["A-2"]),
        ("领", ["A-1"]),
        ("医保", ["A-1", "A-2"]),
        ("医保 备案", ["A-2"]),
        ("育津", ["A-1"]),
        ("津备", []),
    ],
)
def test_full_text_search_finds_chinese_words_of_any_length(
    database: Path, words: str, found: list[str]
) -> None:
    assert sorted(search(database, query(words))) == found


def test_words_of_two_characters_are_found_without_any_helper(database: Path) -> None:
    assert search(database, "津贴") == ["A-1"]


def test_the_database_explains_itself_with_a_program_that_runs(database: Path) -> None:
    file = open_database(database)
    readme = {row["topic"]: row["text"] for row in file["readme"].rows}
    file.close()
    program: dict[str, Any] = {}
    exec(readme["检索程序"], program)  # noqa: S102 - that it runs is what is tested
    assert search(database, program["query"]("生孩子的钱")) == ["A-1"]
    assert readme["导出时间"].startswith("20")


def test_the_database_is_one_file_that_holds_no_people(database: Path) -> None:
    assert sorted(path.name for path in database.parent.glob("*out.sqlite*")) == ["out.sqlite"]
    names = set(open_database(database).table_names())
    assert {"members", "audit", "tickets", "occurrences"}.isdisjoint(names)


@given(
    st.lists(st.text("医保生育 ，", min_size=1), min_size=1, max_size=6),
    st.text("医保生育", min_size=1, max_size=5),
)
def test_exactly_the_texts_that_hold_a_word_are_found(said: list[str], word: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE search USING fts5(text, content='')")
    connection.executemany("INSERT INTO search (rowid, text) VALUES (?, ?)", enumerate(map(indexed, said)))
    found = connection.execute("SELECT rowid FROM search WHERE search MATCH ?", [query(word)]).fetchall()
    connection.close()
    assert {row[0] for row in found} == {number for number, text in enumerate(said) if word in text}


def test_documents_that_are_not_public_stay_out_of_a_public_database(store: Store, tmp_path: Path) -> None:
    with store.writing(by="system") as records:
        internal = PolicyDocument(
            "内部口径", "医保内〔2024〕1号", disclosure=Disclosure.NOT_DISCLOSED, text="机密"
        )
        records.policies.add_many([internal, PolicyDocument("公开通知", "医保发〔2024〕2号")])
    export_entries(store, tmp_path / "a.sqlite", Selection(public_only=True))
    assert [row["title"] for row in open_database(tmp_path / "a.sqlite")["policies"].rows] == ["公开通知"]
    assert b"\xe6\x9c\xba\xe5\xaf\x86" not in (tmp_path / "a.sqlite").read_bytes()
