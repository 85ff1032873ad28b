"""What a transaction promises, whatever is written in it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from knowledge.conversation import LIFE, Session
from knowledge.entry import Channel
from knowledge.errors import Conflict, NotFound, ZhengdaError
from knowledge.learning import Resolution, Source, decline
from knowledge.people import Department, Member, Role
from knowledge.store import (
    ApiKey,
    AuditFilter,
    EntryFilter,
    Feedback,
    PolicyFilter,
    Records,
    Store,
    TicketFilter,
    WordFilter,
)
from knowledge.store.transaction import Collection
from knowledge.wording import Word, WordKind, changed, new_word
from tests.cast import EDITOR
from tests.knowledge.making import (
    NOON,
    TODAY,
    a_confirmed,
    a_document,
    a_proposal,
    a_report,
    a_ticket,
    an_asked_question,
    an_entry,
    an_occurrence,
    revised,
)

KEY = ApiKey("网站挂件", "zd_12345", "hash-1", Channel.WEBSITE, public=True, per_minute=60)


def _furnish(records: Records) -> None:
    """One record of each kind, for the writes below to change."""
    records.entries.add(an_entry("BENEFITS-000001"))
    records.policies.add(a_document())
    records.people.add_department(Department("benefits", "待遇保障处"))
    records.people.add_member(Member("wang", "王", "benefits", frozenset({Role.EDITOR})))
    records.tickets.add(a_ticket(), an_occurrence(callback="下午来电"))
    records.access.add_session("token", "wang", NOON + timedelta(days=3650))
    records.access.add_key(KEY)
    records.conversations.save(Session("key", NOON))
    records.learning.propose(a_proposal())
    records.learning.report(a_report())
    records.words.add(new_word(WordKind.SYNONYM, "报多少", "支付比例"))


Write = Callable[[Records], object]
WRITES: dict[str, Write] = {
    "audit.add": lambda r: r.audit.add("member.changed", "member", "wang"),
    "audit.add_many": lambda r: r.audit.add_many("member.changed", [("member", "wang", "")]),
    "entries.add": lambda r: r.entries.add(an_entry("BENEFITS-000002")),
    "entries.add_many": lambda r: r.entries.add_many([an_entry("BENEFITS-000002")], "导入"),
    "entries.save": lambda r: r.entries.save(revised(r.entries.get(1), "生育津贴怎么领？"), "entry.edited"),
    "entries.save_many": lambda r: r.entries.save_many([(r.entries.get(1), "")], "entry.submitted"),
    "policies.add": lambda r: r.policies.add(a_document("国务院令第735号")),
    "policies.add_many": lambda r: r.policies.add_many([a_document("国务院令第735号")]),
    "policies.save": lambda r: r.policies.save(r.policies.get(1), "policy.edited"),
    "people.add_department": lambda r: r.people.add_department(Department("office", "办公室", True)),
    "people.save_department": lambda r: r.people.save_department(Department("benefits", "待遇处")),
    "people.add_member": lambda r: r.people.add_member(Member("li", "李", "benefits", frozenset())),
    "people.save_member": lambda r: r.people.save_member(Member("wang", "王", "office", frozenset())),
    "people.set_password": lambda r: r.people.set_password("wang", "hash"),
    "tickets.add": lambda r: r.tickets.add(a_ticket(), an_occurrence()),
    "tickets.join": lambda r: r.tickets.join(1, an_occurrence()),
    "tickets.save": lambda r: r.tickets.save(r.tickets.get(1), "ticket.assigned"),
    "tickets.note_callback": lambda r: r.tickets.note_callback(
        r.tickets.occurrences(1)[0].receipt, "上午来电"
    ),
    "tickets.clear_callback": lambda r: r.tickets.clear_callback(1),
    "access.add_session": lambda r: r.access.add_session("other", "wang", NOON),
    "access.end_session": lambda r: r.access.end_session("token"),
    "access.end_sessions_of": lambda r: r.access.end_sessions_of("wang"),
    "access.add_key": lambda r: r.access.add_key(ApiKey("k", "zd_2", "hash-2", Channel.API, False, 60)),
    "access.revoke_key": lambda r: r.access.revoke_key(1),
    "calendar.set_day": lambda r: r.calendar.set_day(TODAY, False),
    "calendar.set_days": lambda r: r.calendar.set_days({TODAY: False}),
    "learning.propose": lambda r: r.learning.propose(a_proposal("生娃补贴去哪领")),
    "learning.join": lambda r: r.learning.join(1, Source.PICK, NOON),
    "learning.save_proposal": lambda r: r.learning.save_proposal(
        decline(r.learning.proposal(1), EDITOR, NOON), "proposal.declined"
    ),
    "learning.report": lambda r: r.learning.report(a_report(by="li")),
    "learning.close_reports": lambda r: r.learning.close_reports(1, Resolution.CORRECT, "与文件一致"),
    "state.set": lambda r: r.state.set("colour", "green"),
    "words.add": lambda r: r.words.add(new_word(WordKind.SYNONYM, "进口的药", "进口药品")),
    "words.add_many": lambda r: r.words.add_many([new_word(WordKind.TERM, "益惠钱塘")]),
    "words.save": lambda r: r.words.save(changed(r.words.get(1), active=False)),
}
UNAUDITED: dict[str, Write] = {
    "tickets.hold_queue": lambda r: r.tickets.hold_queue(),
    "entries.new_external_id": lambda r: r.entries.new_external_id("benefits"),
    "conversations.save": lambda r: r.conversations.save(Session("other", NOON)),
    "conversations.forget": lambda r: r.conversations.forget("key"),
    "conversations.purge": lambda r: r.conversations.purge(NOON + LIFE),
    "learning.confirm": lambda r: r.learning.confirm(a_confirmed()),
    "questions.add": lambda r: r.questions.add(an_asked_question()),
    "questions.add_feedback": lambda r: r.questions.add_feedback(
        Feedback("问", 1, 1, True, "", Channel.WEBSITE, NOON)
    ),
}


def test_the_table_of_writes_is_complete(store: Store) -> None:
    with store.reading() as records:
        marked = {
            f"{concept}.{name}"
            for concept, collection in vars(records).items()
            if isinstance(collection, Collection)
            for name in dir(collection)
            if not name.startswith("_") and hasattr(getattr(collection, name), "__wrapped__")
        }
    assert marked == WRITES.keys() | UNAUDITED.keys()


@pytest.mark.parametrize("name", [*WRITES, *UNAUDITED])
def test_a_reading_transaction_refuses_to_write(name: str, store: Store) -> None:
    with store.writing(by="system") as records:
        _furnish(records)
    write = (WRITES | UNAUDITED)[name]
    with store.reading() as records, pytest.raises(RuntimeError, match=r"needs store\.writing"):
        write(records)


@pytest.mark.parametrize("name", WRITES)
def test_a_write_leaves_a_line_of_who_and_when(name: str, store: Store) -> None:
    with store.writing(by="system") as records:
        _furnish(records)
    with store.writing(by="wang", at=NOON) as records:
        WRITES[name](records)
    with store.reading() as records:
        (line,) = records.audit.list(AuditFilter(by="wang")).items
    assert line.at == NOON
    assert line.subject
    assert line.subject_id


@pytest.mark.parametrize("name", [*WRITES, *UNAUDITED])
def test_an_exception_takes_the_write_and_its_line_back(name: str, store: Store) -> None:
    with store.writing(by="system") as records:
        _furnish(records)
    before = _everything(store)
    with suppress(ZeroDivisionError), store.writing(by="wang") as records:
        (WRITES | UNAUDITED)[name](records)
        raise ZeroDivisionError
    assert _everything(store) == before


def _everything(store: Store) -> object:
    with store.reading() as records:
        return (
            records.entries.list(),
            [(entry.version, records.entries.revisions(entry.id)) for entry in records.entries.list().items],
            records.policies.list(),
            records.people.departments(),
            records.people.members(),
            records.people.password_hash("wang"),
            [(ticket, records.tickets.occurrences(ticket.id)) for ticket in records.tickets.list().items],
            records.access.api_keys(),
            [records.conversations.get(key, NOON) for key in ("key", "other")],
            records.access.session_login("token", NOON),
            records.access.session_login("other", NOON - timedelta(days=1)),
            records.questions.statistics(),
            records.questions.feedback(),
            records.learning.confirmed(),
            records.learning.proposals(),
            records.learning.all_reports(),
            records.calendar.days(),
            records.state.get("colour"),
            [(word, records.words.revisions(word.id)) for word in records.words.all()],
            records.words.sequence(),
            records.publications.seq(),
            records.audit.list(),
        )


def test_a_refused_write_leaves_the_transaction_usable(store: Store) -> None:
    with store.writing(by="system") as records:
        _furnish(records)
        with pytest.raises(Conflict):
            records.people.add_member(Member("wang", "王", "benefits", frozenset()))
        records.state.set("colour", "green")
    with store.reading() as records:
        assert records.state.get("colour") == "green"


def test_readers_do_not_wait_for_a_writer_and_see_nothing_of_it(store: Store) -> None:
    with store.writing(by="system") as written:
        written.state.set("colour", "green")
        with store.reading() as records:
            assert records.state.get("colour") is None


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    with store.reading() as records:
        assert records.state.get("colour") is None
        with store.writing(by="system") as written:
            written.state.set("colour", "green")
        assert records.state.get("colour") is None
    with store.reading() as records:
        assert records.state.get("colour") == "green"


def test_a_writer_sees_what_it_wrote(store: Store) -> None:
    with store.writing(by="system") as records:
        records.state.set("colour", "green")
        assert records.state.get("colour") == "green"


def test_writers_in_many_threads_all_get_their_turn(store: Store) -> None:
    def register(number: int) -> None:
        with store.writing(by="system") as records:
            records.entries.add(an_entry(records.entries.new_external_id("benefits")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(40)))
    with store.reading() as records:
        found = sorted(entry.external_id for entry in records.entries.list(limit=100).items)
    assert found == [f"BENEFITS-{number:06d}" for number in range(1, 41)]


def test_two_editors_at_once_give_one_change_and_one_conflict(store: Store) -> None:
    with store.writing(by="system") as records:
        entry = records.entries.add(an_entry())
    ready = threading.Barrier(2)

    def edit(question: str) -> str:
        ready.wait()
        try:
            with store.writing(by="system") as records:
                records.entries.save(revised(entry, question), "entry.edited")
        except Conflict as conflict:
            return conflict.message
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(edit, ["甲的问法", "乙的问法"]))
    assert outcomes[0] == "saved"
    assert "重新打开" in outcomes[1]
    with store.reading() as records:
        assert len(records.entries.revisions(entry.id)) == 2


def test_transactions_that_wait_for_each_other_end_in_a_conflict_for_one(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    store = open_store(postgres_url)
    with store.writing(by="system") as records:
        first, second = records.entries.add_many([an_entry("A-1"), an_entry("A-2")])
    both_hold_one = threading.Barrier(2)

    def submit(one: int, other: int) -> str:
        try:
            with store.writing(by="system") as records:
                records.entries.save(records.entries.get(one), "entry.submitted")
                both_hold_one.wait()
                records.entries.save(records.entries.get(other), "entry.submitted")
        except Conflict:
            return "conflict"
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        ways = [(first.id, second.id), (second.id, first.id)]
        assert sorted(pool.map(lambda way: submit(*way), ways)) == ["conflict", "saved"]


@pytest.mark.parametrize("from_another_process", [True, False])
def test_who_waits_too_long_for_the_write_lock_is_told_to_try_again(
    sqlite_url: str,
    open_store: Callable[[str], Store],
    monkeypatch: pytest.MonkeyPatch,
    from_another_process: bool,
) -> None:
    monkeypatch.setattr("knowledge.store.engine.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("knowledge.store.records.BUSY_SECONDS", 0.05)
    store = open_store(sqlite_url)
    other = open_store(sqlite_url) if from_another_process else store
    with store.writing(by="system") as records:
        with pytest.raises(ZhengdaError, match="稍后重试"), other.writing(by="system"):
            pass
        records.state.set("colour", "green")
    with other.writing(by="system") as records:
        assert records.state.get("colour") == "green"


def test_the_moment_of_a_transaction_is_now_unless_given(store: Store) -> None:
    before = datetime.now(UTC)
    with store.writing(by="system") as records:
        records.state.set("colour", "green")
    with store.reading() as records:
        (line,) = records.audit.list().items
    assert before <= line.at <= datetime.now(UTC)


def test_moments_come_back_in_utc_whatever_zone_they_came_in(store: Store) -> None:
    noon_in_china = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with store.writing(by="system", at=noon_in_china) as records:
        records.state.set("colour", "green")
    with store.reading() as records:
        (line,) = records.audit.list().items
    assert line.at == noon_in_china
    assert line.at.utcoffset() == timedelta(0)


def test_a_moment_without_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001  that it is naive is the point
    with pytest.raises(ValueError, match="aware"), store.writing(by="system", at=naive):
        pass


def test_references_to_what_does_not_exist_are_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing(by="system") as records:
        records.tickets.add(a_ticket(entry_id=7), an_occurrence())


@pytest.mark.parametrize("typed", ["前\x00后", "前\ud800后"])
def test_characters_that_no_database_holds_do_not_stop_a_citizens_question(typed: str, store: Store) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(typed), an_occurrence(typed))
        records.questions.add(an_asked_question(question=typed))
    with store.reading() as records:
        assert records.tickets.get(ticket.id).question.strip("前后?") == ""


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "%", "\\", "'"])
def test_nothing_that_is_typed_into_a_search_is_an_error(typed: str, store: Store) -> None:
    with store.reading() as records:
        for listed in (
            records.entries.list(EntryFilter(typed, (), typed, typed, typed, typed)),
            records.policies.list(PolicyFilter(typed, typed)),
            records.tickets.list(TicketFilter(typed, (), None, typed, typed)),
            records.audit.list(AuditFilter(typed, typed, typed)),
            records.words.list(WordFilter(WordKind.TERM, typed)),
        ):
            assert listed.total == 0
        assert records.entries.by_external_id(typed) is None
        assert records.policies.by_number(typed) is None
        assert records.policies.by_title(typed) is None
        assert records.people.department_named(typed) is None
        assert records.people.password_hash(typed) == ""
        assert records.access.session_login(typed, NOON) is None
        assert records.access.key_by_hash(typed) is None
        with pytest.raises(NotFound):
            records.people.member(typed)
        with pytest.raises(NotFound):
            records.tickets.by_receipt(typed)


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, 2**63, 10**30])
def test_ids_that_nobody_was_given_are_not_found(number: int, store: Store) -> None:
    with store.writing(by="system") as records:
        for look in (
            records.entries.get,
            records.entries.revisions,
            lambda number: records.entries.revision(number, 1),
            lambda number: records.entries.save(an_entry(id=number), "entry.edited"),
            records.policies.get,
            lambda number: records.policies.save(a_document(id=number), "policy.edited"),
            records.tickets.get,
            records.tickets.occurrences,
            records.tickets.clear_callback,
            lambda number: records.tickets.join(number, an_occurrence()),
            lambda number: records.tickets.save(a_ticket(id=number), "ticket.assigned"),
            records.access.revoke_key,
            records.learning.proposal,
            lambda number: records.learning.join(number, Source.PICK, NOON),
            records.words.get,
            records.words.revisions,
            lambda number: records.words.save(Word(WordKind.TERM, "益惠钱塘", id=number)),
        ):
            with pytest.raises(NotFound):
                look(number)
        assert records.entries.get_many([number]) == {}
        assert records.publications.current([number], date(2026, 1, 1)) == {}
