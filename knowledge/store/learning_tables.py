"""The tables of what use teaches; apart from `schema`, whose `metadata` they belong to."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from knowledge.store.schema import Id, Moment, Words, metadata

confirmed_answers = Table(
    "confirmed_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question", Words, nullable=False),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("source", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("reporter", Words, nullable=False),
    Index(None, "entry_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("wording", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("picks", Integer, nullable=False),
    Column("confirmations", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("state", Words, nullable=False),
    Column("decided_by", Words, nullable=False),
    Column("decided_at", Moment),
    Column("version", Integer, nullable=False),
    UniqueConstraint("entry_id", "key"),
    Index(None, "state", "entry_id"),
)

wrong_reports = Table(
    "wrong_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question", Words, nullable=False),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("staff", Boolean, nullable=False),
    Column("channel", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("comment", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("reporter", Words, nullable=False),
    Column("resolution", Words, nullable=False),  # "" while it is open
    Column("reason", Words, nullable=False),
    Column("closed_by", Words, nullable=False),
    Column("closed_at", Moment),
    Index(None, "entry_id", "resolution"),
    Index(None, "resolution"),
)
