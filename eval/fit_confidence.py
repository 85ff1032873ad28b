"""Fit the weights of `indexer/confidence.json` on the tune split: `python -m eval.fit_confidence`.

Each candidate of each question is one example: does this entry answer this question? Logistic regression with L2,
fitted by Newton's method. Two sets of weights: with the default encoder's vectors, and for words alone.
"""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import indexer.confidence as confidence
from eval.base import sample_application
from eval.questions import Question, questions
from indexer.scope import Scope
from knowledge.working_days import china_date
from qa_service.composition import Application

_L2 = 1.0
_TARGET = Path(confidence.__file__).with_name("confidence.json")
_WORDS_FEATURES = tuple(
    name
    for name in confidence.FEATURES
    if name not in {"similarity", "similarity_rise", "similarity_lead", "dense_first", "both_first"}
)


def main() -> None:
    """Fit both sets and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/eval"), help="where the sample base is kept")
    parser.add_argument("--dry-run", action="store_true", help="print the weights, write nothing")
    arguments = parser.parse_args()
    models = {}
    for encoder, names in (("bundled", confidence.FEATURES), ("none", _WORDS_FEATURES)):
        application = sample_application(arguments.data / encoder, encoder)
        try:
            rows, labels = examples(application, questions("tune"))
            key = application.index.encoder_name or confidence.WORDS_ALONE
        finally:
            application.close()
        matrix = np.array([[row[name] for name in names] for row in rows])
        weights = fit(matrix, np.array(labels, float))
        models[key] = {name: round(float(w), 4) for name, w in zip(("bias", *names), weights, strict=True)}
        print(f"{key}: {len(labels)} candidates, {sum(labels)} of them answer")
        print(json.dumps(models[key], indent=1))
    if not arguments.dry_run:
        fitted = {"fitted_by": "python -m eval.fit_confidence", "split": "tune", "models": models}
        _TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def examples(
    application: Application, asked: tuple[Question, ...]
) -> tuple[list[dict[str, float]], list[int]]:
    """The features of every candidate of every question, and whether it answers."""
    rows: list[dict[str, float]] = []
    labels: list[int] = []
    today = china_date(datetime.now(UTC))
    for question in asked:
        result = application.index.search(question.text, Scope(on=today), confidence.CANDIDATES)
        with application.store.reading() as records:
            current = records.publications.current([hit.entry_id for hit in result.hits], today)
        result = replace(result, hits=tuple(hit for hit in result.hits if hit.entry_id in current))
        rows += confidence.features(question.text, result, result.hits, current)
        labels += [int(current[hit.entry_id].external_id in question.relevant) for hit in result.hits]
    return rows, labels


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
