"""Fit the weights of `indexer/confidence.json` on the validation split: `python -m eval.fit_confidence`.

The conditional logit is fitted by maximum likelihood with L2 over standardised features (L-BFGS). A question whose
answering entries are taken out of what was found is one more that nothing here answers: the most deceptive kind. Two
sets of weights: with the default encoder's vectors, and for words alone. What it prints was predicted for themes that
the weights were not fitted on, one theme after the other left out; the thresholds are chosen on those predictions.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import indexer.confidence as confidence
from eval.base import published, sample_application
from eval.calibration import expected_error, reliability
from eval.other_bases import Entries, index_of, parts, questions_alone
from eval.questions import Question, questions
from indexer.calibration import ALONE
from indexer.encoders import open_encoder
from indexer.features import (
    CANDIDATE,
    OF_VECTORS,
    SEARCH,
    candidate_features,
    search_features,
)
from indexer.live import LiveIndex
from indexer.scope import Scope
from indexer.search import Hit, SearchResult
from knowledge.entry import PublishedEntry
from qa_service.composition import Application

Floats = NDArray[np.float64]
_L2 = 3.0
_TARGET = Path(confidence.__file__).with_name("confidence.json")
_FOLDS = 6
WITHOUT_ANSWER = 0.1
"""What a question without its answering entries counts beside a real one."""
WHOLE, QUESTIONS_ALONE = "the whole base", "questions alone"
OTHER_BASES = 0.3
"""What a question to another base made of it counts beside one to the whole, all parts together."""
PARTS = 4
"""How many small parts it is asked in."""


@dataclass(frozen=True)
class Example:
    """What one question found in one base: the features of each candidate, whether it answers, and those of the
    search.
    """

    base: str
    fold: str
    rows: list[dict[str, float]]
    answers: list[bool]
    whole: dict[str, float]
    weight: float
    is_asked: bool


def main() -> None:
    """Fit all sets and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/eval"), help="where the sample base is kept")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    arguments = parser.parse_args()
    models, predicted = {}, {}
    for encoder in ("bundled", "none"):
        application = sample_application(arguments.data, encoder)
        try:
            key = application.index.encoder_name.partition("#")[0] or confidence.WORDS_ALONE
            found = list(all_examples(application, encoder))
        finally:
            application.close()
        without = frozenset[str]() if encoder == "bundled" else OF_VECTORS
        models[key] = fit(found, without)
        predicted[key] = print_figures(key, found, probabilities_apart(found, without))
    if not arguments.dry_run:
        fitted = {
            "fitted_by": "python -m eval.fit_confidence",
            "split": "validation",
            "models": {key: {"candidate": m.candidate, "none": m.none} for key, m in models.items()},
            "calibration": {
                key + suffix: as_points(of_each[base])
                for key, of_each in predicted.items()
                for base, suffix in ((WHOLE, ""), (QUESTIONS_ALONE, ALONE))
            },
        }
        _TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def all_examples(application: Application, encoder: str) -> Iterator[Example]:
    """What the validation questions find in the sample base, in small parts of it, and in its questions alone."""
    asked, today = questions("validation"), application.today()
    entries = published(application)
    source = Entries({entry.id: entry for entry in entries})
    for question in asked:
        yield from examples(WHOLE, application.index, source, question, today, 1.0)
    model = open_encoder(encoder) if encoder != "none" else None
    others = [
        (QUESTIONS_ALONE, questions_alone(entries)),
        *(("a part", part) for part in parts(entries, PARTS)),
    ]
    for name, some in others:
        weight = OTHER_BASES / (PARTS if name == "a part" else 1)
        with index_of(some, application.index.segmenter, model, today) as (index, known):
            for question in asked:
                yield from examples(name, index, known, question, today, weight)


def examples(
    base: str, index: LiveIndex, entries: Entries, question: Question, today: date, weight: float
) -> list[Example]:
    """The question as it was found and, when something answers it, as if nothing did."""
    result = index.search(question.text, Scope(on=today), confidence.CANDIDATES)
    current = entries.current([hit.entry_id for hit in result.hits], today)
    hits = [hit for hit in result.hits if hit.entry_id in current]
    answered = [hit for hit in hits if current[hit.entry_id].external_id in question.relevant]
    known = {entry.external_id for entry in entries.by_id.values()}
    fold = question.theme if question.answerable else f"unanswerable {sum(map(ord, question.id)) % _FOLDS}"
    # One that has no answer here is like one whose answers are taken out.
    lacking = question.answerable and known.isdisjoint(question.relevant)
    whole = weight * (WITHOUT_ANSWER if lacking else 1.0)
    found = [_example(base, question, fold, result, hits, current, whole, asked=not lacking)]
    if answered:
        others = [hit for hit in hits if hit not in answered]
        less = weight * WITHOUT_ANSWER
        found.append(_example(base, question, fold, result, others, current, less, asked=False))
    return [example for example in found if example.rows]


def _example(
    base: str,
    question: Question,
    fold: str,
    result: SearchResult,
    hits: Sequence[Hit],
    entries: Mapping[int, PublishedEntry],
    weight: float,
    asked: bool,
) -> Example:
    rows = candidate_features(question.text, result, hits, entries)
    return Example(
        base,
        fold,
        rows,
        [entries[hit.entry_id].external_id in question.relevant for hit in hits],
        search_features(question.text, result, rows, hits) if rows else {},
        weight,
        asked,
    )


def fit(found: Sequence[Example], without: frozenset[str]) -> confidence.Model:
    """The weights under which what truly answered, or that nothing did, is most likely."""
    known = found[0].rows[0]
    names = [name for name in CANDIDATE if name in known and name not in without]
    whole_names = [name for name in SEARCH if name not in without]
    deepest = max(len(example.rows) for example in found)
    features = np.zeros((len(found), deepest, len(names)))
    present, right = np.zeros((len(found), deepest), bool), np.zeros((len(found), deepest), bool)
    for place, example in enumerate(found):
        count = len(example.rows)
        features[place, :count] = [[row[name] for name in names] for row in example.rows]
        present[place, :count], right[place, :count] = True, example.answers
    whole = np.array([[example.whole[name] for name in whole_names] for example in found])
    mean, deviation = whole.mean(axis=0), np.maximum(whole.std(axis=0), 1e-9)
    scale = np.maximum(features[present].std(axis=0), 1e-9)
    weight = np.array([example.weight for example in found])
    design = np.hstack([(whole - mean) / deviation, np.ones((len(found), 1))])
    solution = minimize(
        _loss,
        np.zeros(len(names) + len(whole_names) + 1),
        args=(features / scale, present, right, design, weight),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 500},
    ).x
    own, none = solution[: len(names)] / scale, solution[len(names) : -1] / deviation
    bias = float(solution[-1] - none @ mean)
    return confidence.Model(_named(names, own), {"bias": round(bias, 4), **_named(whole_names, none)})


def _loss(
    weights: Floats,
    features: Floats,
    present: NDArray[np.bool_],
    right: NDArray[np.bool_],
    design: Floats,
    weight: Floats,
) -> tuple[float, Floats]:
    """The negative log likelihood with L2, and its gradient."""
    own, none = weights[: features.shape[2]], weights[features.shape[2] :]
    scores = np.where(present, features @ own, -np.inf)
    everything = np.hstack([scores, (design @ none)[:, None]])
    everything -= everything.max(axis=1, keepdims=True)
    odds = np.exp(everything)
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    true = np.hstack([right, ~right.any(axis=1, keepdims=True)])
    likelihood = (probabilities * true).sum(axis=1)
    target = probabilities * true / likelihood[:, None]
    pull = (probabilities - target) * weight[:, None]
    gradient = np.concatenate([np.einsum("nc,ncf->f", pull[:, :-1], features), pull[:, -1] @ design])
    penalised = weights.copy()
    penalised[-1] = 0.0
    loss = float(-(weight * np.log(likelihood)).sum() + _L2 * (penalised @ penalised) / 2)
    return loss, gradient + _L2 * penalised


@dataclass(frozen=True)
class Prediction:
    """Of one question: the probability of the first candidate and whether it answers, the probability that any does
    (`reach`), and whether the question has an answer at all.
    """

    first: float
    right: bool
    reach: float
    answerable: bool


def probabilities_apart(found: Sequence[Example], without: frozenset[str]) -> list[list[float]]:
    """Of each example what weights say of its candidates that were fitted without its fold."""
    told: dict[int, list[float]] = {}
    for fold in sorted({example.fold for example in found}):
        model = fit([example for example in found if example.fold != fold], without)
        for place, example in enumerate(found):
            if example.fold == fold:
                told[place] = model.probabilities(example.rows, example.whole)
    return [told[place] for place in range(len(found))]


def _predictions(found: Sequence[Example], told: Sequence[Sequence[float]], base: str) -> list[Prediction]:
    """What that comes to for each real question to one base."""
    made = []
    for example, probabilities in zip(found, told, strict=True):
        if example.is_asked and example.base == base:
            first = int(np.argmax(probabilities))
            answerable = not example.fold.startswith("unanswerable")
            made.append(
                Prediction(probabilities[first], example.answers[first], sum(probabilities), answerable)
            )
    return made


def as_points(predictions: Sequence[Prediction]) -> list[list[float]]:
    """[first, right, reach, answerable] of each, by falling probability of the first: `indexer/calibration.py`."""
    ordered = sorted(predictions, key=lambda p: -p.first)
    return [[round(p.first, 4), int(p.right), round(p.reach, 4), int(p.answerable)] for p in ordered]


def print_figures(
    key: str, found: Sequence[Example], told: Sequence[Sequence[float]]
) -> dict[str, list[Prediction]]:
    """Print the figures of each base; gives the predictions for each, from which thresholds are taken."""
    of_each = {
        base: _predictions(found, told, base) for base in dict.fromkeys(example.base for example in found)
    }
    for base, predictions in of_each.items():
        print(f"{key}, {base}: {len(predictions)} questions")
        _print_figures(predictions)
    return of_each


def _print_figures(predictions: Sequence[Prediction]) -> None:
    """Right first, calibration error, and what a highest wrong rate leaves answered."""
    ordered = sorted((p for p in predictions if p.answerable), key=lambda p: -p.first)
    error = expected_error(reliability([p.first for p in predictions], [p.right for p in predictions]))
    print(f"  right first {np.mean([p.right for p in ordered]):.3f}  calibration error {error:.3f}")
    for rate in (0.01, 0.02, 0.05):
        wrong = np.cumsum([not p.right for p in ordered]) / np.arange(1, len(ordered) + 1)
        kept = int(np.flatnonzero(wrong <= rate).max(initial=-1)) + 1
        threshold = ordered[kept - 1].first if kept else 1.0
        fooled = np.mean([p.first >= threshold for p in predictions if not p.answerable])
        print(
            f"  wrong ≤ {rate:.2f} among answerable: threshold {threshold:.3f}, answered "
            f"{kept / len(ordered):.3f}, unanswerable answered {fooled:.3f}"
        )


def _named(names: Sequence[str], weights: Floats) -> dict[str, float]:
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
