"""Windows with a teacher's logits, in files: what a student is distilled from.

A file holds some thousand windows, flat arrays and their lengths, without objects, so that nothing
is unpickled when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.losses import Batch
from training.windows import Window

Logits = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Taught:
    """A window, the teacher's start and end logits of its tokens, and the group it belongs to."""

    window: Window
    starts: Logits
    ends: Logits
    group: int


def save(path: Path, taught: Sequence[Taught]) -> None:
    """Write one file, whole or not at all."""
    windows = [item.window for item in taught]
    spans = [(row, s, e) for row, w in enumerate(windows) for s, e in w.spans]
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        np.savez_compressed(
            file,
            ids=np.concatenate([np.array(w.ids, dtype=np.uint16) for w in windows]),
            lengths=np.array([len(w.ids) for w in windows], dtype=np.int32),
            passage_at=np.array([w.passage_at for w in windows], dtype=np.int32),
            spans=np.array(spans, dtype=np.int32).reshape(-1, 3),
            groups=np.array([item.group for item in taught], dtype=np.int32),
            starts=np.concatenate([item.starts for item in taught]),
            ends=np.concatenate([item.ends for item in taught]),
        )
    new.replace(path)


def load(path: Path) -> list[Taught]:
    with np.load(path, allow_pickle=False) as stored:
        kept = {name: stored[name] for name in stored.files}
    spans: list[list[tuple[int, int]]] = [[] for _ in kept["lengths"]]
    for row, start, end in kept["spans"].tolist():
        spans[row].append((start, end))
    edges = list(pairwise([0, *accumulate(kept["lengths"].tolist())]))
    return [
        Taught(
            Window(kept["ids"][a:b].tolist(), int(kept["passage_at"][row]), spans[row]),
            kept["starts"][a:b],
            kept["ends"][a:b],
            int(kept["groups"][row]),
        )
        for row, (a, b) in enumerate(edges)
    ]


def grouped(taught: Iterable[Taught]) -> Iterator[list[Taught]]:
    """Windows of one group, which stand side by side."""
    group: list[Taught] = []
    for item in taught:
        if group and item.group != group[0].group:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def hidden(item: Taught, share: float, mask: int, chance: np.random.Generator) -> Taught:
    """The same with ``share`` of the passage's tokens outside the answers replaced by ``mask``.

    The teacher saw them; the student is to guess what it said without.
    """
    window = item.window
    drop = chance.random(len(window.ids)) < share
    drop[: window.passage_at] = False
    drop[-1] = False
    for start, end in window.spans:
        drop[max(0, start - 1) : end + 2] = False
    ids = [mask if gone else token for token, gone in zip(window.ids, drop, strict=True)]
    return replace(item, window=replace(window, ids=ids))


def corrected(item: Taught, margin: float) -> Taught:
    """The same with the gold spans raised, where they are not yet, to ``margin`` above all else.

    On each side the log of the summed exponentials of what is gold, or of ``[CLS]`` where nothing
    is, ends at least ``margin`` above that of all other tokens that can be meant.
    """
    spans, last = item.window.spans, len(item.window.ids) - 1
    meant = np.zeros(last + 1, dtype=bool)
    meant[0] = meant[item.window.passage_at : last] = True
    sides = []
    for side, places in (
        (item.starts, {start for start, _ in spans} or {0}),
        (item.ends, {end for _, end in spans} or {0}),
    ):
        logits = side.astype(np.float32)
        gold = np.zeros_like(meant)
        gold[list(places)] = True
        short = margin + _summed(logits[meant & ~gold]) - _summed(logits[gold])
        logits[gold] += max(0.0, short)
        sides.append(logits.astype(np.float16))
    return replace(item, starts=sides[0], ends=sides[1])


def _summed(logits: NDArray[np.float32]) -> float:
    return float(np.logaddexp.reduce(logits))


def teacher_logits(batch: Batch, taught: Sequence[Taught]) -> tuple[torch.Tensor, torch.Tensor]:
    """Start and end logits, (windows, length); what is no token has no say and is zero."""
    starts, ends = torch.zeros(batch.ids.shape), torch.zeros(batch.ids.shape)
    for row, item in enumerate(taught):
        starts[row, : len(item.starts)] = torch.from_numpy(item.starts).float()
        ends[row, : len(item.ends)] = torch.from_numpy(item.ends).float()
    return starts, ends
