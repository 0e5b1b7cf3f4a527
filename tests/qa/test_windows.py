"""Cutting a passage's tokens into windows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from qa.windows import Window, tokens, windows, word_edges


@dataclass
class Encoded:
    """As much of a `tokenizers.Encoding` as cutting needs: token n stands at [2n, 2n + 1)."""

    count: int

    @property
    def ids(self) -> list[int]:
        return list(range(self.count))

    @property
    def offsets(self) -> list[tuple[int, int]]:
        return [(2 * i, 2 * i + 1) for i in range(self.count)]

    @property
    def word_ids(self) -> list[int | None]:
        return list(range(self.count))


def cut(count: int, room: int, stride: int, text: str = "") -> list[Window]:
    encoding: Any = Encoded(count)
    return list(windows(tokens(text, encoding), room, stride))


def ids(count: int, room: int, stride: int) -> list[list[int]]:
    return [window.ids.tolist() for window in cut(count, room, stride)]


def test_what_fits_is_one_window() -> None:
    assert ids(10, room=10, stride=3) == [list(range(10))]
    assert ids(0, room=10, stride=3) == [[]]


def test_windows_cover_all_tokens_and_share_the_stride() -> None:
    found = ids(25, room=10, stride=3)
    assert found[0][0] == 0 and found[-1][-1] == 24
    assert all(len(window) <= 10 for window in found)
    for before, after in pairwise(found):
        assert before[-3:] == after[:3]


def test_one_token_too_many_opens_a_second_window() -> None:
    assert len(ids(11, room=10, stride=3)) == 2


def test_a_window_keeps_offsets_of_its_own_tokens() -> None:
    second = cut(15, room=10, stride=3)[1]
    assert second.ids.tolist() == list(range(7, 15))
    assert second.starts.tolist() == [2 * i for i in range(7, 15)]
    assert second.ends.tolist() == [2 * i + 1 for i in range(7, 15)]
    assert len(second) == 8


def test_tokens_know_their_paragraph() -> None:
    window = cut(4, room=10, stride=3, text="a b\nc d\n")[0]
    assert window.paragraphs.tolist() == [1, 1, 2, 2]


def test_only_the_outer_pieces_of_a_word_open_and_close_it() -> None:
    opens, closes = word_edges(np.array([0, 0, 0, 1, 2, 2]))
    assert opens.tolist() == [True, False, False, True, True, False]
    assert closes.tolist() == [False, False, True, True, False, True]


def test_no_tokens_have_no_edges() -> None:
    opens, closes = word_edges(np.array([], dtype=np.int64))
    assert not len(opens) and not len(closes)
