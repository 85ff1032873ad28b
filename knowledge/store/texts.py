"""How the wording of a revision is laid out in a row, and read back."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from knowledge.document_number import canonical
from knowledge.entry import Channel, EntryText, InsuredGroup, SignOff
from knowledge.policy import Citation, Disclosure
from knowledge.store.schema import citations, revisions, storable
from knowledge.store.titles import title_key

TEXT_COLUMNS = tuple(
    revisions.c[name]
    for name in (
        "question",
        "answer",
        "department",
        "variants",
        "citations",
        "category",
        "keywords",
        "region",
        "insured_group",
        "audience",
        "channels",
        "effective_from",
        "effective_until",
        "disclosure",
    )
)
_GROUPS = {group.value: group for group in InsuredGroup}
_DISCLOSURES = {disclosure.value: disclosure for disclosure in Disclosure}


def text_row(text: EntryText) -> dict[str, Any]:
    """The columns of TEXT_COLUMNS for a wording, exactly as they will be stored."""
    cited = [[each.document_number, each.document_title, each.clause] for each in text.citations]
    return {
        "question": storable(text.question),
        "answer": storable(text.answer),
        "department": storable(text.department),
        "variants": dump(text.variants),
        "citations": dump(cited),
        "category": storable("/".join(text.category)),
        "keywords": dump(text.keywords),
        "region": storable(text.region),
        "insured_group": text.insured_group.value,
        "audience": storable(text.audience),
        "channels": ",".join(text.channels),
        "effective_from": text.effective_from,
        "effective_until": text.effective_until,
        "disclosure": text.disclosure.value,
    }


def read_text(values: Sequence[Any]) -> EntryText:
    """The wording from the values of TEXT_COLUMNS, in their order."""
    return EntryText(
        question=values[0],
        answer=values[1],
        department=values[2],
        variants=load(values[3]),
        citations=() if values[4] == "[]" else tuple(Citation(*each) for each in json.loads(values[4])),
        category=tuple(values[5].split("/")) if values[5] else (),
        keywords=load(values[6]),
        region=values[7],
        insured_group=_GROUPS[values[8]],
        audience=values[9],
        channels=tuple(Channel(each) for each in values[10].split(",")) if values[10] else (),
        effective_from=values[11],
        effective_until=values[12],
        disclosure=_DISCLOSURES[values[13]],
    )


def citation_rows(entry_id: int, revision: int, text: EntryText) -> list[dict[str, Any]]:
    """Rows for the `citations` table, by which `current` finds lapsed documents."""
    return [
        {
            citations.c.entry_id.name: entry_id,
            citations.c.revision.name: revision,
            citations.c.position.name: position,
            citations.c.document_number.name: canonical(each.document_number),
            citations.c.document_title.name: title_key(each.document_title),
        }
        for position, each in enumerate(text.citations)
    ]


def dump_sign_offs(sign_offs: Iterable[SignOff]) -> str:
    """Sign-offs as JSON."""
    return dump([each.stage, each.by, each.at.isoformat()] for each in sign_offs)


def load_sign_offs(stored: str) -> tuple[SignOff, ...]:
    """Sign-offs from JSON."""
    if stored == "[]":
        return ()
    return tuple(SignOff(stage, by, datetime.fromisoformat(at)) for stage, by, at in json.loads(stored))


def dump(items: Iterable[Any]) -> str:
    """A JSON list that people can still search in."""
    return storable(json.dumps(list(items), ensure_ascii=False))


def load(stored: str) -> tuple[str, ...]:
    """A tuple of strings from its JSON list."""
    return () if stored == "[]" else tuple(json.loads(stored))
