"""Keeping words: who may, what may be added, and how soon it is used."""

import threading
from datetime import date

import pytest

from knowledge.errors import CircularSynonym, Conflict, InvalidValue, NotAllowed, NotFound
from knowledge.wording import WordKind
from qa_service.composition import build
from qa_service.wording import WordKeeping, WordSearch
from tests import cast
from tests.qa_service.bureau import Bureau

SYNONYM, TERM = WordKind.SYNONYM, WordKind.TERM


@pytest.fixture
def words(bureau: Bureau) -> WordKeeping:
    return bureau.application.words


def test_publishers_and_administrators_may_and_nobody_else(words: WordKeeping) -> None:
    for number, member in enumerate(cast.MEMBERS):
        if member in (cast.PUBLISHER, cast.ADMIN):
            assert words.add(SYNONYM, f"坎儿钱{number}", "起付标准", member).changed_by == member.login
        else:
            with pytest.raises(NotAllowed):
                words.add(SYNONYM, "坎儿钱", "起付标准", member)


def test_who_asks_next_is_read_with_it(bureau: Bureau, words: WordKeeping) -> None:
    bureau.furnish()
    words.add(WordKind.STOP_PHRASE, "侬好伐啦", "", cast.ADMIN)
    assert bureau.application.index.read("侬好伐啦异地就医怎么备案").removed == ("侬好伐啦",)


def test_a_bundled_word_is_switched_off_and_on_again(bureau: Bureau, words: WordKeeping) -> None:
    off = words.switch(SYNONYM, "门槛费", "起付标准", False, cast.ADMIN)
    assert bureau.application.index.read("门槛费").expansions == {}
    on = words.switch(SYNONYM, "门槛費", "起付标准", True, cast.PUBLISHER)
    assert (on.id, on.active, on.changed_by) == (off.id, True, "publisher")
    assert "门槛费" in {each.said for each in bureau.application.index.read("门槛费").expansions.values()}
    _, revisions = words.get(off.id)
    assert [revision.changed_by for revision in revisions] == ["admin", "publisher"]


@pytest.mark.parametrize(
    ("said", "formal", "refused"),
    [
        ("起付标准", "门槛费", CircularSynonym),  # 门槛费 => 起付标准 comes with the program
        ("坎儿钱", "门槛费", CircularSynonym),
        ("起付标准", "最低线额", CircularSynonym),
        ("報銷", "报销", CircularSynonym),
        ("——", "起付标准", InvalidValue),
        ("门槛费", "起付标准", Conflict),
    ],
)
def test_what_would_lead_in_a_circle_or_to_nothing_is_refused(
    words: WordKeeping, said: str, formal: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        words.add(SYNONYM, said, formal, cast.ADMIN)
    assert words.listing(WordSearch(bundled=False)).total == 0


def test_the_same_word_written_otherwise_is_the_same(words: WordKeeping) -> None:
    words.add(TERM, "西湖益联保", "", cast.ADMIN)
    with pytest.raises(Conflict, match="已经有了"):
        words.add(TERM, "西湖益聯保", "", cast.ADMIN)


def test_who_changes_what_another_changed_is_told(words: WordKeeping) -> None:
    word = words.add(TERM, "西湖益联保", "", cast.ADMIN)
    changed = words.change(word.id, 1, cast.PUBLISHER, active=False)
    assert (changed.active, changed.version) == (False, 2)
    with pytest.raises(Conflict, match="刷新"):
        words.change(word.id, 1, cast.ADMIN, text="西湖益联")


def test_a_change_that_changes_nothing_leaves_no_trace(words: WordKeeping) -> None:
    word = words.add(TERM, "西湖益联保", "", cast.ADMIN)
    assert words.change(word.id, 1, cast.ADMIN, text="西湖益联保").version == 1


def test_what_is_not_there_cannot_be_switched(words: WordKeeping) -> None:
    with pytest.raises(NotFound):
        words.switch(TERM, "没有此词", "", False, cast.ADMIN)
    with pytest.raises(Conflict, match="无需启用"):
        words.switch(SYNONYM, "门槛费", "起付标准", True, cast.ADMIN)


def test_the_bureaus_words_are_listed_before_the_bundled_ones(words: WordKeeping) -> None:
    words.add(SYNONYM, "坎儿钱", "起付标准", cast.ADMIN)
    words.switch(SYNONYM, "门槛费", "起付标准", False, cast.ADMIN)
    found = words.listing(WordSearch(SYNONYM, "起付标准")).items
    assert (found[0].text, found[0].bundled) == ("坎儿钱", False)
    assert {word.text for word in found if not word.active} == {"门槛费"}
    assert [word.text for word in words.listing(WordSearch(active=False)).items] == ["门槛费"]
    assert words.listing(WordSearch(text="門檻費")).total == 1


def test_another_process_reads_questions_with_it_within_one_look(bureau: Bureau, words: WordKeeping) -> None:
    other = build(
        bureau.application.settings, clock=bureau.clock, segmenter=bureau.application.index.segmenter
    )
    try:
        words.add(WordKind.STOP_PHRASE, "侬好伐啦", "", cast.ADMIN)
        other.index.refresh(other.today())
        assert other.index.read("侬好伐啦异地就医怎么备案").removed == ("侬好伐啦",)
    finally:
        other.close()


def test_a_term_is_built_into_the_index_by_a_thread_of_the_followers(
    bureau: Bureau, words: WordKeeping
) -> None:
    bureau.furnish()
    index, follower = bureau.application.index, bureau.application.follower
    renewed = threading.Event()
    renew = index.renew

    def told(today: date) -> bool:
        done = renew(today)
        renewed.set()
        return done

    index.renew = told  # type: ignore[method-assign]  # only listens
    follower.start()
    try:
        words.add(TERM, "西湖益联保", "", cast.ADMIN)
        assert renewed.wait(60)
    finally:
        follower.stop()
    assert not index.needs_rebuild()
    assert "西湖益联保" in index.segmenter.words("西湖益联保")
    assert index.entries() == 6
