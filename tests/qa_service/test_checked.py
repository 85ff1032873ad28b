"""Texts kept in memory are served only while the record says the same."""

from dataclasses import replace
from datetime import timedelta

from knowledge.entry import EntryStatus
from knowledge.store import Store
from knowledge.working_days import china_date
from qa_service.checked import CheckedEntries
from tests.qa_service.bureau import Bureau


def test_a_text_is_read_once_and_again_when_something_was_published(bureau: Bureau) -> None:
    store: Store = bureau.application.store
    today = china_date(bureau.clock())
    bureau.put_on_the_air("生育津贴怎么领？")
    checked = CheckedEntries()
    with store.reading() as records:
        entry = next(iter(records.publications.all_current(today)))
        sequence, first = checked.current(records, [entry.id, 10**6], today)
        again = checked.current(records, [entry.id], today)
    assert first == {entry.id: entry}
    assert again[0] == sequence
    assert again[1][entry.id] is first[entry.id]
    with store.writing("system") as records:
        stored = records.entries.get(entry.id)
        records.entries.save(
            replace(stored, status=EntryStatus.WITHDRAWN, published_revision=None), "entry.withdrawn"
        )
    with store.reading() as records:
        later, found = checked.current(records, [entry.id], today)
        assert later > sequence
        assert found == {}
        assert checked.current(records, [entry.id], today + timedelta(days=1))[1] == {}


def test_a_transaction_that_began_before_a_withdrawal_puts_nothing_back(bureau: Bureau) -> None:
    store: Store = bureau.application.store
    today = china_date(bureau.clock())
    bureau.put_on_the_air("生育津贴怎么领？")
    checked = CheckedEntries()
    with store.reading() as before:
        entry = next(iter(before.publications.all_current(today)))
        with store.writing("system") as records:
            stored = records.entries.get(entry.id)
            records.entries.save(
                replace(stored, status=EntryStatus.WITHDRAWN, published_revision=None), "entry.withdrawn"
            )
        with store.reading() as after:
            assert checked.current(after, [entry.id], today)[1] == {}
        assert checked.current(before, [entry.id], today)[1] == {entry.id: entry}
        with store.reading() as after:
            assert checked.current(after, [entry.id], today)[1] == {}
