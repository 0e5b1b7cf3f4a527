"""Full-text search finds a passage by its document's title, whatever becomes of the title."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from index import database
from index.database import FILE_NAME, connect, prepare
from index.documents import Filters, Origin, Span
from index.store import Prepared, Store
from tests.index.libraries import EMBEDDER, document, put

MODEL = (EMBEDDER.name, EMBEDDER.dimension)


def titled(title: str, text: str = "It is deep.", source: str = "/a.txt") -> Prepared:
    given = replace(document(text, source), title=title)
    return Prepared(given, [Span(0, len(text))], EMBEDDER.embed([text]))


def found(store: Store, word: str) -> list[int]:
    return [passage_id for passage_id, _ in store.lexical(f'"{word}"', 10, Filters())]


def check(store: Store) -> None:
    """Full-text search agrees with titles and passages to the letter."""
    with store.writing("checking"):
        store._connection.execute(
            "INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)"
        )


def test_a_passage_is_found_by_its_title_and_by_its_words(store: Store):
    store.apply([titled("Lake Garda"), titled("The sea", source="/sea.txt")], [], MODEL)
    assert (found(store, "garda"), found(store, "sea")) == ([1], [2])
    assert found(store, "deep") == [1, 2]
    check(store)


def test_a_document_with_another_title_is_found_by_that_one_only(store: Store):
    [document_id] = store.apply([titled("Lake Garda")], [], MODEL)
    store.apply([titled("Lake Como")], [], MODEL)
    assert found(store, "garda") == []
    assert len(found(store, "como")) == 1
    check(store)
    moved = replace(titled("Lake Nemi", source="/b.txt"), document_id=document_id)
    store.apply([moved], [], MODEL)
    assert (found(store, "como"), len(found(store, "nemi"))) == ([], 1)
    check(store)


def test_a_title_that_stays_costs_no_passage(store: Store):
    [document_id] = store.apply([titled("Lake Garda")], [], MODEL)
    store.remember_origin(Origin("/a.txt", "00"))
    with store.writing("noting the same title"):
        store._connection.execute("UPDATE documents SET title = title WHERE id = ?", (document_id,))
    assert found(store, "garda") == [1]


def test_what_is_removed_is_found_by_nothing(store: Store):
    [document_id] = store.apply([titled("Lake Garda")], [], MODEL)
    put(store, "The sea.", "/sea.txt")
    store.remove(document_id)
    assert (found(store, "garda"), found(store, "deep")) == ([], [])
    assert found(store, "sea") == [2]
    check(store)


def test_a_library_of_before_learns_its_titles(tmp_path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(database, "MIGRATIONS", database.MIGRATIONS[:2])
        store = Store(tmp_path, create=True)
        store.apply([titled("Lake Garda"), titled("The sea", source="/sea.txt")], [], MODEL)
        assert (found(store, "garda"), found(store, "deep")) == ([], [1, 2])
        store.close()
    store = Store(tmp_path)
    assert (found(store, "garda"), found(store, "deep")) == ([1], [1, 2])
    check(store)
    store.apply([titled("Lake Como")], [], MODEL)
    assert found(store, "garda") == []
    check(store)
    store.close()


def test_migrating_an_empty_library(tmp_path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(database, "MIGRATIONS", database.MIGRATIONS[:2])
        prepare(tmp_path, create=True)
    prepare(tmp_path, create=False)
    with closing(connect(tmp_path / FILE_NAME)) as connection:
        columns = connection.execute("SELECT name FROM pragma_table_info('passages_fts')")
        assert [row[0] for row in columns] == ["title", "text"]
