"""Sessions of people who signed in, and keys of programs that call the API. Only hashes are kept."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import bindparam, select

from knowledge.entry import Channel
from knowledge.errors import NotFound
from knowledge.store.audit import Audit
from knowledge.store.schema import api_keys, sessions
from knowledge.store.transaction import AnyRow, Collection, Transaction, writes


@dataclass(frozen=True)
class ApiKey:
    """A key of a program. `prefix` is the readable start of the key; `public` keys sit in web pages."""

    name: str
    prefix: str
    key_hash: str
    channel: Channel
    public: bool
    per_minute: int
    id: int = 0
    created_at: datetime | None = None
    revoked_at: datetime | None = None


class Access(Collection):
    """Sessions by the hash of their token, keys by their hash."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    @writes
    def add_session(self, token_hash: str, login: str, expires_at: datetime) -> None:
        """Open a session; sessions that have expired are cleared away."""
        self._tx.run(sessions.delete().where(sessions.c.expires_at <= self._tx.at))
        values = {"token_hash": token_hash, "login": login, "expires_at": expires_at}
        self._tx.insert_unique(sessions, values, "会话已存在，请重新登录")
        self._audit.add("session.opened", "member", login)

    def session_login(self, token_hash: str, now: datetime) -> str | None:
        """The login of a session that has not expired, or None."""
        alive = select(sessions.c.login).where(
            sessions.c.token_hash == token_hash, sessions.c.expires_at > now
        )
        login: str | None = self._tx.scalar(alive)
        return login

    @writes
    def end_session(self, token_hash: str) -> None:
        """Sign one session out; nothing happens when there is none."""
        login = self._tx.scalar(select(sessions.c.login).where(sessions.c.token_hash == token_hash))
        if self._tx.run(sessions.delete().where(sessions.c.token_hash == token_hash)):
            self._audit.add("session.ended", "member", login)

    @writes
    def end_sessions_of(self, login: str) -> None:
        """Sign every session of a member out."""
        if ended := self._tx.run(sessions.delete().where(sessions.c.login == login)):
            self._audit.add("session.ended", "member", login, f"{ended} 个会话")

    @writes
    def add_key(self, key: ApiKey) -> ApiKey:
        """Store a new key."""
        added = replace(key, created_at=key.created_at or self._tx.at)
        values = {field.name: getattr(added, field.name) for field in fields(ApiKey)}
        del values["id"]
        added = replace(added, id=self._tx.insert_unique(api_keys, values, "密钥已存在，请重新生成"))
        self._audit.add("key.added", "key", added.id, _line(added))
        return added

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Every key, revoked ones too, the oldest first."""
        return tuple(_key(row) for row in self._tx.rows(select(api_keys).order_by(api_keys.c.id)))

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key with this hash, None when there is none or it was revoked."""
        row = self._tx.first(_VALID_KEY, {"key_hash": key_hash})
        return _key(row) if row else None

    @writes
    def revoke_key(self, key_id: int) -> ApiKey:
        """Make a key useless, for ever; a key revoked before keeps its date."""
        row = self._tx.first(select(api_keys).where(api_keys.c.id == key_id))
        if row is None:
            raise NotFound(f"没有编号为 {key_id} 的密钥")
        key = _key(row)
        if key.revoked_at is not None:
            return key
        self._tx.run(api_keys.update().where(api_keys.c.id == key_id).values(revoked_at=self._tx.at))
        self._audit.add("key.revoked", "key", key_id, _line(key))
        return replace(key, revoked_at=self._tx.at)


# Made once, as every question begins with it.
_VALID_KEY = select(api_keys).where(
    api_keys.c.key_hash == bindparam("key_hash"), api_keys.c.revoked_at.is_(None)
)


def _line(key: ApiKey) -> str:
    return f"{key.name} {key.prefix}… {key.channel.label}"


def _key(row: AnyRow) -> ApiKey:
    return ApiKey(**{**row._mapping, "channel": Channel(row.channel)})
