"""Sessions and keys."""

from datetime import timedelta

import pytest

from knowledge.entry import Channel
from knowledge.errors import Conflict
from knowledge.store import ApiKey, AuditFilter, Store
from tests.knowledge.making import NOON

TOMORROW = NOON + timedelta(days=1)


def a_key(key_hash: str = "hash") -> ApiKey:
    return ApiKey("官网挂件", "zd_1a2b", key_hash, Channel.WEBSITE, public=True, per_minute=30)


def test_a_session_knows_its_login_until_it_expires(store: Store) -> None:
    with store.writing(by="editor", at=NOON) as records:
        records.access.add_session("token", "editor", TOMORROW)
    with store.reading() as records:
        assert records.access.session_login("token", NOON) == "editor"
        assert records.access.session_login("token", TOMORROW) is None
        assert records.access.session_login("guess", NOON) is None


def test_a_session_can_be_ended_alone_or_with_all_of_its_member(store: Store) -> None:
    with store.writing(by="admin", at=NOON) as records:
        for token, login in (("a", "editor"), ("b", "editor"), ("c", "editor"), ("d", "head")):
            records.access.add_session(token, login, TOMORROW)
        records.access.end_session("a")
        assert [records.access.session_login(token, NOON) for token in "abcd"] == [
            None,
            "editor",
            "editor",
            "head",
        ]
        records.access.end_sessions_of("editor")
        assert [records.access.session_login(token, NOON) for token in "abcd"] == [None, None, None, "head"]


def test_ending_a_session_that_is_gone_does_nothing(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.access.end_session("gone")
        records.access.end_sessions_of("editor")
        assert records.audit.list().total == 0


def test_sessions_and_their_tokens_stay_out_of_the_audit_trail(store: Store) -> None:
    with store.writing(by="editor", at=NOON) as records:
        records.access.add_session("token-hash", "editor", TOMORROW)
        records.access.end_session("token-hash")
        lines = records.audit.list(AuditFilter("member", "editor")).items
    assert [line.action for line in lines] == ["session.ended", "session.opened"]
    assert "token-hash" not in str(lines)


def test_expired_sessions_are_cleared_when_somebody_signs_in(store: Store) -> None:
    with store.writing(by="editor", at=NOON) as records:
        records.access.add_session("old", "editor", NOON + timedelta(hours=1))
    with store.writing(by="head", at=TOMORROW) as records:
        records.access.add_session("new", "head", TOMORROW + timedelta(days=1))
        assert records.access.session_login("old", NOON) is None


def test_a_key_comes_back_by_its_hash_until_it_is_revoked(store: Store) -> None:
    with store.writing(by="admin", at=NOON) as records:
        key = records.access.add_key(a_key())
        assert records.access.key_by_hash("hash") == key
        assert (key.created_at, key.revoked_at) == (NOON, None)
    with store.writing(by="admin", at=TOMORROW) as records:
        revoked = records.access.revoke_key(key.id)
        assert revoked.revoked_at == TOMORROW
        assert records.access.key_by_hash("hash") is None
        assert records.access.api_keys() == (revoked,)


def test_revoking_again_keeps_the_first_date(store: Store) -> None:
    with store.writing(by="admin", at=NOON) as records:
        key = records.access.add_key(a_key())
        records.access.revoke_key(key.id)
    with store.writing(by="admin", at=TOMORROW) as records:
        assert records.access.revoke_key(key.id).revoked_at == NOON


def test_a_key_is_stored_once_and_its_hash_stays_out_of_the_audit_trail(store: Store) -> None:
    with store.writing(by="admin") as records:
        records.access.add_key(a_key("secret-hash"))
        with pytest.raises(Conflict, match="密钥"):
            records.access.add_key(a_key("secret-hash"))
        (line,) = records.audit.list(AuditFilter("key")).items
    assert "zd_1a2b" in line.detail
    assert "secret-hash" not in line.detail
