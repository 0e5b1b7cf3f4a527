"""Keeps a library equal to a folder tree while its files change, by watchfiles."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from index.errors import FolderVanished, LibraryError
from index.folders import is_reached, is_wanted, walk
from index.outcomes import Indexed
from index.syncing import Syncer

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5.0

_State = tuple[int, int, int] | None  # inode, size and time of a file; None where there is none


class Watcher:
    """Syncs a folder once, and then whatever changes in it.

    Args:
        settle_seconds: a file is read once it has stayed as it is for so long: until then
            somebody may still be writing it.
        on_indexed: told of each outcome.
        on_trouble: told, in a sentence, what keeps the folder from being synced.
    """

    def __init__(
        self,
        syncer: Syncer,
        *,
        settle_seconds: float,
        on_indexed: Callable[[Indexed], None],
        on_trouble: Callable[[str], None],
    ) -> None:
        self.syncer = syncer
        self.settle_seconds = settle_seconds
        self.on_indexed = on_indexed
        self.on_trouble = on_trouble
        self._unsettled: dict[Path, tuple[_State, float]] = {}  # and since when
        self._everything = True  # whether the whole tree is to be compared
        self._trouble = ""

    def run(self, stop: Event) -> None:
        """Watch until ``stop`` is set. A folder that is not there is waited for."""
        while not stop.is_set():
            try:
                self._watch(stop)
            except (LibraryError, OSError) as error:
                self._tell_trouble(str(error))
            except Exception as error:  # whatever it is, the folder is not to be forgotten
                log.exception("Watching %s failed; it is tried again.", self.syncer.folder)
                self._tell_trouble(str(error))
            self._everything = True
            stop.wait(_RETRY_SECONDS)

    def _watch(self, stop: Event) -> None:
        folder = self.syncer.folder
        watched = _identity(folder)
        if watched is None:
            raise FolderVanished(f"There is no folder {folder}; waiting for it.")
        for paths in self._changes(stop):
            if _identity(folder) != watched:
                raise FolderVanished(f"The folder {folder} is gone; waiting for it.")
            self._note(paths)
            self._tell(self._due())
            self._trouble = ""

    def _tell_trouble(self, trouble: str) -> None:
        """Once, however often it is tried again."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.on_trouble(trouble)

    def _changes(self, stop: Event) -> Iterator[set[Path]]:
        """The paths that changed, or none when nothing did for `settle_seconds`."""
        from watchfiles import watch

        wait = max(50, int(1000 * self.settle_seconds))
        for changes in watch(
            self.syncer.folder,
            watch_filter=None,
            stop_event=stop,
            rust_timeout=wait,
            step=min(50, wait),
            debounce=wait,
            yield_on_timeout=True,
            raise_interrupt=True,
        ):
            yield {Path(path) for _, path in changes}

    def _note(self, paths: set[Path]) -> None:
        now = time.monotonic()
        for path in paths:
            for file in self._files_at(path):
                self._unsettled.setdefault(file, (_state(file), now))

    def _files_at(self, path: Path) -> Iterator[Path]:
        """The file, or those of a folder that came, or those of a folder that went."""
        if not is_reached(path, self.syncer.folder):
            return
        if is_wanted(path):
            yield path
        if path.is_symlink() or not path.is_dir():
            yield from map(Path, self.syncer.indexer.store.origins_under(str(path)))
        elif not path.name.startswith("."):
            yield from walk(path, lambda _folder, _reason: None)

    def _due(self) -> Iterator[Indexed]:
        """Sync what has stayed as it was for long enough."""
        settled = []
        now = time.monotonic()
        for path, (before, since) in list(self._unsettled.items()):
            state = _state(path)
            if state != before:
                self._unsettled[path] = (state, now)
            # What is gone may come again, or come under another name: that first.
            elif now - since >= self.settle_seconds * (1 if state else 2):
                settled.append(path)
                del self._unsettled[path]
        if self._everything:
            self._everything = False
            yield from self.syncer.sync()
        elif settled:
            yield from self.syncer.sync_paths(settled)

    def _tell(self, outcomes: Iterator[Indexed]) -> None:
        for indexed in outcomes:
            self.on_indexed(indexed)


def _state(path: Path) -> _State:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _identity(folder: Path) -> tuple[int, int] | None:
    """Tells a folder from another of its name; None if there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
