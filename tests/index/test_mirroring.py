"""A store that is made to hold what another holds, while both are in use."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest

from index import taking, verify
from index.documents import Document, Span
from index.errors import CorruptIndex, LibraryError
from index.linking import link_copies
from index.mirroring import mirror
from index.moved import read
from index.opening import open_store
from index.parquet import manifest
from index.parquet.exporting import export
from index.parquet.importing import import_into
from index.store import Prepared, Store
from tests.index.libraries import EMBEDDER, damage, everything, put
from tests.index.parquet.killed import kill
from tests.index.parquet.libraries import CHUNKING, MODEL, library, rows


@pytest.fixture
def source(tmp_path: Path) -> Store:
    return library(tmp_path / "data")


@pytest.fixture
def target(tmp_path: Path) -> Store:
    return Store(tmp_path / "new", create=True)


def same(source: Store, target: Store) -> bool:
    return rows(source.folder) == rows(target.folder) and not list(verify.content_findings(target))


def test_an_empty_store_becomes_the_same(source: Store, target: Store) -> None:
    assert mirror(source, target) == source.generation()
    assert same(source, target)


def test_a_second_time_nothing_changes(source: Store, target: Store) -> None:
    mirror(source, target)
    before = everything(target.folder)
    mirror(source, target)
    assert everything(target.folder) == before


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_is_caught_up_with(source: Store, target: Store, seed: int) -> None:
    """Adding, replacing, renaming, cutting anew, silencing, removing: in any order."""
    chance = random.Random(seed)
    mirror(source, target)
    for number in range(4):
        for change in chance.sample(_CHANGES, 3):
            change(source, chance, number)
        mirror(source, target)
        assert same(source, target)


def _add(store: Store, chance: random.Random, number: int) -> None:
    put(store, f"New text {number}. It goes on.", f"/new{number}{chance.random()}.txt")


def _replace(store: Store, chance: random.Random, number: int) -> None:
    put(store, f"Other text {number}. It went on.", _source(store, chance))


def _exchange_sources(store: Store, chance: random.Random, _: int) -> None:
    one, other = (store.document(n) for n in chance.sample(store.document_ids(), 2))
    for document_id, source in (
        (one.id, "/moving"),
        (other.id, one.source),
        (one.id, other.source),
    ):
        text = store.document(document_id).text
        document = Document(source, "T", text, "text/plain")
        vectors = EMBEDDER.embed([text])
        prepared = Prepared(document, [Span(0, len(text))], vectors, document_id=document_id)
        store.apply([prepared], [], MODEL, link_copies)


def _recut(store: Store, chance: random.Random, _: int) -> None:
    stored = store.document(chance.choice(store.document_ids()))
    half = max(1, len(stored.text) // 2)
    spans = [Span(0, half)]
    vectors = EMBEDDER.embed([stored.text[:half]])
    with store.writing("cutting") as generation:
        version = stored.content_hash
        store.exchange_passages(stored.id, version, (), spans, vectors, generation)


def _silence(store: Store, chance: random.Random, _: int) -> None:
    text = f"Soon silent {chance.random()}."
    put(store, text, "/silent.txt")
    found = store.find("/silent.txt")
    assert found is not None
    store.remove(found[0])


def _remove(store: Store, chance: random.Random, _: int) -> None:
    store.remove(chance.choice(store.document_ids()))


def _new_voice(store: Store, chance: random.Random, _: int) -> None:
    with store.writing("linking"):
        store.change(
            "UPDATE documents SET voice = ?, origin_hash = 'x' WHERE id = ?",
            [(chance.randrange(5), chance.choice(store.document_ids()))],
        )


_CHANGES = [_add, _replace, _exchange_sources, _recut, _silence, _remove, _new_voice]


def _source(store: Store, chance: random.Random) -> str:
    return store.document(chance.choice(store.document_ids())).source


def test_what_changes_while_it_runs_is_there_in_the_end(source: Store, target: Store) -> None:
    other, done = Store(source.folder), 0

    def change() -> None:
        nonlocal done
        done += 1
        if done == 2:
            put(other, "Added meanwhile. It is late.", "/late.txt")
            other.remove(other.document_ids()[0])

    assert mirror(source, target, change) == source.generation()
    assert same(source, target)


def test_what_was_killed_five_times_goes_on(
    source: Store, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_BATCH_PASSAGES", 5)
    moved = 0
    for _ in range(5):
        kill("mirror", source.folder, target.folder, 1)
        assert not list(verify.content_findings(target))
        assert moved < target.count()[0] < source.count()[0]
        moved = target.count()[0]
    mirror(source, target)
    assert same(source, target)


def test_a_target_that_others_wrote_to_is_left_alone(source: Store, target: Store) -> None:
    mirror(source, target)
    put(target, "Written after the servers were switched.", "/new.txt")
    put(source, "Written to the old library.", "/old.txt")
    before = everything(target.folder)
    with pytest.raises(LibraryError, match="or was changed since they did"):
        mirror(source, target)
    assert everything(target.folder) == before


def test_a_library_is_not_moved_over_another(source: Store, target: Store) -> None:
    put(target, "An own text.")
    with pytest.raises(LibraryError, match="did not come from this library"):
        mirror(source, target)


def test_a_target_that_is_written_to_meanwhile_is_given_up(
    source: Store, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_BATCH_PASSAGES", 5)
    monkeypatch.setattr("index.mirroring._WINDOW", 3)
    other, done = Store(target.folder), 0

    def change() -> None:
        nonlocal done
        done += 1
        if done == 2:
            put(other, "Written too early.", "/early.txt")

    with pytest.raises(LibraryError, match="or was changed since they did"):
        mirror(source, target, change)


def test_a_damaged_library_is_not_moved(source: Store, target: Store) -> None:
    damage(source.folder, "UPDATE documents SET text = 'forged' WHERE id = 4")
    with pytest.raises(CorruptIndex, match="Document 4"):
        mirror(source, target)


def test_postgresql_and_back(source: Store, postgres_url: str, tmp_path: Path) -> None:
    """Text that PostgreSQL cannot hold as it is comes back as it was, too."""
    middle = open_store(tmp_path / "m", database_url=postgres_url, database_seconds=60, create=True)
    with closing(middle):
        assert mirror(source, middle) == source.generation()
        put(source, "Changed meanwhile. It is new.", "/plain/0.txt")
        source.remove(source.document_ids()[0])
        mirror(source, middle)
        generation = middle.generation()
        mirror(source, middle)
        assert middle.generation() == generation, "a second time nothing changes"
        assert list(read(middle)) == list(read(source))
        back = Store(tmp_path / "back", create=True)
        mirror(middle, back)
    assert same(source, back)
    assert put(back, "One more.", "/more.txt") > source.ids_used()[0]


def test_an_export_of_postgresql_is_one_of_sqlite(
    source: Store, postgres_url: str, tmp_path: Path
) -> None:
    export(source, tmp_path / "x", version="1", chunking=CHUNKING)
    middle = open_store(tmp_path / "m", database_url=postgres_url, database_seconds=60, create=True)
    with closing(middle):
        import_into(middle, tmp_path / "x", manifest.read(tmp_path / "x"))
        export(middle, tmp_path / "y", version="1", chunking=CHUNKING)
    new = Store(tmp_path / "new", create=True)
    import_into(new, tmp_path / "y", manifest.read(tmp_path / "y"))
    assert same(source, new)
