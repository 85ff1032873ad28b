"""An entry as the cells of a row, which importing reads back as the same entry."""

from functools import lru_cache

from knowledge import region
from knowledge.entry import EntryText, InsuredGroup
from knowledge.errors import InvalidValue
from qa_service.tables.cells import Cell, join_bars, join_lines, join_words


def spoken_cells(external_id: str, text: EntryText, department: str) -> dict[str, Cell]:
    """By column key, for people: lists within a cell, everything in Chinese. `department` is its name."""
    group = "" if text.insured_group is InsuredGroup.BOTH else text.insured_group.label
    return {
        **_plain(external_id, text, department),
        "similar_questions": join_lines(text.variants),
        "policy_number": join_bars(each.document_number for each in text.citations),
        "policy_title": join_bars(each.document_title for each in text.citations),
        "clause": join_bars(each.clause for each in text.citations),
        "insured_group": group,
        "region": _region_name(text.region),
        "keywords": join_words(text.keywords),
        "channels": join_bars(channel.label for channel in text.channels),
        "disclosure": text.disclosure.label,
    }


def coded_cells(external_id: str, text: EntryText, department: str) -> dict[str, Cell]:
    """By column key, for programs: lists as lists, codes as codes. `department` is its name."""
    return {
        **_plain(external_id, text, department),
        "similar_questions": text.variants,
        "policy_number": tuple(each.document_number for each in text.citations),
        "policy_title": tuple(each.document_title for each in text.citations),
        "clause": tuple(each.clause for each in text.citations),
        "insured_group": text.insured_group.value,
        "region": text.region,
        "keywords": text.keywords,
        "channels": tuple(channel.value for channel in text.channels),
        "disclosure": text.disclosure.value,
    }


def _plain(external_id: str, text: EntryText, department: str) -> dict[str, Cell]:
    """What is written alike for people and for programs."""
    return {
        "external_id": external_id,
        "department": department,
        "category": "/".join(text.category),
        "question": text.question,
        "answer": text.answer,
        "audience": text.audience,
        "effective_from": text.effective_from.isoformat() if text.effective_from else "",
        "effective_until": text.effective_until.isoformat() if text.effective_until else "",
    }


@lru_cache(1024)
def _region_name(code: str) -> str:
    """The name of a region, or its code where the name alone does not lead back to it."""
    if not code:
        return ""
    try:
        return region.name(code) if region.parse(region.name(code)) == code else code
    except InvalidValue:
        return code
