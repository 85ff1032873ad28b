"""What was not answered goes to the department that owns the policy.

A miss joins the open ticket that asks the same thing, or opens one: routed to the department of the nearest entries,
to the office when they disagree, due in working days.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from indexer.live import LiveIndex
from indexer.normalise import normalise
from indexer.segment import Segmenter
from knowledge.entry import Channel
from knowledge.errors import ZhengdaError
from knowledge.masking import mask
from knowledge.store import Records, Store
from knowledge.ticket import Occurrence, Ticket, TicketStatus, new_receipt
from knowledge.working_days import WorkingCalendar, china_date

SAME_BY_WORDS = 0.8
RELATED_BY_WORDS = 0.45
SAME_BY_MEANING = {"zhengda-e5-small": 0.80}
SAME_TO_ANY_ENCODER = 0.965
"""Two questions are the same when their terms overlap by `SAME_BY_WORDS` (Dice), or by `RELATED_BY_WORDS` and their
meaning by a cosine that depends on the encoder's family: all cosines of an untrained one lie close to 1.
"""
SURE_OF_DEPARTMENT = 0.5
HARDLY_OURS = 0.05
"""A question that any entry answers with less than this probability is for the office to look at."""


@dataclass(frozen=True)
class Filed:
    """Where a miss went. `receipt` is the asker's code; `joined` tells that others had asked it before."""

    ticket_id: int
    receipt: str
    department: str
    due_on: date
    joined: bool


class Misses:
    """Queues what was not answered. One instance a process."""

    def __init__(
        self, store: Store, index: LiveIndex, working_days: int, holidays: dict[date, bool] | None = None
    ) -> None:
        self._store = store
        self._index = index
        self._working_days = working_days
        self._holidays = holidays or {}

    def queue(
        self,
        question: str,
        *,
        channel: Channel,
        nearest: Sequence[tuple[str, float]],
        now: datetime,
        region: str = "",
        insured_group: str = "",
        audience: str = "",
        session: str = "",
        asked_by: str = "",
        callback: str = "",
        department: str = "",
        reach: float = 1.0,
    ) -> Filed:
        """Join or open a ticket for a question, which is masked here again, whatever the caller did.

        `nearest` are the owners of the nearest entries with their confidence, best first, and `reach` the
        probability that any of them answers; `department` names the owner when a person knows it.
        """
        masked = mask(question)
        occurrence = Occurrence(
            question=masked,
            channel=channel,
            asked_at=now,
            receipt=new_receipt(),
            callback=callback.strip(),
            session=session,
            region=region,
            insured_group=insured_group,
            audience=audience,
            asked_by=asked_by,
        )
        with self._store.reading() as records:
            likely = self._same_question(masked, records.tickets.joinable())
        with self._store.writing(asked_by or "system", now) as records:
            records.tickets.hold_queue()
            waiting = records.tickets.joinable()
            still = any(ticket_id == likely for ticket_id, _, _ in waiting)
            ticket_id = likely if still else _identical(masked, waiting, self._index.segmenter)
            if ticket_id:
                ticket = records.tickets.join(ticket_id, occurrence)
            else:
                ticket = records.tickets.add(
                    self._new(masked, department or route(nearest, reach), now, records), occurrence
                )
        return Filed(ticket.id, occurrence.receipt, ticket.department, ticket.due_on, joined=bool(ticket_id))

    def _new(self, question: str, department: str, now: datetime, records: Records) -> Ticket:
        office = records.people.office()
        owner = department or (office.code if office else "")
        if not owner:
            raise ZhengdaError("尚未设置办公室，无法登记待答问题，请管理员先添加处室")
        calendar = WorkingCalendar({**self._holidays, **records.calendar.days()})
        due_on = calendar.after(china_date(now), self._working_days)
        return Ticket(question, owner, TicketStatus.OPEN, now, due_on)

    def _same_question(self, question: str, waiting: Sequence[tuple[int, str, str]]) -> int | None:
        """The waiting ticket that asks the same, the most alike of them."""
        segmenter = self._index.segmenter
        terms = frozenset(segmenter.terms(question))
        ranked = sorted(
            (
                (dice(terms, frozenset(segmenter.terms(text))), ticket_id, text)
                for ticket_id, _, text in waiting
            ),
            reverse=True,
        )[:20]
        alike = [item for item in ranked if not contrary(question, item[2], segmenter)][:5]
        if alike and alike[0][0] >= SAME_BY_WORDS:
            return alike[0][1]
        close = [item for item in alike if item[0] >= RELATED_BY_WORDS]
        cosines = self._index.similarity([question, *(text for _, _, text in close)]) if close else None
        if cosines is None:
            return None
        found = [(cosines[0, place], item[1]) for place, item in enumerate(close, start=1)]
        best, ticket_id = max(found)
        family = self._index.encoder_name.partition("#")[0]
        return ticket_id if best >= SAME_BY_MEANING.get(family, SAME_TO_ANY_ENCODER) else None


def route(nearest: Sequence[tuple[str, float]], reach: float = 1.0) -> str:
    """The department that owns most of what lies nearest, "" when they disagree.

    The first five entries vote with weight 1 / rank; more than `SURE_OF_DEPARTMENT` of the votes decide. When the
    question is hardly one for this base at all (`reach`), nobody owns what lies nearest.
    """
    if reach < HARDLY_OURS:
        return ""
    votes: dict[str, float] = {}
    for rank, (department, _) in enumerate(nearest[:5], start=1):
        votes[department] = votes.get(department, 0.0) + 1.0 / rank
    if not votes:
        return ""
    best = max(votes, key=lambda department: votes[department])
    return best if votes[best] / sum(votes.values()) > SURE_OF_DEPARTMENT else ""


def dice(left: frozenset[str], right: frozenset[str]) -> float:
    """Dice's coefficient of two sets of terms, 0 to 1."""
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 0.0


_A_NOT_A = re.compile(r"(\w)[不没]\1")
_NEGATION = re.compile("[不没未无非]")


def contrary(left: str, right: str, segmenter: Segmenter) -> bool:
    """Whether each of two questions has a word where the other has another: employees for residents, cancelling for
    applying, not done for done, from A to B for from B to A.

    Such questions are near in words and in meaning, and the answer to one is wrong for the other. Whoever asks again
    at greater length is not contrary.
    """
    one, other = _A_NOT_A.sub(r"\1", normalise(left)), _A_NOT_A.sub(r"\1", normalise(right))
    ones, others = segmenter.informative_words(one), segmenter.informative_words(other)
    if any(word not in other for word in ones) and any(word not in one for word in others):
        return True
    if bool(_NEGATION.search(one)) != bool(_NEGATION.search(other)):
        return True
    return [word for word in ones if word in others] != [word for word in others if word in ones]


def _identical(question: str, waiting: Sequence[tuple[int, str, str]], segmenter: Segmenter) -> int | None:
    """The same words again: looked up inside the transaction, so that two askers at once open one ticket."""
    terms = frozenset(segmenter.terms(question))
    for ticket_id, _, text in waiting:
        if text == question or frozenset(segmenter.terms(text)) == terms:
            return ticket_id
    return None
