"""What was not answered goes to the department that owns the policy."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.segment import Segmenter
from knowledge.errors import ZhengdaError
from knowledge.ticket import Occurrence, Ticket, TicketStatus
from qa_service.composition import build
from qa_service.misses import HARDLY_OURS, RELATED_BY_WORDS, SAME_BY_WORDS, Filed, contrary, dice, route
from qa_service.receipts import read_receipt
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.bureau import Bureau, bureau_at

IDENTITY = "11010519491231002X"
"""The example of GB 11643."""


def ticket(bureau: Bureau, filed: Filed) -> Ticket:
    with bureau.application.store.reading() as records:
        return records.tickets.get(filed.ticket_id)


def occurrences(bureau: Bureau, filed: Filed) -> tuple[Occurrence, ...]:
    with bureau.application.store.reading() as records:
        return records.tickets.occurrences(filed.ticket_id)


class TestJoining:
    @pytest.mark.parametrize(
        "again",
        [
            "异地生孩子怎么报销",
            "异地生孩子怎么报销？",
            "請問異地生孩子怎麼報銷",
            "异地生孩子怎么报销呢",
            " 异地　生孩子，怎么报销 ",
        ],
    )
    def test_the_same_question_joins_the_open_ticket(self, bureau: Bureau, again: str) -> None:
        first = bureau.file("异地生孩子怎么报销")
        second = bureau.file(again)
        assert (first.joined, second.joined) == (False, True)
        assert second.ticket_id == first.ticket_id
        assert second.receipt != first.receipt
        assert ticket(bureau, first).occurrences == 2
        assert [asked.question for asked in occurrences(bureau, first)] == ["异地生孩子怎么报销", again]

    @pytest.mark.parametrize(
        "other",
        [
            "本地生孩子怎么报销吗还是要备案",
            "异地住院怎么报销",
            "医保卡丢了怎么补办",
            "异地生孩子能休几天产假",
        ],
    )
    def test_another_question_opens_its_own(self, bureau: Bureau, other: str) -> None:
        first = bureau.file("异地生孩子怎么报销")
        assert not bureau.file(other).joined
        assert ticket(bureau, first).occurrences == 1

    def test_it_joins_the_most_alike(self, bureau: Bureau) -> None:
        bureau.file("异地生孩子怎么报销费用")
        nearest = bureau.file("异地住院怎么办理备案手续")
        assert bureau.file("异地住院怎么办理备案手续呢").ticket_id == nearest.ticket_id

    @pytest.mark.parametrize("status", list(TicketStatus))
    def test_it_joins_while_the_ticket_waits_for_its_answer(
        self, bureau: Bureau, status: TicketStatus
    ) -> None:
        filed = bureau.file("异地生孩子怎么报销")
        stored = ticket(bureau, filed)
        with bureau.writing() as records:
            records.tickets.save(_with_status(stored, status), "ticket.changed")
        expected = status in (TicketStatus.OPEN, TicketStatus.ASSIGNED, TicketStatus.ANSWERED)
        assert bureau.file("异地生孩子怎么报销").joined is expected

    def test_many_who_ask_at_once_open_one_ticket(self, bureau: Bureau) -> None:
        with ThreadPoolExecutor(6) as pool:
            filed = list(pool.map(lambda _: bureau.file("异地生孩子怎么报销"), range(12)))
        assert len({each.ticket_id for each in filed}) == 1
        assert sorted(each.joined for each in filed) == [False] + [True] * 11
        assert len({each.receipt for each in filed}) == 12
        assert ticket(bureau, filed[0]).occurrences == 12

    def test_a_question_in_other_words_joins_by_its_meaning(
        self, store_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        with bureau_at(store_url, tmp_path, segmenter, encoder="bundled") as bureau:
            first = bureau.file("异地就医备案多久能生效")
            longer = "请问我刚办好了异地就医备案，大概多久能生效呀"
            assert RELATED_BY_WORDS < alike("异地就医备案多久能生效", longer, segmenter) < SAME_BY_WORDS
            assert bureau.file(longer).ticket_id == first.ticket_id
            assert not bureau.file("异地就医备案多久能取消").joined

    def test_a_ticket_that_was_settled_in_between_is_not_joined(self, bureau: Bureau) -> None:
        """The likeliest ticket is looked for before the transaction that joins it."""
        first = bureau.file("异地生孩子怎么报销")
        misses = bureau.application.misses
        look = misses._same_question

        def look_and_be_overtaken(question: str, waiting: object) -> int | None:
            found = look(question, waiting)  # type: ignore[arg-type]  # handed on as it came
            with bureau.writing() as records:
                stored = records.tickets.get(first.ticket_id)
                records.tickets.save(_with_status(stored, TicketStatus.DISMISSED), "ticket.dismissed")
            return found

        misses._same_question = look_and_be_overtaken  # type: ignore[method-assign]  # the moment cannot be had otherwise
        second = bureau.file("异地生孩子怎么报销")
        assert (second.joined, second.ticket_id == first.ticket_id) == (False, False)


def _with_status(ticket: Ticket, status: TicketStatus) -> Ticket:
    return Ticket(**{**vars(ticket), "status": status})


CONTRARY = [
    ("职工住院报销比例是多少", "居民住院报销比例是多少"),
    ("异地就医备案怎么办理", "异地就医备案怎么取消"),
    ("城乡居民医保参保登记需要带哪些材料去办理", "城乡居民医保停保登记需要带哪些材料去办理"),
    ("职工医保断缴三个月有什么影响", "职工医保断缴一个月有什么影响"),
    ("异地就医备案没办能报销吗", "异地就医备案办了能报销吗"),
    ("深圳的医保能转到杭州吗", "杭州的医保能转到深圳吗"),
    ("个人账户可以给父母用吗", "个人账户可以给孩子用吗"),
    ("交满3年医保能退休吗", "交满5年医保能退休吗"),
    ("做CT能报吗", "做核磁能报吗"),
]


class TestContrary:
    """Near in words, nearer still in meaning, and the answer to one is wrong for the other."""

    @pytest.mark.parametrize(("one", "other"), CONTRARY)
    def test_questions_that_differ_in_what_they_are_about(
        self, segmenter: Segmenter, one: str, other: str
    ) -> None:
        assert contrary(one, other, segmenter)
        assert contrary(other, one, segmenter)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("异地生孩子怎么报销", "異地生孩子怎麼報銷？"),
            ("火车票能报吗", "请问一下火车票能报吗，谢谢"),
            ("门诊能报吗", "门诊能不能报"),
            ("我电话【电话】，火车票改签的钱医保给报吗", "火车票改签的钱医保给不给报"),
        ],
    )
    def test_the_same_question_at_another_length_or_in_another_script_is_not(
        self, segmenter: Segmenter, one: str, other: str
    ) -> None:
        assert not contrary(one, other, segmenter)
        assert not contrary(other, one, segmenter)

    @given(st.text(alphabet="医保报销不能没有备案怎么吗 ", max_size=20))
    def test_no_question_is_contrary_to_itself(self, segmenter: Segmenter, text: str) -> None:
        assert not contrary(text, text, segmenter)

    @pytest.mark.parametrize("encoder", ["none", "bundled"])
    def test_they_never_share_a_ticket(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter, encoder: str
    ) -> None:
        with bureau_at(sqlite_url, tmp_path, segmenter, encoder=encoder) as bureau:
            for one, other in CONTRARY:
                bureau.file(one)
                assert not bureau.file(other).joined, (one, other)


def alike(one: str, other: str, segmenter: Segmenter) -> float:
    return dice(frozenset(segmenter.terms(one)), frozenset(segmenter.terms(other)))


class TestDice:
    def test_worked_out_by_hand(self) -> None:
        assert dice(frozenset("abc"), frozenset("bcde")) == pytest.approx(4 / 7)
        assert dice(frozenset("ab"), frozenset("ab")) == 1.0
        assert dice(frozenset("ab"), frozenset("cd")) == 0.0
        assert dice(frozenset(), frozenset()) == 0.0

    @given(st.frozensets(st.integers(0, 9).map(str)), st.frozensets(st.integers(0, 9).map(str)))
    def test_it_is_symmetric_and_between_none_and_all(
        self, left: frozenset[str], right: frozenset[str]
    ) -> None:
        assert dice(left, right) == dice(right, left)
        assert 0.0 <= dice(left, right) <= 1.0


class TestRouting:
    def test_the_owner_of_most_of_what_lies_nearest_gets_it(self) -> None:
        # 1 + 1/3 of 1 + 1/2 + 1/3
        assert route([("a", 0.3), ("b", 0.2), ("a", 0.1)]) == "a"

    def test_nobody_gets_it_when_no_owner_has_more_than_half(self) -> None:
        # 1 of 1 + 1/2 + 1/3 + 1/4 + 1/5 = 0.44
        assert route([("a", 0.3), ("b", 0.2), ("c", 0.1), ("d", 0.1), ("e", 0.1)]) == ""

    def test_only_the_first_five_have_a_vote(self) -> None:
        assert route([("a", 0.3)] * 5 + [("b", 0.1)] * 50) == "a"

    def test_half_is_not_more_than_half(self) -> None:
        # 1/2 + 1/3 + 1/6 would tie with 1; with four: 1 against 1/2 + 1/3 + 1/4
        assert route([("a", 0.3), ("b", 0.2), ("b", 0.1), ("b", 0.1)]) == "b"
        assert route([]) == ""

    def test_nobody_owns_what_is_hardly_a_question_for_this_base(self, bureau: Bureau) -> None:
        nearest = [("benefits", 0.1)] * 5
        assert route(nearest, reach=HARDLY_OURS) == "benefits"
        assert route(nearest, reach=HARDLY_OURS - 0.001) == ""
        assert bureau.file("火车票能报吗", nearest=nearest, reach=0.0).department == "office"

    def test_the_department_that_a_person_names_goes_first(self, bureau: Bureau) -> None:
        filed = bureau.file("异地生孩子怎么报销", nearest=[("benefits", 0.9)], department="settlement")
        assert ticket(bureau, filed).department == "settlement"

    def test_when_unsure_it_goes_to_the_office(self, bureau: Bureau) -> None:
        nearest = [("benefits", 0.1), ("settlement", 0.1), ("settlement", 0.1)]
        assert bureau.file("火车票能报吗", nearest=[]).department == "office"
        assert bureau.file("改签费给不给报", nearest=[*nearest, ("benefits", 0.1)]).department == "benefits"

    def test_without_an_office_it_says_what_to_do(
        self, store_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        application = build(
            Settings(data=tmp_path, database_url=store_url, encoder="none"), segmenter=segmenter
        )
        try:
            with pytest.raises(ZhengdaError, match="尚未设置办公室"):
                Bureau(application, lambda: datetime.now(UTC)).file("火车票能报吗", nearest=[])  # type: ignore[arg-type]  # any clock will do
        finally:
            application.close()


class TestDeadline:
    """Five working days, by the State Council's calendar of 2026: National Day from 1 to 7 October, Saturday 10
    October worked; Mid-Autumn from 25 to 27 September, Sunday 20 September worked.
    """

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            (datetime(2026, 3, 2, 2, tzinfo=UTC), date(2026, 3, 9)),  # an ordinary Monday
            (datetime(2026, 9, 30, 2, tzinfo=UTC), date(2026, 10, 13)),  # 8, 9, Sat 10, 12, 13 October
            (
                datetime(2026, 9, 28, 2, tzinfo=UTC),
                date(2026, 10, 10),
            ),  # 29, 30 September, 8, 9, Sat 10 October
            (datetime(2026, 10, 1, 2, tzinfo=UTC), date(2026, 10, 13)),  # asked on the holiday itself
            (datetime(2026, 9, 18, 2, tzinfo=UTC), date(2026, 9, 24)),  # Sun 20, 21, 22, 23, 24 September
            (datetime(2026, 9, 29, 17, tzinfo=UTC), date(2026, 10, 13)),  # past midnight in China
        ],
    )
    def test_around_national_day_2026(self, bureau: Bureau, asked: datetime, due: date) -> None:
        assert bureau.file("火车票能报吗", now=asked).due_on == due

    def test_the_bureaus_own_calendar_goes_before_the_nations(self, bureau: Bureau) -> None:
        with bureau.writing() as records:
            records.calendar.set_days({date(2026, 10, 8): False, date(2026, 10, 11): True})
        asked = datetime(2026, 9, 30, 2, tzinfo=UTC)
        # 9, Sat 10, Sun 11, 12, 13 October
        assert bureau.file("火车票能报吗", now=asked).due_on == date(2026, 10, 13)

    def test_beyond_the_known_years_the_week_decides(self, bureau: Bureau) -> None:
        assert bureau.file("火车票能报吗", now=datetime(2031, 9, 30, 2, tzinfo=UTC)).due_on == date(
            2031, 10, 7
        )

    def test_a_ticket_is_overdue_after_its_last_day(self, bureau: Bureau) -> None:
        opened = ticket(bureau, bureau.file("火车票能报吗", now=datetime(2026, 9, 30, 2, tzinfo=UTC)))
        assert not opened.overdue(date(2026, 10, 13))
        assert opened.overdue(date(2026, 10, 14))

    def test_joining_does_not_move_it(self, bureau: Bureau) -> None:
        first = bureau.file("火车票能报吗")
        later = bureau.file("火车票能报吗", now=datetime(2026, 10, 9, 2, tzinfo=UTC))
        assert later.due_on == first.due_on

    @pytest.fixture
    def one_day(self, store_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Bureau]:
        with bureau_at(store_url, tmp_path, segmenter, ticket_working_days=1) as made:
            yield made

    def test_the_number_of_days_is_a_setting(self, one_day: Bureau) -> None:
        filed = one_day.file("火车票能报吗", now=datetime(2026, 9, 30, 2, tzinfo=UTC))
        assert filed.due_on == date(2026, 10, 8)


class TestWhatIsKept:
    def test_personal_data_is_masked_whatever_the_caller_did(self, bureau: Bureau) -> None:
        filed = bureau.file(f"我的身份证{IDENTITY}，电话13812345678，火车票能报吗")
        kept = "我的身份证【身份证号】，电话【电话】，火车票能报吗"
        assert ticket(bureau, filed).question == kept
        assert occurrences(bureau, filed)[0].question == kept
        assert IDENTITY not in repr(bureau.contents())
        assert "13812345678" not in repr(bureau.contents())

    def test_what_is_known_of_the_asker_is_kept_with_the_occurrence(self, bureau: Bureau) -> None:
        filed = bureau.file(
            "火车票能报吗",
            region="330100",
            insured_group="employee",
            audience="学生",
            session="s-1",
            asked_by="operator",
            callback=" 下午回电 ",
        )
        asked = occurrences(bureau, filed)[0]
        assert (asked.region, asked.insured_group, asked.audience) == ("330100", "employee", "学生")
        assert (asked.session, asked.asked_by, asked.callback) == ("s-1", "operator", "下午回电")
        assert asked.asked_at == bureau.clock()


class TestReceipts:
    def read(self, bureau: Bureau, filed: Filed) -> tuple[TicketStatus, str, str]:
        """How far it has come, the published answer, and the reason for having none."""
        with bureau.application.store.reading() as records:
            progress = read_receipt(filed.receipt, records, bureau.application.today())
        return progress.ticket.status, progress.answer.text.answer if progress.answer else "", progress.reason

    def test_each_asker_reads_the_answer_once_it_is_published(self, bureau: Bureau) -> None:
        first, second = bureau.file("双胞胎的津贴怎么算"), bureau.file("双胞胎的津贴怎么算呢")
        assert self.read(bureau, second) == (TicketStatus.OPEN, "", "")
        text = bureau.store_published("占位").text
        stored = ticket(bureau, first)
        _, entry = bureau.application.inbox.answer(stored.id, stored.version, cast.EDITOR, text)
        assert self.read(bureau, first) == (TicketStatus.ANSWERED, "", "")
        bureau.sign_all(entry)
        for filed in (first, second):
            assert self.read(bureau, filed) == (TicketStatus.CLOSED, "按规定办理。", "")

    def test_a_dismissal_shows_its_reason(self, bureau: Bureau) -> None:
        filed = bureau.file("火车票能报吗")
        bureau.application.inbox.dismiss(filed.ticket_id, 1, cast.HEAD, "不属于医保业务")
        assert self.read(bureau, filed) == (TicketStatus.DISMISSED, "", "不属于医保业务")
