"""What the API and `zhengda ask` print of entries, outcomes and tickets: one shape for both."""

from collections.abc import Mapping
from typing import Any

from knowledge.entry import PublishedEntry
from knowledge.store import Store
from qa_service.ask import Answered, Choices, Outcome, Ranked, Unanswered
from qa_service.conversation.reply import Reply
from qa_service.explaining import Detail, explanation_json


def reply_json(
    reply: Reply, departments: Mapping[str, str], detail: Detail = Detail.NOTHING
) -> dict[str, Any]:
    """A reply in a conversation as the API gives it: its outcome, and what only a conversation has."""
    asked = reply.clarification
    return {
        **outcome_json(reply.outcome, departments, detail),
        "understood_as": reply.understood_as,
        "clarification": {
            "about": asked.about.value,
            "question": asked.question,
            "options": [{"label": option.label, "value": option.value} for option in asked.options],
        }
        if asked
        else None,
        "parts": [
            {"question": part.outcome.question, **reply_json(part, departments, detail)}
            for part in reply.parts
        ],
    }


def outcome_json(
    outcome: Outcome, departments: Mapping[str, str], detail: Detail = Detail.NOTHING
) -> dict[str, Any]:
    """An outcome as the API gives it. `departments` maps codes to names, `detail` is how much is explained."""
    explained = {} if detail is Detail.NOTHING else {"explanation": explanation_json(outcome, detail)}
    name = {Answered: "answered", Choices: "choices", Unanswered: "unanswered"}[type(outcome)]
    answer = outcome.answer if isinstance(outcome, Answered) else None
    options = outcome.options if isinstance(outcome, Choices) else ()
    filed = outcome.filed if isinstance(outcome, Unanswered) else None
    return {
        "outcome": name,
        "confidence": round(outcome.confidence, 4),
        "answer": answer_json(answer.entry, departments) if answer else None,
        "choices": [
            {
                "entry_id": option.entry.id,
                "external_id": option.entry.external_id,
                "question": option.entry.text.question,
                "confidence": round(option.confidence, 4),
                "doubted": option.doubted,
            }
            for option in options
        ],
        "matched_terms": list(outcome.hits[0].matched) if outcome.hits else [],
        "ticket": {
            "receipt": filed.receipt,
            "department": departments.get(filed.department, filed.department),
            "due_on": filed.due_on.isoformat(),
            "joined": filed.joined,
        }
        if filed
        else None,
        "snapshot": outcome.snapshot,
        "warning": outcome.warning,
        "note": outcome.note,
        "took_ms": round(outcome.took_ms, 2),
        **explained,
    }


def answer_json(entry: PublishedEntry, departments: Mapping[str, str]) -> dict[str, Any]:
    """A published entry as an answer: the approved text, what it rests on, who owns it, how long it holds."""
    text = entry.text
    return {
        "entry_id": entry.id,
        "external_id": entry.external_id,
        "question": text.question,
        "answer": text.answer,
        "citations": [
            {
                "document_number": citation.document_number,
                "document_title": citation.document_title,
                "clause": citation.clause,
            }
            for citation in text.citations
        ],
        "department": departments.get(text.department, text.department),
        "revision": entry.revision,
        "effective_from": text.effective_from.isoformat() if text.effective_from else None,
        "effective_until": text.effective_until.isoformat() if text.effective_until else None,
    }


def hit_json(hit: Ranked, departments: Mapping[str, str]) -> dict[str, Any]:
    """A ranked hit with its scores, why it was found, and its entry."""
    seen = hit.candidate.hit
    phrasings = hit.entry.text.phrasings()
    nearest = phrasings[seen.phrasing] if 0 <= seen.phrasing < len(phrasings) else None
    return {
        "entry": answer_json(hit.entry, departments),
        "confidence": round(hit.confidence, 4),
        "doubted": hit.doubted,
        "score": round(hit.score, 6),
        "matched_terms": list(hit.matched),
        "nearest_phrasing": nearest,
        "lexical": {"score": round(seen.lexical, 4), "rank": seen.lexical_rank},
        "dense": {"similarity": round(seen.similarity, 4), "rank": seen.dense_rank},
    }


def department_names(store: Store) -> dict[str, str]:
    """Code → name of every department."""
    with store.reading() as records:
        return records.people.department_names()
