"""What is written down of a question: masked, once, and nothing when that is not wanted."""

import pytest

from knowledge.entry import Channel
from knowledge.ticket import TicketStatus
from qa_service.ask import Unanswered
from tests.qa_service.bureau import Bureau


def grown_since(bureau: Bureau, before: dict[str, int]) -> dict[str, int]:
    """Table → how many rows more it has, of those that have."""
    return {
        name: count - before[name]
        for name, count in bureau.rows().items()
        if count != before[name] and name != "counters"
    }


@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
def test_without_it_nothing_is_written_anywhere(bureau: Bureau, thresholds: tuple[float, float]) -> None:
    bureau.furnish()
    rows, contents = bureau.rows(), bureau.contents()
    outcome = bureau.ask("异地就医怎么备案，我电话13812345678", thresholds, record=False)
    assert bureau.rows() == rows
    assert bureau.contents() == contents
    if isinstance(outcome, Unanswered):
        assert outcome.filed is None


def test_an_answer_is_written_down_with_its_entry(bureau: Bureau) -> None:
    bureau.furnish()
    before = bureau.rows()
    answer = bureau.must_answer("异地就医怎么备案", session="s-1", region="330100", login="operator").answer
    assert grown_since(bureau, before) == {"questions": 1}
    with bureau.application.store.reading() as records:
        assert records.questions.popular() == [(answer.entry.id, 1)]
        assert records.questions.statistics()["questions"] == {"answered": 1}


def test_a_miss_is_written_down_and_queued(bureau: Bureau) -> None:
    bureau.furnish()
    before = bureau.rows()
    filed = bureau.must_miss("火车票改签的钱医保给报吗").filed
    assert filed is not None
    grown = grown_since(bureau, before)
    assert {name: grown[name] for name in ("questions", "tickets", "occurrences", "audit")} == {
        "questions": 1,
        "tickets": 1,
        "occurrences": 1,
        "audit": 1,
    }
    with bureau.application.store.reading() as records:
        ticket, occurrence = records.tickets.by_receipt(filed.receipt)
    assert (ticket.status, ticket.department) == (TicketStatus.OPEN, filed.department)
    assert occurrence.channel is Channel.HOTLINE


def test_choices_are_written_down_and_not_queued(bureau: Bureau) -> None:
    bureau.furnish()
    before = bureau.rows()
    bureau.must_offer("异地就医怎么备案")
    assert grown_since(bureau, before) == {"questions": 1}


@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
def test_personal_data_is_masked_before_anything_is_written(
    bureau: Bureau, thresholds: tuple[float, float]
) -> None:
    bureau.furnish()
    bureau.ask("我是11010519491231002X，电话１３８１２３４５６７８，异地就医怎么备案", thresholds)
    written = repr(bureau.contents())
    assert "我是【身份证号】，电话【电话】，异地就医怎么备案" in written
    assert "11010519491231002X" not in written
    assert "１３８１２３４５６７８" not in written


@pytest.mark.parametrize("chatter", ["你好", "谢谢！", "？？？", "在吗"])
def test_small_talk_opens_no_ticket(bureau: Bureau, chatter: str) -> None:
    bureau.furnish()
    before = bureau.rows()
    assert bureau.must_miss(chatter).filed is None
    assert grown_since(bureau, before) == {"questions": 1}


def test_the_same_miss_again_joins(bureau: Bureau) -> None:
    first, second = (bureau.must_miss("火车票改签的钱医保给报吗").filed for _ in range(2))
    assert first is not None
    assert second is not None
    assert (second.ticket_id, second.joined) == (first.ticket_id, True)
