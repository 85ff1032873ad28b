"""The bureau's words, on both databases."""

from contextlib import suppress

import pytest

from knowledge.errors import Conflict, NotFound
from knowledge.store import AuditFilter, Store, WordFilter
from knowledge.wording import Word, WordKind, changed, new_word
from tests.knowledge.making import NOON

FEE = new_word(WordKind.SYNONYM, "门槛费", "起付标准")


def test_a_word_comes_back_with_who_added_it_and_when(store: Store) -> None:
    with store.writing(by="wang", at=NOON) as records:
        added = records.words.add(FEE)
        assert records.words.get(added.id) == added
    assert (added.changed_by, added.changed_at, added.version) == ("wang", NOON, 1)


def test_the_same_word_twice_is_a_conflict_and_one_with_other_formal_words_is_not(store: Store) -> None:
    with store.writing(by="wang") as records:
        records.words.add(FEE)
        records.words.add(new_word(WordKind.SYNONYM, "门槛费", "起付线"))
        with pytest.raises(Conflict, match="已经有了"):
            records.words.add(FEE)
        assert len(records.words.all()) == 2


def test_every_change_is_kept_and_told(store: Store) -> None:
    with store.writing(by="wang", at=NOON) as records:
        word = records.words.add(FEE)
    with store.writing(by="li") as records:
        off = records.words.save(changed(word, active=False))
    with store.writing(by="li") as records:
        records.words.save(changed(off, active=True))
    with store.reading() as records:
        kept = records.words.revisions(word.id)
        lines = records.audit.list(AuditFilter("word", word.id)).items
    assert [(each.version, each.active, each.changed_by) for each in kept] == [
        (1, True, "wang"),
        (2, False, "li"),
        (3, True, "li"),
    ]
    assert [line.action for line in lines] == ["word.switched_on", "word.switched_off", "word.added"]
    assert lines[-1].detail == "同义说法“门槛费”→“起付标准”"


def test_who_changes_what_somebody_changed_meanwhile_is_refused(store: Store) -> None:
    with store.writing(by="wang") as records:
        word = records.words.add(FEE)
        records.words.save(changed(word, formal="起付线"))
        with pytest.raises(Conflict, match="重新打开"):
            records.words.save(changed(word, active=False))


def test_a_word_cannot_be_changed_into_another_that_is_there(store: Store) -> None:
    with store.writing(by="wang") as records:
        records.words.add(FEE)
        other = records.words.add(new_word(WordKind.SYNONYM, "门坎费", "起付标准"))
        with pytest.raises(Conflict, match="已经有了"):
            records.words.save(changed(other, text="门槛费"))


def test_the_sequence_moves_with_every_change_and_is_seen_from_outside(store: Store) -> None:
    assert store.words_seq() == 0
    with store.writing(by="wang") as records:
        word = records.words.add(FEE)
        assert records.words.sequence() == 1
    with store.writing(by="wang") as records:
        records.words.save(changed(word, active=False))
    assert store.words_seq() == 2


def test_a_change_that_is_taken_back_leaves_the_sequence(store: Store) -> None:
    with suppress(ZeroDivisionError), store.writing(by="wang") as records:
        records.words.add(FEE)
        raise ZeroDivisionError
    assert store.words_seq() == 0


def test_words_are_listed_by_kind_text_and_use(store: Store) -> None:
    with store.writing(by="wang") as records:
        fee = records.words.add(FEE)
        name = records.words.add(new_word(WordKind.NAME, "益惠钱塘"))
        records.words.save(changed(name, active=False))

        def found(matching: WordFilter) -> list[str]:
            return [word.text for word in records.words.list(matching).items]

        assert found(WordFilter()) == ["益惠钱塘", "门槛费"]
        assert found(WordFilter(WordKind.NAME)) == ["益惠钱塘"]
        assert found(WordFilter(text="起付")) == ["门槛费"]
        assert found(WordFilter(active=True)) == ["门槛费"]
        assert records.words.find(WordKind.SYNONYM, "门槛费", "起付标准") == fee
        assert records.words.find(WordKind.SYNONYM, "门槛费") is None


def test_a_word_that_is_not_there_is_not_found(store: Store) -> None:
    with store.writing(by="wang") as records:
        for look in (records.words.get, records.words.revisions):
            with pytest.raises(NotFound, match="没有编号为 7 的词语"):
                look(7)
        with pytest.raises(NotFound):
            records.words.save(Word(WordKind.TERM, "益惠钱塘", id=7))
