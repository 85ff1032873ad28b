"""What callers call something else: when it is refused, its formal name is tried, and what that finds is offered."""

from indexer.explaining import How
from knowledge.entry import Channel
from qa_service.ask import Asker, Choices, Unanswered, consider, in_formal_words
from qa_service.explaining import Reason, explain_outcome
from tests.qa_service.bureau import Bureau

ASKED = "生孩子的钱怎么领"


def asked(bureau: Bureau, question: str) -> tuple[Unanswered, Choices | Unanswered]:
    """The outcome in the caller's words, which is a refusal, and what comes of it."""
    asker, now = Asker(channel=Channel.HOTLINE, record=False), bureau.clock()
    first = consider(question, asker, bureau.application.answering, now)
    assert isinstance(first, Unanswered)
    second = in_formal_words(first, asker, bureau.application.answering, now)
    assert isinstance(second, Choices | Unanswered)
    return first, second


def test_what_the_formal_name_finds_is_offered_and_said_why(bureau: Bureau) -> None:
    bureau.put_on_the_air("生育津贴怎么领取？")
    bureau.put_on_the_air("异地就医怎么备案？")
    first, offered = asked(bureau, ASKED)
    assert isinstance(offered, Choices)
    assert offered.options[0].entry.text.question == "生育津贴怎么领取？"
    assert offered.question == first.question == ASKED
    assert "“生育津贴”" in offered.note
    assert offered.reach > first.reach


def test_what_the_formal_name_does_not_find_either_stays_refused(bureau: Bureau) -> None:
    bureau.put_on_the_air("异地就医怎么备案？")
    first, second = asked(bureau, ASKED)
    assert second is first


def test_without_people_s_words_nothing_is_searched_again(bureau: Bureau) -> None:
    bureau.put_on_the_air("异地就医怎么备案？")
    first, second = asked(bureau, "今天天气真好")
    assert second is first


def test_asking_offers_it(bureau: Bureau) -> None:
    bureau.put_on_the_air("生育津贴怎么领取？")
    bureau.put_on_the_air("异地就医怎么备案？")
    assert isinstance(bureau.ask(ASKED), Choices)


def test_the_explanation_tells_what_was_searched_for_instead(bureau: Bureau) -> None:
    bureau.put_on_the_air("生育津贴怎么领取？")
    bureau.put_on_the_air("异地就医怎么备案？")
    why = explain_outcome(asked(bureau, ASKED)[1])
    assert why is not None
    assert why.reason is Reason.RENAMED
    assert "把“生孩子的钱”换成“生育津贴”后" in why.text
    first = why.entries[0].words
    assert ("生孩子的钱", How.SYNONYM) in {(word.said, word.how) for word in first if "津贴" in word.matched}
