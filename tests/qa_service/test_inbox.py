"""A department's inbox: one transaction each, on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from knowledge.entry import MAX_VARIANTS, EntryStatus, EntryText
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed, NotFound
from knowledge.people import Member, Role
from knowledge.ticket import Occurrence, Ticket, TicketStatus
from qa_service.inbox import Inbox
from tests import cast
from tests.qa_service.bureau import Bureau

TWINS = EntryText(question="生育双胞胎的津贴如何计发？", answer="按规定增加天数。", department="benefits")


@pytest.fixture
def inbox(bureau: Bureau) -> Inbox:
    return bureau.application.inbox


@pytest.fixture
def waiting(bureau: Bureau) -> Ticket:
    """A question of the benefits department that nobody has taken up."""
    return ticket(bureau, bureau.file("生了双胞胎津贴怎么算", callback="姓李，下午回电").ticket_id)


def ticket(bureau: Bureau, ticket_id: int) -> Ticket:
    with bureau.application.store.reading() as records:
        return records.tickets.get(ticket_id)


def occurrences(bureau: Bureau, ticket_id: int) -> tuple[Occurrence, ...]:
    with bureau.application.store.reading() as records:
        return records.tickets.occurrences(ticket_id)


class TestHandling:
    def test_a_ticket_is_assigned_to_a_member_of_its_department(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        assigned = inbox.assign(waiting.id, waiting.version, cast.HEAD, "colleague")
        assert (assigned.status, assigned.assignee) == (TicketStatus.ASSIGNED, "colleague")
        assert ticket(bureau, waiting.id) == assigned
        assert bureau.actions()[0] == "ticket.assigned"

    def test_answering_drafts_an_entry_with_the_askers_words(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        bureau.file("生了双胞胎津贴怎么算呢")
        answered, entry = inbox.answer(waiting.id, waiting.version, cast.EDITOR, TWINS)
        assert (answered.status, answered.entry_id, answered.assignee) == (
            TicketStatus.ANSWERED,
            entry.id,
            "editor",
        )
        assert entry.status is EntryStatus.DRAFT
        assert entry.text.variants == ("生了双胞胎津贴怎么算", "生了双胞胎津贴怎么算呢")
        with bureau.application.store.reading() as records:
            assert records.entries.revision(entry.id, 1).note == f"答复待答问题{waiting.id}"

    def test_answering_with_an_entry_that_exists_adds_the_askers_words_to_it(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        entry = bureau.put_on_the_air(TWINS.question, variants=("双胞胎津贴",))
        answered, edited = inbox.answer_with(waiting.id, waiting.version, cast.EDITOR, entry.id)
        assert (answered.entry_id, edited.revision, edited.published_revision) == (entry.id, 2, 1)
        assert edited.text.variants == ("双胞胎津贴", "生了双胞胎津贴怎么算")
        bureau.sign_all(edited)
        assert ticket(bureau, waiting.id).status is TicketStatus.CLOSED

    def test_clauses_in_which_something_was_masked_become_no_similar_question(
        self, bureau: Bureau, inbox: Inbox
    ) -> None:
        masked = "生了双胞胎津贴怎么算，回电【电话】"
        waiting = ticket(bureau, bureau.file(masked).ticket_id)
        bureau.file("生了双胞胎津贴怎么算，身份证【身份证号】")
        answered, drafted = inbox.answer(waiting.id, waiting.version, cast.EDITOR, TWINS)
        assert drafted.text.variants == ("生了双胞胎津贴怎么算",)
        entry = bureau.put_on_the_air("双胞胎", variants=("双胞胎津贴",))
        reopened = inbox.reopen(waiting.id, answered.version, cast.EDITOR)
        _, edited = inbox.answer_with(waiting.id, reopened.version, cast.EDITOR, entry.id)
        assert edited.text.variants == ("双胞胎津贴", "生了双胞胎津贴怎么算")

    def test_an_entry_that_is_full_of_phrasings_takes_no_more_and_still_answers(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        full = tuple(f"第{number}种问法" for number in range(MAX_VARIANTS))
        entry = bureau.put_on_the_air(TWINS.question, variants=full)
        answered, edited = inbox.answer_with(waiting.id, waiting.version, cast.EDITOR, entry.id)
        assert answered.status is TicketStatus.ANSWERED
        assert edited.text.variants == full

    def test_passing_on_says_why_and_keeps_the_deadline(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        passed = inbox.pass_on(waiting.id, waiting.version, cast.EDITOR, "settlement", "属于结算业务")
        assert (passed.department, passed.status, passed.due_on) == (
            "settlement",
            TicketStatus.OPEN,
            waiting.due_on,
        )
        assert passed.reason == "属于结算业务"

    def test_the_office_may_pass_on_any_ticket(self, inbox: Inbox, waiting: Ticket) -> None:
        passed = inbox.pass_on(waiting.id, waiting.version, cast.PUBLISHER, "settlement", "属于结算业务")
        assert passed.department == "settlement"

    def test_dismissing_and_reopening(self, bureau: Bureau, inbox: Inbox, waiting: Ticket) -> None:
        dismissed = inbox.dismiss(waiting.id, waiting.version, cast.HEAD, "不属于医保业务")
        assert (dismissed.status, dismissed.closed_at) == (TicketStatus.DISMISSED, bureau.clock())
        reopened = inbox.reopen(waiting.id, dismissed.version, cast.HEAD)
        assert (reopened.status, reopened.reason, reopened.closed_at) == (TicketStatus.OPEN, "", None)

    def test_reopening_an_answer_leaves_its_draft_behind(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        answered, entry = inbox.answer(waiting.id, waiting.version, cast.EDITOR, TWINS)
        reopened = inbox.reopen(waiting.id, answered.version, cast.EDITOR)
        assert (reopened.status, reopened.entry_id) == (TicketStatus.ASSIGNED, None)
        assert bureau.entry(entry.id).status is EntryStatus.DRAFT


class TestCallingBack:
    def test_who_handles_the_ticket_forgets_the_note_after_calling(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        asked = occurrences(bureau, waiting.id)[0]
        assert asked.callback == "姓李，下午回电"
        inbox.called_back(waiting.id, asked.id, cast.EDITOR)
        assert occurrences(bureau, waiting.id)[0].callback == ""

    def test_who_took_it_down_may_too_and_others_may_not(self, bureau: Bureau, inbox: Inbox) -> None:
        filed = bureau.file("住院押金能退吗", callback="回电", asked_by="operator")
        asked = occurrences(bureau, filed.ticket_id)[0]
        for stranger in (cast.OUTSIDER, replace(cast.OPERATOR, login="other")):
            with pytest.raises(NotAllowed):
                inbox.called_back(filed.ticket_id, asked.id, stranger)
        inbox.called_back(filed.ticket_id, asked.id, cast.OPERATOR)
        assert occurrences(bureau, filed.ticket_id)[0].callback == ""

    def test_a_question_of_another_ticket_is_not_found(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        other = bureau.file("住院押金能退吗")
        asked = occurrences(bureau, other.ticket_id)[0]
        with pytest.raises(NotFound):
            inbox.called_back(waiting.id, asked.id, cast.EDITOR)


Move = Callable[[Inbox, Ticket, Member], object]
MOVES: dict[str, Move] = {
    "assign": lambda i, t, by: i.assign(t.id, t.version, by, "colleague"),
    "pass on": lambda i, t, by: i.pass_on(t.id, t.version, by, "settlement", "属于结算业务"),
    "answer": lambda i, t, by: i.answer(t.id, t.version, by, TWINS),
    "dismiss": lambda i, t, by: i.dismiss(t.id, t.version, by, "不属于医保业务"),
}
REFUSED: dict[str, tuple[Move, type[Exception]]] = {
    "to somebody of another department": (
        lambda i, t, by: i.assign(t.id, t.version, by, "outsider"),
        NotAllowed,
    ),
    "to somebody who does not write": (lambda i, t, by: i.assign(t.id, t.version, by, "head"), NotAllowed),
    "to nobody": (lambda i, t, by: i.assign(t.id, t.version, by, "ghost"), NotFound),
    "on without a reason": (lambda i, t, by: i.pass_on(t.id, t.version, by, "settlement", " "), InvalidValue),
    "on to itself": (lambda i, t, by: i.pass_on(t.id, t.version, by, "benefits", "理由"), InvalidValue),
    "on to nowhere": (lambda i, t, by: i.pass_on(t.id, t.version, by, "nowhere", "理由"), NotFound),
    "away without a reason": (lambda i, t, by: i.dismiss(t.id, t.version, by, ""), InvalidValue),
    "open again though it is": (lambda i, t, by: i.reopen(t.id, t.version, by), IllegalMove),
    "an answer for another department": (
        lambda i, t, by: i.answer(t.id, t.version, by, replace(TWINS, department="settlement")),
        NotAllowed,
    ),
    "an answer that does not exist": (lambda i, t, by: i.answer_with(t.id, t.version, by, 999), NotFound),
}


class TestNothingHappens:
    @pytest.mark.parametrize("move", MOVES)
    def test_when_somebody_handled_it_since(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket, move: str
    ) -> None:
        inbox.assign(waiting.id, waiting.version, cast.HEAD, "editor")
        before = bureau.contents()
        with pytest.raises(Conflict, match="刷新"):
            MOVES[move](inbox, waiting, cast.EDITOR)
        assert bureau.contents() == before

    @pytest.mark.parametrize("move", MOVES)
    @pytest.mark.parametrize("by", [cast.OUTSIDER, cast.OPERATOR, cast.AUDITOR], ids=lambda by: by.login)
    def test_when_it_is_none_of_ones_business(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket, move: str, by: Member
    ) -> None:
        before = bureau.contents()
        with pytest.raises(NotAllowed):
            MOVES[move](inbox, waiting, by)
        assert bureau.contents() == before

    @pytest.mark.parametrize("move", REFUSED)
    def test_when_it_is_given(self, bureau: Bureau, inbox: Inbox, waiting: Ticket, move: str) -> None:
        before = bureau.contents()
        act, error = REFUSED[move]
        with pytest.raises(error):
            act(inbox, waiting, replace(cast.EDITOR, roles=frozenset({Role.EDITOR, Role.REVIEWER})))
        assert bureau.contents() == before

    @pytest.mark.parametrize("move", MOVES)
    def test_when_it_was_dismissed(self, bureau: Bureau, inbox: Inbox, waiting: Ticket, move: str) -> None:
        dismissed = inbox.dismiss(waiting.id, waiting.version, cast.HEAD, "不属于医保业务")
        before = bureau.contents()
        with pytest.raises(IllegalMove):
            MOVES[move](inbox, dismissed, cast.EDITOR)
        assert bureau.contents() == before

    def test_when_the_entry_belongs_to_another_department(
        self, bureau: Bureau, inbox: Inbox, waiting: Ticket
    ) -> None:
        entry = bureau.put_on_the_air("住院费怎么结算？", department="settlement")
        before = bureau.contents()
        with pytest.raises(NotAllowed):
            inbox.answer_with(waiting.id, waiting.version, cast.EDITOR, entry.id)
        assert bureau.contents() == before
