"""Fit the calibration of `qa.confidence` on development questions.

    python -m training.fit_confidence [FILE...] [--contexts FILE...] [--reader qa/models/reader]

The questions are the invented news of ``training/data/news``, those of `benchmarks.mixed_documents`
(each library's, and some of the other's, which it cannot answer), and those of FILE, SQuAD files
that the reader was not trained on, asked without their context of all contexts pooled (those of
``--contexts`` too). Some are asked a second time without the documents that hold the answer.

A logistic regression over all candidates says which is likelier right. A second one, over what
comes first, says how likely that is right: it sees the first one's log-odds and how near the
nearest passage is to the question, which is the same for all of a question's candidates and so
leaves their order as it is. The threshold is the lowest from which on the stated share of the
answers is right. Every figure printed is cross-validated: the questions of an event, or of a file,
are judged by weights fitted without it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from benchmarks import pooled
from benchmarks.squad import load
from index.errors import ModelMissing
from qa.confidence import FEATURES, Calibrator, log_odds
from qa.reliability import calibration_error, curve
from qa.settings import Settings
from training.candidates import Judged, asked_of, judge, mixed, news

NEWS = Path(__file__).parent / "data" / "news"
_NEWS_WEIGHT = 4.0  # there are few of them, and they are what the product is for
_DELETED_SHARE = 0.3
_OF_THE_QUESTION = "best_cosine"  # the one feature that a question's candidates share

Floats = NDArray[np.float64]


def fit(judged: Sequence[Judged], weights: Sequence[float]) -> Calibrator:
    """A logistic regression over all candidates, each question's weighted as given."""
    filled = [(j, w) for j, w in zip(judged, weights, strict=True) if len(j.right)]
    matrix = np.concatenate([j.matrix for j, _ in filled])
    right = np.concatenate([j.right for j, _ in filled])
    each = np.concatenate([np.full(len(j.right), w) for j, w in filled])
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=2_000).fit((matrix - mean) / scale, right, each)
    ranked = Calibrator(mean, scale, model.coef_[0], float(model.intercept_[0]))
    return levelled(ranked, [j for j, _ in filled], [w for _, w in filled])


def levelled(ranked: Calibrator, judged: Sequence[Judged], weights: Sequence[float]) -> Calibrator:
    """The same order of a question's candidates; the first one's probability is the right share.

    Args:
        judged: each has a candidate.
    """
    sure, right = firsts(ranked, judged)
    place = FEATURES.index(_OF_THE_QUESTION)
    near = np.array([j.matrix[0, place] for j in judged])
    near = (near - ranked.mean[place]) / ranked.scale[place]
    columns = np.stack([log_odds(sure), near], axis=1)
    model = LogisticRegression(max_iter=2_000).fit(columns, right, weights)
    slope, nearness = model.coef_[0]
    found = ranked.rescaled(float(slope), float(model.intercept_[0]))
    found.weights[place] += nearness
    return found


def refuse_train_splits(files: Sequence[Path]) -> None:
    """A reader is far too sure of questions that it was trained on.

    They get among FILEs where a shell's pattern follows one ``--contexts``.
    """
    for file in files:
        if ".train." in file.name:
            raise click.UsageError(
                f"{file.name} is a train split, whose questions the reader knows by heart. "
                f"For its contexts alone: --contexts {file}"
            )


def begin(reader: Path) -> None:
    """A new reader has no calibration, and nothing runs without one: the margin alone, for now."""
    try:
        Calibrator.load(reader)
    except ModelMissing:
        count = len(FEATURES)
        weights = np.array([float(name == "margin") for name in FEATURES])
        Calibrator(np.zeros(count), np.ones(count), weights, 0.0).save(reader)


def firsts(calibrator: Calibrator, judged: Sequence[Judged]) -> tuple[Floats, NDArray[np.bool_]]:
    """The probability of each question's surest candidate, and whether it is right."""
    found = [
        (float(p.max()), bool(j.right[p.argmax()]))
        if len(p := calibrator.probabilities(j.matrix))
        else (0.0, False)
        for j in judged
    ]
    return np.array([p for p, _ in found]), np.array([r for _, r in found], dtype=bool)


def cross_validated(
    judged: Sequence[Judged], weights: Sequence[float]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The same by fits that did not see the question's group."""
    sure, right = np.zeros(len(judged)), np.zeros(len(judged), dtype=bool)
    for group in sorted({j.asked.group for j in judged}):
        kept = [i for i, j in enumerate(judged) if j.asked.group != group]
        own = [i for i, j in enumerate(judged) if j.asked.group == group]
        calibrator = fit([judged[i] for i in kept], [weights[i] for i in kept])
        sure[own], right[own] = firsts(calibrator, [judged[i] for i in own])
    return sure, right


def report(
    name: str, judged: Sequence[Judged], sure: Floats, right: NDArray[np.bool_], threshold: float
) -> Iterator[str]:
    answerable = np.array([j.answerable for j in judged])
    deleted = np.array([j.deleted for j in judged])
    never = ~answerable & ~deleted
    yield f"{name}: {answerable.sum()} answerable, {never.sum()} not, {deleted.sum()} deleted"
    if answerable.any():
        drawn = curve(sure[answerable], right[answerable])
        yield (
            f"  right first, never declining {right[answerable].mean():.3f}; coverage at 80 % "
            f"right {drawn.coverage_at(0.8):.2f}; calibration error "
            f"{calibration_error(sure[~deleted], right[~deleted]):.3f}"
        )
    given = sure >= threshold
    if (given & ~deleted).any():
        yield (
            f"  at {threshold:.2f}: right and given {(right & given)[answerable].mean():.2f}, "
            f"declined {_share(~given, never)}, declined when deleted {_share(~given, deleted)}, "
            f"precision {right[given & ~deleted].mean():.2f}"
        )


def _share(what: NDArray[np.bool_], of: NDArray[np.bool_]) -> str:
    return f"{what[of].mean():.2f}" if of.any() else "-"


@click.command(help=__doc__)
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--contexts", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--reader", type=click.Path(exists=True, path_type=Path), help="The reader's folder.")
@click.option("--data", type=click.Path(path_type=Path), help="Keeps the pooled library.")
@click.option("--precision", default=0.72, show_default=True, help="Stated, of what is given.")
@click.option("--sample", default=1.0, show_default=True, help="Share of FILE's questions.")
def main(
    files: tuple[Path, ...],
    contexts: tuple[Path, ...],
    reader: Path | None,
    data: Path | None,
    precision: float,
    sample: float,
) -> None:
    refuse_train_splits(files)
    settings = Settings.from_environment(reader=reader)
    begin(settings.reader)
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory() as folder:
        pipeline, asked = news(NEWS, replace(settings, data=Path(folder) / "news"))
        judged += judge(pipeline, track(asked, "Asking"), _DELETED_SHARE)
        own = len(judged)
    for library, asked in mixed():
        with library.opened(settings) as pipeline:
            judged += judge(pipeline, track(asked, "Asking"), 0.0)
    if files:
        sets = {f.name.split(".")[0]: _sampled(load(f), sample) for f in files}
        with pooled.library_of(sets, (*files, *contexts), data, reader) as library:
            asked = asked_of(sets)
            judged += judge(library.forced, track(asked, "Asking"), _DELETED_SHARE)
    weights = [_NEWS_WEIGHT] * own + [1.0] * (len(judged) - own)
    sure, right = cross_validated(judged, weights)
    asked_once = np.array([not j.deleted for j in judged])
    threshold = curve(sure[asked_once], right[asked_once]).threshold_at(precision)
    if threshold is None:
        raise click.ClickException(f"No threshold makes {precision:.0%} of the answers right.")
    names = ["news"] * own + [j.asked.group for j in judged[own:]]
    for name in dict.fromkeys(names):
        rows = [i for i, other in enumerate(names) if other == name]
        for line in report(name, [judged[i] for i in rows], sure[rows], right[rows], threshold):
            click.echo(line)
    calibrator = replace(fit(judged, weights), threshold=threshold)
    calibrator.save(settings.reader)
    for feature, weight in zip(FEATURES, calibrator.weights, strict=True):
        click.echo(f"{feature:20} {weight:+.2f}")


def _sampled(examples: Sequence, share: float) -> Sequence:
    order = np.random.default_rng(0).permutation(len(examples))
    return [examples[i] for i in order[: round(share * len(examples))]]


if __name__ == "__main__":
    main()
