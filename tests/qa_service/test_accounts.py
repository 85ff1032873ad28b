"""Passwords, sessions and keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.entry import Channel
from knowledge.errors import InvalidValue, NotAllowed
from knowledge.store import Store
from qa_service.accounts import (
    MIN_PASSWORD,
    change_password,
    digest,
    hash_password,
    make_key,
    member_of,
    new_password,
    sign_in,
    sign_out,
    verify_password,
)
from tests import cast

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PASSWORD = "right-horse-1"


@pytest.fixture
def store(staffed_store: Store) -> Store:
    """A store in which the editor can sign in."""
    change_password(staffed_store, cast.EDITOR.login, PASSWORD, "system", NOW)
    return staffed_store


def sign_in_editor(store: Store, hours: int = 12) -> str:
    token, _ = sign_in(store, "editor", PASSWORD, NOW, hours)
    return token


class TestPasswords:
    @settings(max_examples=5)  # a hash takes its time on purpose
    @given(st.text(min_size=MIN_PASSWORD, max_size=40))
    def test_a_password_matches_its_own_hash_only(self, password: str) -> None:
        stored = hash_password(password)
        assert verify_password(password, stored)
        assert not verify_password(password + "x", stored)

    def test_two_hashes_of_one_password_differ(self) -> None:
        assert hash_password(PASSWORD) != hash_password(PASSWORD)

    def test_the_hash_tells_its_cost_and_not_the_password(self) -> None:
        stored = hash_password(PASSWORD)
        assert stored.startswith("scrypt$16384$8$1$")
        assert PASSWORD not in stored

    def test_a_hash_made_with_other_costs_still_matches(self) -> None:
        # scrypt("password", "NaCl", N=1024, r=8, p=16) of RFC 7914, the first 32 bytes.
        stored = "scrypt$1024$8$16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI="
        assert verify_password("password", stored)
        assert not verify_password("passwort", stored)

    @pytest.mark.parametrize(
        "stored",
        ["", "x", "md5$1$2$3$4$5", "scrypt$a$8$1$AA==$AA==", "scrypt$3$8$1$AA==$AA==", "scrypt$$$$$"],
    )
    def test_a_hash_that_is_none_matches_nothing(self, stored: str) -> None:
        assert not verify_password(PASSWORD, stored)

    @pytest.mark.parametrize("short", ["", "1234567", "七个字符的口令"])
    def test_a_short_one_is_refused_without_being_repeated(self, short: str) -> None:
        with pytest.raises(InvalidValue, match="至少8个字符") as refused:
            hash_password(short)
        assert not short or short not in refused.value.message

    def test_new_ones_are_long_enough_and_never_alike(self) -> None:
        made = {new_password() for _ in range(200)}
        assert len(made) == 200
        assert all(len(password) >= MIN_PASSWORD and set(password).isdisjoint("il10oO") for password in made)


class TestSigningIn:
    def test_the_right_password_opens_a_session_of_its_member(self, store: Store) -> None:
        token, member = sign_in(store, "editor", PASSWORD, NOW, 12)
        assert member == cast.EDITOR
        assert member_of(store, token, NOW) == cast.EDITOR

    @pytest.mark.parametrize(
        ("login", "password"),
        [
            ("editor", "wrong-horse-1"),
            ("nobody", PASSWORD),
            ("colleague", PASSWORD),
            ("editor", ""),
            ("", ""),
        ],
    )
    def test_every_refusal_reads_the_same(self, store: Store, login: str, password: str) -> None:
        with pytest.raises(NotAllowed) as refused:
            sign_in(store, login, password, NOW, 12)
        assert refused.value.message == "账号或口令不正确，请重新输入"

    def test_a_member_who_was_deactivated_is_refused_and_signed_out(self, store: Store) -> None:
        token = sign_in_editor(store)
        with store.writing("admin", NOW) as records:
            records.people.save_member(replace(cast.EDITOR, active=False))
        assert member_of(store, token, NOW) is None
        with pytest.raises(NotAllowed):
            sign_in_editor(store)

    def test_the_token_is_nowhere_in_the_store(self, store: Store) -> None:
        token = sign_in_editor(store)
        with store._engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT token_hash, login FROM sessions").all()
        assert [tuple(row) for row in kept] == [(digest(token), "editor")]
        assert token != digest(token)


class TestSessions:
    def test_a_session_lasts_its_hours_and_no_longer(self, store: Store) -> None:
        token = sign_in_editor(store, hours=2)
        assert member_of(store, token, NOW + timedelta(hours=2, seconds=-1)) == cast.EDITOR
        assert member_of(store, token, NOW + timedelta(hours=2)) is None

    def test_signing_out_ends_this_session_alone(self, store: Store) -> None:
        first, second = sign_in_editor(store), sign_in_editor(store)
        sign_out(store, first, "editor", NOW)
        assert member_of(store, first, NOW) is None
        assert member_of(store, second, NOW) == cast.EDITOR

    def test_a_new_password_ends_every_session(self, store: Store) -> None:
        tokens = [sign_in_editor(store), sign_in_editor(store)]
        change_password(store, "editor", "another-horse-2", "editor", NOW)
        assert [member_of(store, token, NOW) for token in tokens] == [None, None]
        with pytest.raises(NotAllowed):
            sign_in_editor(store)
        assert sign_in(store, "editor", "another-horse-2", NOW, 1)[1] == cast.EDITOR

    def test_a_password_that_is_refused_changes_nothing(self, store: Store) -> None:
        token = sign_in_editor(store)
        with pytest.raises(InvalidValue):
            change_password(store, "editor", "short", "editor", NOW)
        assert member_of(store, token, NOW) == cast.EDITOR

    @pytest.mark.parametrize("token", ["", "made-up", "\x00"])
    def test_a_token_that_was_never_given_out_opens_nothing(self, store: Store, token: str) -> None:
        assert member_of(store, token, NOW) is None


class TestKeys:
    def test_a_key_is_shown_once_and_kept_as_its_hash(self, store: Store) -> None:
        key, kept = make_key(store, "示例网站", Channel.WEBSITE, True, 30, "admin", NOW)
        assert kept.prefix == key[:10]
        assert kept.key_hash == digest(key)
        with store.reading() as records:
            assert records.access.key_by_hash(digest(key)) == kept
            assert key not in repr(records.access.api_keys())

    def test_public_and_secret_keys_look_different(self, store: Store) -> None:
        public, _ = make_key(store, "网站", Channel.WEBSITE, True, 30, "admin", NOW)
        secret, _ = make_key(store, "系统", Channel.API, False, 30, "admin", NOW)
        assert (public[:4], secret[:4]) == ("zpk_", "zsk_")

    def test_a_revoked_key_opens_nothing_and_stays_listed(self, store: Store) -> None:
        key, kept = make_key(store, "网站", Channel.WEBSITE, True, 30, "admin", NOW)
        with store.writing("admin", NOW) as records:
            records.access.revoke_key(kept.id)
        with store.reading() as records:
            assert records.access.key_by_hash(digest(key)) is None
            assert [each.revoked_at for each in records.access.api_keys()] == [NOW]
