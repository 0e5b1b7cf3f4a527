"""A process that writes to a library until it is killed in the middle of a change.

    python -m tests.index.contract.killed_writer FOLDER URL

Prints a line for each change that was acknowledged, then one when it is halfway through another.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from index.opening import open_store
from tests.index.contract.places import STATEMENT_SECONDS
from tests.index.libraries import MODEL, prepared


def main(folder: str, url: str) -> None:
    store = open_store(Path(folder), database_url=url, database_seconds=STATEMENT_SECONDS)
    for number in range(3):
        text = f"Change {number} was acknowledged."
        store.apply([prepared(text, f"/{number}.txt")], [], MODEL)
        print(f"acknowledged {number}", flush=True)

    def halfway(_store: object, _document_id: int) -> None:
        print("halfway", flush=True)
        time.sleep(600)

    lost = [prepared(f"Document {n} was not.", f"/lost-{n}.txt") for n in range(2)]
    store.apply(lost, [1], MODEL, halfway)


if __name__ == "__main__":
    main(*sys.argv[1:])
