"""会话: what one asker has said so far, so that the next words are understood.

A session lives as long as the asker keeps talking, and holds nothing personal: its texts are masked, its key cannot be
turned back into what the caller sent, and it is forgotten half an hour after the last word.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from knowledge.entry import Channel

LIFE = timedelta(minutes=30)
"""How long a session is remembered after the last word."""


class About(StrEnum):
    """What a clarifying question asks for; `WORDING` is which of several matters is meant."""

    INSURED_GROUP = "insured_group"
    AUDIENCE = "audience"
    REGION = "region"
    WORDING = "wording"


@dataclass(frozen=True)
class Option:
    """One answer to a clarifying question: what people read, what is sent back, the entries that then remain."""

    label: str
    value: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clarification:
    """The one question that tells the best entries apart, with its answers."""

    about: About
    question: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Pending:
    """A question that waits for the answer to a clarifying question. `asked` is masked.

    `rounds` counts how many clarifying questions it has cost the asker, this one included.
    """

    asked: str
    clarification: Clarification
    rounds: int = 1


@dataclass(frozen=True)
class Topic:
    """What was talked about last: the entry, its question, and how the asker was understood (masked)."""

    entry_id: int
    question: str
    asked: str


@dataclass(frozen=True)
class Known:
    """What the asker has told about himself. Empty means not known; `region` "" is the nation, None not known."""

    insured_group: str = ""
    audience: str = ""
    region: str | None = None

    def told(self, about: About, value: str) -> "Known":
        """With one more fact. A wording is none: it says what is meant, not who asks."""
        if about is About.INSURED_GROUP:
            return replace(self, insured_group=value)
        if about is About.AUDIENCE:
            return replace(self, audience=value)
        return replace(self, region=value) if about is About.REGION else self


@dataclass(frozen=True)
class Session:
    """One conversation. `answers` are those given to clarifying questions, by what they were about."""

    key: str
    last_at: datetime
    known: Known = Known()
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    topic: Topic | None = None
    pending: Pending | None = None

    def alive(self, now: datetime) -> bool:
        """Whether it is still remembered."""
        return now - self.last_at < LIFE


def session_key(channel: Channel, login: str, session: str) -> str:
    """The key under which a session is kept: nobody reads another channel's or member's by guessing its name."""
    return hashlib.sha256("\n".join((channel.value, login, session)).encode("utf-8", "replace")).hexdigest()
