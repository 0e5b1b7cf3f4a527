"""Tokens put together from those of pieces are the tokenizer's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from qa import pieces
from qa.pieces import Pieces
from qa.settings import Settings

WORDS = [
    "Ada",
    "un\u0301i",
    "\u0301",
    "don't",
    "[SEP]x",
    "\u4e2d\u6587",
    "1,5%",
    "\x00",
    "\u2028",
    "\xa0a",
]
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=12)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    found = Tokenizer.from_file(str(Path(Settings().reader) / "tokenizer.json"))
    found.no_truncation()
    found.no_padding()
    return found


def same(found: Pieces, tokenizer: Tokenizer, text: str) -> None:
    tokens = found.tokens(text)
    whole = tokenizer.encode(text, add_special_tokens=False)
    assert tokens.ids.tolist() == whole.ids
    assert list(zip(tokens.starts, tokens.ends, strict=True)) == whole.offsets
    assert tokens.words.tolist() == whole.word_ids


@given(TEXTS, st.lists(st.sampled_from([" ", "  ", "\n", "\t", "\r\n"]), min_size=12, max_size=12))
@example([], [" "] * 12)
def test_any_text_has_the_tokenizers_own_tokens(
    tokenizer: Tokenizer, words: list[str], gaps: list[str]
) -> None:
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    found = Pieces(tokenizer)
    same(found, tokenizer, text)
    same(found, tokenizer, text)  # all of it known


def test_no_more_pieces_are_kept_than_may_be(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "KEPT", 5)
    found = Pieces(tokenizer)
    for number in range(20):
        same(found, tokenizer, f"word {number} and {'x' * 60} word")
        assert len(found._known) <= 5
    assert all(len(piece) <= 50 for piece in found._known)
