"""The figures of `benchmarks.open_domain`, from its results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from benchmarks.asking import RECALL_AT, SEARCHES, Asked, Result
from benchmarks.squad import exact, f1
from qa.reliability import Curve, calibration_error, curve

RIGHT_F1 = 0.5
ACCURACIES = (0.8, 0.9, 0.95)
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
ALL = "all"

Right = Callable[[str, Sequence[str]], bool]


def right_by_f1(text: str, golds: Sequence[str]) -> bool:
    return bool(golds) and f1(text, golds) >= RIGHT_F1


def right_by_exact(text: str, golds: Sequence[str]) -> bool:
    return bool(golds) and bool(exact(text, golds))


RIGHT: dict[str, Right] = {"F1": right_by_f1, "EM": right_by_exact}


def groups(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of each set, and of all."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.set, []).append(result)
    return found if len(found) == 1 else found | {ALL: list(results)}


def by_set(
    results: Sequence[Result], threshold: float, passages_read: int
) -> dict[str, dict[str, Any]]:
    """All figures of each set and of all; shares are 0 to 1, EM and F1 percentages."""
    return {name: of(group, threshold, passages_read) for name, group in groups(results).items()}


def of(results: Sequence[Result], threshold: float, passages_read: int) -> dict[str, Any]:
    """All figures of some questions; those that do not apply are None.

    Args:
        threshold: the confidence from which on an answer is given.
        passages_read: tells which questions' own passage the reader saw, as far as ranks go.
    """
    answerable = [result for result in results if result.example.answers]
    others = [result for result in results if not result.example.answers]
    again = [result for result in answerable if result.deleted is not None]
    seen = [r for r in answerable if (r.ranks["fused"].own or math.inf) <= passages_read]
    return {
        "answerable": len(answerable),
        "unanswerable": len(others),
        "recall": _recall(answerable),
        "answers": _answers(answerable),
        "own passage read": round(len(seen) / len(answerable), 4) if answerable else None,
        "answers, own passage read": _answers(seen),
        "default": _at_default(answerable, threshold),
        "confidence": _confidence(answerable),
        "confidence with unanswerable": _confidence(results) if others else None,
        "unanswerable declined": _mean([result.asked.given is None for result in others]),
        "after deletion": _after_deletion(again),
        "thresholds": [_at(t, answerable, others, again) for t in THRESHOLDS],
        "seconds, median": round(median([r.seconds for r in results]), 4) if results else None,
    }


def row(result: Result) -> dict[str, Any]:
    """One question as a line of questions.jsonl."""
    example = result.example
    return {
        "id": example.id,
        "set": result.set,
        "question": example.question,
        "golds": example.answers,
        "answers": _said(result.asked),
        "declined": result.asked.given is None,
        "with_context": result.with_context,
        "ranks": {name: [found.own, found.any] for name, found in result.ranks.items()},
        "after_deletion": None if result.deleted is None else _said(result.deleted),
        "declined_after_deletion": None if result.deleted is None else result.deleted.given is None,
    }


def _said(asked: Asked) -> list[list[object]]:
    return [[said.text, round(said.confidence, 4)] for said in asked.forced]


def curves(results: Sequence[Result]) -> dict[str, Curve]:
    """Right by F1: of each set's answerable questions, of all, and with the unanswerable ones."""
    found = {
        name: _curve([r for r in group if r.example.answers], right_by_f1)
        for name, group in groups(results).items()
    }
    if any(not result.example.answers for result in results):
        found[f"{list(found)[-1]}, and unanswerable"] = _curve(results, right_by_f1)
    return found


def _curve(results: Sequence[Result], right: Right) -> Curve:
    return curve(*_judged(results, right))


def _judged(results: Sequence[Result], right: Right) -> tuple[list[float], list[bool]]:
    confidences = [result.asked.confidence for result in results]
    return confidences, [right(r.asked.text, r.example.answers) for r in results]


def _recall(answerable: Sequence[Result]) -> dict[str, dict[str, dict[str, float | None]]]:
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for search in SEARCHES:
        own = [result.ranks[search].own for result in answerable]
        anywhere = [result.ranks[search].any for result in answerable]
        found[search] = {
            kind: {str(k): _mean([r is not None and r <= k for r in ranks]) for k in RECALL_AT}
            for kind, ranks in (("own", own), ("any", anywhere))
        }
    return found


def _answers(answerable: Sequence[Result]) -> dict[str, float | None]:
    """Official percentages at rank 1, of the best of the first five, and with the context."""
    found: dict[str, float | None] = {}
    for name, measure in (("EM", exact), ("F1", f1)):
        first, best, with_context = [], [], []
        for result in answerable:
            golds = result.example.answers
            first.append(measure(result.asked.text, golds))
            texts = [said.text for said in result.asked.forced] or [""]
            best.append(max(measure(text, golds) for text in texts))
            with_context.append(measure(result.with_context, golds))
        found[f"{name} rank 1"] = _percent(first)
        found[f"{name} top 5"] = _percent(best)
        found[f"{name} with context"] = _percent(with_context)
    with_f1, first_f1 = found["F1 with context"], found["F1 rank 1"]
    found["F1 rank 1 / with context"] = (
        round(first_f1 / with_f1, 4) if with_f1 and first_f1 is not None else None
    )
    return found


def _at_default(answerable: Sequence[Result], threshold: float) -> dict[str, float | None]:
    """The pipeline as it is set: what it answers, and what of that is right."""
    given = [(r.asked.given, r.example.answers) for r in answerable if r.asked.given is not None]
    return {
        "min_confidence": threshold,
        "answered": _mean([r.asked.given is not None for r in answerable]),
        **{
            f"right by {name}, of those answered": _mean(
                [right(said.text, golds) for said, golds in given]
            )
            for name, right in RIGHT.items()
        },
    }


def _confidence(results: Sequence[Result]) -> dict[str, Any] | None:
    if not results:
        return None
    found: dict[str, Any] = {}
    for name, right in RIGHT.items():
        confidences, hits = _judged(results, right)
        drawn = curve(confidences, hits)
        found[name] = {
            "accuracy": _mean(hits),
            "AURC": round(drawn.aurc, 4),
            "ECE": round(calibration_error(confidences, hits), 4),
            "coverage at": {str(a): round(drawn.coverage_at(a), 4) for a in ACCURACIES},
            "threshold at": {str(a): drawn.threshold_at(a) for a in ACCURACIES},
        }
    return found


def _after_deletion(again: Sequence[Result]) -> dict[str, Any]:
    answered = [
        (result.deleted.given, result.example.answers)
        for result in again
        if result.deleted is not None and result.deleted.given is not None
    ]
    elsewhere = [right_by_f1(said.text, golds) for said, golds in answered if said is not None]
    return {
        "questions": len(again),
        "answered": round(len(answered) / len(again), 4) if again else None,
        "answered, right by F1": round(sum(elsewhere) / len(again), 4) if again else None,
    }


def _at(
    threshold: float,
    answerable: Sequence[Result],
    others: Sequence[Result],
    again: Sequence[Result],
) -> dict[str, float | None]:
    """What another threshold on the first answer's confidence would do."""
    sure = [result for result in answerable if result.asked.confidence >= threshold]
    deleted = [r.deleted.confidence >= threshold for r in again if r.deleted is not None]
    return {
        "threshold": threshold,
        "answered": _mean([r.asked.confidence >= threshold for r in answerable]),
        "right by F1": _mean([right_by_f1(r.asked.text, r.example.answers) for r in sure]),
        "unanswerable declined": _mean([r.asked.confidence < threshold for r in others]),
        "answered after deletion": _mean(deleted),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None


def _percent(values: Sequence[float]) -> float | None:
    return round(100 * float(np.mean(values)), 2) if len(values) else None
