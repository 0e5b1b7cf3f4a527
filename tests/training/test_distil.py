"""A teacher of another family, its labels on disk, and what a student learns of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    MPNetConfig,
    MPNetForQuestionAnswering,
)

from training.distil import TaughtBatch, divergence, passes
from training.encoders import Encoder, as_mpnet
from training.label import label
from training.labels import Taught, corrected, grouped, hidden, load, save
from training.losses import Batch
from training.windows import Window

SHORT = Window([101, 2040, 102, 2002, 2003, 102], 3, [(3, 4)])
LONG = Window([101, 2040, 2029, 102, 2002, 103, 2004, 2005, 102], 4, [])


def small_teacher() -> Encoder:
    torch.manual_seed(0)
    config = MPNetConfig(
        vocab_size=30_527,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=40,
    )
    return Encoder(MPNetForQuestionAnswering(config).eval())


def taught(window: Window, group: int = 0) -> Taught:
    rising = np.arange(len(window.ids), dtype=np.float16)
    return Taught(window, rising, rising[::-1].copy(), group)


def test_mpnet_sees_the_same_tokens_in_its_own_ids() -> None:
    batch = Batch.of([[SHORT], [LONG]], multiple=1)
    ids, mask, places = as_mpnet(batch.ids, batch.mask, batch.types)
    assert ids.tolist() == [
        [0, 2044, 2, 2, 2006, 2007, 2, 1, 1, 1],
        [0, 2044, 2033, 2, 2, 2006, 30526, 2008, 2009, 2],
    ]
    assert mask.tolist() == [[1] * 7 + [0] * 3, [1] * 10]
    assert places[0].tolist()[:6] == [0, 1, 2, 4, 5, 6]


def test_labels_do_not_depend_on_what_was_read_beside_a_window() -> None:
    teacher = small_teacher()
    together = label(teacher, [[SHORT, LONG], [LONG]])
    alone = label(teacher, [[SHORT]])[0]
    assert [item.group for item in together] == [0, 0, 1]
    assert [len(item.starts) for item in together] == [6, 9, 9]
    np.testing.assert_allclose(together[0].starts, alone.starts, atol=2e-3)
    np.testing.assert_array_equal(together[1].ends, together[2].ends)


def test_labels_come_back_from_disk_as_they_were(tmp_path) -> None:
    items = [taught(SHORT, 3), taught(LONG, 3), taught(SHORT, 4)]
    save(tmp_path / "a.npz", items)
    back = load(tmp_path / "a.npz")
    assert [item.window for item in back] == [item.window for item in items]
    assert [len(group) for group in grouped(back)] == [2, 1]
    np.testing.assert_array_equal(back[1].starts, items[1].starts)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_what_is_hidden_is_never_the_answer_nor_the_question() -> None:
    item = hidden(taught(Window([101, 7, 102, 8, 9, 10, 11, 12, 102], 3, [(5, 5)])), 1.0, 103,
                  np.random.default_rng(0))  # fmt: skip
    assert item.window.ids == [101, 7, 102, 103, 9, 10, 11, 103, 102]


def test_a_student_that_agrees_has_nothing_to_learn() -> None:
    batch = TaughtBatch.taught([[taught(SHORT)], [taught(LONG)]])
    same = divergence(batch, batch.taught_starts, batch.taught_ends, 2.0)
    other = divergence(batch, batch.taught_starts * 0, batch.taught_ends, 2.0)
    assert same.item() == pytest.approx(0, abs=1e-6)
    assert other.item() > 0.1


def test_padding_and_the_question_teach_nothing() -> None:
    batch = TaughtBatch.taught([[taught(SHORT)], [taught(LONG)]])
    starts = batch.taught_starts.clone()
    starts[0, 1:3] = 50.0  # the question
    starts[0, 5:] = 50.0  # the closing token and the padding
    assert divergence(batch, starts, batch.taught_ends, 1.0).item() == pytest.approx(0, abs=1e-6)


def test_a_student_comes_nearer_to_its_teacher(tmp_path) -> None:
    save(tmp_path / "a.npz", [taught(SHORT, 0), taught(LONG, 1)])
    torch.manual_seed(0)
    student = Encoder(
        BertForQuestionAnswering(
            BertConfig(
                vocab_size=3_000,
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=16,
            )
        ).eval()
    )
    optimizer = torch.optim.Adam(student.model.parameters(), 1e-2)
    seen = []
    for number in range(20):
        for batch in passes(tmp_path, number, 1_000, 0.0, 103, 1):
            loss = divergence(batch, *student.logits(batch), 1.0)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            seen.append(loss.item())
    assert seen[-1] < 0.3 * seen[0]


def probability(side: np.ndarray, item: Taught, places: list[int]) -> float:
    meant = [0, *range(item.window.passage_at, len(side) - 1)]
    powers = np.exp(side.astype(np.float64))
    return float(powers[places].sum() / powers[meant].sum())


@pytest.mark.parametrize("window", [SHORT, LONG])
def test_what_is_gold_is_raised_above_all_else(window: Window) -> None:
    before = taught(window)
    item = corrected(before, 2.0)
    for side, at in ((item.starts, 0), (item.ends, 1)):
        gold = [span[at] for span in window.spans] or [0]
        assert probability(side, item, gold) >= 1 / (1 + np.exp(-2.0)) - 0.01
    changed = {int(i) for i in np.flatnonzero(item.starts != before.starts)}
    assert changed == {span[0] for span in window.spans} or changed == {0}


def test_what_is_above_all_else_already_is_left() -> None:
    sure = Taught(LONG, *(np.array([9.0] + [0.0] * 8, dtype=np.float16) for _ in range(2)), 0)
    assert corrected(sure, 1.0).starts.tolist() == sure.starts.tolist()
