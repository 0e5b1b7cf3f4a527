"""The parts of the loss, on cases small enough to count by hand."""

from __future__ import annotations

import math

import pytest
import torch

from training.losses import Batch, Weights, loss_of
from training.windows import Window

ANSWERED = Window([101, 9, 102, 11, 12, 13, 102], 3, [(4, 5)])
UNANSWERED = Window([101, 9, 102, 11, 12, 13, 102], 3, [])
_NONE = {"independent": 0.0, "joint": 0.0, "shared": 0.0, "separation": 0.0}


def logits(*peaks: int, height: float = 20.0, length: int = 8) -> torch.Tensor:
    table = torch.zeros(len(peaks), length)
    for row, peak in enumerate(peaks):
        table[row, peak] = height
    return table


def loss(groups: list[list[Window]], starts: torch.Tensor, ends: torch.Tensor, part: str) -> float:
    weights = Weights(**{**_NONE, part: 1.0})
    return float(loss_of(Batch.of(groups), starts, ends, weights))


@pytest.mark.parametrize("part", ["independent", "joint"])
def test_the_right_span_costs_nothing_and_a_wrong_one_much(part: str) -> None:
    right = loss([[ANSWERED]], logits(4), logits(5), part)
    wrong = loss([[ANSWERED]], logits(3), logits(3), part)
    assert right == pytest.approx(0, abs=1e-3)
    assert wrong > 15


@pytest.mark.parametrize("part", ["independent", "joint"])
def test_no_answer_is_the_first_token(part: str) -> None:
    assert loss([[UNANSWERED]], logits(0), logits(0), part) == pytest.approx(0, abs=1e-3)
    assert loss([[UNANSWERED]], logits(4), logits(5), part) > 15


def test_half_a_span_costs_the_logarithm_of_its_f1() -> None:
    # one token of a gold span of two: precision 1, recall 1/2, F1 2/3
    assert loss([[ANSWERED]], logits(4), logits(4), "joint") == pytest.approx(
        -math.log(2 / 3), abs=1e-3
    )


def test_the_best_of_the_annotators_counts() -> None:
    both = Window(ANSWERED.ids, 3, [(4, 5), (3, 3)])
    assert loss([[both]], logits(3), logits(3), "joint") == pytest.approx(0, abs=1e-3)


def test_padding_and_the_last_separator_are_never_read() -> None:
    longer = Window([101, 9, 102, *range(1000, 1009), 102], 3, [(4, 5)])
    starts = logits(4, 5, length=16)
    starts[0, 6:] = 50  # beyond the passage of the first row
    for part in ("independent", "joint"):
        ends = logits(5, 5, length=16)
        assert loss([[ANSWERED], [longer]], starts, ends, part) < 20


def test_a_higher_span_elsewhere_costs_only_the_shared_part() -> None:
    starts, ends = logits(4, 4), logits(5, 5)
    starts[1], ends[1] = starts[1] * 2, ends[1] * 2
    together = loss([[ANSWERED, UNANSWERED]], starts, ends, "shared")
    apart = loss([[ANSWERED], [UNANSWERED]], starts, ends, "shared")
    assert apart == 0
    assert together == pytest.approx(40 / 2, abs=0.1)  # over two windows


def test_separation_compares_margins_across_questions() -> None:
    split = loss([[ANSWERED], [UNANSWERED]], logits(4, 0), logits(5, 0), "separation")
    mixed = loss([[ANSWERED], [UNANSWERED]], logits(0, 4), logits(0, 5), "separation")
    assert split == pytest.approx(0, abs=1e-3)
    assert mixed > 50
