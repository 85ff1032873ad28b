"""The highest wrong-answer rate as the bureau sets it, what the thresholds follow from it, and recalibration.

The rate stands in `zhengda.toml` until an administrator chooses one on the page of the console; that one is kept in
the record, read with every question, and so in force everywhere from the next question on. With enough outcomes of
its own a bureau can have a map fitted that says what a probability is worth there; the probabilities themselves stay
as the model gives them, so that what is logged can be compared, and the thresholds move.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from indexer import calibration, platt
from indexer.calibration import ALONE, Calibration, Coverage, Thresholds
from indexer.confidence import family_of
from indexer.platt import Judged, PlattMap
from knowledge.errors import Conflict, InvalidValue
from knowledge.people import Member, Role
from knowledge.store import Records, Store
from qa_service.own_outcomes import own_outcomes
from qa_service.settings import HIGHEST_WRONG_RATE, Settings

KEY = "calibration"
"""Under which the record keeps what was chosen."""
ENOUGH = 200
"""From so many outcomes of its own on a bureau's map is fitted; the shipped points together count as many."""
RATES = (0.01, 0.02, 0.03, 0.05)
"""What the console proposes."""


@dataclass(frozen=True)
class ChosenRate:
    """The rate that an administrator chose; `at` is in ISO 8601."""

    value: float
    by: str
    at: str

    @property
    def moment(self) -> datetime:
        """When it was chosen."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class OwnMap:
    """What a probability is worth here, for one family of weights, and from how many outcomes that was fitted."""

    family: str
    slope: float
    shift: float
    outcomes: int
    wrong: int
    by: str
    at: str

    @property
    def moment(self) -> datetime:
        """When it was put in force."""
        return datetime.fromisoformat(self.at)

    @property
    def map(self) -> PlattMap:
        """The map itself."""
        return PlattMap(self.slope, self.shift)


@dataclass(frozen=True)
class Kept:
    """What the record has: nothing until somebody chose."""

    rate: ChosenRate | None = None
    own: OwnMap | None = None


@dataclass(frozen=True)
class Row:
    """What a rate buys."""

    rate: float
    thresholds: Thresholds
    coverage: Coverage


@dataclass(frozen=True)
class Recalibration:
    """What the bureau's outcomes would make of the thresholds. `map` is None where `obstacle` says why there is none.

    `before` and `after` are for the rate now in force.
    """

    outcomes: int
    wrong: int
    map: PlattMap | None
    obstacle: str
    before: Row
    after: Row | None

    @property
    def missing(self) -> int:
        """How many outcomes more are needed."""
        return max(0, ENOUGH - self.outcomes)


@dataclass(frozen=True)
class Calibrating:
    """Where every question's thresholds come from; made once by the composition root.

    `encoder` is the name of what makes the vectors, "" for words alone; `shipped` gives the points that come with the
    program, by that name.
    """

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    encoder: str = ""
    shipped: Callable[[str], Calibration] = calibration.shipped
    _followed: dict[tuple[object, ...], Thresholds] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def thresholds(self, kept: Kept, encoder: str) -> Thresholds:
        """The thresholds for what was weighed by this encoder, "" for words alone, even if only at that moment."""
        fixed = self.settings.answer_threshold, self.settings.choices_threshold
        if fixed[0] is not None and fixed[1] is not None:
            return Thresholds(fixed[0], fixed[1])
        return self._with_fixed(self._following(kept, self._rate(kept), encoder))

    def kept(self) -> Kept:
        """What administrators chose."""
        with self.store.reading() as records:
            return kept_in(records)

    def rate(self) -> float:
        """The rate in force."""
        return self._rate(self.kept())

    def in_force(self, of_entries_alone: bool = False) -> Thresholds:
        """The thresholds in force for the encoder in use, or those for entries without similar questions."""
        encoder = calibration.of_entries_alone(self.encoder) if of_entries_alone else self.encoder
        return self.thresholds(self.kept(), encoder)

    def table(self, rates: Iterable[float], encoder: str | None = None) -> tuple[Row, ...]:
        """What each rate buys, with the encoder in use unless another is named."""
        kept, name = self.kept(), self.encoder if encoder is None else encoder
        points = self._points(kept, name)
        return tuple(_row(points, rate) for rate in rates)

    def points(self, encoder: str | None = None) -> Calibration:
        """The points in force: the shipped ones, revalued where the bureau has a map."""
        return self._points(self.kept(), self.encoder if encoder is None else encoder)

    def choose(self, rate: float, by: Member) -> None:
        """Choose the highest wrong-answer rate. Raises InvalidValue for one that nobody can mean."""
        by.require(Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            self.choose_in(records, rate, by.login)

    def choose_in(self, records: Records, rate: float, by: str) -> None:
        """The same within a transaction, asking nobody's role."""
        if not 0 < rate <= HIGHEST_WRONG_RATE:
            expected = f"应大于0、不超过{percent(HIGHEST_WRONG_RATE)}"
            raise InvalidValue("答错率上限", percent(rate), expected)
        kept = kept_in(records)
        said = f"答错率上限由{percent(self._rate(kept))}改为{percent(rate)}"
        _keep(records, replace(kept, rate=ChosenRate(rate, by, self.clock().isoformat())), said)

    def recalibration(self) -> Recalibration:
        """What the bureau's own outcomes would change, without changing it."""
        with self.store.reading() as records:
            return self._recalibration(records)

    def apply(self, by: Member) -> Recalibration:
        """Put the bureau's map in force. Raises Conflict while there are too few outcomes, or they make no map."""
        by.require(Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            return self.apply_in(records, by.login)

    def apply_in(self, records: Records, by: str) -> Recalibration:
        """The same within a transaction, asking nobody's role."""
        found = self._recalibration(records)
        if found.map is None:
            raise Conflict(found.obstacle)
        own = OwnMap(
            family_of(self.encoder),
            found.map.slope,
            found.map.shift,
            found.outcomes,
            found.wrong,
            by,
            self.clock().isoformat(),
        )
        said = f"按本单位{found.outcomes}条结果（其中{found.wrong}条答错）重新校准"
        _keep(records, replace(kept_in(records), own=own), said)
        return found

    def reset(self, by: Member) -> None:
        """Back to the calibration that comes with the program."""
        by.require(Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            forget_map(records)

    def _recalibration(self, records: Records) -> Recalibration:
        judged = own_outcomes(records, self.clock())
        wrong = sum(not each.right for each in judged)
        points, rate = self.shipped(self.encoder), self._rate(kept_in(records))
        before = _row(self._points(kept_in(records), self.encoder), rate)
        if len(judged) < ENOUGH:
            obstacle = f"已有{len(judged)}条结果，还差{ENOUGH - len(judged)}条才能校准"
            return Recalibration(len(judged), wrong, None, obstacle, before, None)
        fitted = platt.fit(blended(judged, points))
        if fitted.slope <= 0:
            obstacle = "概率越高反而越常答错，这些结果不能用于校准；请先核对坐席选用和反映答错的记录"
            return Recalibration(len(judged), wrong, None, obstacle, before, None)
        after = _row(points.revalued(fitted), rate)
        return Recalibration(len(judged), wrong, fitted, "", before, after)

    def _rate(self, kept: Kept) -> float:
        return kept.rate.value if kept.rate else self.settings.highest_wrong_rate

    def _points(self, kept: Kept, encoder: str) -> Calibration:
        points = self.shipped(encoder)
        own = _own_for(kept, encoder)
        return points.revalued(own.map) if own else points

    def _following(self, kept: Kept, rate: float, encoder: str) -> Thresholds:
        own = _own_for(kept, encoder)
        key = (_family(encoder), encoder.endswith(ALONE), rate, own)
        if key not in self._followed:
            self._followed[key] = self._points(kept, encoder).thresholds(rate)
        return self._followed[key]

    def _with_fixed(self, followed: Thresholds) -> Thresholds:
        """With what `zhengda.toml` fixes put in the place of what follows from the rate."""
        answer, choices = self.settings.answer_threshold, self.settings.choices_threshold
        if answer is not None:
            followed = Thresholds(answer, min(followed.choices, answer))
        return followed if choices is None else replace(followed, choices=choices)


def forget_map(records: Records) -> None:
    """Within a transaction, go back to the shipped points. Raises Conflict when they are in use."""
    kept = kept_in(records)
    if kept.own is None:
        raise Conflict("现在用的就是随附的校准")
    _keep(records, replace(kept, own=None), "改回随附的校准")


def kept_in(records: Records) -> Kept:
    """What the record has."""
    return _read(records.state.get(KEY))


def blended(judged: Iterable[Judged], points: Calibration) -> list[Judged]:
    """The bureau's outcomes, each counting one, with the shipped points, which count `ENOUGH` together."""
    share = ENOUGH / sum(points.weights)
    shipped = zip(points.points, points.weights, strict=True)
    return [*judged, *(Judged(point.first, point.right, weight * share) for point, weight in shipped)]


def percent(share: float) -> str:
    """A share as people write it: 2%, 1.5%."""
    return f"{round(share * 100, 4):g}%"


def _row(points: Calibration, rate: float) -> Row:
    thresholds = points.thresholds(rate)
    return Row(rate, thresholds, points.coverage(thresholds))


def _family(encoder: str) -> str:
    """By which weights, whichever entries the points are of."""
    return family_of(encoder.removesuffix(ALONE))


def _own_for(kept: Kept, encoder: str) -> OwnMap | None:
    """The bureau's map, if it was fitted for what weighs this encoder's vectors."""
    return kept.own if kept.own and kept.own.family == _family(encoder) else None


def _keep(records: Records, kept: Kept, said: str) -> None:
    records.state.set(KEY, json.dumps(asdict(kept)), said)


@lru_cache(maxsize=16)
def _read(stored: str | None) -> Kept:
    if stored is None:
        return Kept()
    read = json.loads(stored)
    rate, own = read.get("rate"), read.get("own")
    return Kept(ChosenRate(**rate) if rate else None, OwnMap(**own) if own else None)
