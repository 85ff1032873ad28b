"""Fitting the weights, on made-up searches in which it is known what tells right from wrong."""

from random import Random

import pytest

from eval.fit_confidence import WHOLE, Example, fit, print_figures, probabilities_apart
from indexer.features import CANDIDATE, SEARCH


def searches(count: int, seed: int = 1, base: str = WHOLE) -> list[Example]:
    """Of three candidates the right one is more similar than the others, and the more so when there is one at all."""
    chance, made = Random(seed), []
    for number in range(count):
        right = chance.randrange(4)
        rows = [
            dict.fromkeys(CANDIDATE, 0.0) | {"similarity": chance.gauss(0.9 if place == right else 0.6, 0.1)}
            for place in range(3)
        ]
        whole = dict.fromkeys(SEARCH, 0.0) | {"top_similarity": max(row["similarity"] for row in rows)}
        fold = "unanswerable 0" if right == 3 else f"theme {number % 3}"
        answers = [place == right for place in range(3)]
        made.append(Example(base, fold, rows, answers, whole, 1.0, True))
    return made


def test_what_tells_right_from_wrong_gets_the_weight() -> None:
    model = fit(searches(300), frozenset())
    assert model.candidate["similarity"] > 5
    assert all(abs(weight) < 1e-6 for name, weight in model.candidate.items() if name != "similarity")
    assert model.none["top_similarity"] < 0
    assert set(model.candidate) == set(CANDIDATE)


def test_features_left_out_get_no_weight() -> None:
    found = searches(50)
    assert set(fit(found, frozenset({"similarity"})).candidate) == {*CANDIDATE} - {"similarity"}


def test_nothing_is_predicted_by_weights_that_saw_its_fold() -> None:
    found = searches(120)
    told = probabilities_apart(found, frozenset())
    apart = [example for example in found if example.fold != "theme 1"]
    model = fit(apart, frozenset())
    for example, probabilities in zip(found, told, strict=True):
        if example.fold == "theme 1":
            assert probabilities == model.probabilities(example.rows, example.whole)


def test_the_figures_are_told_and_kept_for_each_base(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = searches(80) + searches(20, seed=2, base="a part")
    of_each = print_figures("some-encoder", found, probabilities_apart(found, frozenset()))
    kept = of_each[WHOLE]
    assert (len(kept), len(of_each["a part"])) == (80, 20)
    printed = capsys.readouterr().out
    assert "some-encoder, the whole base: 80 questions" in printed
    assert "some-encoder, a part: 20 questions" in printed
    assert sum(p.right for p in kept if p.answerable) > 0.9 * sum(p.answerable for p in kept)
