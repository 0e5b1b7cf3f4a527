"""A folder of real files of every format, hostile ones among them, is synced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.folders import is_wanted
from index.indexing import Indexer
from index.loaders.pool import POOL
from index.outcomes import Indexed, Outcome
from index.store import Store
from index.syncing import Plan, Syncer
from index.verify import content_findings
from tests.doubles import HashingEmbedder
from tests.index.formats import LIMITS, Expected, Wanted, make_folder


@dataclass
class Synced:
    """A library after its first sync with the folder."""

    folder: Path
    files: dict[str, Expected]
    done: dict[str, Indexed]
    store: Store
    syncer: Syncer
    embedder: HashingEmbedder

    def documents(self, name: str) -> list[Wanted]:
        """What the library holds of a file."""
        origin = str(self.folder / name)
        stored = [self.store.document(i) for i, _ in self.store.of_origin(origin).values()]
        assert all(document.origin == origin for document in stored)
        return [
            Wanted(
                document.text,
                document.title,
                document.date,
                document.author,
                document.source.removeprefix(origin),
                document.media_type,
                document.pages,
            )
            for document in sorted(stored, key=lambda document: document.id)
        ]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    scratch = tmp_path_factory.mktemp("sync")
    files = {file.name: file for file in make_folder(scratch / "files")}
    store, embedder = Store(scratch / "data", create=True), HashingEmbedder()
    indexer = Indexer(
        store,
        embedder,
        passage_tokens=100,
        overlap_tokens=20,
        limits=LIMITS,
        mark_furniture=True,
    )
    syncer = Syncer(indexer, scratch / "files")
    done = {Path(each.name).name: each for each in syncer.sync()}
    yield Synced(scratch / "files", files, done, store, syncer, embedder)
    store.close()
    POOL.close()


def test_every_file_that_is_wanted_is_told_of_and_no_other(synced: Synced) -> None:
    assert len(synced.files) >= 35
    assert set(synced.done) == {name for name in synced.files if is_wanted(Path(name))}
    assert {each.outcome for each in synced.done.values()} == {Outcome.ADDED, Outcome.FAILED}


def test_texts_titles_dates_authors_and_pages_are_right(synced: Synced) -> None:
    read = [name for name, file in synced.files.items() if file.documents and name in synced.done]
    assert len(read) >= 30
    for name in read:
        assert synced.documents(name) == list(synced.files[name].documents), name
        assert synced.done[name].outcome is Outcome.ADDED, name
        assert len(synced.done[name].ids) == len(synced.files[name].documents), name


def test_what_cannot_be_read_is_told_with_its_reason(synced: Synced) -> None:
    refused = {name: f.reason for name, f in synced.files.items() if f.reason}
    assert len(refused) >= 15
    for name, reason in refused.items():
        if name in synced.done:
            done = synced.done[name]
            assert done.outcome is Outcome.FAILED, name
            assert done.reason == f"{synced.folder / name}: {reason}"
            assert synced.documents(name) == []


def test_what_cannot_be_read_of_a_file_is_told_and_the_rest_is_in(synced: Synced) -> None:
    parts = {name: f.failures for name, f in synced.files.items() if f.failures}
    assert parts
    for name, failures in parts.items():
        told = synced.done[name].reason
        assert told == "; ".join(
            f"{synced.folder / name}{member}: {reason}" for member, reason in failures
        )


def test_the_library_is_whole(synced: Synced) -> None:
    assert list(content_findings(synced.store)) == []
    synced.store.check_full_text()
    documents, passages = synced.store.count()
    assert documents == sum(len(synced.files[name].documents) for name in synced.done)
    assert passages > documents / 2


def test_a_second_sync_embeds_nothing_and_tells_only_what_fails(synced: Synced) -> None:
    synced.embedder.embedded.clear()
    generation, plans = synced.store.generation(), list[Plan]()
    again = {Path(each.name).name: each for each in synced.syncer.sync(on_plan=plans.append)}
    assert synced.embedder.embedded == []
    assert synced.store.generation() == generation
    failed = {n: each for n, each in synced.done.items() if each.outcome is Outcome.FAILED}
    assert again == failed
    assert plans[0].unchanged == len(synced.done) - len(failed)
