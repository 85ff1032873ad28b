"""Which entries may answer a question at all: its region, date, insured group, audience and channel."""

from dataclasses import dataclass
from datetime import date

from knowledge.entry import Channel, EntryText
from knowledge.policy import Disclosure
from knowledge.region import lineage


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

    def admits(self, text: EntryText) -> bool:
        """Whether an entry may be shown to this asker."""
        if not text.effective(self.on) or (
            self.region is not None and text.region not in lineage(self.region)
        ):
            return False
        if self.channel is Channel.WEBSITE and text.disclosure is not Disclosure.ON_INITIATIVE:
            return False
        return (
            (not self.insured_group or text.insured_group in ("", self.insured_group))
            and (not self.audience or text.audience in ("", self.audience))
            and (self.channel is None or not text.channels or self.channel in text.channels)
        )
