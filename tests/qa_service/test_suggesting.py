"""Typing ahead over published questions."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import Channel, InsuredGroup
from knowledge.store import AskedQuestion
from qa_service.settings import Settings
from qa_service.suggesting import Suggestions
from tests.qa_service.http.calling import ALLOWANCE, Service, running

PLAIN = replace(ALLOWANCE, citations=(), keywords=())


@pytest.fixture
def service(tmp_path: Path, segmenter: Segmenter) -> Iterator[Service]:
    with running(Settings(data=tmp_path), segmenter) as running_service:
        yield running_service


def suggestions(service: Service) -> Suggestions:
    application = service.application
    return Suggestions(application.store, application.index, application.today)


def found(service: Service, typed: str, limit: int = 8, **scope: object) -> list[str]:
    on = Scope(on=service.application.today(), **scope)  # type: ignore[arg-type]  # whatever the test narrows
    return [each.question for each in suggestions(service).suggest(typed, on, limit)]


def asked(service: Service, entry_id: int, times: int) -> None:
    with service.application.store.writing("system") as records:
        for _ in range(times):
            records.questions.add(
                AskedQuestion(
                    "q", "answered", entry_id, 1, 0.9, Channel.API, "", "", "", None, 1.0, service.clock()
                )
            )


def test_what_begins_so_goes_before_what_contains_it(service: Service) -> None:
    service.publish(replace(PLAIN, question="怎样领取生育津贴？", variants=()))
    service.publish(replace(PLAIN, question="生育津贴多少钱？", variants=()))
    assert found(service, "生育津贴") == ["生育津贴多少钱？", "怎样领取生育津贴？"]


def test_what_is_asked_often_goes_first(service: Service) -> None:
    service.publish(replace(PLAIN, question="生育津贴多少钱？", variants=()))
    often = service.publish(replace(PLAIN, question="生育津贴去哪领？", variants=()))
    asked(service, often.id, times=3)
    assert found(service, "生育") == ["生育津贴去哪领？", "生育津贴多少钱？"]


def test_an_entry_is_suggested_once_however_many_of_its_phrasings_match(service: Service) -> None:
    service.publish(PLAIN)
    assert found(service, "生育津贴") == [PLAIN.question]


def test_the_phrasing_that_matched_is_told(service: Service) -> None:
    service.publish(PLAIN)
    (only,) = suggestions(service).suggest("生孩子", Scope(on=service.application.today()), 5)
    assert (only.question, only.phrasing) == (PLAIN.question, "生孩子的钱怎么领")


@pytest.mark.parametrize("typed", ["", "  ", "？？", "\n", "\x00"])
def test_nothing_typed_suggests_nothing(service: Service, typed: str) -> None:
    service.publish(PLAIN)
    assert found(service, typed) == []


def test_a_line_is_never_matched_across_its_end(service: Service) -> None:
    service.publish(replace(PLAIN, question="生育津贴", variants=("怎么领",)))
    assert found(service, "生育津贴怎么领") == []
    assert found(service, "津贴\n怎么") == []


def test_no_more_than_wanted_are_suggested(service: Service) -> None:
    for number in range(5):
        service.publish(replace(PLAIN, question=f"生育津贴第{number}问", variants=()))
    assert len(found(service, "生育", limit=3)) == 3


def test_what_the_asker_may_not_use_is_not_suggested(service: Service) -> None:
    service.publish(replace(PLAIN, region="330100", insured_group=InsuredGroup.EMPLOYEE, audience="女职工"))
    assert len(found(service, "生育")) == 1
    assert len(found(service, "生育", region="330100", insured_group="employee", audience="女职工")) == 1
    assert found(service, "生育", region="420100") == []
    assert found(service, "生育", insured_group="resident") == []
    assert found(service, "生育", audience="学生") == []


def test_what_begins_tomorrow_is_suggested_tomorrow(service: Service) -> None:
    service.publish(replace(PLAIN, effective_from=service.day(after=1)))
    assert found(service, "生育") == []
    service.clock.advance(days=1)
    assert found(service, "生育") == [PLAIN.question]


def test_a_repealed_document_takes_its_entries_from_the_list(service: Service) -> None:
    law = service.register()
    service.publish(ALLOWANCE)
    kept = suggestions(service)
    scope = Scope(on=service.application.today())
    assert len(kept.suggest("生育", scope, 5)) == 1
    service.repeal(law)
    assert kept.suggest("生育", scope, 5) == ()
