"""The figures of `benchmarks.open_domain` as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from benchmarks.asking import RECALL_AT, SEARCHES
from benchmarks.open_domain_figures import ACCURACIES
from benchmarks.tables import table


def tables(found: dict[str, Any]) -> Iterator[Table]:
    """What is printed of the figures of `benchmarks.open_domain_figures.by_set`."""
    with_answers = {name: item for name, item in found.items() if item["answerable"]}
    if with_answers:
        yield _recall_table(with_answers)
        yield _answers_table(with_answers)
        yield _confidence_table(with_answers)
    yield _declining_table(found)
    yield _thresholds_table(list(found.values())[-1])


def _recall_table(found: dict[str, Any]) -> Table:
    made = table(
        "recall",
        *(f"{kind} @{k}" for kind in ("own", "any") for k in RECALL_AT),
    )
    for name, item in found.items():
        made.add_section()
        for search in SEARCHES:
            shares = [
                item["recall"][search][kind][str(k)] for kind in ("own", "any") for k in RECALL_AT
            ]
            made.add_row(f"{name} {search}", *(_share(share) for share in shares))
    return made


def _answers_table(found: dict[str, Any]) -> Table:
    made = table(
        *("answers", "asked", "context EM", "F1", "rank 1 EM", "F1"),
        *("of context", "top 5 EM", "F1", "passage read", "then F1", "of context", "ms"),
    )
    for name, item in found.items():
        said, read = item["answers"], item["answers, own passage read"]
        shown = ("EM with context", "F1 with context", "EM rank 1", "F1 rank 1")
        made.add_row(
            name,
            f"{item['answerable']:,}",
            *(f"{said[key]:.2f}" for key in shown),
            _share(said["F1 rank 1 / with context"]),
            *(f"{said[key]:.2f}" for key in ("EM top 5", "F1 top 5")),
            _share(item["own passage read"]),
            _figure(read["F1 rank 1"]),
            _share(read["F1 rank 1 / with context"]),
            f"{1000 * item['seconds, median']:.0f}",
        )
    return made


def _confidence_table(found: dict[str, Any]) -> Table:
    made = table(
        *("confidence", "right by", "accuracy", "AURC", "ECE"),
        *(f"coverage at {accuracy:.0%}" for accuracy in ACCURACIES),
    )
    for name, item in found.items():
        made.add_section()
        for label, key in (("", "confidence"), (" + unanswerable", "confidence with unanswerable")):
            for right, said in (item[key] or {}).items():
                made.add_row(
                    name + label,
                    right,
                    _share(said["accuracy"]),
                    *(f"{said[column]:.3f}" for column in ("AURC", "ECE")),
                    *(_share(said["coverage at"][str(accuracy)]) for accuracy in ACCURACIES),
                )
    return made


def _declining_table(found: dict[str, Any]) -> Table:
    made = table(
        *("default threshold", "answered", "right of them", "unanswerable", "declined"),
        *("deleted", "answered", "right elsewhere"),
    )
    for name, item in found.items():
        default, after = item["default"], item["after deletion"]
        made.add_row(
            name,
            _share(default["answered"]),
            _share(default["right by F1, of those answered"]),
            f"{item['unanswerable']:,}",
            _share(item["unanswerable declined"]),
            f"{after['questions']:,}",
            _share(after["answered"]),
            _share(after["answered, right by F1"]),
        )
    return made


def _thresholds_table(item: dict[str, Any]) -> Table:
    columns = ("answered", "right by F1", "unanswerable declined", "answered after deletion")
    made = table("threshold, all sets", *columns)
    for at in item["thresholds"]:
        made.add_row(f"{at['threshold']:.2f}", *(_share(at[column]) for column in columns))
    return made


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
