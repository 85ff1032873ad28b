"""Adapting to one bureau, from its groups to the verdict."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.model_encoder import MODEL_FILE, ModelEncoder
from indexer.training import adapting
from indexer.training.adapting import LEAST_HELD, adapt, found_first, hold_out
from indexer.training.material import Group, MaterialProblem


@pytest.fixture
def own(material: list[Group]) -> list[Group]:
    """Twenty-four groups of two themes stand for a bureau's entries."""
    themes = ("med-contribution-account-matters", "med-drugstore-and-prescriptions")
    return [group for group in material if group.theme in themes][:24]


@pytest.fixture
def others(material: list[Group]) -> list[Group]:
    return [group for group in material if not group.theme.startswith("med-")][:40]


def test_what_it_finds_before_and_after_is_told(
    own: list[Group], others: list[Group], made: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int, float]] = []
    target = tmp_path / "model"
    result = adapt(own, others, made, target, 5, lambda *progress: told.append(progress))
    kept, held = hold_out(own)
    assert result.held == len(held) >= LEAST_HELD
    assert result.before == sum(found_first(ModelEncoder(made), kept, held))
    assert result.after == sum(found_first(ModelEncoder(target), kept, held))
    assert result.after - result.before == len(result.gained) - len(result.lost)
    assert told[-1][0] == told[-1][1]
    assert ModelEncoder(target).name != ModelEncoder(made).name


def test_a_model_that_was_taught_well_is_accepted_and_one_that_was_ruined_refused(
    own: list[Group], others: list[Group], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gentle = adapting._GENTLE
    # Two layers that have hardly learnt anything learn nothing from gentle steps.
    monkeypatch.setattr(adapting, "_GENTLE", replace(gentle, epochs=4, learning_rate=3e-4))
    assert adapt(own, others, made, tmp_path / "taught", 5).worthwhile
    monkeypatch.setattr(adapting, "_GENTLE", replace(gentle, learning_rate=0.5))
    ruined = adapt(own, others, made, tmp_path / "ruined", 5)
    assert not ruined.worthwhile
    assert ruined.lost


def test_too_little_to_go_by_is_told_before_anything_is_trained(
    own: list[Group], others: list[Group], made: Path, tmp_path: Path
) -> None:
    before = (made / MODEL_FILE).read_bytes()
    with pytest.raises(MaterialProblem, match=f"至少需要{LEAST_HELD}条"):
        adapt(own[:2], others, made, tmp_path / "model", 5)
    assert not (tmp_path / "model").exists()
    assert (made / MODEL_FILE).read_bytes() == before
