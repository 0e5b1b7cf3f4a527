"""A server of Milvus Lite on this machine, which several processes can use."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lite_server(folder: Path) -> Iterator[str]:
    """Serve what is in ``folder`` until the end of the context; its URI."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    for name in ("milvus_lite", "grpc._server"):  # it tells of every call that it does not know
        logging.getLogger(name).setLevel(logging.CRITICAL)
    server, database, port = start_server_in_thread(str(folder), port=0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=1).wait()
        database.close()
