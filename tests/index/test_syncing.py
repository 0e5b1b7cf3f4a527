"""After a sync the library is what the folder is, and nothing else of the library has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.documents import Document
from index.errors import FolderVanished, LibraryBusy, UnknownDocument, UnreadableDocument
from index.indexing import Indexer
from index.outcomes import Indexed, Outcome
from index.store import Store
from index.syncing import Plan, Syncer
from tests.doubles import HashingEmbedder
from tests.index.libraries import LIMITS, damage, everything, indexer_of, passage_texts

RHINE, DANUBE, ELBE = "The Rhine is long.", "The Danube is longer.", "The Elbe is short."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files in two folders."""
    folder = tmp_path / "articles"
    write(folder / "rhine.txt", RHINE)
    write(folder / "danube.md", DANUBE)
    write(folder / "north" / "elbe.txt", ELBE)
    return folder


@pytest.fixture
def small(store: Store, embedder: HashingEmbedder) -> Indexer:
    """An indexer of small limits."""
    return indexer_of(store, embedder)


@pytest.fixture
def syncer(small: Indexer, folder: Path) -> Syncer:
    return Syncer(small, folder)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def sync(syncer: Syncer, **options: bool) -> dict[str, Outcome]:
    """What became of each file that was not left alone, by its name."""
    return {Path(done.name).name: done.outcome for done in syncer.sync(**options)}


def held(store: Store) -> dict[str, str]:
    """The library's texts by the names of their files."""
    return {Path(d.source).name: store.document(d.id).text for d in store.documents()}


def ids(store: Store) -> dict[str, int]:
    return {Path(d.source).name: d.id for d in store.documents()}


def on_disk(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_a_first_sync_adds_everything(syncer, store, folder):
    assert sync(syncer) == dict.fromkeys(on_disk(folder), Outcome.ADDED)
    assert held(store) == on_disk(folder)
    assert store.origins_under(str(folder)).keys() == {
        str(path) for path in folder.rglob("*") if path.is_file()
    }


def test_what_is_unchanged_is_not_even_loaded(syncer, store, embedder, monkeypatch):
    sync(syncer)
    embedder.embedded.clear()
    before, plans = everything(store.folder), list[Plan]()
    monkeypatch.setattr("index.indexing.load_file", None)
    assert list(syncer.sync(on_plan=plans.append)) == []
    assert (plans[0].unchanged, plans[0].steps) == (3, 0)
    assert embedder.embedded == []
    assert everything(store.folder) == before


def test_a_touched_file_is_unchanged(syncer, store, folder):
    sync(syncer)
    os.utime(folder / "rhine.txt", (1, 1))
    before = everything(store.folder)
    assert sync(syncer) == {}
    assert everything(store.folder) == before


def test_new_changed_and_removed_files_in_one_sync(syncer, store, folder, embedder):
    sync(syncer)
    before = ids(store)
    embedder.embedded.clear()
    write(folder / "po.txt", "The Po is warm.")
    write(folder / "rhine.txt", "The Rhine was straightened.")
    (folder / "north" / "elbe.txt").unlink()
    assert sync(syncer) == {"po.txt": "added", "rhine.txt": "updated", "elbe.txt": "removed"}
    assert held(store) == on_disk(folder)
    assert ids(store)["rhine.txt"] == before["rhine.txt"]
    assert sorted(embedder.embedded) == ["The Po is warm.", "The Rhine was straightened."]


def test_a_rename_keeps_the_id_and_embeds_nothing(syncer, store, folder, embedder):
    sync(syncer)
    before = ids(store)
    embedder.embedded.clear()
    (folder / "rhine.txt").rename(folder / "north" / "rhein.txt")
    assert sync(syncer) == {"rhein.txt": "renamed"}
    assert held(store) == on_disk(folder)
    assert ids(store)["rhein.txt"] == before["rhine.txt"]
    assert embedder.embedded == []


def test_a_renamed_folder_is_renamed_files(syncer, store, folder, embedder):
    write(folder / "north" / "weser.txt", "The Weser is shorter.")
    sync(syncer)
    before = ids(store)
    embedder.embedded.clear()
    (folder / "north").rename(folder / "sea")
    assert sync(syncer) == {"elbe.txt": "renamed", "weser.txt": "renamed"}
    assert ids(store) == before
    assert embedder.embedded == []
    assert store.find(str(folder / "sea" / "elbe.txt"))


def test_renamed_copies_keep_each_its_own_id(syncer, store, folder):
    """Two files of the same bytes move: each is the one of its own name."""
    for name in ("one.txt", "two.txt"):
        write(folder / "a" / name, RHINE * 2)
    sync(syncer)
    before = ids(store)
    (folder / "a").rename(folder / "b")
    assert sync(syncer) == {"one.txt": "renamed", "two.txt": "renamed"}
    assert ids(store) == before


def test_a_copy_of_a_file_that_stays_is_an_addition(syncer, store, folder):
    sync(syncer)
    write(folder / "copy.txt", RHINE)
    assert sync(syncer) == {"copy.txt": "added"}
    assert len(set(ids(store).values())) == 4


def test_files_that_trade_places_are_two_updates(syncer, store, folder):
    sync(syncer)
    write(folder / "rhine.txt", ELBE)
    write(folder / "north" / "elbe.txt", RHINE)
    assert sync(syncer) == {"rhine.txt": "updated", "elbe.txt": "updated"}
    assert held(store) == on_disk(folder)


def test_a_rename_onto_a_file_that_was_removed(syncer, store, folder):
    sync(syncer)
    (folder / "north" / "elbe.txt").rename(folder / "rhine.txt")
    assert sync(syncer) == {"rhine.txt": "updated", "elbe.txt": "removed"}
    assert held(store) == on_disk(folder)


def test_documents_from_elsewhere_are_left_alone(syncer, store, folder, tmp_path):
    outside = write(tmp_path / "articles-old" / "po.txt", "The Po is warm.")
    list(syncer.indexer.add([outside]))
    syncer.indexer.add_document(Document("https://example.org/a", "A", "The Aare.", "text/html"))
    outside.unlink()
    sync(syncer)
    (folder / "rhine.txt").unlink()
    assert sync(syncer) == {"rhine.txt": "removed"}
    assert set(held(store)) == {"po.txt", "a", "danube.md", "elbe.txt"}


def test_a_file_that_cannot_be_read_is_told_and_the_others_come_in(syncer, store, folder):
    write(folder / "empty.txt", "  ")
    write(folder / "large.txt", "x" * (LIMITS.max_file_bytes + 1))
    (folder / "broken.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    done = {Path(d.name).name: d for d in syncer.sync()}
    for name in ("empty.txt", "large.txt", "broken.txt"):
        assert done[name].outcome is Outcome.FAILED
        assert done[name].reason.startswith(str(folder / name))
    assert set(held(store)) == {"rhine.txt", "danube.md", "elbe.txt"}


def test_what_a_file_held_before_it_became_unreadable_does_not_go_on_answering(
    syncer, store, folder
):
    sync(syncer)
    write(folder / "rhine.txt", "")
    (failed,) = syncer.sync()
    assert failed.outcome is Outcome.FAILED
    assert failed.reason.endswith("(its former text was removed)")
    assert set(held(store)) == {"danube.md", "elbe.txt"}
    (again,) = syncer.sync()
    assert again.outcome is Outcome.FAILED
    assert not again.reason.endswith("(its former text was removed)")


def test_a_file_that_is_being_written_keeps_its_document(syncer, store, folder, monkeypatch):
    """It could not be read, and is another by the time that is told."""
    sync(syncer)
    path = write(folder / "rhine.txt", "")
    source = syncer.indexer.file

    def writing(path: Path, former: str | None = None) -> object:
        found = source(path, former)

        def load() -> object:
            try:
                return found.load()
            finally:
                path.write_text("The Rhine is")

        return type(found)(found.name, load, found.renamed_from)

    monkeypatch.setattr(syncer.indexer, "file", writing)
    (failed,) = syncer.sync()
    assert failed.outcome is Outcome.FAILED
    assert held(store)["rhine.txt"] == RHINE
    monkeypatch.undo()
    path.write_text("The Rhine is long, and wide.")
    assert sync(syncer) == {"rhine.txt": "updated"}


def test_a_file_that_cannot_be_looked_into_keeps_its_document(syncer, store, folder, monkeypatch):
    sync(syncer)

    def refuse(path: Path, _limits: object) -> str:
        raise UnreadableDocument(f"{path}: it cannot be read: Permission denied")

    monkeypatch.setattr("index.syncing.hash_file", refuse)
    assert set(sync(syncer).values()) == {Outcome.FAILED}
    assert len(held(store)) == 3


def test_a_renamed_file_that_cannot_be_read_does_not_answer_under_its_former_name(
    syncer, store, folder, monkeypatch
):
    sync(syncer)
    (folder / "rhine.txt").rename(folder / "rhein.txt")

    def refuse(path: Path, _limits: object) -> object:
        raise UnreadableDocument(f"{path}: it takes too long")

    monkeypatch.setattr("index.indexing.load_file", refuse)
    assert sync(syncer) == {"rhein.txt": "failed", "rhine.txt": "removed"}
    assert set(held(store)) == {"danube.md", "elbe.txt"}


def test_a_folder_that_vanished_changes_nothing(syncer, store, folder, tmp_path):
    sync(syncer)
    before = everything(store.folder)
    folder.rename(tmp_path / "elsewhere")
    for allow_empty in (False, True):
        with pytest.raises(FolderVanished, match=f"no folder {folder}. Nothing was removed"):
            sync(syncer, allow_empty=allow_empty)
    with pytest.raises(FolderVanished):
        list(syncer.sync_paths([folder / "rhine.txt"]))
    assert everything(store.folder) == before


def test_a_folder_that_vanishes_during_the_sync_removes_nothing(syncer, store, folder, tmp_path):
    sync(syncer)
    (folder / "rhine.txt").unlink()

    def vanish(_plan: Plan) -> None:
        folder.rename(tmp_path / "elsewhere")

    with pytest.raises(FolderVanished):
        list(syncer.sync(on_plan=vanish))
    assert len(held(store)) == 3


def test_an_empty_folder_is_refused_unless_it_is_allowed(syncer, store, folder):
    sync(syncer)
    before = everything(store.folder)
    for path in list(folder.rglob("*.*")):
        path.unlink()
    with pytest.raises(FolderVanished, match=r"holds no files.*has 3 of it.*--allow-empty"):
        sync(syncer)
    assert everything(store.folder) == before
    assert set(sync(syncer, allow_empty=True).values()) == {Outcome.REMOVED}
    assert held(store) == {}
    assert sync(syncer) == {}


def test_a_subfolder_that_cannot_be_listed_keeps_its_documents(syncer, store, folder, monkeypatch):
    sync(syncer)
    (folder / "rhine.txt").unlink()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("north"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    done = list(syncer.sync())
    assert done[0] == Indexed(
        str(folder / "north"),
        Outcome.FAILED,
        f"{folder / 'north'} cannot be listed: Permission denied",
    )
    assert set(held(store)) == {"danube.md", "elbe.txt"}


def test_a_file_that_comes_back_before_it_is_removed_stays(syncer, store, folder):
    sync(syncer)
    (folder / "rhine.txt").unlink()
    assert sync_with(syncer, lambda _: write(folder / "rhine.txt", RHINE)) == {}
    assert len(held(store)) == 3


def sync_with(syncer: Syncer, on_plan: object) -> dict[str, Outcome]:
    return {Path(d.name).name: d.outcome for d in syncer.sync(on_plan=on_plan)}


@pytest.mark.parametrize("there", ["a link", "a folder"])
def test_what_is_no_file_any_more_is_removed(syncer, store, folder, tmp_path, there):
    sync(syncer)
    (folder / "rhine.txt").unlink()
    if there == "a link":
        (folder / "rhine.txt").symlink_to(write(tmp_path / "outside.txt", RHINE))
    else:
        (folder / "rhine.txt").mkdir()
    assert sync(syncer) == {"rhine.txt": "removed"}
    assert sync(syncer) == {}


def test_a_folder_that_became_a_link_is_gone(syncer, store, folder, tmp_path):
    sync(syncer)
    (folder / "north").rename(tmp_path / "north")
    (folder / "north").symlink_to(tmp_path / "north", target_is_directory=True)
    assert sync(syncer) == {"elbe.txt": "removed"}


def test_a_file_of_no_known_format_that_was_added_by_name_stays(syncer, store, folder):
    path = write(folder / "notes.log", "The Inn is cold.")
    list(syncer.indexer.add([path]))
    before = held(store)["notes.log"]
    assert "notes.log" not in sync(syncer)
    assert syncer.plan().gone == []
    assert held(store)["notes.log"] == before
    path.unlink()
    assert sync(syncer) == {"notes.log": "removed"}


def test_a_plan_changes_nothing(syncer, store, folder):
    sync(syncer)
    (folder / "north" / "elbe.txt").rename(folder / "north" / "labe.txt")
    (folder / "rhine.txt").unlink()
    write(folder / "po.txt", "The Po is warm.")
    before = everything(store.folder)
    plan = syncer.plan()
    assert {Path(source.name).name for source in plan.changed} == {"labe.txt", "po.txt"}
    assert [Path(origin).name for origin in plan.gone] == ["rhine.txt"]
    assert plan.renamed == {str(folder / "north" / "labe.txt"): str(folder / "north" / "elbe.txt")}
    assert (plan.unchanged, plan.steps) == (1, 3)
    assert everything(store.folder) == before


def test_two_syncs_of_one_folder_at_once(syncer, store, folder, small):
    other = Syncer(small, folder)
    running = syncer.sync()
    next(running)
    with pytest.raises(LibraryBusy, match=f"syncing {folder}"):
        list(other.sync())
    with pytest.raises(LibraryBusy):
        list(other.sync_paths([folder / "rhine.txt"]))
    list(running)
    assert list(other.sync()) == []
    assert held(store) == on_disk(folder)


def test_two_folders_are_synced_at_once(syncer, store, folder, small, tmp_path):
    write(tmp_path / "other" / "po.txt", "The Po is warm.")
    running = syncer.sync()
    next(running)
    assert sync(Syncer(small, tmp_path / "other")) == {"po.txt": "added"}
    list(running)
    assert len(held(store)) == 4


def test_a_document_that_is_deleted_during_a_sync_is_added_again_if_its_file_changed(
    syncer, store, folder
):
    sync(syncer)
    rhine = ids(store)["rhine.txt"]
    write(folder / "rhine.txt", "The Rhine was straightened.")
    apply = store.apply

    def deleted_before(*arguments: object) -> list[int]:
        store.remove(rhine)
        return apply(*arguments)

    store.apply = deleted_before
    assert sync(syncer) == {"rhine.txt": "updated"}
    assert held(store) == on_disk(folder)


def test_a_name_that_is_no_utf8_is_told_and_the_others_come_in(syncer, store, folder):
    try:
        (folder / os.fsdecode(b"\xff\xfe.txt")).write_text(RHINE)
    except OSError:
        pytest.skip("this file system takes no such names")
    failed = [done for done in syncer.sync() if done.outcome is Outcome.FAILED]
    assert len(failed) == 1
    assert "not valid UTF-8" in failed[0].reason
    assert len(held(store)) == 3


def test_a_folder_of_a_name_that_is_no_utf8_is_told(small, tmp_path):
    folder = tmp_path / os.fsdecode(b"\xff")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes no such names")
    write(folder / "rhine.txt", RHINE)
    (failed,) = Syncer(small, folder).sync()
    assert "not valid UTF-8" in failed.reason
    with pytest.raises(UnknownDocument):
        small.remove(str(folder / "rhine.txt"))


def test_a_pipe_is_told_and_not_waited_for(syncer, store, folder):
    os.mkfifo(folder / "pipe.txt")
    done = {Path(d.name).name: d for d in syncer.sync()}
    assert done["pipe.txt"].outcome is Outcome.FAILED
    assert "pipe" in done["pipe.txt"].reason
    assert len(held(store)) == 3


def test_a_library_inside_the_folder_is_no_text_of_its(folder, embedder):
    store = Store(folder / "data", create=True)
    write(folder / "data" / "jobs" / "1" / "job.json", '{"text": "no text of the user"}')
    syncer = Syncer(indexer_of(store, embedder), folder)
    assert set(sync(syncer)) == {"rhine.txt", "danube.md", "elbe.txt"}
    assert list(syncer.sync_paths([folder / "data" / "jobs" / "1" / "job.json"])) == []
    store.close()


def test_a_library_without_checksums_of_its_files_is_read_once(syncer, store, embedder):
    """As the first version left it."""
    sync(syncer)
    damage(store.folder, "UPDATE documents SET origin_hash = ''")
    embedder.embedded.clear()
    assert set(sync(syncer).values()) == {Outcome.UNCHANGED}
    assert sync(syncer) == {}
    assert embedder.embedded == []


def test_single_files_are_synced_as_the_whole_tree_would_be(syncer, store, folder):
    sync(syncer)
    before = ids(store)
    new = write(folder / "po.txt", "The Po is warm.")
    (folder / "rhine.txt").rename(folder / "rhein.txt")
    elbe = write(folder / "north" / "elbe.txt", "The Elbe is cold.")
    (folder / "danube.md").unlink()
    paths = [new, folder / "rhine.txt", folder / "rhein.txt", elbe, folder / "danube.md"]
    done = {Path(d.name).name: d.outcome for d in syncer.sync_paths(paths)}
    assert done == {
        "po.txt": "added",
        "rhein.txt": "renamed",
        "elbe.txt": "updated",
        "danube.md": "removed",
    }
    assert held(store) == on_disk(folder)
    assert ids(store)["rhein.txt"] == before["rhine.txt"]
    assert sync(syncer) == {}


def test_a_rename_is_seen_though_only_the_new_name_was_told(syncer, store, folder):
    sync(syncer)
    before = ids(store)
    (folder / "rhine.txt").rename(folder / "rhein.txt")
    (done,) = syncer.sync_paths([folder / "rhein.txt"])
    assert done.outcome is Outcome.RENAMED
    assert ids(store)["rhein.txt"] == before["rhine.txt"]


def test_only_the_single_files_that_were_told_are_synced(syncer, store, folder):
    sync(syncer)
    (folder / "rhine.txt").unlink()
    write(folder / "danube.md", "The Danube is wide.")
    (done,) = syncer.sync_paths([folder / "danube.md"])
    assert done.outcome is Outcome.UPDATED
    assert "rhine.txt" in held(store)


@pytest.mark.parametrize(
    "name", [".git/a.txt", "north/.x/b.txt", ".c.txt", "d.exe", "linked/y.txt"]
)
def test_single_files_that_the_walk_does_not_take_are_not_taken(
    syncer, store, folder, tmp_path, name
):
    write(tmp_path / "outside" / "y.txt", RHINE)
    (folder / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    path = folder / name
    if "linked" not in name:
        write(path, "The Inn is cold.")
    assert list(syncer.sync_paths([path, tmp_path / "outside" / "y.txt"])) == []
    assert held(store) == {}


def test_passages_are_those_of_the_synced_texts(syncer, store, folder):
    sync(syncer)
    write(folder / "rhine.txt", f"{RHINE} {DANUBE}")
    sync(syncer)
    for name, document_id in ids(store).items():
        assert "".join(passage_texts(store, document_id)) == held(store)[name]
