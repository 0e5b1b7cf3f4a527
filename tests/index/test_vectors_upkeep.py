"""Lists are built beside the searches, by one process at a time; deletes hold meanwhile."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

from index import approximate_build, vector_loading
from index.approximate import FILE_NAME, origin_of
from index.locking import locked
from index.store import Store
from index.vector_files import peek
from index.vector_upkeep import LOCK_NAME, Upkeep
from index.vectors import PassageVectors
from tests.conftest import ROOT
from tests.index.damage import spoil
from tests.index.many import DIMENSION, EMBEDDER, add, random_vectors, remove, truth

EXACT = 100


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path, create=True)
    yield store
    store.close()


@pytest.fixture
def upkeep(store):
    upkeep = Upkeep(store, EMBEDDER, exact_passages=EXACT, recall=1.0)
    yield upkeep
    upkeep.wait()


def load(store: Store) -> PassageVectors:
    with store.snapshot():
        return vector_loading.load(store, DIMENSION)


def built(store: Store, upkeep: Upkeep, vectors: PassageVectors) -> PassageVectors | None:
    """What the thread has made when it is done."""
    upkeep.begin(vectors)
    upkeep.wait()
    return upkeep.take(store.generation())


def generation_of_file(store: Store) -> int | None:
    header = peek(store.folder / FILE_NAME)
    return None if header is None else origin_of(header).generation


def assert_right(store: Store, vectors: PassageVectors) -> None:
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
        assert list(vector_loading.contradictions(store, vectors)) == []
    for query in random_vectors(5):
        found = [i for i, _ in vectors.search(query, 10, store.vectors)]
        assert found == [i for i, _ in truth(store, query, 10)]


def test_a_small_library_has_no_lists(store, upkeep):
    add(store, EXACT)
    vectors = load(store)
    assert not upkeep.due(vectors)
    assert built(store, upkeep, vectors) is None
    upkeep.settle()
    assert generation_of_file(store) is None


def test_lists_are_built_when_there_are_many_passages(store, upkeep):
    add(store, EXACT + 10)
    vectors = load(store)
    assert upkeep.due(vectors)
    renewed = built(store, upkeep, vectors)
    assert (renewed.recent, len(renewed), renewed.listed_generation) == (0, EXACT + 10, 1)
    assert not upkeep.due(renewed)
    assert generation_of_file(store) == 1
    assert upkeep.take(store.generation()) is None, "it is handed over once"
    assert_right(store, renewed)


def test_lists_are_built_anew_when_many_passages_are_new_or_gone(store, upkeep):
    documents = add(store, 300)
    vectors = built(store, upkeep, load(store))
    late = add(store, EXACT)
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
    assert not upkeep.due(vectors)
    add(store, 10)
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
    assert upkeep.due(vectors)
    vectors = built(store, upkeep, vectors)
    assert (vectors.recent, vectors.listed_generation) == (0, 3)
    remove(store, documents[:8] + late[:3])
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
    assert (vectors.gone > 0.25, upkeep.due(vectors)) == (True, True)
    vectors = built(store, upkeep, vectors)
    assert (vectors.gone, len(vectors)) == (0, 300)
    assert_right(store, vectors)


def test_a_library_that_shrinks_is_searched_exactly_again(store, upkeep):
    documents = add(store, 200)
    vectors = built(store, upkeep, load(store))
    remove(store, documents[:15])
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
    assert upkeep.due(vectors)
    vectors = built(store, upkeep, vectors)
    assert (vectors.listed_generation, vectors.recent) == (-1, 50)
    assert generation_of_file(store) is None
    assert not upkeep.due(vectors)


class Held:
    """Stops the thread in `approximate_build.build` until it is let go."""

    def __init__(self, monkeypatch, when: str) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        original = approximate_build.build

        def build(*values, **named) -> None:
            if when == "after":
                original(*values, **named)
            self.reached.set()
            assert self.go.wait(30)
            if when == "before":
                original(*values, **named)

        monkeypatch.setattr(approximate_build, "build", build)


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_removed_while_lists_are_built_stays_removed(store, upkeep, monkeypatch, when):
    documents = add(store, 200)
    held = Held(monkeypatch, when)
    vectors = load(store)
    upkeep.begin(vectors)
    assert held.reached.wait(30)
    gone = remove(store, documents[:2])
    add(store, 10)
    with store.snapshot():
        vector_loading.catch_up(store, vectors)
    assert not gone & {i for i, _ in vectors.search(random_vectors(1)[0], 300, store.vectors)}
    held.go.set()
    upkeep.wait()
    gone |= remove(store, documents[2:3])
    renewed = upkeep.take(store.generation())
    with store.snapshot():
        vector_loading.catch_up(store, renewed)
    assert not gone & set(renewed.ids().tolist())
    assert_right(store, renewed)
    reloaded = load(store)
    assert not gone & set(reloaded.ids().tolist())
    assert_right(store, reloaded)


def test_only_one_thread_builds(store, upkeep, monkeypatch):
    add(store, 200)
    held = Held(monkeypatch, "before")
    vectors = load(store)
    upkeep.begin(vectors)
    assert held.reached.wait(30)
    before = threading.active_count()
    upkeep.begin(vectors)
    assert threading.active_count() == before
    held.go.set()
    upkeep.wait()
    upkeep.begin(vectors)
    assert threading.active_count() == before - 1, "what is ready is to be taken first"
    assert upkeep.take(store.generation()) is not None


def test_nothing_of_a_later_generation_is_taken(store, upkeep):
    add(store, 200)
    upkeep.begin(load(store))
    upkeep.wait()
    assert upkeep.take(0) is None
    assert upkeep.take(1) is not None


def test_only_one_process_builds_and_the_others_take_over(store, upkeep, monkeypatch):
    add(store, 200)
    vectors = load(store)
    other = Upkeep(Store(store.folder), EMBEDDER, exact_passages=EXACT, recall=1.0)
    with locked(store.folder / LOCK_NAME, "building", wait_seconds=0):
        assert built(store, upkeep, vectors) is None
        assert generation_of_file(store) is None
        upkeep.begin(vectors)
        assert upkeep._thread is not None
        assert not upkeep._thread.is_alive(), "it waits a while before it tries again"
    other.settle()
    assert generation_of_file(store) == 1
    monkeypatch.setattr(approximate_build, "build", None)
    monkeypatch.setattr(upkeep, "_not_before", 0.0)
    taken = built(store, upkeep, vectors)
    assert taken is not None
    assert taken.listed_generation == 1
    assert_right(store, taken)


def test_a_damaged_file_is_built_anew(store, upkeep, caplog):
    add(store, 200)
    upkeep.settle()
    path = store.folder / FILE_NAME
    spoil(path)
    vectors = load(store)
    assert vectors.listed_generation == -1
    renewed = built(store, upkeep, vectors)
    assert renewed.listed_generation == 1
    assert renewed.recent == 0
    assert_right(store, renewed)


def test_a_build_that_fails_is_logged_and_harms_nothing(store, upkeep, monkeypatch, caplog):
    add(store, 200)

    def fail(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(approximate_build, "build", fail)
    vectors = load(store)
    with caplog.at_level(logging.INFO):
        assert built(store, upkeep, vectors) is None
    assert "searches go on without" in caplog.text
    assert "No space left on device" in caplog.text
    assert_right(store, vectors)
    monkeypatch.undo()
    assert built(store, upkeep, vectors) is None, "it is not tried again at once"


def test_settling_builds_what_is_due_and_no_more(store, upkeep, monkeypatch):
    builds = []
    original = approximate_build.build
    monkeypatch.setattr(
        approximate_build, "build", lambda *v, **n: builds.append(1) or original(*v, **n)
    )
    documents = add(store, 300)
    for more, number in ((0, 1), (0, 1), (EXACT, 1), (10, 2), (0, 2)):
        add(store, more)
        upkeep.settle()
        assert len(builds) == number, more
    remove(store, documents[:10])
    upkeep.settle()
    assert len(builds) == 2
    remove(store, documents[10:13])
    upkeep.settle()
    assert len(builds) == 3
    assert generation_of_file(store) == store.generation()


def test_settling_waits_for_the_own_thread(store, upkeep, monkeypatch):
    add(store, 200)
    original = approximate_build.build
    building, released = threading.Event(), threading.Event()

    def slow(*values, **named):
        building.set()
        released.wait(10)
        return original(*values, **named)

    monkeypatch.setattr(approximate_build, "build", slow)
    upkeep.begin(load(store))
    assert building.wait(10)
    threading.Timer(0.2, released.set).start()
    upkeep.settle()
    assert generation_of_file(store) == 1, "it was not left to a process to come"


def test_settling_removes_a_file_that_is_of_no_use_to_a_small_library(store, upkeep):
    documents = add(store, 200)
    upkeep.settle()
    remove(store, documents[5:])
    upkeep.settle()
    assert generation_of_file(store) is None
    (store.folder / FILE_NAME).write_bytes(b"?")
    upkeep.settle()
    assert not (store.folder / FILE_NAME).exists()


def test_building_anew_believes_nothing(store, upkeep):
    add(store, 200)
    upkeep.settle()
    before = (store.folder / FILE_NAME).stat().st_mtime_ns
    upkeep.build_anew()
    assert (store.folder / FILE_NAME).stat().st_mtime_ns > before


def test_what_killed_processes_left_is_removed(store, upkeep, caplog):
    (store.folder / f"{FILE_NAME}abc.new").write_bytes(b"half")
    (store.folder / "vectors.faiss").write_bytes(b"of version 0.1")
    upkeep.tidy()
    assert list(store.folder.glob("vectors*")) == [store.folder / LOCK_NAME]
    assert "left unfinished" in caplog.text


def test_what_a_living_process_writes_is_left_alone(store, upkeep):
    writing = store.folder / f"{FILE_NAME}abc.new"
    writing.write_bytes(b"half")
    with locked(store.folder / LOCK_NAME, "building", wait_seconds=0):
        upkeep.tidy()
        upkeep.settle()
        assert writing.exists()
    upkeep.tidy()
    assert not writing.exists()


def test_tidying_an_orderly_folder_does_nothing(store, upkeep):
    before = sorted(store.folder.iterdir())
    upkeep.tidy()
    assert sorted(store.folder.iterdir()) == before


def test_building_does_not_keep_writers_waiting(store, upkeep, monkeypatch):
    add(store, 200)
    held = Held(monkeypatch, "before")
    upkeep.begin(load(store))
    assert held.reached.wait(30)
    assert add(store, 10)
    assert store.generation() == 2
    held.go.set()


def test_the_thread_leaves_no_connection_open(store, upkeep, monkeypatch):
    closed = []
    original = store.close
    monkeypatch.setattr(
        store, "close", lambda: closed.append(threading.current_thread().name) or original()
    )
    add(store, 200)
    built(store, upkeep, load(store))
    assert closed == ["vectors"]


ENDS = """
import sys, time
from pathlib import Path
from index import approximate_build
from index.embedded_search import EmbeddedSearch
from index.retrieval import Retriever
from index.store import Store
from tests.conftest import ROOT
from tests.index.many import EMBEDDER

approximate_build._BATCH = 10
store = Store(Path(sys.argv[1]))
original = store.each_vector
def each_vector(batch):
    for some in original(batch):
        time.sleep(0.05)
        yield some
store.each_vector = each_vector
retriever = Retriever(
    store,
    EMBEDDER,
    EmbeddedSearch(
        store,
        EMBEDDER,
        lexical_rows=10_000,
        exact_passages=50,
        recall=1.0,
    ),
    candidates=5,
    dense_weight=0.45,
)
retriever.warm_up()
print("warm", flush=True)
"""


def test_a_process_that_ends_does_not_wait_for_lists(store):
    add(store, 5_000)
    command = [sys.executable, "-c", ENDS, str(store.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "warm\n", "")
    assert generation_of_file(store) is None
    assert not list(store.folder.glob("*.new"))
