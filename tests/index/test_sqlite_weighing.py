"""Full-text search on several threads: nothing but the time may differ."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import full_text
from index.documents import Filters
from index.full_text import FullText
from index.sqlite_weighing import Weighing, on_threads
from index.store import Store
from tests.index.libraries import put, put_and_close
from tests.index.texts import THOROUGH

WORDS = ("lake", "garda", "deep", "river", "rhine")
EVERY = " OR ".join(f'"{word}"' for word in WORDS)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("weighing") / "data", create=True)
    for number in range(12):
        words = [WORDS[(number * place) % len(WORDS)] for place in range(number)]
        put(store, ". ".join(("Notes", *words, " ".join(words))) + ".", f"/{number}.txt")
    return store


@THOROUGH
@given(
    threads=st.integers(2, 9),
    limit=st.integers(1, 60),
    narrower=st.none() | st.sampled_from(WORDS),
    also=st.lists(st.integers(-2, 100), max_size=8),
    only=st.none() | st.integers(1, 12),
)
def test_threads_tell_what_one_tells(filled, threads, limit, narrower, also, only):
    filters = Filters(document_ids=(only,)) if only else Filters()

    def found(count: int) -> list[tuple[int, float]]:
        return filled.lexical(EVERY, limit, filters, narrower=narrower, also=also, threads=count)

    assert found(threads) == found(1)
    assert found(1) or only or narrower


def test_an_empty_library_has_nothing_to_part(store: Store):
    assert store.lexical(EVERY, 5, Filters(), threads=3) == []


def test_each_thread_weighs_a_part(filled: Store, monkeypatch):
    seen: dict[int, list[int]] = {}
    original = Weighing.of

    def of(self, connection, ids):
        rows = original(self, connection, ids)
        seen[threading.get_ident()] = [passage_id for passage_id, _ in rows]
        return rows

    monkeypatch.setattr(Weighing, "of", of)
    found = filled.lexical(EVERY, 1_000, Filters(), threads=2)
    assert len(seen) == 2
    assert all(seen.values())
    told = [passage_id for part in seen.values() for passage_id in part]
    assert sorted(told) == sorted(passage_id for passage_id, _ in found)


def test_a_change_since_the_snapshot_is_seen_by_no_thread(store: Store):
    put(store, "Notes. Lake. Lake Garda. A deep lake.")
    with store.snapshot():
        before = store.lexical(EVERY, 10, Filters())
        writer = threading.Thread(
            target=put_and_close, args=(store, "Notes. Lake. Lake.", "/new.txt")
        )
        writer.start()
        writer.join()
        assert store.lexical(EVERY, 10, Filters(), threads=2) == before
    assert len(store.lexical(EVERY, 10, Filters(), threads=2)) == len(before) + 2


def test_where_no_second_connection_can_be_had_the_first_does_it_all(filled: Store, tmp_path):
    weighing = Weighing(EVERY, 10)
    nowhere = tmp_path / "nowhere.sqlite3"
    with filled.snapshot():
        connection = filled._connection
        assert on_threads(weighing, connection, nowhere, 3) == weighing.whole(connection)
    assert not nowhere.exists()


def test_an_expression_that_is_none_is_refused_on_any_number_of_threads(filled: Store):
    for threads in (1, 2):
        with pytest.raises(sqlite3.OperationalError, match="syntax"):
            filled.lexical('"lake" OR', 10, Filters(), threads=threads)


@pytest.mark.parametrize(
    ("worth", "uncounted", "threads"), [(2, True, 2), (2, False, 1), (9, True, 1)]
)
def test_threads_are_for_long_lists(store: Store, monkeypatch, worth, uncounted, threads):
    put(store, "Notes. Lake Garda. Lake Como. Lake Nemi. Garda.")
    monkeypatch.setattr(full_text, "_LISTED_WORTH_A_THREAD", worth)
    monkeypatch.setattr(full_text, "UNCOUNTED", uncounted)
    monkeypatch.setattr(full_text, "processors", lambda: 2)
    asked = []
    original = store.lexical

    def lexical(*values, **named):
        asked.append(named["threads"])
        return original(*values, **named)

    monkeypatch.setattr(store, "lexical", lexical)
    with store.snapshot():
        FullText(store, lexical_rows=100).weigh("lake garda", 5, Filters(), (), 4)
    assert [max(1, count) for count in asked] == [threads]


@pytest.mark.skipif(sys.platform != "linux", reason="tried on Linux only")
@pytest.mark.parametrize("module", ["qa.cli", "web.app", "index.store"])
def test_sqlite_counts_no_memory_whatever_is_imported_first(module):
    told = subprocess.run(
        [sys.executable, "-c", f"import {module}, index.sqlite_memory as m; print(m.UNCOUNTED)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert told.stdout == "True\n"
