"""Fit the weights of `indexer/confidence.json` on the tune split: `python -m eval.fit_confidence`.

Two probabilities: that a candidate answers (each candidate of each question is one example), and that any of the few
that would be offered does (each question is one). Logistic regression with L2,
fitted by Newton's method. Two sets of weights: with the default encoder's vectors, and for words alone.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import indexer.confidence as confidence
from eval.base import sample_application
from eval.questions import Question, questions
from indexer.scope import Scope
from qa_service.composition import Application

_L2 = 1.0
_TARGET = Path(confidence.__file__).with_name("confidence.json")
_OF_VECTORS = {"similarity", "similarity_rise", "similarity_lead", "dense_first", "both_first", "background"}
_OFFERED = 4


def main() -> None:
    """Fit both sets and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/eval"), help="where the sample base is kept")
    parser.add_argument("--dry-run", action="store_true", help="print the weights, write nothing")
    arguments = parser.parse_args()
    models = {}
    for encoder in ("bundled", "none"):
        application = sample_application(arguments.data, encoder)
        try:
            searches = [_Search.of(application, question) for question in questions("tune")]
            key = application.index.encoder_name or confidence.WORDS_ALONE
        finally:
            application.close()
        without = set() if encoder == "bundled" else _OF_VECTORS
        models[key] = fit_both([search for search in searches if search.rows], without)
        print(f"{key}: {len(searches)} questions\n{json.dumps(models[key], indent=1)}")
    if not arguments.dry_run:
        fitted = {"fitted_by": "python -m eval.fit_confidence", "split": "tune", "models": models}
        _TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class _Search:
    """What one question found: the features of each candidate, whether it answers, and those of the whole."""

    rows: list[dict[str, float]]
    answers: list[int]
    whole: dict[str, float]

    @classmethod
    def of(cls, application: Application, question: Question) -> "_Search":
        today = application.today()
        result = application.index.search(question.text, Scope(on=today), confidence.CANDIDATES)
        with application.store.reading() as records:
            current = records.publications.current([hit.entry_id for hit in result.hits], today)
        hits = [hit for hit in result.hits if hit.entry_id in current]
        rows = confidence.features(question.text, result, hits, current)
        answers = [int(current[hit.entry_id].external_id in question.relevant) for hit in hits]
        return cls(rows, answers, confidence.reach_features(rows, result) if rows else {})


def fit_both(searches: list[_Search], without: set[str]) -> dict[str, dict[str, float]]:
    """The weights of both probabilities, leaving out some features.

    `reach` is fitted to whether one of the `_OFFERED` most probable candidates answers.
    """
    names = [name for name in confidence.FEATURES if name not in without]
    rows = np.array([[row[name] for name in names] for search in searches for row in search.rows])
    answers = _named(names, fit(rows, np.array([a for search in searches for a in search.answers], float)))
    offered = []
    for search in searches:
        order = np.argsort([-confidence.probability(row, answers) for row in search.rows])[:_OFFERED]
        offered.append(float(any(search.answers[place] for place in order)))
    names = [name for name in confidence.REACH_FEATURES if name not in without]
    whole = np.array([[search.whole[name] for name in names] for search in searches])
    return {"answers": answers, "reach": _named(names, fit(whole, np.array(offered)))}


def _named(names: list[str], weights: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(weight), 4) for name, weight in zip(("bias", *names), weights, strict=True)}


def fit(matrix: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (bias first) that minimise the logistic loss plus L2 over standardised features.

    `matrix` has shape (examples, features), `labels` (examples,) of 0 and 1.
    """
    mean, deviation = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-9)
    design = np.hstack([np.ones((len(matrix), 1)), (matrix - mean) / deviation])
    penalty = _L2 * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 1.0 / (1.0 + np.exp(-design @ weights))
        gradient = design.T @ (probability - labels) + penalty @ weights
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    scaled = weights[1:] / deviation
    return np.concatenate([[weights[0] - float(scaled @ mean)], scaled])


if __name__ == "__main__":
    main()
