"""Sending a question to a department by hand, without waiting for a miss."""

from datetime import datetime

from indexer.confidence import CANDIDATES
from qa_service.ask import Answering, Asker, check_question, search
from qa_service.misses import Filed


def escalate(
    question: str, asker: Asker, parts: Answering, now: datetime, callback: str = "", department: str = ""
) -> Filed:
    """Queue the question for `department`, or for whoever owns the nearest entries.

    Raises InvalidValue for a question that cannot be asked and NotFound for a department that does not exist.
    """
    question = check_question(question, parts.settings.max_question)
    if department:
        with parts.store.reading() as records:
            records.people.department(department)
    found = search(question, asker, parts, now, CANDIDATES)
    return parts.misses.queue(
        question,
        channel=asker.channel,
        nearest=[(hit.entry.text.department, hit.confidence) for hit in found.hits],
        reach=found.reach,
        now=now,
        region=asker.region or "",
        insured_group=asker.insured_group,
        audience=asker.audience,
        session=asker.session,
        asked_by=asker.login,
        callback=callback,
        department=department,
    )
