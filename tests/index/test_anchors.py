"""A citation of an earlier day is found where it now stands, or it is said that it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.anchors import CONTEXT, Anchor, Resolved, State, context, resolve
from index.documents import Span, StoredDocument
from index.store import Store
from tests.index.libraries import put
from tests.index.texts import THOROUGH, hostile_texts

TEXT = (
    "The harbour bridge was opened by Marta Berg in the spring of 1987. "
    "Otto Lind said it would last. The bridge was closed in 2019."
)
QUOTE = "opened by Marta Berg"


def anchor_of(store: Store, quote: str, nth: int = 0, document_id: int = 1) -> Anchor:
    """As a citation of the nth place of ``quote`` would carry it."""
    stored = store.document(document_id)
    start = -1
    for _ in range(nth + 1):
        start = stored.text.index(quote, start + 1)
    span = Span(start, start + len(quote))
    before, after = context(stored.text, span)
    return Anchor(
        document_id, stored.content_hash, *(span.start, span.end), quote, before, after, "/a.txt"
    )


def test_context_is_what_stands_on_both_sides():
    start = TEXT.index("Otto")
    before, after = context(TEXT, Span(start, start + 4))
    assert before == TEXT[start - CONTEXT : start]
    assert after == TEXT[start + 4 : start + 4 + CONTEXT]
    assert context("ab", Span(0, 2)) == ("", "")
    assert context("abc", Span(1, 2)) == ("a", "c")


def test_in_the_same_version_it_is_the_same(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    assert resolve(anchor, store) == Resolved(
        State.SAME, 1, anchor.version, anchor.start, anchor.end
    )


def test_text_before_it_moves_it(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    put(store, f"Corrected. {TEXT}")
    found = resolve(anchor, store)
    assert (found.state, found.start) == (State.MOVED, anchor.start + len("Corrected. "))
    assert found.version == store.document(1).content_hash != anchor.version
    assert store.document(1).text[found.start : found.end] == QUOTE


def test_a_change_behind_it_leaves_it_the_same(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    put(store, TEXT.replace("2019", "2020"))
    found = resolve(anchor, store)
    assert (found.state, found.start) == (State.SAME, anchor.start)


def test_a_changed_quote_is_changed(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    put(store, TEXT.replace("Marta", "Martha"))
    assert resolve(anchor, store) == Resolved(State.CHANGED, 1, store.document(1).content_hash)


def test_without_its_document_it_is_gone(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    store.remove(1)
    assert resolve(anchor, store) == Resolved(State.GONE)


def test_a_document_that_was_added_again_has_it(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    store.remove(1)
    put(store, TEXT, "/elsewhere.txt")
    found = resolve(anchor, store)
    assert (found.state, found.document_id, found.start) == (State.MOVED, 2, anchor.start)


def test_another_version_of_the_same_source_has_it(store):
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    store.remove(1)
    put(store, f"Anew. {TEXT}")
    found = resolve(anchor, store)
    assert (found.state, found.document_id) == (State.MOVED, 2)


def test_another_document_that_took_the_id_is_not_taken_for_it(tmp_path, store):
    """The library was made anew, and its documents were added in another order."""
    put(store, TEXT)
    anchor = anchor_of(store, QUOTE)
    anew = Store(tmp_path / "anew", create=True)
    put(anew, "The old mill burned down. Nobody knows why.", "/other.txt")
    assert resolve(anchor, anew).state is State.CHANGED
    put(anew, f"Anew. {TEXT}")
    found = resolve(anchor, anew)
    assert (found.state, found.document_id) == (State.MOVED, 2)
    put(anew, TEXT)
    assert resolve(anchor, anew).document_id == 2
    anew.close()


REPEATED = (
    "First edition: the price is 5 marks, said Otto. "
    "Second edition: the price is 7 marks, said Anna. "
    "Third edition: the price is 5 marks, said Marta."
)


@pytest.mark.parametrize("nth", [0, 1])
@pytest.mark.parametrize("inserted", ["", "A preface of some length, by another hand. "])
def test_of_a_repeated_quote_the_one_in_its_surroundings_is_found(store, nth, inserted):
    put(store, REPEATED)
    anchor = anchor_of(store, "5 marks", nth)
    put(store, inserted + REPEATED + " The end.")
    found = resolve(anchor, store)
    assert found.start == anchor.start + len(inserted)


def test_where_the_parts_of_a_text_change_places_the_quote_goes_with_its_own(store):
    first, second = "Anna said it was 5 marks in all.", "Otto denied that 5 marks were paid."
    put(store, f"{first}\n\n{second}")
    anchor = anchor_of(store, "5 marks")
    put(store, f"{second}\n\n{first}")
    found = resolve(anchor, store)
    assert found.start == len(second) + 2 + first.index("5 marks")


def test_a_short_quote_in_other_surroundings_is_another_one(store):
    put(store, "In all it cost 5 marks, said Otto.")
    anchor = anchor_of(store, "5 marks")
    put(store, "The fine for each day that passes is 5 marks; nobody pays.")
    assert resolve(anchor, store).state is State.CHANGED


def test_a_long_quote_is_the_same_in_whatever_surroundings(store):
    put(store, TEXT)
    anchor = anchor_of(store, "Otto Lind said it would last.")
    put(store, "Years later: Otto Lind said it would last. He was wrong.")
    assert resolve(anchor, store).state is State.MOVED


def test_an_anchor_without_context_is_found_by_its_quote(store):
    put(store, TEXT)
    full = anchor_of(store, "Otto")
    bare = Anchor(1, "another version", 3, 7, "Otto", "", "")
    found = resolve(bare, store)
    assert (found.state, found.start) == (State.MOVED, full.start)


@pytest.mark.parametrize(
    ("start", "end", "quote"), [(0, 5, "Marta"), (500, 505, "Marta"), (9, 3, "x"), (0, 0, "The")]
)
def test_an_anchor_that_contradicts_its_own_version_is_changed(store, start, end, quote):
    put(store, TEXT)
    version = store.document(1).content_hash
    assert resolve(Anchor(1, version, start, end, quote, "", ""), store).state is State.CHANGED


def test_a_quote_of_one_letter_in_a_long_text_takes_no_time(store):
    put(store, "a" * 300_000)
    anchor = Anchor(1, "another version", 9, 10, "a", "a" * CONTEXT, "a" * CONTEXT)
    found = resolve(anchor, store)
    assert found.state is State.MOVED


@THOROUGH
@given(hostile_texts, hostile_texts, hostile_texts, hostile_texts, st.data())
def test_text_before_a_quote_moves_it_by_exactly_its_length(before, head, tail, after, data):
    old = f"{head}⟦⟧{tail}"  # characters that stand nowhere else: the quote is there once
    start = data.draw(st.integers(0, len(head)))
    end = data.draw(st.integers(len(head) + 1, len(old)))
    quote = old[start:end]
    anchor = Anchor(1, "old", start, end, quote, *context(old, Span(start, end)))
    new = f"{before}{old}{after}"
    found = resolve(anchor, Only(new))
    assert (found.start, found.end) == (start + len(before), end + len(before))
    assert new[found.start : found.end] == quote
    assert found.state is (State.MOVED if before else State.SAME)


@THOROUGH
@given(hostile_texts, st.data())
def test_what_is_found_is_the_quote(text, data):
    offset = st.integers(0, len(text))
    quote = data.draw(st.text(min_size=1, max_size=3) | st.sampled_from([*text, "x"]))
    anchor = Anchor(1, "old", data.draw(offset), data.draw(offset), quote, "a", "b")
    found = resolve(anchor, Only(text))
    if found.state is State.CHANGED:
        assert (found.start, found.end) == (None, None)
    else:
        assert text[found.start : found.end] == quote


class Only:
    """A library of one document, without a file."""

    def __init__(self, text: str) -> None:
        self.stored = StoredDocument(
            id=1,
            source="/a.txt",
            title="A title",
            text=text,
            media_type="text/plain",
            date=None,
            furniture=(),
            content_hash="new",
            passages=1,
            author=None,
            pages=(),
            origin="/a.txt",
            origin_hash="",
            voice=1,
        )

    def document(self, _document_id: int) -> object:
        return self.stored

    def find_version(self, _version: str) -> None:
        return None

    def find(self, _source: str) -> None:
        return None
