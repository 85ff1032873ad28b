"""The tables, and the three column types that behave alike on SQLite and PostgreSQL.

A change here needs a migration in `migrations/versions`; a test holds the two together.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine


def storable(text: str) -> str:
    """`text` without what PostgreSQL or UTF-8 cannot hold: NUL characters and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class Words(TypeDecorator[str]):
    """Text; what people type is made storable on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC on the way out. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the store takes aware datetimes only, got {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone: what it gives back is the UTC that was put in.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Id(TypeDecorator[int]):
    """A row's number. One too large to exist is looked for as 0, which no row has, instead of failing."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite numbers rows by itself only in a column typed INTEGER.
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return value if value is None or abs(value) < 2**63 else 0


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("external_id", Words, nullable=False, unique=True),
    Column("status", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("department", Words, nullable=False),  # of the newest revision
    Column("sign_offs", Words, nullable=False),  # JSON: [[stage, by, at], …]
    Column("signed_stages", Words, nullable=False),  # " department_head  bureau_leader "
    Column("return_reason", Words, nullable=False),
    Column("published_revision", Integer),
    Column("published_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "department", "status"),
    Index(None, "status"),
    Index(None, "updated_at"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("entry_id", Id, ForeignKey("entries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("question", Words, nullable=False),
    Column("answer", Words, nullable=False),
    Column("department", Words, nullable=False),
    Column("variants", Words, nullable=False),  # JSON list
    Column("citations", Words, nullable=False),  # JSON: [[number, title, clause], …]
    Column("category", Words, nullable=False),  # path joined by /
    Column("keywords", Words, nullable=False),  # JSON list
    Column("region", Words, nullable=False),
    Column("insured_group", Words, nullable=False),
    Column("audience", Words, nullable=False),
    Column("channels", Words, nullable=False),  # joined by ,
    Column("effective_from", Date),
    Column("effective_until", Date),
    Column("disclosure", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Words, nullable=False),
)

# The searchable shadow of revisions.citations: numbers canonical, titles as title_key() gives them.
citations = Table(
    "citations",
    metadata,
    Column("entry_id", Id, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("document_number", Words, nullable=False),
    Column("document_title", Words, nullable=False),
    ForeignKeyConstraint(["entry_id", "revision"], ["revisions.entry_id", "revisions.number"]),
    Index(None, "document_number"),
    Index(None, "document_title"),
)

publications = Table(
    "publications",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("at", Moment, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", Words, nullable=False),
    Column("title_key", Words, nullable=False),
    Column("number", Words, unique=True),  # canonical; NULL where the document has none
    Column("issuer", Words, nullable=False),
    Column("co_issuers", Words, nullable=False),  # JSON list, as are amends and repeals
    Column("index_number", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("signed_on", Date),
    Column("published_on", Date),
    Column("effective_from", Date),
    Column("valid_until", Date),
    Column("validity", Words, nullable=False),
    Column("amends", Words, nullable=False),
    Column("repeals", Words, nullable=False),
    Column("disclosure", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "title_key"),
)

departments = Table(
    "departments",
    metadata,
    Column("code", Words, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("is_office", Boolean, nullable=False),
    Column("duties", Words, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("login", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("department", Words, nullable=False),
    Column("roles", Words, nullable=False),  # joined by ,
    Column("active", Boolean, nullable=False),
    Column("password_hash", Words, nullable=False),
    Index(None, "department"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question", Words, nullable=False),
    Column("department", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("assignee", Words, nullable=False),
    Column("entry_id", Id, ForeignKey("entries.id")),
    Column("reason", Words, nullable=False),
    Column("closed_at", Moment),
    Column("occurrences", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "department", "status"),
    Index(None, "status", "due_on"),
    Index(None, "entry_id"),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("question", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("receipt", Words, nullable=False, unique=True),
    Column("callback", Words, nullable=False),
    Column("session", Words, nullable=False),
    Column("region", Words, nullable=False),
    Column("insured_group", Words, nullable=False),
    Column("audience", Words, nullable=False),
    Column("asked_by", Words, nullable=False),
    Index(None, "ticket_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Words, primary_key=True),
    Column("login", Words, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "login"),
    Index(None, "expires_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Words, nullable=False),
    Column("prefix", Words, nullable=False),
    Column("key_hash", Words, nullable=False, unique=True),
    Column("channel", Words, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("entry_id", Id),
    Column("revision", Integer),
    Column("confidence", Float, nullable=False),
    Column("channel", Words, nullable=False),
    Column("region", Words, nullable=False),
    Column("insured_group", Words, nullable=False),
    Column("session", Words, nullable=False),
    Column("ticket_id", Id),
    Column("took_ms", Float, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_on", Date, nullable=False),  # the day in China, by which figures are grouped
    Index(None, "asked_on", "outcome"),
    Index(None, "entry_id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question", Words, nullable=False),
    Column("entry_id", Id),
    Column("revision", Integer),
    Column("helpful", Boolean, nullable=False),
    Column("comment", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "entry_id"),
)

words = Table(
    "words",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("formal", Words, nullable=False),  # "" but for synonyms
    Column("active", Boolean, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("kind", "text", "formal"),
)

word_revisions = Table(
    "word_revisions",
    metadata,
    Column("word_id", Id, ForeignKey("words.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Words, nullable=False),
    Column("formal", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("key", Words, primary_key=True),
    Column("last_at", Moment, nullable=False),
    Column("insured_group", Words, nullable=False),
    Column("audience", Words, nullable=False),
    Column("region", Words),  # NULL where not told, "" for the nation
    Column("answers", Words, nullable=False),  # JSON object, as are topic and pending, "" where there is none
    Column("topic", Words, nullable=False),
    Column("pending", Words, nullable=False),
    Index(None, "last_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("subject_id", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Index(None, "subject", "subject_id"),
    Index(None, "by"),
    Index(None, "at"),
)

calendar = Table(
    "calendar",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Words, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
