"""What people said of an entry's answers: ratings, remarks, reports of wrong answers."""

from dataclasses import dataclass

from knowledge import learning
from knowledge.entry import FaqEntry
from knowledge.errors import NotAllowed
from knowledge.learning import Resolution, Standing, WrongReport
from knowledge.people import Member
from knowledge.store import Feedback, Records
from qa_service.http.parts import App

COUNTED = 1000
"""How many of the newest ratings are counted."""
REMARKS = 20


@dataclass(frozen=True)
class Said:
    """`helped` and `not_helped` count the newest ratings, `remarks` are those with a comment, the newest first.

    `standing` is None when nothing is reported of the revision on the air; `doubted` tells that it is only offered.
    """

    helped: int
    not_helped: int
    remarks: tuple[Feedback, ...]
    standing: Standing | None
    doubted: bool
    waiting: tuple[WrongReport, ...]
    closed: tuple[WrongReport, ...]
    may_close: bool


def said_of(entry: FaqEntry, records: Records, application: App, member: Member) -> Said:
    """What the entry's page shows of it."""
    ratings = records.questions.feedback(entry.id, COUNTED)
    reports = records.learning.reports(entry.id)
    standing = records.learning.standings([entry.id]).get(entry.id)
    waiting = tuple(each for each in reports if each.resolution is Resolution.OPEN)
    return Said(
        helped=sum(each.helpful for each in ratings),
        not_helped=sum(not each.helpful for each in ratings),
        remarks=tuple(each for each in ratings if each.comment)[:REMARKS],
        standing=standing,
        doubted=standing is not None and application.learning.doubted(standing),
        waiting=waiting,
        closed=tuple(each for each in reports if each.resolution is not Resolution.OPEN)[:REMARKS],
        may_close=bool(waiting) and _may_close(entry, member),
    )


def _may_close(entry: FaqEntry, member: Member) -> bool:
    try:
        learning.require_closing(member, entry.text.department, "…")
    except NotAllowed:
        return False
    return True
