"""Sessions of askers: kept whole, forgotten in time."""

from datetime import timedelta

from knowledge.conversation import (
    LIFE,
    About,
    Clarification,
    Known,
    Option,
    Pending,
    Session,
    Topic,
    session_key,
)
from knowledge.entry import Channel
from knowledge.store import Store
from tests.knowledge.making import NOON

WHOLE = Session(
    key="k",
    last_at=NOON,
    known=Known("resident", "学生", ""),
    answers={"insured_group": "resident"},
    topic=Topic(7, "门诊报销比例是多少？", "门诊报几成"),
    pending=Pending(
        "住院报几成",
        Clarification(About.WORDING, "您问的是住院还是门诊？", (Option("住院", "住院", (7, 8)),)),
        2,
    ),
)


def test_a_session_comes_back_as_it_was_kept(store: Store) -> None:
    for session in (WHOLE, Session("bare", NOON)):
        with store.writing(by="system") as records:
            records.conversations.save(session)
        with store.reading() as records:
            assert records.conversations.get(session.key, NOON) == session


def test_keeping_it_again_replaces_it(store: Store) -> None:
    with store.writing(by="system") as records:
        records.conversations.save(WHOLE)
        records.conversations.save(Session("k", NOON + timedelta(minutes=1)))
    with store.reading() as records:
        assert records.conversations.get("k", NOON) == Session("k", NOON + timedelta(minutes=1))


def test_it_is_not_remembered_beyond_its_life_and_purging_removes_it(store: Store) -> None:
    with store.writing(by="system") as records:
        records.conversations.save(WHOLE)
        records.conversations.save(Session("newer", NOON + timedelta(minutes=10)))
    with store.reading() as records:
        assert records.conversations.get("k", NOON + LIFE - timedelta(seconds=1))
        assert records.conversations.get("k", NOON + LIFE) is None
    with store.writing(by="system") as records:
        assert records.conversations.purge(NOON + LIFE) == 1
    with store.reading() as records:
        assert records.conversations.get("k", NOON) is None
        assert records.conversations.get("newer", NOON)


def test_a_session_can_be_forgotten_at_once(store: Store) -> None:
    with store.writing(by="system") as records:
        records.conversations.save(WHOLE)
        records.conversations.forget("k")
        records.conversations.forget("never there")
    with store.reading() as records:
        assert records.conversations.get("k", NOON) is None


def test_the_key_tells_callers_apart_and_does_not_show_what_they_sent() -> None:
    keys = {
        session_key(channel, login, "1")
        for channel in (Channel.WEBSITE, Channel.HOTLINE)
        for login in ("", "wang")
    }
    assert len(keys) == 4
    assert all("wang" not in key and len(key) == 64 for key in keys)
