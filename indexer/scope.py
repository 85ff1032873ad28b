"""Which entries may answer a question at all: its region, date, insured group, audience and channel."""

from dataclasses import dataclass
from datetime import date

from knowledge.entry import Channel


@dataclass(frozen=True)
class Scope:
    """What is known of the asker. None or "" means that it is not known and excludes nothing.

    `region` is a GB/T 2260 code ("" is the nation: then only national entries apply), None when unknown.
    """

    on: date
    region: str | None = None
    insured_group: str = ""
    audience: str = ""
    channel: Channel | None = None
