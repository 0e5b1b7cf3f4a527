"""Exports, imports or mirrors, and is killed at a document: ``python -m … WHAT FROM TO NUMBER``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from index import taking
from index.mirroring import mirror
from index.parquet import exporting, importing, manifest
from index.store import Store

ROOT = Path(__file__).parents[3]


def kill(what: str, source: Path, target: Path, at: int) -> None:
    """Run it in a process that is killed with SIGKILL at document number ``at``."""
    command = [sys.executable, "-m", __name__, what, str(source), str(target), str(at)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def main() -> None:
    what, source, target, at = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    exporting._PASSAGES_PER_FILE = taking._BATCH_PASSAGES = 5
    done = 0

    def on_document() -> None:
        nonlocal done
        done += 1
        if done == at:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "export":
        chunking = manifest.Chunking(passage_tokens=40, overlap_tokens=0, mark_furniture=True)
        exporting.export(
            Store(source), target, version="1", chunking=chunking, on_document=on_document
        )
    elif what == "import":
        store, told = Store(target, create=True), manifest.read(source)
        importing.import_into(store, source, told, on_document=on_document)
    else:
        mirror(Store(source), Store(target, create=True), on_document)


if __name__ == "__main__":
    main()
