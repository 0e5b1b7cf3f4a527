"""A rebuild exchanges everything at once, or nothing; breaking it off loses little work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.documents import Document, Span
from index.embedded_search import EmbeddedSearch
from index.errors import CorruptIndex, LibraryBusy
from index.indexing import Indexer
from index.rebuilding import FILE_NAME, is_due, rebuild
from index.retrieval import Retriever
from index.store import Store
from index.verify import content_findings
from tests.conftest import SEEDS
from tests.doubles import HashingEmbedder
from tests.index.libraries import (
    damage,
    document,
    everything,
    indexer_of,
    passage_texts,
    put,
)

SIX_WORDS = "the {} of number {} is long."


@pytest.fixture
def filled(store: Store, embedder: HashingEmbedder) -> Store:
    """Five documents of four sentences each, in passages of about two sentences."""
    for number in range(5):
        text = " ".join(SIX_WORDS.format(name, number) for name in ("ford", "mill", "lake", "hill"))
        indexer_of(store, embedder, passage_tokens=16).add_document(
            document(text, f"/{number}.txt")
        )
    embedder.embedded.clear()
    return store


@pytest.fixture
def small(store: Store, embedder: HashingEmbedder) -> Indexer:
    """Cuts each sentence by itself."""
    return indexer_of(store, embedder, passage_tokens=7)


def counts(store: Store) -> list[int]:
    return [summary.passages for summary in store.documents()]


def assert_sound(store: Store) -> None:
    assert list(content_findings(store)) == []
    store.check_full_text()
    for summary in store.documents():
        assert passage_texts(store, summary.id) is not None


def test_rebuilding_with_other_sizes_keeps_documents_and_changes_passages(store, embedder):
    list(indexer_of(store, embedder, passage_tokens=200).add(sorted(SEEDS.iterdir())))
    before = {summary.id: summary for summary in store.documents()}
    stored = {i: store.document(i) for i in before}
    generation = store.generation()
    small = indexer_of(store, embedder, passage_tokens=30)
    assert [i for i, _ in rebuild(small)] == list(before)
    after = {summary.id: summary for summary in store.documents()}
    assert store.generation() == generation + 1
    assert after.keys() == before.keys()
    for i, summary in after.items():
        assert summary.passages > before[i].passages
        assert store.document(i).text == stored[i].text
        assert store.document(i).content_hash == stored[i].content_hash
        assert all(embedder.count_tokens(text) <= 30 for text in passage_texts(store, i))
    assert_sound(store)
    assert {indexed.outcome for indexed in small.add(SEEDS.iterdir())} == {"unchanged"}


def test_rebuilding_marks_the_furniture_anew(store, embedder):
    text = "The Rhine flows north.\n\nLeave a Reply\n\nThe Danube flows east."
    indexer_of(store, embedder, mark_furniture=False).add_document(
        Document("/a.txt", "Rivers", text, "text/plain")
    )
    (summary,) = store.documents()
    assert "Leave a Reply" in " ".join(passage_texts(store, summary.id))
    list(rebuild(indexer_of(store, embedder)))
    start = text.index("Leave")
    assert store.document(summary.id).furniture == (Span(start, start + len("Leave a Reply")),)
    assert passage_texts(store, summary.id) == text.split("\n\nLeave a Reply\n\n")
    list(rebuild(indexer_of(store, embedder, mark_furniture=False)))
    assert store.document(summary.id).furniture == ()
    assert "Leave a Reply" in " ".join(passage_texts(store, summary.id))


def test_the_library_is_as_it_was_until_all_is_ready(filled, small):
    before = everything(filled.folder)
    rebuilding = rebuild(small)
    for _ in range(5):
        assert next(rebuilding)[1] == 4
        assert everything(filled.folder) == before
    assert next(rebuilding, None) is None
    assert counts(filled) == [4] * 5
    assert not list(filled.folder.glob(f"{FILE_NAME}*"))


def test_a_rebuild_that_is_broken_off_goes_on_where_it_was(filled, small, embedder):
    before = everything(filled.folder)
    rebuilding = rebuild(small)
    for _ in range(3):
        next(rebuilding)
    rebuilding.close()
    assert len(embedder.embedded) == 12
    assert everything(filled.folder) == before
    embedder.embedded.clear()
    assert [passages for _, passages in rebuild(small)] == [4] * 5
    assert len(embedder.embedded) == 8
    assert counts(filled) == [4] * 5
    assert_sound(filled)


def test_a_rebuild_that_fails_changes_nothing(filled, small, embedder, monkeypatch):
    before = everything(filled.folder)
    exchange, calls = Store.exchange_passages, list[int]()

    def failing(*arguments: object) -> bool:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return exchange(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "exchange_passages", failing)
        with pytest.raises(KeyboardInterrupt):
            list(rebuild(small))
    assert everything(filled.folder) == before
    embedder.embedded.clear()
    list(rebuild(small))
    assert embedder.embedded == []  # all had been ready
    assert counts(filled) == [4] * 5


@pytest.mark.parametrize("other", ["passage_tokens", "embedder", "furniture"])
def test_what_was_prepared_for_other_settings_is_not_used(filled, small, embedder, other):
    rebuilding = rebuild(small)
    next(rebuilding)
    rebuilding.close()
    changed = {
        "passage_tokens": indexer_of(filled, embedder, passage_tokens=16),
        "embedder": indexer_of(filled, HashingEmbedder("other", 32), passage_tokens=7),
        "furniture": indexer_of(filled, embedder, passage_tokens=7, mark_furniture=False),
    }[other]
    changed.embedder.embedded.clear()
    list(rebuild(changed))
    embedded = {"passage_tokens": 10, "embedder": 20, "furniture": 20}[other]
    assert len(changed.embedder.embedded) == embedded
    assert_sound(filled)


def test_documents_that_come_change_and_go_meanwhile_are_taken_as_they_are(filled, small, embedder):
    other = indexer_of(filled, embedder, passage_tokens=16)
    rebuilding = rebuild(small)
    next(rebuilding)
    other.add_document(document("The Elbe came in only now. It is no long one.", "/new.txt"))
    other.add_document(document("The first was changed. After it was ready.", "/0.txt"))
    other.add_document(document("The last was changed. Before it was ready.", "/4.txt"))
    other.remove("/1.txt")
    done = [document_id for document_id, _ in rebuilding]
    assert done == [3, 4, 5]
    texts = {d.source: passage_texts(filled, d.id) for d in filled.documents()}
    assert texts.pop("/new.txt") == ["The Elbe came in only now.", "It is no long one."]
    assert texts.pop("/0.txt") == ["The first was changed.", "After it was ready."]
    assert texts.pop("/4.txt") == ["The last was changed.", "Before it was ready."]
    assert {source: len(passages) for source, passages in texts.items()} == {
        "/2.txt": 4,
        "/3.txt": 4,
    }
    assert_sound(filled)


def test_another_embedder_takes_over(filled, embedder):
    other = HashingEmbedder("other", 32)
    retriever = Retriever(
        filled,
        other,
        EmbeddedSearch(
            filled,
            other,
            lexical_rows=10_000,
            exact_passages=50_000,
            recall=0.997,
        ),
        candidates=5,
        dense_weight=0.45,
    )
    list(rebuild(indexer_of(filled, other, passage_tokens=7)))
    assert filled.embedder() == ("other", 32)
    assert retriever.search("mill number 3", 1).passages[0].passage.text == (
        "the mill of number 3 is long."
    )
    assert all(len(row[0]) == 64 for row in filled.rows("SELECT vector FROM passages"))


def test_it_is_due_where_passages_would_be_cut_otherwise(filled, embedder, small):
    assert not is_due(indexer_of(filled, embedder, passage_tokens=16))
    assert is_due(small)
    list(rebuild(small))
    assert not is_due(small)


def test_it_is_due_where_furniture_is_no_longer_to_be_left_out(store, embedder):
    indexer_of(store, embedder).add_document(document("The mill burnt.\n\nLeave a Reply", "/a.txt"))
    assert not is_due(indexer_of(store, embedder))
    assert is_due(indexer_of(store, embedder, mark_furniture=False))


def test_a_damaged_document_does_not_keep_it_from_being_told(filled, embedder):
    damage(filled.folder, "UPDATE documents SET text = 'x' WHERE id = 1")
    assert not is_due(indexer_of(filled, embedder, passage_tokens=16))


def test_only_one_process_rebuilds(filled, small):
    running = rebuild(small)
    next(running)
    with pytest.raises(LibraryBusy, match="rebuilding the library"):
        list(rebuild(small))
    list(running)
    assert counts(filled) == [4] * 5


def test_a_document_without_passages_stays_without(store, embedder):
    indexer_of(store, embedder).add_document(document("Leave a Reply", "/a.txt"))
    assert list(rebuild(indexer_of(store, embedder))) == [(1, 0)]
    assert counts(store) == [0]


def test_an_empty_library_is_rebuilt(store, embedder):
    assert list(rebuild(indexer_of(store, embedder))) == []
    assert store.embedder() == ("hashing", 64)


@pytest.mark.parametrize("content", [b"", b"no database " * 500])
def test_a_file_of_prepared_passages_that_is_none_is_thrown_away(filled, small, content):
    (filled.folder / FILE_NAME).write_bytes(content)
    list(rebuild(small))
    assert counts(filled) == [4] * 5
    assert not (filled.folder / FILE_NAME).exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE staged SET vectors = zeroblob(length(vectors))",
        "UPDATE staged SET passages = '[[0, 3]]'",
        "UPDATE staged SET marks = '[[0, 3]]'",
        "UPDATE staged SET checksum = ''",
        "UPDATE staged SET version = 'x'",
        "DELETE FROM staged",
    ],
)
def test_prepared_passages_that_are_damaged_are_made_again(filled, small, embedder, change):
    rebuilding = rebuild(small)
    for _ in range(2):
        next(rebuilding)
    rebuilding.close()
    with closing(sqlite3.connect(filled.folder / FILE_NAME)) as connection, connection:
        assert connection.execute(change).rowcount == 2
    embedder.embedded.clear()
    list(rebuild(small))
    assert len(embedder.embedded) == 20
    assert counts(filled) == [4] * 5
    assert_sound(filled)


def test_a_damaged_document_is_named_and_nothing_changes(filled, small):
    damage(filled.folder, "UPDATE documents SET title = 'x' WHERE id = 3")
    fresh = Store(filled.folder)
    before = everything(filled.folder)
    with pytest.raises(CorruptIndex, match="Document 3"):
        list(rebuild(indexer_of(fresh, small.embedder, passage_tokens=7)))
    assert everything(filled.folder) == before
    fresh.close()


def test_a_rebuild_keeps_origins_voices_and_dates(store, embedder, tmp_path):
    path = Path(tmp_path / "a.txt")
    path.write_text("The Rhine is long, it was said on 11 August 2022. It was.")
    list(indexer_of(store, embedder).add([path]))
    put(store, "The Po.", "/b.txt", "2021-01-01")
    before = [(d, store.document(d.id).origin_hash) for d in store.documents()]
    list(rebuild(indexer_of(store, embedder)))
    assert [(d, store.document(d.id).origin_hash) for d in store.documents()] == before
