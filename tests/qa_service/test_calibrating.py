"""The highest wrong-answer rate, the thresholds that follow, and recalibration with the bureau's own outcomes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indexer.calibration import ALONE, Calibration, Point, Thresholds
from indexer.platt import Judged
from indexer.segment import Segmenter
from knowledge.entry import Channel, FaqEntry
from knowledge.errors import Conflict, InvalidValue, NotAllowed
from knowledge.learning import Confirmed, Resolution, Source, WrongReport
from knowledge.people import Member
from knowledge.store import AskedQuestion, AuditFilter, Records, Store
from qa_service.ask import Answered, Choices
from qa_service.calibrating import ENOUGH, Calibrating, blended
from qa_service.own_outcomes import own_outcomes
from tests import cast
from tests.qa_service.bureau import Bureau, bureau_at

STEPS = tuple(number / 100 for number in range(1, 100))
OF_VECTORS = Calibration(tuple(Point(p, float(p >= 0.5), p, True) for p in STEPS for _ in range(20)))
"""Right from a half on."""
OF_WORDS = Calibration(tuple(Point(p, float(p >= 0.8), p, True) for p in STEPS for _ in range(20)))
"""Right from four fifths on."""


def our_points(encoder: str) -> Calibration:
    return OF_VECTORS if encoder.removesuffix(ALONE) else OF_WORDS


@pytest.fixture
def calibrating(bureau: Bureau) -> Calibrating:
    return replace(bureau.application.calibrating, shipped=our_points)


@contextmanager
def a_bureau(url: str, data: Path, segmenter: Segmenter, **settings: Any) -> Iterator[Calibrating]:
    with bureau_at(url, data, segmenter, **settings) as bureau:
        yield replace(bureau.application.calibrating, shipped=our_points)


class TestTheRate:
    def test_is_two_in_a_hundred_until_somebody_sets_it(self, calibrating: Calibrating) -> None:
        assert calibrating.rate() == 0.02
        assert calibrating.in_force() == OF_WORDS.thresholds(0.02)

    def test_of_the_settings_holds_until_an_administrator_chooses(
        self, sqlite_url: str, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        with a_bureau(sqlite_url, tmp_path, segmenter, highest_wrong_rate=0.05) as calibrating:
            assert calibrating.in_force() == OF_WORDS.thresholds(0.05)
            calibrating.choose(0.01, cast.ADMIN)
            assert calibrating.in_force() == OF_WORDS.thresholds(0.01)

    def test_is_kept_with_who_and_when(self, bureau: Bureau, calibrating: Calibrating) -> None:
        calibrating.choose(0.015, cast.ADMIN)
        chosen = calibrating.kept().rate
        assert chosen is not None
        assert (chosen.value, chosen.by, chosen.moment) == (0.015, "admin", bureau.clock())
        with bureau.application.store.reading() as records:
            (line,) = records.audit.list(AuditFilter(by="admin")).items
        assert (line.action, line.subject_id) == ("state.set", "calibration")
        assert line.detail == "答错率上限由2%改为1.5%"

    @pytest.mark.parametrize("rate", [0.0, -0.01, 0.51, 2.0, float("nan")])
    def test_that_nobody_can_mean_is_refused(self, calibrating: Calibrating, rate: float) -> None:
        with pytest.raises(InvalidValue, match="应大于0、不超过50%"):
            calibrating.choose(rate, cast.ADMIN)
        assert calibrating.kept().rate is None

    @pytest.mark.parametrize(
        "member", [m for m in cast.MEMBERS if m is not cast.ADMIN], ids=lambda m: m.login
    )
    def test_is_the_administrators_to_choose(self, calibrating: Calibrating, member: Member) -> None:
        for act in (calibrating.apply, calibrating.reset, lambda by: calibrating.choose(0.01, by)):
            with pytest.raises(NotAllowed):
                act(member)

    def test_is_in_force_with_the_next_question(self, bureau: Bureau) -> None:
        bureau.furnish()
        calibrating = bureau.application.calibrating
        before = bureau.ask("异地备案", record=False).thresholds
        calibrating.choose(0.2, cast.ADMIN)
        after = bureau.ask("异地备案", record=False).thresholds
        # None of these entries has similar questions.
        assert after == calibrating.in_force(of_entries_alone=True)
        assert after != calibrating.in_force()
        assert after.answer < before.answer

    def test_whoever_else_serves_from_the_record_takes_it_in_with_the_next_question(
        self, store_url: str, bureau: Bureau
    ) -> None:
        with closing(Store.open(store_url)) as store:
            other = replace(bureau.application.calibrating, store=store)
            before = other.in_force()
            bureau.application.calibrating.choose(0.2, cast.ADMIN)
            assert (other.rate(), other.in_force().answer < before.answer) == (0.2, True)


class TestThresholds:
    def test_of_a_search_by_words_alone_are_its_own(self, calibrating: Calibrating) -> None:
        kept = calibrating.kept()
        assert calibrating.thresholds(kept, "zhengda-e5-small") == OF_VECTORS.thresholds(0.02)
        assert calibrating.thresholds(kept, "") == OF_WORDS.thresholds(0.02)

    @pytest.mark.parametrize(
        ("fixed", "expected"),
        [
            ({"answer_threshold": 0.9}, Thresholds(0.9, OF_WORDS.thresholds(0.02).choices)),
            ({"answer_threshold": 0.01}, Thresholds(0.01, 0.01)),
            ({"choices_threshold": 0.2}, replace(OF_WORDS.thresholds(0.02), choices=0.2)),
            ({"answer_threshold": 0.6, "choices_threshold": 0.3}, Thresholds(0.6, 0.3)),
        ],
    )
    def test_that_the_settings_fix_stay(
        self,
        sqlite_url: str,
        tmp_path: Path,
        segmenter: Segmenter,
        fixed: dict[str, float],
        expected: Thresholds,
    ) -> None:
        with a_bureau(sqlite_url, tmp_path, segmenter, **fixed) as calibrating:
            assert calibrating.in_force() == expected

    def test_a_lower_rate_answers_less(self, calibrating: Calibrating) -> None:
        rows = calibrating.table((0.005, 0.02, 0.05, 0.2))
        answered = [row.coverage.answered for row in rows]
        assert answered == sorted(answered)
        assert all(row.coverage.wrong <= row.rate for row in rows)

    def test_where_nothing_keeps_the_rate_only_the_departments_own_words_are_answered(
        self, bureau: Bureau
    ) -> None:
        bureau.furnish()
        nothing = replace(bureau.application.calibrating, shipped=lambda _: Calibration(()))
        parts = replace(bureau.application.answering, calibrating=nothing)
        own = Bureau(replace(bureau.application, answering=parts), bureau.clock)
        assert isinstance(own.ask("异地就医怎么备案？"), Answered)
        assert isinstance(own.ask("异地就医怎样才能备案"), Choices)


def logged(records: Records, bureau: Bureau, entry: FaqEntry, question: str, **changes: Any) -> None:
    asked = AskedQuestion(
        question=question,
        outcome="answered",
        entry_id=entry.id,
        revision=1,
        confidence=0.9,
        channel=Channel.HOTLINE,
        region="",
        insured_group="",
        session="",
        ticket_id=None,
        took_ms=1.0,
        asked_at=bureau.clock(),
    )
    records.questions.add(replace(asked, **changes))


def confirmed(bureau: Bureau, entry: FaqEntry, question: str, **changes: Any) -> Confirmed:
    said = Confirmed(
        question, entry.id, 1, Source.PICK, Channel.HOTLINE, bureau.clock() + timedelta(minutes=1), "operator"
    )
    return replace(said, **changes)


def reported(bureau: Bureau, entry: FaqEntry, question: str, **changes: Any) -> WrongReport:
    at = bureau.clock() + timedelta(minutes=1)
    return replace(WrongReport(question, entry.id, 1, True, Channel.HOTLINE, at, by="operator"), **changes)


def outcomes(bureau: Bureau) -> tuple[Judged, ...]:
    with bureau.application.store.reading() as records:
        return own_outcomes(records, bureau.clock() + timedelta(hours=1))


class TestOwnOutcomes:
    @pytest.fixture
    def two(self, bureau: Bureau) -> tuple[FaqEntry, FaqEntry]:
        first, second, *_ = bureau.furnish().values()
        return first, second

    def test_come_from_picks_confirmations_and_reports(
        self, bureau: Bureau, two: tuple[FaqEntry, FaqEntry]
    ) -> None:
        first, second = two
        with bureau.writing() as records:
            logged(records, bureau, first, "甲", confidence=0.9)
            logged(records, bureau, first, "乙", confidence=0.6, outcome="choices")
            logged(records, bureau, first, "丙", confidence=0.8)
            logged(records, bureau, first, "没有人说什么", confidence=0.7)
            records.learning.confirm(confirmed(bureau, first, "甲", source=Source.CONFIRMED))
            records.learning.confirm(confirmed(bureau, second, "乙"))
            records.learning.report(reported(bureau, first, "丙"))
        assert set(outcomes(bureau)) == {Judged(0.9, 1.0), Judged(0.6, 0.0), Judged(0.8, 0.0)}

    def test_a_question_counts_once_and_wrong_when_anybody_says_so(
        self, bureau: Bureau, two: tuple[FaqEntry, FaqEntry]
    ) -> None:
        first, _ = two
        with bureau.writing() as records:
            logged(records, bureau, first, "甲")
            records.learning.report(reported(bureau, first, "甲"))
            for visitor in ("one", "another"):
                records.learning.confirm(confirmed(bureau, first, "甲", by="", reporter=visitor))
        assert outcomes(bureau) == (Judged(0.9, 0.0),)

    @pytest.mark.parametrize(
        "changes",
        [
            {"source": Source.TICKET},
            {"channel": Channel.WEBSITE},
            {"at_days": 2},
            {"at_days": -1},
            {"question": "乙"},
        ],
    )
    def test_words_on_another_occasion_say_nothing(
        self, bureau: Bureau, two: tuple[FaqEntry, FaqEntry], changes: dict[str, Any]
    ) -> None:
        first, _ = two
        said = confirmed(bureau, first, "甲")
        if days := changes.pop("at_days", 0):
            changes["at"] = bureau.clock() + timedelta(days=days)
        with bureau.writing() as records:
            logged(records, bureau, first, "甲")
            records.learning.confirm(replace(said, **changes))
        assert outcomes(bureau) == ()

    @pytest.mark.parametrize("resolution", [Resolution.CORRECT, Resolution.REVISED])
    def test_reports_that_told_nothing_of_the_search_are_left_out(
        self, bureau: Bureau, two: tuple[FaqEntry, FaqEntry], resolution: Resolution
    ) -> None:
        first, _ = two
        with bureau.writing() as records:
            logged(records, bureau, first, "甲")
            records.learning.report(reported(bureau, first, "甲"))
            records.learning.close_reports(first.id, resolution, "与文件一致")
        assert outcomes(bureau) == ()

    def test_are_gathered_from_what_people_really_do(
        self, bureau: Bureau, two: tuple[FaqEntry, FaqEntry]
    ) -> None:
        first, second = two
        learning = bureau.application.learning
        offered = bureau.must_offer("生育津贴怎么领")
        learning.pick("生育津贴怎么领", second.id, Channel.HOTLINE, "operator")
        answered = bureau.must_answer("异地就医怎么备案呢")
        learning.report("异地就医怎么备案呢", answered.answer.entry.id, Channel.HOTLINE, "operator")
        bureau.must_answer("职工生育津贴怎么领取")
        learning.pick("职工生育津贴怎么领取", first.id, Channel.HOTLINE, "operator")
        assert offered.hits[0].entry.id == first.id
        assert sorted(judged.right for judged in outcomes(bureau)) == [0.0, 0.0, 1.0]


class TestRecalibration:
    @pytest.fixture
    def entry(self, bureau: Bureau) -> FaqEntry:
        return next(iter(bureau.furnish().values()))

    def fill(self, bureau: Bureau, entry: FaqEntry, number: int, right: float) -> None:
        """So many outcomes at .9, of which this share was right."""
        with bureau.writing() as records:
            for each in range(number):
                logged(records, bureau, entry, f"问题{each}", confidence=0.9)
                if each < number * right:
                    records.learning.confirm(confirmed(bureau, entry, f"问题{each}"))
                else:
                    records.learning.report(reported(bureau, entry, f"问题{each}", by=f"operator{each}"))
        bureau.clock.now += timedelta(hours=1)

    def test_says_how_many_are_missing(
        self, bureau: Bureau, entry: FaqEntry, calibrating: Calibrating
    ) -> None:
        self.fill(bureau, entry, 3, 1.0)
        found = calibrating.recalibration()
        assert (found.outcomes, found.missing, found.map) == (3, ENOUGH - 3, None)
        assert found.obstacle == "已有3条结果，还差197条才能校准"
        with pytest.raises(Conflict, match="还差197条"):
            calibrating.apply(cast.ADMIN)

    def test_that_went_worse_than_promised_raises_the_threshold(
        self, bureau: Bureau, entry: FaqEntry, calibrating: Calibrating
    ) -> None:
        before = calibrating.in_force()
        self.fill(bureau, entry, ENOUGH, 0.6)
        found = calibrating.recalibration()
        assert (found.outcomes, found.wrong) == (ENOUGH, ENOUGH * 0.4)
        assert found.after is not None
        assert found.after.thresholds.answer > before.answer
        assert calibrating.in_force() == before
        calibrating.apply(cast.ADMIN)
        assert calibrating.in_force() == found.after.thresholds
        own = calibrating.kept().own
        assert own is not None
        assert (own.family, own.outcomes, own.by, own.moment) == ("words", 200, "admin", bureau.clock())
        assert "state.set" in bureau.actions()
        calibrating.reset(cast.ADMIN)
        assert calibrating.in_force() == before
        with pytest.raises(Conflict, match="随附"):
            calibrating.reset(cast.ADMIN)

    def test_that_went_better_lowers_it(
        self, bureau: Bureau, entry: FaqEntry, calibrating: Calibrating
    ) -> None:
        self.fill(bureau, entry, ENOUGH, 0.75)
        worse = calibrating.recalibration().after
        self.fill(bureau, entry, 8 * ENOUGH, 1.0)
        better = calibrating.recalibration().after
        assert worse is not None
        assert better is not None
        assert better.thresholds.answer < worse.thresholds.answer

    def test_counts_for_what_it_was_fitted_with_and_leaves_the_rate_alone(
        self, bureau: Bureau, entry: FaqEntry, calibrating: Calibrating
    ) -> None:
        calibrating.choose(0.05, cast.ADMIN)
        self.fill(bureau, entry, ENOUGH, 0.6)
        calibrating.apply(cast.ADMIN)
        kept = calibrating.kept()
        assert calibrating.rate() == 0.05
        assert calibrating.thresholds(kept, "zhengda-e5-small") == OF_VECTORS.thresholds(0.05)

    def test_the_shipped_points_count_as_many_as_are_enough(self) -> None:
        judged = blended([Judged(0.9, 1.0)] * 3, OF_WORDS)
        assert sum(each.weight for each in judged) == pytest.approx(ENOUGH + 3)
