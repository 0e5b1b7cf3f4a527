"""The files that documents were uploaded as, each under the SHA-256 of its bytes.

Names that users gave are nowhere in it, so that none of them is ever a path. A file is kept from
the moment that its job reads it, and removed once no document, no deletion that can be undone and
no job under way has use for it.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from index.document_store import DocumentStore
from index.durable import sync_folder
from index.jobs import Jobs
from index.removed import RemovedDocuments

FOLDER_NAME = "originals"
_NAME = re.compile(r"[0-9a-f]{64}")


class OriginalStore:
    """The originals of one data folder; any number of processes may use it."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER_NAME

    def keep(self, path: Path, digest: str) -> None:
        """Keep a file whose bytes have this SHA-256; on the same disk it costs no room."""
        kept = self._path(digest)
        if kept.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, kept)
        except FileExistsError:
            return
        except OSError:  # this file system has no hard links
            unfinished = kept.with_suffix(".new")
            shutil.copyfile(path, unfinished)
            unfinished.replace(kept)
        sync_folder(self.folder)

    def holds(self, digest: str) -> bool:
        return bool(_NAME.fullmatch(digest)) and self._path(digest).is_file()

    def read(self, digest: str) -> bytes | None:
        """The bytes; None where they are not there, or are no longer those that were kept."""
        try:
            content = self._path(digest).read_bytes()
        except OSError:
            return None
        return content if sha256(content).hexdigest() == digest else None

    def sweep(self, store: DocumentStore, jobs: Jobs, removed: RemovedDocuments) -> int:
        """Remove what nothing has use for; returns how many files it was."""
        with suppress(FileNotFoundError):
            names = [path.name for path in self.folder.iterdir()]
            # In this order: what a job is about to commit is seen here or there.
            used = {upload.sha256 for job in jobs.waiting() for upload in job.uploads}
            used |= removed.origin_hashes() | store.origin_hashes()
            unused = [name for name in names if name not in used]
            for name in unused:
                (self.folder / name).unlink(missing_ok=True)
            return len(unused)
        return 0

    def _path(self, digest: str) -> Path:
        if not _NAME.fullmatch(digest):
            raise ValueError(f"{digest!r} is no SHA-256 in hex")
        return self.folder / digest
