"""The highest wrong-answer rate that is acceptable: choosing it, and seeing what it buys."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from indexer.calibration import RiskPoint
from knowledge.errors import Conflict, InvalidValue
from knowledge.people import Member, Role
from qa_service.calibrating import RATES, Calibrating, Row, percent
from qa_service.http import pages_people as names
from qa_service.http.pages_rendering import render, see_other
from qa_service.http.pages_session import Form, PageMember
from qa_service.http.parts import App

router = APIRouter()
_PAGE = "/calibration"
_OWN = "own"
WIDTH, HEIGHT = 480, 200
"""What the curve is drawn in, without its margins."""
_FEWEST = 0.02
"""Where less of the traffic is answered, one wrong answer would make a peak."""


@dataclass(frozen=True)
class Curve:
    """The risk-coverage curve as it is drawn: `line` are its points, `highest` the wrong share at the top.

    `at` is where the rate in force stands, None where it answers nothing; `limit` is the height of the rate.
    """

    line: str
    highest: float
    at: tuple[float, float] | None
    limit: float


@router.get(_PAGE)
def calibration(request: Request, application: App, member: PageMember) -> Response:
    """What the rate in force buys, and what others would."""
    return _page(request, application, member)


@router.post(f"{_PAGE}/rate")
def choose_rate(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Choose the rate: one of those proposed, or one's own in percent."""
    chosen, own = form.text("rate"), form.text("own")
    try:
        application.calibrating.choose(_rate(own if chosen == _OWN else chosen), member)
    except InvalidValue as error:
        return _page(request, application, member, {"own": error.expected}, own, 422)
    return see_other(_PAGE, "rate-chosen")


@router.post(f"{_PAGE}/apply")
def apply(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Calibrate with the bureau's own outcomes."""
    try:
        application.calibrating.apply(member)
    except Conflict as error:
        return _page(request, application, member, {"": error.message}, status=409)
    return see_other(_PAGE, "recalibrated")


@router.post(f"{_PAGE}/reset")
def reset(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Back to the calibration that comes with the program."""
    try:
        application.calibrating.reset(member)
    except Conflict as error:
        return _page(request, application, member, {"": error.message}, status=409)
    return see_other(_PAGE, "calibration-reset")


def _page(
    request: Request,
    application: App,
    member: Member,
    errors: dict[str, str] | None = None,
    own: str = "",
    status: int = 200,
) -> Response:
    member.require(Role.ADMINISTRATOR)
    calibrating = application.calibrating
    kept, rate = calibrating.kept(), calibrating.rate()
    rates = sorted({*RATES, rate})
    rows = calibrating.table(rates)
    current = rows[rates.index(rate)]
    with application.store.reading() as records:
        people = names.people(records)
    return render(
        request,
        "calibration.html",
        status,
        section="calibration",
        rate=rate,
        kept=kept,
        rows=rows,
        words_rows=calibrating.table(rates, "") if calibrating.encoder else (),
        current=current,
        in_force=calibrating.in_force(),
        alone=calibrating.in_force(of_entries_alone=True),
        fixed=_fixed(calibrating),
        curve=_curve(calibrating.points().curve(), current),
        width=WIDTH,
        height=HEIGHT,
        recalibration=calibrating.recalibration(),
        own=own,
        errors=errors or {},
        people=people,
        percent=percent,
        share=_share,
    )


def _rate(typed: str) -> float:
    """A share from what was typed in percent, with the sign or without. Raises InvalidValue."""
    try:
        return round(float(typed.removesuffix("%").removesuffix("％")) / 100, 6)
    except ValueError as error:
        raise InvalidValue("答错率上限", typed, "应为百分数，如 1.5") from error


def _fixed(calibrating: Calibrating) -> tuple[str, ...]:
    """Which thresholds `zhengda.toml` fixes."""
    keys = ("answer_threshold", "choices_threshold")
    return tuple(key for key in keys if getattr(calibrating.settings, key) is not None)


def _curve(points: Sequence[RiskPoint], current: Row) -> Curve:
    """The curve, a point for each hundredth of coverage."""
    highest = max([0.1, current.rate * 1.25, *(p.wrong for p in points if p.answered >= _FEWEST)])
    thinned = {round(point.answered, 2): point for point in points if point.answered >= _FEWEST}.values()
    line = " ".join(f"{point.answered * WIDTH:.1f},{_height(point.wrong, highest):.1f}" for point in thinned)
    covered = current.coverage
    at = (covered.answered * WIDTH, _height(covered.wrong, highest)) if covered.answered else None
    return Curve(line, highest, at, _height(current.rate, highest))


def _height(wrong: float, highest: float) -> float:
    return HEIGHT * (1 - wrong / highest)


def _share(value: float) -> str:
    """A share with one decimal."""
    return f"{value:.1%}"
