"""Puts wordings on the air without going through a review."""

from typing import Any

from knowledge.entry import EntryText
from knowledge.store import Store
from tests import cast
from tests.knowledge.making import a_published_entry


def stored(store: Store, *wordings: EntryText, **changes: Any) -> None:
    """Publish these wordings as A-1, A-2, …"""
    with store.writing(by="system") as records:
        if not records.people.departments():
            for department in cast.DEPARTMENTS:
                records.people.add_department(department)
        for number, text in enumerate(wordings, start=1):
            records.entries.add(a_published_entry(f"A-{number}", text=text, **changes))
