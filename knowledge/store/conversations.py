"""Sessions of askers, kept for half an hour.

Keeping and forgetting them writes no audit line: nobody decided anything.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from knowledge.conversation import LIFE, About, Clarification, Known, Option, Pending, Session, Topic
from knowledge.store.schema import conversations
from knowledge.store.transaction import AnyRow, Collection, writes


class Conversations(Collection):
    """Sessions by their key."""

    def get(self, key: str, now: datetime) -> Session | None:
        """The session while it is alive, else None."""
        row = self._tx.first(select(conversations).where(conversations.c.key == key))
        session = _session(row) if row is not None else None
        return session if session and session.alive(now) else None

    @writes
    def save(self, session: Session) -> None:
        """Keep a session as it is now."""
        self._tx.upsert(conversations, _row(session))

    @writes
    def forget(self, key: str) -> None:
        """Forget one session at once: the next caller is another person."""
        self._tx.run(delete(conversations).where(conversations.c.key == key))

    @writes
    def purge(self, now: datetime) -> int:
        """Forget every session that is no longer alive; gives how many."""
        return self._tx.run(delete(conversations).where(conversations.c.last_at <= now - LIFE))


def _row(session: Session) -> dict[str, Any]:
    return {
        "key": session.key,
        "last_at": session.last_at,
        "insured_group": session.known.insured_group,
        "audience": session.known.audience,
        "region": session.known.region,
        "answers": json.dumps(dict(session.answers), ensure_ascii=False),
        "topic": json.dumps(asdict(session.topic), ensure_ascii=False) if session.topic else "",
        "pending": json.dumps(asdict(session.pending), ensure_ascii=False) if session.pending else "",
    }


def _session(row: AnyRow) -> Session:
    return Session(
        key=row.key,
        last_at=row.last_at,
        known=Known(row.insured_group, row.audience, row.region),
        answers=json.loads(row.answers),
        topic=Topic(**json.loads(row.topic)) if row.topic else None,
        pending=_pending(json.loads(row.pending)) if row.pending else None,
    )


def _pending(kept: dict[str, Any]) -> Pending:
    asked = kept["clarification"]
    options = tuple(Option(o["label"], o["value"], tuple(o["entries"])) for o in asked["options"])
    return Pending(
        kept["asked"], Clarification(About(asked["about"]), asked["question"], options), kept["rounds"]
    )
