"""Writing, reviewing, publishing and withdrawing: one transaction each, on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from knowledge.entry import EntryStatus, EntryText, FaqEntry
from knowledge.errors import (
    AlreadySigned,
    Conflict,
    IllegalMove,
    InvalidValue,
    NotAllowed,
    NotFound,
    SelfReview,
)
from knowledge.people import Member
from knowledge.policy import Citation, PolicyDocument, Validity
from knowledge.store import AuditFilter
from knowledge.ticket import TicketStatus
from qa_service.ask import Answered, Unanswered
from qa_service.publishing import Publishing
from tests import cast
from tests.qa_service.bureau import Bureau

ALLOWANCE = EntryText(
    question="职工生育津贴怎么领取？",
    answer="由用人单位或本人申领。",
    department="benefits",
    variants=("生孩子的钱怎么领",),
    citations=(Citation("国务院令第619号", "女职工劳动保护特别规定", "第八条"),),
)
LAW = PolicyDocument("女职工劳动保护特别规定", "国务院令第619号")


@pytest.fixture
def publishing(bureau: Bureau) -> Publishing:
    return bureau.application.publishing


class TestDrafting:
    def test_a_draft_is_numbered_by_its_department_and_is_not_on_the_air(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = publishing.draft(ALLOWANCE, cast.EDITOR, note="初稿")
        assert (entry.external_id, entry.status, entry.version) == ("BENEFITS-000001", EntryStatus.DRAFT, 1)
        assert bureau.application.index.entries() == 0
        with bureau.application.store.reading() as records:
            assert [revision.note for revision in records.entries.revisions(entry.id)] == ["初稿"]

    def test_a_given_number_is_kept_and_may_not_be_taken(self, publishing: Publishing) -> None:
        assert publishing.draft(ALLOWANCE, cast.EDITOR, "FAQ-1").external_id == "FAQ-1"
        with pytest.raises(Conflict):
            publishing.draft(ALLOWANCE, cast.EDITOR, "FAQ-1")

    @pytest.mark.parametrize("by", [cast.HEAD, cast.OUTSIDER, cast.OPERATOR, cast.AUDITOR, cast.ADMIN])
    def test_only_an_editor_of_the_department_may(
        self, bureau: Bureau, publishing: Publishing, by: Member
    ) -> None:
        before = bureau.contents()
        with pytest.raises(NotAllowed):
            publishing.draft(ALLOWANCE, by)
        assert bureau.contents() == before

    def test_for_a_department_that_does_not_exist_is_refused(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        before = bureau.contents()
        with pytest.raises(NotFound):
            publishing.draft(replace(ALLOWANCE, department="nowhere"), cast.EDITOR)
        assert bureau.contents() == before


class TestPublishing:
    def test_the_last_signature_publishes_and_it_is_answered_at_once(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = publishing.draft(ALLOWANCE, cast.EDITOR)
        entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
        for signer in (cast.HEAD, cast.LEADER):
            entry = publishing.sign(entry.id, entry.version, signer)
            assert entry.status is EntryStatus.IN_REVIEW
            assert isinstance(bureau.ask("生育津贴怎么领", (0.0, 0.0), record=False), Unanswered)
        entry = publishing.sign(entry.id, entry.version, cast.PUBLISHER)
        assert (entry.status, entry.published_revision) == (EntryStatus.PUBLISHED, 1)
        assert bureau.must_answer("生育津贴怎么领").answer.entry.text == ALLOWANCE

    def test_every_step_is_in_the_audit_trail_by_who_did_it(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = bureau.publish(ALLOWANCE)
        publishing.withdraw(entry.id, entry.version, cast.HEAD, "政策调整")
        with bureau.application.store.reading() as records:
            lines = records.audit.list(AuditFilter(subject="entry", subject_id=entry.id)).items
        assert [(line.action, line.by) for line in reversed(lines)] == [
            ("entry.drafted", "editor"),
            ("entry.submitted", "editor"),
            ("entry.signed", "head"),
            ("entry.signed", "leader"),
            ("entry.published", "publisher"),
            ("entry.withdrawn", "head"),
        ]
        assert lines[0].detail == "政策调整"

    def test_an_edit_stays_off_the_air_until_it_is_signed_again(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = bureau.publish(ALLOWANCE)
        better = replace(ALLOWANCE, answer="由本人在线申领。")
        entry = publishing.edit(entry.id, entry.version, better, cast.COLLEAGUE, "改为线上办理")
        assert (entry.revision, entry.published_revision) == (2, 1)
        assert bureau.must_answer("生育津贴怎么领").answer.entry.text.answer == "由用人单位或本人申领。"
        bureau.sign_all(entry)
        answer = bureau.must_answer("生育津贴怎么领").answer.entry
        assert (answer.revision, answer.text.answer) == (2, "由本人在线申领。")

    def test_restoring_makes_a_new_revision_of_the_old_text(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = publishing.draft(ALLOWANCE, cast.EDITOR)
        entry = publishing.edit(entry.id, entry.version, replace(ALLOWANCE, answer="改"), cast.EDITOR)
        entry = publishing.restore(entry.id, entry.version, 1, cast.EDITOR)
        assert (entry.revision, entry.text) == (3, ALLOWANCE)
        assert bureau.actions()[0] == "entry.restored"
        with pytest.raises(NotFound):
            publishing.restore(entry.id, entry.version, 9, cast.EDITOR)

    def test_sending_back_gives_a_reason_and_lets_it_be_edited(self, publishing: Publishing) -> None:
        entry = publishing.draft(ALLOWANCE, cast.EDITOR)
        entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
        entry = publishing.sign(entry.id, entry.version, cast.HEAD)
        entry = publishing.send_back(entry.id, entry.version, cast.LEADER, " 缺少依据 ")
        assert (entry.status, entry.return_reason, entry.sign_offs) == (EntryStatus.RETURNED, "缺少依据", ())
        entry = publishing.edit(entry.id, entry.version, ALLOWANCE, cast.EDITOR)
        assert entry.status is EntryStatus.DRAFT

    def test_recalling_takes_it_out_of_review(self, publishing: Publishing) -> None:
        entry = publishing.draft(ALLOWANCE, cast.EDITOR)
        entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
        assert publishing.recall(entry.id, entry.version, cast.EDITOR).status is EntryStatus.DRAFT

    def test_publishing_closes_the_tickets_that_the_entry_answers(self, bureau: Bureau) -> None:
        filed = bureau.file("双胞胎的津贴怎么算")
        ticket, entry = bureau.application.inbox.answer(filed.ticket_id, 1, cast.EDITOR, ALLOWANCE)
        assert ticket.status is TicketStatus.ANSWERED
        bureau.sign_all(entry)
        with bureau.application.store.reading() as records:
            closed = records.tickets.get(filed.ticket_id)
        assert (closed.status, closed.closed_at) == (TicketStatus.CLOSED, bureau.clock())

    def test_a_ticket_that_was_reopened_meanwhile_stays_open(self, bureau: Bureau) -> None:
        filed = bureau.file("双胞胎的津贴怎么算")
        ticket, entry = bureau.application.inbox.answer(filed.ticket_id, 1, cast.EDITOR, ALLOWANCE)
        bureau.application.inbox.reopen(ticket.id, ticket.version, cast.EDITOR)
        bureau.sign_all(entry)
        with bureau.application.store.reading() as records:
            assert records.tickets.get(filed.ticket_id).status is TicketStatus.ASSIGNED


class TestWithdrawing:
    def test_takes_it_off_the_air_at_once(self, bureau: Bureau, publishing: Publishing) -> None:
        entry = bureau.publish(ALLOWANCE)
        entry = publishing.withdraw(entry.id, entry.version, cast.PUBLISHER, "政策调整")
        assert (entry.status, entry.published_revision) == (EntryStatus.WITHDRAWN, None)
        assert isinstance(bureau.ask("生育津贴怎么领", (0.0, 0.0)), Unanswered)

    @pytest.mark.parametrize("reason", ["", "  ", "\n"])
    def test_needs_a_reason(self, bureau: Bureau, publishing: Publishing, reason: str) -> None:
        entry = bureau.publish(ALLOWANCE)
        with pytest.raises(InvalidValue, match="下架原因"):
            publishing.withdraw(entry.id, entry.version, cast.HEAD, reason)
        assert bureau.entry(entry.id) == entry

    def test_leaves_a_newer_revision_in_review_where_it_is(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        entry = bureau.publish(ALLOWANCE)
        entry = publishing.edit(entry.id, entry.version, replace(ALLOWANCE, answer="改"), cast.EDITOR)
        entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
        entry = publishing.withdraw(entry.id, entry.version, cast.HEAD, "有误")
        assert (entry.status, entry.published_revision) == (EntryStatus.IN_REVIEW, None)
        for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
            entry = publishing.sign(entry.id, entry.version, signer)
        assert bureau.must_answer("生育津贴怎么领").answer.entry.text.answer == "改"


Move = Callable[[Publishing, FaqEntry], object]
STALE_MOVES: dict[str, Move] = {
    "edit": lambda p, e: p.edit(e.id, e.version - 1, ALLOWANCE, cast.EDITOR),
    "restore": lambda p, e: p.restore(e.id, e.version - 1, 1, cast.EDITOR),
    "submit": lambda p, e: p.submit(e.id, e.version - 1, cast.EDITOR),
    "recall": lambda p, e: p.recall(e.id, e.version - 1, cast.EDITOR),
    "sign": lambda p, e: p.sign(e.id, e.version - 1, cast.HEAD),
    "send back": lambda p, e: p.send_back(e.id, e.version - 1, cast.HEAD, "有误"),
    "withdraw": lambda p, e: p.withdraw(e.id, e.version - 1, cast.HEAD, "有误"),
}
ILLEGAL_MOVES: dict[str, tuple[Move, type[Exception]]] = {
    "sign what is no longer in review": (lambda p, e: p.sign(e.id, e.version, cast.HEAD), IllegalMove),
    "submit what is published": (lambda p, e: p.submit(e.id, e.version, cast.EDITOR), IllegalMove),
    "recall what is published": (lambda p, e: p.recall(e.id, e.version, cast.EDITOR), IllegalMove),
    "edit another department's": (lambda p, e: p.edit(e.id, e.version, ALLOWANCE, cast.OUTSIDER), NotAllowed),
    "withdraw as an editor": (lambda p, e: p.withdraw(e.id, e.version, cast.EDITOR, "有误"), NotAllowed),
    "withdraw another department's": (
        lambda p, e: p.withdraw(e.id, e.version, cast.OUTSIDER, "x"),
        NotAllowed,
    ),
    "what does not exist": (lambda p, e: p.submit(e.id + 99, 1, cast.EDITOR), NotFound),
}


class TestNothingHappens:
    @pytest.mark.parametrize("move", STALE_MOVES)
    def test_when_somebody_changed_it_since(self, bureau: Bureau, publishing: Publishing, move: str) -> None:
        entry = bureau.publish(ALLOWANCE)
        before = bureau.contents()
        with pytest.raises(Conflict, match="刷新"):
            STALE_MOVES[move](publishing, entry)
        assert bureau.contents() == before

    @pytest.mark.parametrize("move", ILLEGAL_MOVES)
    def test_when_the_move_is_not_allowed(self, bureau: Bureau, publishing: Publishing, move: str) -> None:
        entry = bureau.publish(ALLOWANCE)
        before = bureau.contents()
        act, error = ILLEGAL_MOVES[move]
        with pytest.raises(error):
            act(publishing, entry)
        assert bureau.contents() == before

    def test_when_the_author_signs(self, bureau: Bureau, publishing: Publishing) -> None:
        author = replace(cast.EDITOR, roles=cast.EDITOR.roles | cast.HEAD.roles)
        entry = publishing.draft(ALLOWANCE, author)
        entry = publishing.submit(entry.id, entry.version, author)
        before = bureau.contents()
        with pytest.raises(SelfReview):
            publishing.sign(entry.id, entry.version, author)
        assert bureau.contents() == before

    def test_when_one_signs_two_stages(self, bureau: Bureau, publishing: Publishing) -> None:
        both = replace(cast.HEAD, roles=cast.HEAD.roles | cast.LEADER.roles)
        entry = publishing.draft(ALLOWANCE, cast.EDITOR)
        entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
        entry = publishing.sign(entry.id, entry.version, both)
        before = bureau.contents()
        with pytest.raises(AlreadySigned):
            publishing.sign(entry.id, entry.version, both)
        assert bureau.contents() == before


class TestDocuments:
    def test_repealing_one_stops_what_rests_on_it_and_reviving_it_brings_it_back(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        document = publishing.add_policy(LAW, cast.EDITOR)
        bureau.publish(ALLOWANCE)
        repealed = replace(document, validity=Validity.REPEALED)
        document = publishing.change_policy(repealed, cast.EDITOR, "被新规定废止")
        assert isinstance(bureau.ask("生育津贴怎么领", (0.0, 0.0)), Unanswered)
        assert bureau.application.index.entries() == 0
        publishing.change_policy(replace(document, validity=Validity.IN_FORCE), cast.EDITOR, "更正")
        assert isinstance(bureau.ask("生育津贴怎么领", (0.0, 0.0)), Answered)

    def test_changing_validity_needs_a_reason(self, bureau: Bureau, publishing: Publishing) -> None:
        document = publishing.add_policy(LAW, cast.EDITOR)
        before = bureau.contents()
        with pytest.raises(InvalidValue, match="变更原因"):
            publishing.change_policy(replace(document, validity=Validity.EXPIRED), cast.EDITOR)
        assert bureau.contents() == before

    def test_other_changes_need_none(self, bureau: Bureau, publishing: Publishing) -> None:
        document = publishing.add_policy(LAW, cast.EDITOR)
        changed = publishing.change_policy(replace(document, topic="生育保险"), cast.EDITOR)
        assert changed.topic == "生育保险"
        assert bureau.actions()[0] == "policy.edited"

    def test_two_who_change_one_document_do_not_overwrite_each_other(
        self, bureau: Bureau, publishing: Publishing
    ) -> None:
        document = publishing.add_policy(LAW, cast.EDITOR)
        publishing.change_policy(replace(document, topic="一"), cast.EDITOR)
        before = bureau.contents()
        with pytest.raises(Conflict):
            publishing.change_policy(replace(document, topic="二"), cast.PUBLISHER)
        assert bureau.contents() == before

    @pytest.mark.parametrize("by", [cast.OPERATOR, cast.AUDITOR, cast.LEADER])
    def test_only_who_keeps_the_register_may(
        self, bureau: Bureau, publishing: Publishing, by: Member
    ) -> None:
        with pytest.raises(NotAllowed):
            publishing.add_policy(LAW, by)
