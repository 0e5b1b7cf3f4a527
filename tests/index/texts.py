"""Texts that are hard on offsets, for property tests."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from index.documents import Span
from index.text import normalise

THOROUGH = settings(deadline=None, max_examples=100)

_PIECES = (
    *(
        "\n",
        "\n\n",
        "\n \n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "\f",
        "\x85",
        "\xa0",
        "\u2028",
        "\u3000",
    ),
    *("\u200b", "\u200d", "\u00ad", "\ufeff", "\u200f", "e\u0301", "\u0301", "각", "漢字", "ﬁ"),
    *("👩\u200d👧", "🇺🇦", "שלום עולם.", "مرحبا بالعالم؟", "Ελλάδα.", "ſ", "İ", "𝔘"),
    *(
        "Dr. Smith left at 5 p.m. on Monday. ",
        "“Stop!” he said. ",
        "Why?",
        "…",
        "...",
        "(Image: AP)",
    ),
    *("1. ", "a) ", "- ", "# ", '"', "”", "0 %", "0 0", "5 Star", "42"),
    *("Leave a Reply", "Related stories", "About the author", "Happy", "Sad", "Angry", "Share"),
    *("A paragraph that stands here more than once, word for word.", "\n\nShort one.\n\n"),
    *("x" * 90, "word " * 30, "https://example.org/" + "path/" * 12),
)

hostile_texts = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12)), max_size=20).map("".join),
).map(normalise)


@st.composite
def texts_with_ranges(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A text and ranges of it in any order, which may touch, overlap or be empty."""
    text = draw(hostile_texts)
    offset = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(offset, offset), max_size=6))
    return text, [Span(min(pair), max(pair)) for pair in pairs]
