"""Texts kept in memory are served only while the record says the same."""

from dataclasses import replace
from datetime import timedelta

from knowledge.entry import EntryStatus, FaqEntry
from knowledge.store import Store
from knowledge.working_days import china_date
from qa_service.checked import CheckedEntries
from tests.qa_service.bureau import Bureau


def withdraw(store: Store, entry: FaqEntry) -> None:
    with store.writing("system") as records:
        stored = records.entries.get(entry.id)
        gone = replace(stored, status=EntryStatus.WITHDRAWN, published_revision=None)
        records.entries.save(gone, "entry.withdrawn")


def test_a_text_is_read_once_and_again_when_something_was_published(bureau: Bureau) -> None:
    store: Store = bureau.application.store
    today = china_date(bureau.clock())
    entry = bureau.put_on_the_air("生育津贴怎么领？")
    sequence = store.publication_seq()
    checked = CheckedEntries()
    first = checked.current(store, sequence, [entry.id, 10**6], today)
    again = checked.current(store, sequence, [entry.id], today)
    assert (first[0], [*first[1]]) == (sequence, [entry.id])
    assert again[0] == sequence
    assert again[1][entry.id] is first[1][entry.id]
    withdraw(store, entry)
    later = store.publication_seq()
    assert later > sequence
    assert checked.current(store, later, [entry.id], today) == (later, {})
    assert checked.current(store, later, [entry.id], today + timedelta(days=1)) == (later, {})


def test_who_looked_before_a_withdrawal_gets_no_withdrawn_text_and_puts_none_back(bureau: Bureau) -> None:
    store: Store = bureau.application.store
    today = china_date(bureau.clock())
    entry = bureau.put_on_the_air("生育津贴怎么领？")
    before = store.publication_seq()
    checked = CheckedEntries()
    withdraw(store, entry)
    after = store.publication_seq()
    assert checked.current(store, before, [entry.id], today) == (after, {})
    assert checked.current(store, after, [entry.id], today) == (after, {})
    assert checked.current(store, before, [entry.id], today) == (after, {})
