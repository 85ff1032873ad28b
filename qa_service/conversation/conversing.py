"""Answering within a conversation: `qa_service.ask` with what was said before."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from indexer.normalise import normalise
from knowledge.conversation import About, Clarification, Known, Option, Pending, Session, Topic, session_key
from knowledge.masking import mask
from qa_service.ask import (
    Answered,
    Answering,
    Asker,
    Choices,
    Level,
    Outcome,
    Unanswered,
    check_question,
    consider,
    in_formal_words,
    level_now,
    record,
)
from qa_service.conversation import facets
from qa_service.conversation.answering_back import LONGEST_ANSWER, chosen
from qa_service.conversation.clarifying import clarification
from qa_service.conversation.following import InContext, Leaning, in_context, leaning, own_words
from qa_service.conversation.reply import Reply, Turn, as_choices, narrowed, told_already
from qa_service.conversation.splitting import parts_of

SURE_PART = 0.5
"""A part of a text is a question of its own when it is answered, or has choices of which the first is at least so
probable beside the answer threshold."""
MOST_ROUNDS = 2
"""How many clarifying questions one question may cost."""
FAR_BEFORE = 2.0
"""An option is meant by words that are not its own when it is so many times as probable as the next."""


@dataclass(frozen=True)
class _Talk:
    """What answering one turn needs. `splitting` tells that it is a part of what may be several questions."""

    asker: Asker
    session: Session
    parts: Answering
    now: datetime
    level: Level
    splitting: bool = False


def converse(
    question: str,
    asker: Asker,
    parts: Answering,
    now: datetime,
    remember: bool | None = None,
    level: Level | None = None,
) -> Reply:
    """Answer within the asker's session, if he has one. Raises InvalidValue as `ask` does.

    What was said is remembered for `LIFE` when `remember` says so, and unless it says anything when the question is
    recorded. `level` is as in `qa_service.ask.consider`.
    """
    started = time.perf_counter()
    question = check_question(question, parts.settings.max_question)
    session = _session(asker, parts, now)
    level = level or level_now(parts, now)
    if asker.session:
        reply, session = respond(question, asker, session, parts, now, level)
    else:
        reply = _by_itself(question, asker, session, parts, now, level)
    if asker.record:
        reply = _recorded(reply, asker, parts, now, started)
    if asker.session and (asker.record if remember is None else remember):
        with parts.store.writing(asker.login or "system", now) as records:
            records.conversations.purge(now)
            records.conversations.save(session)
    took_ms = (time.perf_counter() - started) * 1000
    return replace(reply, outcome=replace(reply.outcome, took_ms=took_ms))


def forget(asker: Asker, parts: Answering, now: datetime) -> None:
    """Forget the asker's session: the next words are another person's."""
    with parts.store.writing(asker.login or "system", now) as records:
        records.conversations.forget(session_key(asker.channel, asker.login, asker.session))


def respond(
    question: str,
    asker: Asker,
    session: Session,
    parts: Answering,
    now: datetime,
    level: Level | None = None,
) -> tuple[Reply, Session]:
    """The reply and the session after it. Nothing is written. `level` is as in `qa_service.ask.consider`."""
    session = replace(session, known=_learned(session.known, question), last_at=now)
    talk = _Talk(asker, session, parts, now, level or level_now(parts, now))
    pending = session.pending
    if pending and (option := chosen(pending, question) or _meant(pending, question, talk)):
        return _clarified(pending, option.value, talk)
    several = _several(question, talk)
    if several is not None:
        first = several[0]
        return replace(first, parts=several), _after(session, several[-1])
    reply = _one(question, talk)
    said_formally = in_formal_words(reply.outcome, asker, parts, now, talk.level)
    reply = replace(reply, outcome=said_formally)
    return reply, _after(session, reply)


def _by_itself(
    question: str, asker: Asker, session: Session, parts: Answering, now: datetime, level: Level
) -> Reply:
    """The reply to who said nothing before, remembered while the record and the index stand as they did."""
    key = (question, replace(asker, login="", record=False), level, parts.index.state)
    kept: Reply | None = parts.replies.get(key)
    if kept is not None and not parts.index.encoder_error:
        return kept
    reply, _ = respond(question, asker, session, parts, now, level)
    of_all = (reply, *reply.parts)
    if not any(each.outcome.warning or each.outcome.snapshot != key[3][0] for each in of_all):
        parts.replies.put(key, reply)
    return reply


def _session(asker: Asker, parts: Answering, now: datetime) -> Session:
    key = session_key(asker.channel, asker.login, asker.session)
    if not asker.session:
        return Session(key, now)
    with parts.store.reading() as records:
        return records.conversations.get(key, now) or Session(key, now)


def _learned(known: Known, question: str) -> Known:
    told = facets.told_of_self(question)
    return replace(
        known,
        insured_group=told.insured_group or known.insured_group,
        audience=told.audience or known.audience,
    )


def _several(question: str, talk: _Talk) -> tuple[Reply, ...] | None:
    """The replies to the questions of a text, None when it asks but one thing that anything here answers."""
    texts = parts_of(question)
    if len(texts) == 1:
        return None
    whole = consider(question, talk.asker, talk.parts, talk.now, talk.level)
    if whole.hits and normalise(question) in map(normalise, whole.hits[0].entry.text.phrasings()):
        return None
    segmenter = talk.parts.index.segmenter
    if isinstance(whole, Answered) and any(leaning(t, segmenter) is Leaning.WHOLLY for t in texts[1:]):
        return None  # what names no matter of its own asks on about the first, which is answered as a whole
    return _each(texts, replace(talk, splitting=True))


def _each(texts: tuple[str, ...], talk: _Talk) -> tuple[Reply, ...] | None:
    """The reply to each text, None when one of them is no question of its own or asks what another asks."""
    replies: list[Reply] = []
    for text in texts:
        reply = _one(text, talk)
        first = reply.outcome.hits[0].entry.id if reply.outcome.hits else None
        if not _sure(reply.outcome) or any(first == other.outcome.hits[0].entry.id for other in replies):
            return None
        replies.append(reply)
        talk = replace(talk, session=_after(talk.session, reply))
    return tuple(replies)


def _sure(outcome: Outcome) -> bool:
    return isinstance(outcome, Answered) or (
        isinstance(outcome, Choices) and outcome.confidence >= SURE_PART * outcome.thresholds.answer
    )


def _one(question: str, talk: _Talk) -> Reply:
    """The reply to one question: by itself, or leaning on the last."""
    segmenter, topic = talk.parts.index.segmenter, talk.session.topic
    leans = leaning(question, segmenter) if topic else Leaning.NOT
    alone = _considered(question, talk)
    if topic is None or leans is Leaning.NOT:
        return _asking_back(Reply(alone, known=talk.session.known), talk)
    if leans is Leaning.HARDLY and isinstance(alone, Answered):
        return _asking_back(Reply(alone, known=talk.session.known), talk)
    contextual = _in_context(in_context(question, topic, segmenter), topic, talk)
    if not _better_in_context(alone, contextual, leans, topic, talk):
        return _asking_back(Reply(alone, known=talk.session.known), talk)
    reply = Reply(contextual, Turn.FOLLOW_UP, contextual.question, known=talk.session.known)
    return _asking_back(reply, talk)


def _in_context(said: InContext, topic: Topic, talk: _Talk) -> Outcome:
    """The best outcome of the ways in which a follow-up can be said in full.

    The entry that was just answered is not what somebody asks on for: it stands last. Of a part of a longer text the
    likeliest way alone is tried: it says of itself, mostly, what it is about.
    """
    asker = replace(talk.asker, insured_group=said.group) if said.group else talk.asker
    asking = replace(talk, asker=asker)
    most = talk.parts.settings.max_question
    choices = talk.parts.settings.choices
    outcomes = [
        told_already(_considered(text[:most], asking), topic.entry_id, choices)
        for text in (said.texts[:1] if talk.splitting else said.texts)
    ]
    return max(outcomes, key=lambda outcome: (not isinstance(outcome, Unanswered), outcome.confidence))


def _better_in_context(
    alone: Outcome, contextual: Outcome, leans: Leaning, topic: Topic, talk: _Talk
) -> bool:
    """Whether the question is rather about the last topic than about another one."""
    if isinstance(contextual, Unanswered) or not _related(contextual, topic, talk):
        return leans is Leaning.WHOLLY and isinstance(alone, Unanswered)
    if leans is Leaning.WHOLLY or isinstance(alone, Unanswered):
        return True
    if leans is Leaning.PERHAPS:
        return contextual.confidence >= alone.confidence
    return isinstance(contextual, Answered)


def _related(outcome: Outcome, topic: Topic, talk: _Talk) -> bool:
    """Whether what was found lies near the last topic: in its category, or sharing the words that name it."""
    best = outcome.hits[0].entry
    with talk.parts.store.reading() as records:
        last = records.publications.current([topic.entry_id], talk.now.date()).get(topic.entry_id)
    if last is not None and last.text.category and last.text.category == best.text.category:
        return True
    segmenter = talk.parts.index.segmenter
    shared = {*own_words(topic.question, segmenter)} & {*own_words(best.text.question, segmenter)}
    return bool(shared)


def _considered(question: str, talk: _Talk) -> Outcome:
    """The outcome for what the asker has told of himself. That narrows; it never silences an answer."""
    asker, known = talk.asker, talk.session.known
    named = facets.mentioned(question)
    group = "" if asker.insured_group or named.groups else known.insured_group
    audience = "" if asker.audience or named.audiences or known.audience == facets.OTHERS else known.audience
    region = known.region if asker.region is None else None
    plain = asker if region is None else replace(asker, region=region)
    outcome = consider(question, plain, talk.parts, talk.now, talk.level)
    if not group and not audience:
        return outcome
    own = replace(plain, insured_group=group or plain.insured_group, audience=audience or plain.audience)
    narrower = consider(question, own, talk.parts, talk.now, talk.level)
    if not isinstance(narrower, Unanswered) or isinstance(outcome, Unanswered):
        return narrower
    return as_choices(outcome, outcome.hits[: talk.parts.settings.choices])


def _meant(pending: Pending, typed: str, talk: _Talk) -> Option | None:
    """Which option somebody means who names it in words of his own: the one that what was asked and what is said now
    find together, far before the others. None for what is a question by itself.
    """
    segmenter = talk.parts.index.segmenter
    if len(normalise(typed)) > LONGEST_ANSWER or leaning(typed, segmenter) in (Leaning.WHOLLY, Leaning.NOT):
        return None
    joined = _considered(f"{pending.asked}，{typed}"[: talk.parts.settings.max_question], talk)
    found = {hit.entry.id: hit.confidence for hit in joined.hits}
    ranked = sorted(
        (
            (max(found.get(entry, 0.0) for entry in option.entries), option)
            for option in pending.clarification.options
        ),
        key=lambda each: -each[0],
    )
    (best, option), (second, _) = ranked[:2]
    alone = consider(typed, talk.asker, talk.parts, talk.now, talk.level)
    elsewhere = bool(alone.hits) and alone.hits[0].entry.id not in option.entries
    if isinstance(joined, Unanswered) or best < FAR_BEFORE * second:
        return None
    return None if elsewhere and alone.confidence >= best else option


def _clarified(pending: Pending, value: str, talk: _Talk) -> tuple[Reply, Session]:
    """The reply once somebody has answered what was asked back."""
    asked = pending.clarification
    option = next((each for each in asked.options if each.value == value), asked.options[0])
    known = talk.session.known.told(asked.about, value)
    session = replace(
        talk.session, known=known, pending=None, answers={**talk.session.answers, asked.about.value: value}
    )
    talk = replace(talk, session=session)
    outcome = narrowed(_considered(pending.asked, talk), option, talk.parts.settings.choices)
    reply = Reply(outcome, Turn.CLARIFIED, f"{pending.asked}（{option.label}）", known=known)
    if pending.rounds < MOST_ROUNDS:
        reply = _asking_back(reply, talk)
    return reply, _after(session, reply, pending.rounds + 1)


def _asking_back(reply: Reply, talk: _Talk) -> Reply:
    """The reply with the one question that tells its best entries apart, if one does."""
    known, asker, parts = talk.session.known, talk.asker, talk.parts
    told = replace(
        asker,
        insured_group=asker.insured_group or known.insured_group,
        audience=asker.audience or known.audience,
        region=known.region if asker.region is None else asker.region,
    )
    outcome = reply.outcome
    if reply.turn is Turn.CLARIFIED and isinstance(outcome, Answered):
        return reply
    found = clarification(outcome, outcome.question, told, parts.settings.region, parts.index.segmenter)
    if found is None:
        return reply
    named = {entry for option in found.options for entry in option.entries}
    options = tuple(hit for hit in outcome.hits if hit.entry.id in named)
    return replace(reply, clarification=found, outcome=as_choices(outcome, options[: parts.settings.choices]))


def _after(session: Session, reply: Reply, rounds: int = 1) -> Session:
    """The session once this was replied: what is talked about now, and what waits for an answer."""
    outcome = reply.outcome
    waits_for = reply.clarification or _which_one(outcome)
    pending = Pending(mask(outcome.question), waits_for, rounds) if waits_for else None
    if isinstance(outcome, Unanswered) or not outcome.hits:
        return replace(session, pending=pending)
    best = outcome.hits[0].entry
    topic = Topic(best.id, best.text.question, mask(outcome.question))
    return replace(session, topic=topic, pending=pending)


def _which_one(outcome: Outcome) -> Clarification | None:
    """What choices ask without words: which of these entries is meant?"""
    if not isinstance(outcome, Choices) or len(outcome.options) < 2:
        return None
    questions = [(hit.entry.text.question, hit.entry.id) for hit in outcome.options]
    return Clarification(About.WORDING, "", tuple(Option(asked, asked, (i,)) for asked, i in questions))


def _recorded(reply: Reply, asker: Asker, parts: Answering, now: datetime, started: float) -> Reply:
    """Write down each question that was asked; what only says who asks is none to hand on."""
    if reply.parts:
        written = tuple(_recorded(part, asker, parts, now, started) for part in reply.parts)
        return replace(reply, outcome=written[0].outcome, parts=written)
    asks = parts.index.segmenter.informative_words(facets.without(reply.outcome.question))
    if isinstance(reply.outcome, Unanswered) and not asks:
        return reply
    return replace(reply, outcome=record(reply.outcome, asker, parts, now, started))
