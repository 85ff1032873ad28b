"""Passwords, signing in, and the keys of integrators.

Passwords are stored as scrypt hashes (RFC 7914, N = 2^14, r = 8, p = 1, 16 bytes of salt). Session tokens and API
keys are random and stored as SHA-256 hashes: a copy of the database opens no door.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from knowledge.entry import Channel
from knowledge.errors import InvalidValue, NotAllowed, NotFound
from knowledge.people import Member
from knowledge.store import ApiKey, Store

_N, _R, _P = 2**14, 8, 1
MIN_PASSWORD = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """The hash to store. Raises InvalidValue for a password that is too short."""
    if len(password) < MIN_PASSWORD:
        raise InvalidValue("口令", "*" * len(password), f"至少{MIN_PASSWORD}个字符")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _N, _R, _P))}"


def verify_password(password: str, stored: str) -> bool:
    """Whether the password has this hash; an empty or foreign hash matches nothing."""
    try:
        scheme, n, r, p, salt, digest = stored.split("$")
        if scheme != "scrypt":
            return False
        found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
        return hmac.compare_digest(found, base64.b64decode(digest))
    except ValueError:
        return False


def new_password() -> str:
    """A random password that can be read aloud: 3 groups of 4, 59 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


_NOBODY = "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "="
"""Costs the same time to refuse an unknown account as a wrong password."""


def sign_in(store: Store, login: str, password: str, now: datetime, hours: int) -> tuple[str, Member]:
    """Open a session; returns its token and the member. Raises NotAllowed without saying which part was wrong."""
    with store.reading() as records:
        try:
            member = records.people.member(login)
            stored = records.people.password_hash(login)
        except NotFound:
            member, stored = None, _NOBODY
    matches = verify_password(password, stored or _NOBODY)
    if member is None or not matches or not member.active:
        raise NotAllowed("账号或口令不正确，请重新输入")
    token = secrets.token_urlsafe(32)
    with store.writing(login, now) as records:
        records.access.add_session(digest(token), login, now + timedelta(hours=hours))
    return token, member


def member_of(store: Store, token: str, now: datetime) -> Member | None:
    """The active member whose session this token opens."""
    with store.reading() as records:
        login = records.access.session_login(digest(token), now)
        if login is None:
            return None
        member = records.people.member(login)
    return member if member.active else None


def sign_out(store: Store, token: str, by: str, now: datetime) -> None:
    """End the session."""
    with store.writing(by, now) as records:
        records.access.end_session(digest(token))


def change_password(store: Store, login: str, password: str, by: str, now: datetime) -> None:
    """Set a member's password and end the sessions opened with the old one."""
    hashed = hash_password(password)
    with store.writing(by, now) as records:
        records.people.set_password(login, hashed)
        records.access.end_sessions_of(login)


def make_key(
    store: Store, name: str, channel: Channel, public: bool, per_minute: int, by: str, now: datetime
) -> tuple[str, ApiKey]:
    """Make an API key; the key itself is returned this once.

    `public` keys stand in a web page: they may only ask, and ask as the website, whatever the channel given.
    """
    if public:
        channel = Channel.WEBSITE
    key = ("zpk_" if public else "zsk_") + secrets.token_urlsafe(24)
    with store.writing(by, now) as records:
        stored = records.access.add_key(
            ApiKey(
                name=name,
                prefix=key[:10],
                key_hash=digest(key),
                channel=channel,
                public=public,
                per_minute=per_minute,
            )
        )
    return key, stored


def digest(token: str) -> str:
    """What is stored of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
