"""Cuts a text into passages, each an exact slice, sized in tokens of the embedder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter

from index.documents import Span
from index.errors import CorruptIndex
from index.headings import begins_anew, trailing_headings
from index.sentences import sentence_spans

# Tried in this order: paragraphs, lines, sentences, words, characters.
_SEPARATORS = [r"\n\s*\n\s*", r"\n", r"(?<=[.!?…])[\"'”’)\]]*\s+", r"\s+", ""]
_CACHED_LENGTHS = 100_000

CountTokens = Callable[[str], int]


def cut(
    text: str,
    furniture: Sequence[Span],
    *,
    count_tokens: CountTokens,
    passage_tokens: int,
    overlap_tokens: int,
) -> list[Span]:
    """Passages of everything that is not furniture, in order.

    Args:
        passage_tokens: a passage has at most this many tokens.
        overlap_tokens: how much of the passage before, in whole sentences, is repeated.

    Raises:
        ValueError: the overlap is not smaller than the passage.
    """
    if not 0 <= overlap_tokens < passage_tokens:
        raise ValueError(f"overlap_tokens={overlap_tokens} must be in [0, {passage_tokens})")
    count = lru_cache(_CACHED_LENGTHS)(count_tokens)
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,  # lossless, so that offsets can be counted, not searched for
        chunk_size=passage_tokens - overlap_tokens,
        chunk_overlap=0,
        # What counts as nothing (a zero-width joiner) would be repeated as overlap.
        length_function=lambda piece: max(1, count(piece)) if piece else 0,
    )
    passages: list[Span] = []
    for region in _unmarked(text, furniture):
        pieces = _with_headings(text, _pieces(text, region, splitter), count, passage_tokens)
        passages += _with_overlap(text, pieces, count, passage_tokens, overlap_tokens)
    return passages


def _unmarked(text: str, furniture: Sequence[Span]) -> Iterator[Span]:
    start = 0
    for mark in sorted(furniture):
        if mark.start > start:
            yield Span(start, mark.start)
        start = max(start, mark.end)
    if start < len(text):
        yield Span(start, len(text))


def _pieces(text: str, region: Span, splitter: RecursiveCharacterTextSplitter) -> list[Span]:
    """A partition of the region. The splitter's own start index would search, and find the
    first copy of a repeated paragraph; here the lengths of lossless pieces are added up."""
    spans: list[Span] = []
    position = region.start
    for piece in splitter.split_text(text[region.start : region.end]):
        if text[position : position + len(piece)] != piece:
            raise CorruptIndex(f"the text splitter changed the text near character {position}")
        if piece.strip():
            start = position + len(piece) - len(piece.lstrip())
            spans.append(Span(start, position + len(piece.rstrip())))
        position += len(piece)
    if position != region.end:
        raise CorruptIndex(f"the text splitter lost {region.end - position} characters")
    return spans


def _with_headings(
    text: str, pieces: list[Span], count: CountTokens, passage_tokens: int
) -> list[Span]:
    """Let headings that a piece ends with begin the next one, which they are about."""
    kept = pieces[:1]
    for piece in pieces[1:]:
        start = trailing_headings(text, kept[-1])
        if start < kept[-1].end and count(text[start : piece.end]) <= passage_tokens:
            before = text[kept[-1].start : start].rstrip()
            kept[-1] = Span(kept[-1].start, kept[-1].start + len(before))
            piece = Span(start, piece.end)
            if not before:
                kept.pop()
        kept.append(piece)
    return kept


def _with_overlap(
    text: str, pieces: list[Span], count: CountTokens, passage_tokens: int, overlap_tokens: int
) -> list[Span]:
    """Let each piece begin with the last whole sentences of the one before it, as far as it has
    room; one that got a heading has less."""
    if not overlap_tokens:
        return pieces
    passages = pieces[:1]
    for previous, piece in pairwise(pieces):
        if begins_anew(text, previous, piece):  # what stands above it is about something else
            passages.append(piece)
            continue
        sentences = sentence_spans(text[previous.start : previous.end])
        starts = [previous.start + sentence.start for sentence in sentences]
        fitting = [s for s in starts if count(text[s : piece.start]) <= overlap_tokens]
        whole = (
            Span(s, piece.end) for s in fitting if count(text[s : piece.end]) <= passage_tokens
        )
        passages.append(next(whole, piece))
    return passages
