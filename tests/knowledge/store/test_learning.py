"""Confirmed answers, proposals and reports as the store keeps them, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge.errors import Conflict, NotFound
from knowledge.learning import ProposalState, Resolution, Source, Standing, accept, decline
from knowledge.store import ProposalFilter, Store
from tests.cast import EDITOR
from tests.knowledge.making import (
    NOON,
    a_confirmed,
    a_proposal,
    a_published_entry,
    a_report,
    a_text,
    an_asked_question,
    revised,
)


@pytest.fixture
def base(store: Store) -> Store:
    """Entry 1 and 2 of the benefits department, 3 of the office."""
    with store.writing(by="system") as records:
        for number, department in enumerate(("benefits", "benefits", "office"), start=1):
            text = replace(a_text(f"第{number}问"), department=department)
            records.entries.add(a_published_entry(f"A-{number}", text=text))
    return store


def test_confirmed_answers_come_back_in_order_a_page_at_a_time(base: Store) -> None:
    told = [a_confirmed(f"问{number}", source=source) for number, source in enumerate(Source)]
    with base.writing(by="operator") as records:
        assert all(records.learning.confirm(each) for each in told)
        (first, one), *_ = records.learning.confirmed(limit=1)
        assert one == told[0]
        assert [each for _, each in records.learning.confirmed(after=first)] == told[1:]


def test_the_same_person_counts_once_a_day_for_the_same_question(base: Store) -> None:
    with base.writing(by="operator") as records:
        confirm = records.learning.confirm
        assert confirm(a_confirmed())
        assert not confirm(a_confirmed(at=NOON + timedelta(hours=23)))
        assert confirm(a_confirmed(at=NOON + timedelta(hours=25)))
        assert confirm(a_confirmed(by="other"))
        assert confirm(a_confirmed(entry_id=2))
        assert confirm(a_confirmed("另一问"))
        assert confirm(a_confirmed(by="", reporter="visitor"))
        assert not confirm(a_confirmed(by="", reporter="visitor"))
        assert confirm(a_confirmed(by=""))
        assert confirm(a_confirmed(by=""))


def test_a_proposal_is_found_by_id_department_entry_and_state(base: Store) -> None:
    with base.writing(by="operator") as records:
        first = records.learning.propose(a_proposal("甲问法"))
        second = records.learning.propose(a_proposal("乙问法", entry_id=2, picks=3))
        third = records.learning.propose(a_proposal("丙问法", entry_id=3))
        declined = records.learning.save_proposal(decline(third, EDITOR, NOON), "proposal.declined")
        assert records.learning.proposal(first.id) == first

        def found(**matching: object) -> list[str]:
            page = records.learning.proposals(ProposalFilter(**matching))  # type: ignore[arg-type]  # by name
            assert page.total == len(page.items)
            return [each.wording for each in page.items]

        assert found() == ["甲问法", "乙问法", "丙问法"]
        assert found(department="benefits") == ["甲问法", "乙问法"]
        assert found(entry_ids=(2, 3)) == ["乙问法", "丙问法"]
        assert found(states=(ProposalState.DECLINED,)) == ["丙问法"]
        assert records.learning.proposed_to().items == (2, 1)
        assert records.learning.proposed_to("office").total == 0
        assert records.learning.counts("benefits") == {"proposals": 2, "reported": 0}
    assert second.version == 1
    assert (declined.decided_by, declined.decided_at) == ("editor", NOON)
    with base.reading() as records, pytest.raises(NotFound):
        records.learning.proposal(99)


def test_entries_with_proposals_are_paged_with_their_number(base: Store) -> None:
    with base.writing(by="operator") as records:
        for entry_id, wording in ((1, "甲"), (1, "乙"), (2, "丙"), (3, "丁")):
            records.learning.propose(a_proposal(wording, entry_id=entry_id))
        page = records.learning.proposed_to(limit=2, offset=1)
    assert (page.items, page.total) == ((2, 3), 3)


def test_an_entry_has_one_proposal_of_a_key(base: Store) -> None:
    with base.writing(by="operator") as records:
        records.learning.propose(a_proposal())
        with pytest.raises(Conflict):
            records.learning.propose(a_proposal())
        records.learning.propose(a_proposal(entry_id=2))


def test_who_asks_meanwhile_voids_no_decision_and_a_second_decision_conflicts(base: Store) -> None:
    with base.writing(by="operator") as records:
        seen = records.learning.propose(a_proposal())
        joined = records.learning.join(seen.id, Source.CONFIRMED, NOON + timedelta(days=1))
        assert (joined.picks, joined.confirmations, joined.last_at) == (1, 1, NOON + timedelta(days=1))
        records.learning.save_proposal(accept(seen, EDITOR, NOON), "proposal.accepted")
        with pytest.raises(Conflict):
            records.learning.save_proposal(decline(seen, EDITOR, NOON), "proposal.declined")
        assert records.learning.proposal(seen.id).count == 2


def test_what_was_accepted_and_is_asked_again_is_open_again_and_what_was_declined_stays_so(
    base: Store,
) -> None:
    with base.writing(by="operator") as records:
        one = records.learning.propose(a_proposal("甲"))
        other = records.learning.propose(a_proposal("乙"))
        records.learning.save_proposal(accept(one, EDITOR, NOON), "proposal.accepted")
        records.learning.save_proposal(decline(other, EDITOR, NOON), "proposal.declined")
        assert records.learning.join(one.id, Source.PICK, NOON).state is ProposalState.OPEN
        assert records.learning.join(other.id, Source.PICK, NOON).state is ProposalState.DECLINED


def test_a_standing_counts_open_reports_on_the_revision_on_the_air(base: Store) -> None:
    with base.writing(by="operator") as records:
        report = records.learning.report
        report(a_report())
        report(a_report(by="", staff=False, at=NOON - timedelta(hours=1)))
        report(a_report(by="", staff=False))
        report(a_report(entry_id=3))
        assert records.learning.standings([1, 2]) == {1: Standing(1, 1, 2, NOON - timedelta(hours=1))}
        assert [each.entry_id for each in records.learning.reported()] == [1, 3]
        assert [each.entry_id for each in records.learning.reported("office")] == [3]
        assert records.learning.counts() == {"proposals": 0, "reported": 2}
    with base.writing(by="system") as records:
        newer = revised(records.entries.get(1), "第一问改")
        records.entries.save(replace(newer, published_revision=newer.revision), "entry.published")
        assert records.learning.standings([1]) == {}


def test_the_same_person_reports_a_revision_once(base: Store) -> None:
    with base.writing(by="operator") as records:
        first = records.learning.report(a_report())
        assert records.learning.report(a_report("别的问题")) == first
        records.learning.report(a_report(by="", staff=False, reporter="visitor"))
        records.learning.report(a_report(by="", staff=False, reporter="visitor"))
        assert records.learning.standings([1])[1] == Standing(1, 1, 1, NOON)
        records.learning.close_reports(1, Resolution.CORRECT, "无误")
        assert records.learning.report(a_report()).id != first.id


def test_closing_reports_keeps_who_when_and_why(base: Store) -> None:
    with base.writing(by="operator") as records:
        records.learning.report(a_report())
        records.learning.report(a_report(by="other"))
    with base.writing(by="head", at=NOON) as records:
        assert records.learning.close_reports(1, Resolution.CORRECT, "与文件一致") == 2
        assert records.learning.close_reports(1, Resolution.CORRECT, "再来一次") == 0
    with base.reading() as records:
        reports = records.learning.reports(1)
        assert {(each.resolution, each.reason, each.closed_by, each.closed_at) for each in reports} == {
            (Resolution.CORRECT, "与文件一致", "head", NOON)
        }
        assert tuple(reversed(reports)) == records.learning.all_reports()
        assert records.learning.standings([1]) == {}


def test_whether_an_entry_was_the_answer_to_a_question_is_in_the_log(base: Store) -> None:
    with base.writing(by="system") as records:
        records.questions.add(an_asked_question("answered", 1, question="甲"))
        records.questions.add(an_asked_question("choices", None, question="乙"))
        assert records.learning.answered("甲", 1)
        assert not records.learning.answered("乙", 1)
        assert not records.learning.answered("甲", 2)
