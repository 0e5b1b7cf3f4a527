"""Nothing leaves as a citation that is not, character for character, in the document."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span, StoredDocument
from qa.answers import Citation
from qa.citations import cite

TEXT = "Zoë met Otto in Oslo. Then she built a bridge.\n\nIt stands."


def stored(text: str, pages: tuple[int, ...] = ()) -> StoredDocument:
    return StoredDocument(
        id=7,
        source="/texts/b.txt",
        title="Bridges",
        text=text,
        media_type="application/pdf",
        date="2022-08-31",
        furniture=(),
        content_hash="0f" * 32,
        passages=1,
        author="Otto Lind",
        pages=pages,
        origin="/texts/b.txt",
        origin_hash="",
        voice=4,
    )


def cited(text: str, span: Span, quote: str) -> Citation | None:
    return cite(stored(text), span, quote, 0.75)


def test_a_citation_names_its_document_and_place() -> None:
    start = TEXT.index("Otto")
    citation = cited(TEXT, Span(start, start + 4), "Otto")
    assert citation is not None
    assert (citation.document_id, citation.title, citation.source, citation.date) == (
        7,
        "Bridges",
        "/texts/b.txt",
        "2022-08-31",
    )
    assert (citation.document_start, citation.document_end) == (start, start + 4)
    assert (citation.quote, citation.confidence) == ("Otto", 0.75)
    assert (citation.author, citation.voice, citation.page) == ("Otto Lind", 4, None)


def test_a_citation_carries_what_it_can_be_found_again_by() -> None:
    start = TEXT.index("built")
    citation = cited(TEXT, Span(start, start + 5), "built")
    assert citation is not None
    assert citation.version == "0f" * 32
    assert citation.before == TEXT[start - 32 : start] if start >= 32 else TEXT[:start]
    assert citation.after == TEXT[start + 5 : start + 37]
    assert citation.before + citation.quote + citation.after in TEXT


@pytest.mark.parametrize(
    ("quote", "page"),
    [("first", 1), ("end of one", 1), ("Second", 2), ("across", 2), ("third", 4)],
)
def test_a_citation_names_the_page_on_which_it_begins(quote: str, page: int) -> None:
    pages = ("The first page. The end of one\n\n", "Second page, read across", "", "third page.")
    starts = tuple(len("".join(pages[:number])) for number in range(4))
    text = "".join(pages)
    start = text.index(quote)
    citation = cite(stored(text, starts), Span(start, start + len(quote)), quote, 0.5)
    assert citation is not None
    assert citation.page == page


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("Otto", "Zoë met Otto in Oslo."),
        ("Zoë", "Zoë met Otto in Oslo."),
        ("bridge", "Then she built a bridge."),
        ("stands", "It stands."),
        ("Oslo. Then", "Zoë met Otto in Oslo. Then she built a bridge."),
    ],
)
def test_the_sentence_is_whole_and_holds_the_quote(quote: str, sentence: str) -> None:
    start = TEXT.index(quote)
    citation = cited(TEXT, Span(start, start + len(quote)), quote)
    assert citation is not None
    assert citation.sentence.text == sentence


@pytest.mark.parametrize(
    ("span", "quote"),
    [
        (Span(8, 12), "otto"),
        (Span(8, 12), "Zoë"),
        (Span(8, 12), ""),
        (Span(8, 8), ""),
        (Span(0, 3), "Zoe\u0308"),
        (Span(500, 504), "Otto"),
    ],
)
def test_what_is_not_verbatim_is_dropped_and_logged(
    span: Span, quote: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="qa.citations"):
        assert cited(TEXT, span, quote) is None
    assert f"document 7 [{span.start}, {span.end})" in caplog.text


prose = st.text(
    st.one_of(st.sampled_from("Ab. !?\n\t1)\"'ë"), st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=200,
)


@given(prose, st.data())
def test_every_citation_is_a_slice_inside_its_sentence(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation = cited(text, Span(start, end), text[start:end])
    assert citation is not None
    assert text[citation.document_start : citation.document_end] == citation.quote
    sentence = citation.sentence
    assert text[sentence.start : sentence.end] == sentence.text
    assert sentence.start <= start and end <= sentence.end


@given(prose, prose, st.integers(0, 250), st.integers(0, 250))
def test_no_quote_is_ever_altered(text: str, quote: str, start: int, length: int) -> None:
    citation = cited(text, Span(start, start + length), quote)
    assert (citation is not None) == (text[start : start + length] == quote)
