"""A real folder is watched; each test waits for what it expects, and never for a fixed time."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from index.errors import DiskFull, LibraryBusy
from index.outcomes import Indexed, Outcome
from index.store import Store
from index.syncing import Syncer
from index.watching import Watcher
from tests.doubles import HashingEmbedder
from tests.index.libraries import eventually, indexer_of, thread

SETTLE_SECONDS = 0.1
RHINE, ELBE, PO = "The Rhine is long.", "The Elbe is short.", "The Po is warm."


class Watched:
    """A folder and a library that is kept equal to it."""

    def __init__(self, folder: Path, store: Store, embedder: HashingEmbedder) -> None:
        self.folder = folder
        self.store = store
        self.embedder = embedder
        self.told: list[Indexed] = []
        self.trouble: list[str] = []
        self.syncer = Syncer(indexer_of(store, embedder), folder)
        self.settle_seconds = SETTLE_SECONDS

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch beside the block, from the moment at which the folder has been synced once."""
        stop, begun = Event(), Event()
        watcher = Watcher(
            self.syncer,
            settle_seconds=self.settle_seconds,
            on_indexed=self.told.append,
            on_trouble=self.trouble.append,
        )
        due = watcher._due

        def noting() -> Iterator[Indexed]:
            yield from due()
            begun.set()

        watcher._due = noting

        def work() -> None:
            watcher.run(stop)
            self.store.close()

        with thread(work):
            try:
                eventually(lambda: begun.is_set() or bool(self.trouble), "the watcher began")
                yield
            finally:
                stop.set()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def held(self) -> dict[str, str]:
        """Texts by their paths in the folder."""
        with self.store.snapshot():
            return {
                str(Path(d.source).relative_to(self.folder)): self.store.document(d.id).text
                for d in self.store.documents()
            }

    def ids(self) -> dict[str, int]:
        return {str(Path(d.source).relative_to(self.folder)): d.id for d in self.store.documents()}

    def expect(self, **texts: str) -> None:
        """Wait until the library holds these; ``sub__a`` is sub/a.txt."""
        wanted = {f"{name.replace('__', '/')}.txt": text for name, text in texts.items()}
        eventually(lambda: self.held() == wanted, f"the library holds {wanted}")

    def outcomes(self) -> list[tuple[str, str]]:
        return [(Path(done.name).name, str(done.outcome)) for done in self.told]


@pytest.fixture
def watched(
    tmp_path: Path,
    store: Store,
    embedder: HashingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> Watched:
    monkeypatch.setattr("index.watching._RETRY_SECONDS", 0.05)
    watched = Watched(tmp_path / "articles", store, embedder)
    watched.write("rhine.txt", RHINE)
    return watched


def test_the_folder_is_synced_when_watching_begins(watched):
    with watched.watching():
        watched.expect(rhine=RHINE)
    assert watched.outcomes() == [("rhine.txt", "added")]


def test_files_that_come_change_and_go(watched):
    with watched.watching():
        watched.write("elbe.txt", ELBE)
        watched.expect(rhine=RHINE, elbe=ELBE)
        before = watched.ids()
        watched.write("rhine.txt", f"{RHINE} {PO}")
        watched.expect(rhine=f"{RHINE} {PO}", elbe=ELBE)
        assert watched.ids() == before
        (watched.folder / "elbe.txt").unlink()
        watched.expect(rhine=f"{RHINE} {PO}")
    assert watched.outcomes() == [
        ("rhine.txt", "added"),
        ("elbe.txt", "added"),
        ("rhine.txt", "updated"),
        ("elbe.txt", "removed"),
    ]


def test_a_file_that_is_being_written_is_read_once_it_has_settled(watched):
    watched.settle_seconds = 0.4
    with watched.watching(), (watched.folder / "long.txt").open("w") as file:
        began = time.monotonic()
        while time.monotonic() < began + 1:  # longer than it takes to settle
            file.write(f"{ELBE}\n")
            file.flush()
            watched.write("other.txt", f"{PO} {time.monotonic()}")  # the folder has no rest, too
            time.sleep(0.02)
            assert "long.txt" not in watched.held()
        file.close()
        eventually(lambda: "long.txt" in watched.held(), "the file was read")
        text = (watched.folder / "long.txt").read_text().strip()
    assert watched.held()["long.txt"].strip() == text
    assert watched.outcomes().count(("long.txt", "added")) == 1
    assert ("long.txt", "updated") not in watched.outcomes()


def test_a_rename_keeps_the_id_and_embeds_nothing(watched):
    with watched.watching():
        before = watched.ids()["rhine.txt"]
        watched.embedder.embedded.clear()
        (watched.folder / "rhine.txt").rename(watched.folder / "rhein.txt")
        watched.expect(rhein=RHINE)
    assert watched.ids()["rhein.txt"] == before
    assert watched.embedder.embedded == []
    assert watched.outcomes()[1:] == [("rhein.txt", "renamed")]


def test_a_folder_that_comes_is_renamed_and_goes(watched, tmp_path):
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    (outside / "elbe.txt").write_text(ELBE)
    with watched.watching():
        (tmp_path / "outside").rename(watched.folder / "north")
        watched.expect(rhine=RHINE, north__deep__elbe=ELBE)
        before = watched.ids()["north/deep/elbe.txt"]
        (watched.folder / "north").rename(watched.folder / "sea")
        watched.expect(rhine=RHINE, sea__deep__elbe=ELBE)
        assert watched.ids()["sea/deep/elbe.txt"] == before
        watched.write("sea/deep/po.txt", PO)
        watched.expect(rhine=RHINE, sea__deep__elbe=ELBE, sea__deep__po=PO)
        (watched.folder / "sea").rename(tmp_path / "outside")
        watched.expect(rhine=RHINE)
    assert "failed" not in dict(watched.outcomes()).values()


def test_a_file_that_cannot_be_read_is_told_and_does_not_end_the_watch(watched):
    with watched.watching():
        watched.write("rhine.txt", "")
        watched.expect()
        watched.write("rhine.txt", PO)
        watched.expect(rhine=PO)
    assert watched.outcomes()[1:] == [("rhine.txt", "failed"), ("rhine.txt", "added")]


def test_what_the_walk_does_not_take_is_not_taken(watched, tmp_path):
    (tmp_path / "outside").mkdir()
    (watched.folder / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    with watched.watching():
        watched.write(".git/objects/a.txt", PO)
        watched.write("program.exe", PO)
        (tmp_path / "outside" / "b.txt").write_text(PO)
        (watched.folder / "link.txt").symlink_to(tmp_path / "outside" / "b.txt")
        watched.write("elbe.txt", ELBE)
        watched.expect(rhine=RHINE, elbe=ELBE)
    assert watched.outcomes() == [("rhine.txt", "added"), ("elbe.txt", "added")]


def test_the_tree_is_not_read_anew_for_every_file_that_goes(watched, monkeypatch):
    """Editors make and remove files all the time."""
    hashed: list[str] = []
    with watched.watching():
        monkeypatch.setattr(
            "index.syncing.hash_file", lambda path, _: hashed.append(path.name) or "0" * 64
        )
        for name in (".rhine.txt.swp", "4913", "rhine.txt~"):
            watched.write(name, "x").unlink()
        watched.write("elbe.txt", ELBE)
        eventually(lambda: bool(hashed), "the new file was read")
    assert set(hashed) == {"elbe.txt"}


def test_a_folder_that_is_gone_keeps_its_documents_and_is_watched_when_it_is_back(
    watched, tmp_path
):
    with watched.watching():
        watched.folder.rename(tmp_path / "elsewhere")
        eventually(lambda: len(watched.trouble) == 2, "the trouble was told")
        assert watched.held() == {"rhine.txt": RHINE}
        (tmp_path / "elsewhere" / "elbe.txt").write_text(ELBE)
        (tmp_path / "elsewhere").rename(watched.folder)
        watched.expect(rhine=RHINE, elbe=ELBE)
        watched.write("po.txt", PO)
        watched.expect(rhine=RHINE, elbe=ELBE, po=PO)
    assert watched.trouble == [
        f"The folder {watched.folder} is gone; waiting for it.",
        f"There is no folder {watched.folder}; waiting for it.",
    ]


def test_a_folder_that_is_exchanged_for_another_is_watched(watched, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "elbe.txt").write_text(ELBE)
    with watched.watching():
        watched.folder.rename(tmp_path / "elsewhere")
        other.rename(watched.folder)
        watched.expect(elbe=ELBE)
        watched.write("po.txt", PO)
        watched.expect(elbe=ELBE, po=PO)


def test_a_folder_that_is_not_there_yet_is_waited_for(watched, tmp_path):
    watched.folder.rename(tmp_path / "elsewhere")
    with watched.watching():
        assert watched.trouble == [f"There is no folder {watched.folder}; waiting for it."]
        (tmp_path / "elsewhere").rename(watched.folder)
        watched.expect(rhine=RHINE)


def test_a_folder_that_is_suddenly_empty_keeps_its_documents(watched):
    with watched.watching():
        watched.expect(rhine=RHINE)
    watched.told.clear()
    (watched.folder / "rhine.txt").unlink()
    with watched.watching():
        eventually(lambda: bool(watched.trouble), "the trouble was told")
    assert "holds no files" in watched.trouble[0]
    assert watched.held() == {"rhine.txt": RHINE}


@pytest.mark.parametrize(
    "error",
    [
        LibraryBusy("somebody else syncs"),
        DiskFull("no room"),
        OSError(errno.ENOSPC, "OS file watch limit reached"),
        RuntimeError("anything"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_trouble_is_told_once_and_the_watch_goes_on(watched, monkeypatch, error, caplog):
    tries: list[int] = []
    sync = Syncer.sync

    def failing(syncer: Syncer) -> Iterator[Indexed]:
        tries.append(1)
        if len(tries) <= 3:
            raise error
        return sync(syncer)

    monkeypatch.setattr(Syncer, "sync", failing)
    with caplog.at_level(logging.ERROR), watched.watching():
        watched.expect(rhine=RHINE)
        assert watched.trouble == [str(error)]
        watched.write("elbe.txt", ELBE)
        watched.expect(rhine=RHINE, elbe=ELBE)
    assert ("Traceback" in caplog.text) == (type(error) is RuntimeError)


def test_what_settled_while_the_library_was_busy_is_not_forgotten(watched, monkeypatch):
    busy = [LibraryBusy("somebody else syncs")]
    sync_paths = Syncer.sync_paths

    def failing(syncer: Syncer, paths: list[Path]) -> Iterator[Indexed]:
        if busy:
            raise busy.pop()
        return sync_paths(syncer, paths)

    monkeypatch.setattr(Syncer, "sync_paths", failing)
    with watched.watching():
        watched.write("elbe.txt", ELBE)
        watched.expect(rhine=RHINE, elbe=ELBE)
    assert watched.trouble == ["somebody else syncs"]
    assert Outcome.FAILED not in {done.outcome for done in watched.told}
