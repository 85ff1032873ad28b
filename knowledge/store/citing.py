"""Which entries rest on a document."""

from sqlalchemy import and_, or_, select

from knowledge.store.schema import citations, entries
from knowledge.store.transaction import AnySelect


def citing(number: str, title_key: str) -> AnySelect:
    """Ids of entries whose newest or published revision cites the document.

    It is cited by its canonical number; by its title where the citation has no number.
    """
    by_title = and_(citations.c.document_number == "", citations.c.document_title == title_key)
    cited = by_title if not number else or_(citations.c.document_number == number, by_title)
    newest_or_published = or_(
        citations.c.revision == entries.c.revision, citations.c.revision == entries.c.published_revision
    )
    return (
        select(entries.c.id)
        .join(citations, and_(citations.c.entry_id == entries.c.id, newest_or_published))
        .where(cited)
        .distinct()
    )
