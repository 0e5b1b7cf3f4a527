"""Proving the library whole, while it is served."""

from __future__ import annotations

import threading
from contextlib import closing
from itertools import islice
from typing import Any

from werkzeug.exceptions import Conflict

from index.verify import findings
from qa.assembly import make_indexer, make_retriever, make_store
from web.current import pipeline, settings

_LISTED = 100
running = threading.Lock()


def verify() -> dict[str, Any]:
    """All that is wrong with the library; see `index.verify`.

    It is opened anew: what searches use is locked while it is compared.
    """
    from index.rebuilding import is_due  # loaders and splitter: half a second that a start saves

    if not running.acquire(blocking=False):
        raise Conflict("The library is being checked already. Ask again when that is done.")
    try:
        with closing(make_store(settings())) as store:
            retriever = make_retriever(settings(), store, pipeline().retriever.embedder)
            found = findings(store, retriever.check, lambda: None)
            shown = list(islice(found, _LISTED))
            more = sum(1 for _ in found)
            documents, passages = store.count()
            indexer = make_indexer(settings(), store, pipeline().retriever.embedder)
            return {
                "sound": not shown,
                "generation": store.generation(),
                "documents": documents,
                "passages": passages,
                "findings": [
                    {"part": one.part, "message": one.message, "document_id": one.document_id}
                    for one in shown
                ],
                "found": len(shown) + more,
                "rebuild_due": not shown and is_due(indexer),
            }
    finally:
        running.release()
