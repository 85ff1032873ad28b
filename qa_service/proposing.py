"""From a confirmed answer to a proposed wording, and what a publication settles.

Functions over the records of a transaction that is already open: they are part of whatever confirmed the answer.
"""

from collections.abc import Iterable

from indexer.normalise import normalise
from indexer.segment import bigrams
from knowledge.entry import FaqEntry
from knowledge.errors import Conflict
from knowledge.learning import (
    ALIKE,
    Confirmed,
    Proposal,
    ProposalState,
    Resolution,
    Source,
    accept,
    first_seen,
    jaccard,
    joined,
    proposable,
)
from knowledge.people import SYSTEM
from knowledge.store import ProposalFilter, Records
from knowledge.ticket import Ticket

_SHORTEST = 3
"""Two characters, such as a greeting, are nobody's question."""
_OF_ONE_ENTRY = 1000


def learn(records: Records, confirmed: Confirmed) -> Proposal | None:
    """Log a confirmed answer and propose its wording to the entry, or count it where it was proposed before.

    None when there is nothing to propose: the entry has the wording or one nearly the same, it is too long, something
    was masked in it, or the same person said the same just before.
    """
    if not records.learning.confirm(confirmed) or not proposable(confirmed.question):
        return None
    wording, key = confirmed.question.strip(), normalise(confirmed.question)
    entry = records.entries.get(confirmed.entry_id)
    if len(key) < _SHORTEST or _has(key, _phrasings(records, entry)):
        return None
    known = _proposed(records, entry.id)
    pairs = {each: pairs_of(each) for each in (key, *(proposal.key for proposal in known))}
    found = joined(known, key, pairs)
    if found is not None:
        return records.learning.join(found.id, confirmed.source, confirmed.at)
    return records.learning.propose(first_seen(entry.id, wording, key, confirmed.source, confirmed.at))


def settle(records: Records, entry: FaqEntry, answered: Iterable[Ticket]) -> None:
    """After a publication: reports on the text before are closed, wordings that it took in need no decision any more,
    and the words in which the tickets that it `answered` were asked are confirmed.
    """
    records.learning.close_reports(entry.id, Resolution.REVISED, f"第{entry.revision}版")
    has = {normalise(phrasing) for phrasing in entry.text.phrasings()}
    for proposal in _proposed(records, entry.id):
        if proposal.state is ProposalState.OPEN and proposal.key in has:
            taken = accept(proposal, SYSTEM, entry.published_at or proposal.last_at)
            records.learning.save_proposal(taken, "proposal.accepted", "已在发布的文字里")
    for ticket in answered:
        for asked in records.tickets.occurrences(ticket.id):
            seen = Confirmed(
                question=asked.question,
                entry_id=entry.id,
                revision=entry.revision,
                source=Source.TICKET,
                channel=asked.channel,
                at=entry.published_at or asked.asked_at,
                reporter=f"occurrence {asked.id}",
            )
            learn(records, seen)


def on_the_air(records: Records, entry_id: int, revision: int | None = None) -> FaqEntry:
    """The entry, whose revision that is on the air is the one meant.

    Raises NotFound for an unknown entry, Conflict when another revision answers now, or none.
    """
    entry = records.entries.get(entry_id)
    if entry.published_revision is None:
        raise Conflict("此条目已不在用，请重新检索")
    if revision not in (None, entry.published_revision):
        raise Conflict("此条目已发布新的版本，请重新检索后核对")
    return entry


def pairs_of(key: str) -> frozenset[str]:
    """The character bigrams by which wordings are compared."""
    return frozenset(bigrams(key))


def _has(key: str, phrasings: Iterable[str]) -> bool:
    """Whether the wording, or one nearly the same, is among the phrasings."""
    pairs = pairs_of(key)
    keys = set(map(normalise, phrasings))
    return key in keys or any(jaccard(pairs, pairs_of(each)) >= ALIKE for each in keys)


def _phrasings(records: Records, entry: FaqEntry) -> tuple[str, ...]:
    """How the entry may be asked for, in the newest revision and in the one on the air."""
    newest, published = entry.text.phrasings(), entry.published_revision
    if published in (None, entry.revision):
        return newest
    return newest + records.entries.revision(entry.id, published or 0).text.phrasings()


def _proposed(records: Records, entry_id: int) -> tuple[Proposal, ...]:
    return records.learning.proposals(ProposalFilter(entry_ids=(entry_id,)), limit=_OF_ONE_ENTRY).items
