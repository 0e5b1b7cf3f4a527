"""The writer's half of loading by Ray, with the workers' half in the same process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import EmbedderMismatch, RayUnavailable
from index.outcomes import Outcome
from index.ray_loading import bringing, shelf
from index.ray_loading.bringing import RayIndexer, file_source
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.libraries import everything
from tests.index.ray.conftest import RECIPE, rows
from tests.index.ray.doubles import Here


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "by-ray", create=True)
    yield store
    store.close()


def bring(store: Store, files: list[Path], session, embedder=None) -> tuple[list, RayIndexer]:
    indexer = RayIndexer(store, embedder or HashingEmbedder(), RECIPE, lambda: session)
    return list(indexer.bring_raw(file_source(f, RECIPE.limits) for f in files)), indexer


def told(outcomes) -> Counter:
    return Counter(indexed.outcome for indexed in outcomes)


def test_the_library_is_the_one_that_the_plain_path_makes(store, files, plain) -> None:
    outcomes, indexer = bring(store, files, Here(RECIPE))
    assert rows(store.folder) == plain
    assert told(outcomes) == {Outcome.ADDED: len(files) - 3, Outcome.FAILED: 3}
    assert any(row[5] != "[]" for row in plain["documents"]), "no furniture"
    assert len({row[11] for row in plain["documents"]}) < len(plain["documents"]), "no copies"
    assert indexer.embedder.embedded_here < len(plain["passages"]) / 10


def test_failures_name_the_file_and_the_limit(store, files) -> None:
    outcomes, _ = bring(store, files, Here(RECIPE))
    failed = {Path(i.name).name: i.reason for i in outcomes if i.outcome is Outcome.FAILED}
    assert set(failed) == {"broken.pdf", "empty.txt", "large.txt"}
    assert "QA_MAX_FILE_BYTES" in failed["large.txt"]
    assert all(name in reason for name, reason in failed.items())
    [part] = [i for i in outcomes if i.reason and i.outcome is Outcome.ADDED]
    assert "broken.pdf" in part.reason


def test_a_run_that_is_started_again_sends_and_stores_nothing(store, files) -> None:
    bring(store, files, Here(RECIPE))
    before, again = everything(store.folder), Here(RECIPE)
    outcomes, _ = bring(store, files, again)
    assert {Path(origin).name for origin in again.sent} == {"broken.pdf", "empty.txt"}
    assert told(outcomes) == {Outcome.UNCHANGED: len(files) - 3, Outcome.FAILED: 3}
    assert everything(store.folder) == before


def test_what_ray_runs_twice_is_stored_once(store, files, plain) -> None:
    bring(store, files, Here(RECIPE, twice=range(0, 200, 3)))
    assert rows(store.folder) == plain


@pytest.mark.parametrize("after", [1, 40])
def test_a_run_whose_cluster_was_lost_goes_on(store, files, plain, after: int) -> None:
    stored = []
    indexer = RayIndexer(store, HashingEmbedder(), RECIPE, lambda: Here(RECIPE, lost_after=after))
    with pytest.raises(RayUnavailable):
        stored.extend(indexer.bring_raw(file_source(f, RECIPE.limits) for f in files))
    rest = Here(RECIPE)
    bring(store, files, rest)
    assert rows(store.folder)["passages"] == plain["passages"]
    assert rows(store.folder)["documents"] == plain["documents"]
    acknowledged = {i.name for i in stored if i.outcome is Outcome.ADDED}
    assert not acknowledged & set(rest.sent)


def test_a_wave_is_bounded_by_the_object_store(store, files, plain) -> None:
    session = Here(RECIPE, object_store_bytes=4 * 8_000)
    bring(store, files, session)
    assert session.waves > 3
    assert rows(store.folder) == plain


def test_what_is_no_longer_at_hand_is_done_again_with_the_same_result(
    store, files, plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_PASSAGES_KEPT", 1)
    monkeypatch.setattr(bringing, "_EARLY", 0)
    _, indexer = bring(store, files, Here(RECIPE))
    assert indexer.embedder.embedded_here > 20
    assert rows(store.folder) == plain


def test_files_that_do_not_come_back_are_an_error(store, files) -> None:
    session = Here(RECIPE)
    session.run = lambda: iter(())
    with pytest.raises(RayUnavailable, match=r"files did not come back"):
        bring(store, files, session)
    assert store.count() == (0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        (b"{}", b""),
        (b"no json", b""),
        (b'{"number": 0, "origin": {"name": "/other", "sha256": ""}, "documents": [],'
         b' "failures": [], "cuts": []}', b""),
        (b'{"number": 0, "origin": {"name": "/a", "sha256": ""}, "documents": [],'
         b' "failures": [], "cuts": []}', b"odd"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_stores_nothing(store, files, answer) -> None:
    session = Here(RECIPE)
    session.run = lambda: iter([answer])
    with pytest.raises(RayUnavailable):
        bring(store, files, session)
    assert store.count() == (0, 0)


def test_a_library_of_another_embedder_is_left_alone(store, files) -> None:
    bring(store, files[:2], Here(RECIPE))
    session = Here(RECIPE)
    with pytest.raises(EmbedderMismatch):
        bring(store, files, session, HashingEmbedder("other", 32))
    assert not session.sent


def test_furniture_that_a_broken_off_run_left_unmarked_is_marked(store, files, plain) -> None:
    """A kill between storing documents and marking those that they prove to have furniture."""
    indexer = RayIndexer(store, HashingEmbedder(), RECIPE, lambda: Here(RECIPE))
    indexer._mark_anew = lambda *_: None
    list(indexer.bring_raw(file_source(f, RECIPE.limits) for f in files))
    assert rows(store.folder)["passages"] != plain["passages"]
    outcomes, _ = bring(store, files, Here(replace(RECIPE)))
    assert told(outcomes)[Outcome.UPDATED] > 0
    assert sorted(rows(store.folder)["passages"]) == sorted(plain["passages"])
