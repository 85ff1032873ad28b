"""The record of what is true: entries, documents, people, tickets and the trail of what was done.

    with store.writing(by="wang") as records:      one transaction, rolled back on any exception
        records.entries.add(...)
    with store.reading() as records:               one consistent view
        records.publications.current(ids, today)

SQLAlchemy is imported here and nowhere else in `knowledge`.
"""

from knowledge.store.access import ApiKey
from knowledge.store.audit import AuditFilter, AuditLine
from knowledge.store.entries import EntryFilter
from knowledge.store.learning import ProposalFilter
from knowledge.store.policies import PolicyFilter
from knowledge.store.questions import AskedQuestion, Feedback, GivenFirst
from knowledge.store.records import Records, Store
from knowledge.store.tickets import TicketFilter
from knowledge.store.transaction import Page
from knowledge.store.words import WordFilter

__all__ = [
    "ApiKey",
    "AskedQuestion",
    "AuditFilter",
    "AuditLine",
    "EntryFilter",
    "Feedback",
    "GivenFirst",
    "Page",
    "PolicyFilter",
    "ProposalFilter",
    "Records",
    "Store",
    "TicketFilter",
    "WordFilter",
]
