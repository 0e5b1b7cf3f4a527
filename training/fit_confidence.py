"""Fit the calibration of `qa.confidence` on development questions.

    python -m training.fit_confidence [--reading FILE...] [--reader qa/models/reader]

The questions are the invented news of ``training/data/news`` and, where given, SQuAD files whose
contexts are pooled. They go through the real index and the real reader; some are asked a second
time as if the documents that hold the answer had been deleted. Every figure printed is
cross-validated: the questions of an event, or of a file, are judged by weights fitted without it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from qa.confidence import FEATURES, Calibrator
from qa.settings import Settings
from training.candidates import Judged, judge, news, reading

NEWS = Path(__file__).parent / "data" / "news"
_NEWS_WEIGHT = 4.0  # there are few of them, and they are what the product is for
_DELETED_SHARE = 0.3
_THRESHOLDS = np.arange(0.1, 0.61, 0.05)


def fit(judged: Sequence[Judged], weights: Sequence[float]) -> Calibrator:
    """A logistic regression over all candidates, each question's weighted as given."""
    filled = [(j, w) for j, w in zip(judged, weights, strict=True) if len(j.right)]
    matrix = np.concatenate([j.matrix for j, _ in filled])
    right = np.concatenate([j.right for j, _ in filled])
    each = np.concatenate([np.full(len(j.right), w) for j, w in filled])
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=2_000).fit((matrix - mean) / scale, right, each)
    return Calibrator(mean, scale, model.coef_[0], float(model.intercept_[0]))


def cross_validated(
    judged: Sequence[Judged], weights: Sequence[float]
) -> list[NDArray[np.float64]]:
    """Each question's probabilities by a fit that did not see its group."""
    found: list[NDArray[np.float64]] = [np.zeros(0)] * len(judged)
    for group in {j.asked.group for j in judged}:
        kept = [i for i, j in enumerate(judged) if j.asked.group != group]
        calibrator = fit([judged[i] for i in kept], [weights[i] for i in kept])
        for i, j in enumerate(judged):
            if j.asked.group == group and len(j.right):
                found[i] = calibrator.probabilities(j.matrix)
    return found


def report(name: str, judged: Sequence[Judged], found: Sequence[NDArray[np.float64]]) -> None:
    """Right at rank 1, and per threshold: right and given, declined, declined after deletion."""
    best = [
        (float(p.max()), bool(j.right[p.argmax()])) if len(p) else (0.0, False)
        for j, p in zip(judged, found, strict=True)
    ]
    answerable = [b for j, b in zip(judged, best, strict=True) if j.answerable]
    never = [p for j, (p, _) in zip(judged, best, strict=True) if not j.asked.answers]
    deleted = [p for j, (p, _) in zip(judged, best, strict=True) if j.deleted]
    click.echo(f"{name}: {len(answerable)} answerable, {len(never)} not, {len(deleted)} deleted")
    click.echo(f"  right at rank 1, never declining: {np.mean([r for _, r in answerable]):.3f}")
    for threshold in _THRESHOLDS:
        given = [right for p, right in best if p >= threshold]
        click.echo(
            f"  {threshold:.2f}  right {np.mean([r and p >= threshold for p, r in answerable]):.2f}"
            f"  declined {np.mean([p < threshold for p in never]):.2f}"
            f"  declined after deletion {np.mean([p < threshold for p in deleted]):.2f}"
            f"  precision of what is given {np.mean(given):.2f}"
        )


@click.command(help=__doc__)
@click.option(
    "--reading",
    "files",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A SQuAD file; may be repeated.",
)
@click.option("--reader", type=click.Path(exists=True, path_type=Path), help="The reader's folder.")
def main(files: tuple[Path, ...], reader: Path | None) -> None:
    settings = Settings.from_environment(reader=reader)
    sets = [("news", news(NEWS)), *((f.name, reading([f])) for f in files)]
    judged: list[Judged] = []
    names: list[str] = []
    for name, (documents, questions) in sets:
        with tempfile.TemporaryDirectory() as folder:
            found = list(
                judge(documents, questions, Path(folder), settings, delete_share=_DELETED_SHARE)
            )
        judged += found
        names += [name] * len(found)
        click.echo(f"{name}: {len(documents)} documents, {len(found)} questions asked", err=True)
    weights = [_NEWS_WEIGHT if name == "news" else 1.0 for name in names]
    probabilities = cross_validated(judged, weights)
    for name, _ in sets:
        own = [i for i, other in enumerate(names) if other == name]
        report(name, [judged[i] for i in own], [probabilities[i] for i in own])
    calibrator = fit(judged, weights)
    calibrator.save(settings.reader)
    for feature, weight in zip(FEATURES, calibrator.weights, strict=True):
        click.echo(f"{feature:20} {weight:+.2f}")


if __name__ == "__main__":
    main()
