"""The page of the wrong-answer rate."""

import re

import pytest

from knowledge.people import Member
from qa_service.calibrating import percent
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import Service
from tests.qa_service.http.reading_pages import Browser


def _rate(service: Service) -> float:
    return service.application.calibrating.rate()


def test_the_rates_stand_with_what_they_buy(service: Service) -> None:
    page = Browser(service, cast.ADMIN).get("/calibration")
    assert page.status == 200
    for rate in ("1%", "2%", "3%", "5%"):
        assert f'value="{rate}"' in page.html
    (now,) = service.application.calibrating.table([0.02])
    for share in (now.coverage.answered, now.coverage.offered, now.coverage.wrong):
        assert page.has(f"{share:.1%}")
    assert re.search(r'name="rate" value="2%" checked', page.html)
    assert page.has("语义检索不可用时（只按词语检索）")
    assert page.has("已有0条结果，还差200条才能校准")
    assert page.html.count('href="/calibration"') == 1


def test_the_curve_is_drawn_and_told_in_words(service: Service) -> None:
    page = Browser(service, cast.ADMIN).get("/calibration")
    drawn = re.search(r'<polyline points="([^"]+)"', page.html)
    assert drawn
    points = [tuple(map(float, pair.split(","))) for pair in drawn[1].split()]
    assert len(points) > 50
    assert all(0 <= x <= 480 and 0 <= y <= 200 for x, y in points)
    assert re.search(r'<svg[^>]* role="img" aria-label="[^"]*现行上限2%', page.html)
    assert "style=" not in page.html


def test_a_rate_is_chosen_and_stays(service: Service) -> None:
    browser = Browser(service, cast.ADMIN)
    assert browser.post("/calibration/rate", rate="1%", own="").location == "/calibration?done=rate-chosen"
    assert _rate(service) == 0.01
    page = browser.get("/calibration?done=rate-chosen")
    assert page.has("已保存答错率上限")
    assert page.has("关管理 2026-11-16 10:00")


@pytest.mark.parametrize("typed", ["1.5", "1.5%", " 1.5％ "])
def test_a_rate_of_ones_own_is_typed_in_percent(service: Service, typed: str) -> None:
    browser = Browser(service, cast.ADMIN)
    assert browser.post("/calibration/rate", rate="own", own=typed).status == 303
    assert percent(_rate(service)) == "1.5%"
    assert re.search(r'name="rate" value="1.5%" checked', browser.get("/calibration").html)


@pytest.mark.parametrize("typed", ["", "一", "0", "-1", "51", "nan", "inf", "1e400"])
def test_what_is_no_rate_is_refused_beside_the_field(service: Service, typed: str) -> None:
    page = Browser(service, cast.ADMIN).post("/calibration/rate", rate="own", own=typed)
    assert page.status == 422
    assert page.value("own") == typed
    assert re.search(r'id="own-problem"', page.html)
    assert _rate(service) == 0.02


def test_too_few_outcomes_are_told(service: Service) -> None:
    browser = Browser(service, cast.ADMIN)
    refused = browser.post("/calibration/apply")
    assert refused.status == 409
    assert refused.has("还差200条才能校准")
    assert browser.post("/calibration/reset").status == 409


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
def test_only_administrators_look_and_choose(service: Service, member: Member) -> None:
    browser = Browser(service, member)
    may = member is cast.ADMIN
    assert browser.get("/calibration").status == (200 if may else 403)
    for step in ("rate", "apply", "reset"):
        refused = browser.post(f"/calibration/{step}", rate="1%", own="")
        assert (refused.status != 403) is may, step
    assert (_rate(service) == 0.01) is may


class TestFixed:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"answer_threshold": 0.75})

    def test_thresholds_that_the_settings_fix_are_told(self, service: Service) -> None:
        page = Browser(service, cast.ADMIN).get("/calibration")
        assert page.has("zhengda.toml 里固定了门槛（answer_threshold），以它为准：现行作答门槛 0.750")
