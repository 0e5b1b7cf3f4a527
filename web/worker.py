"""gunicorn's worker with threads, which once it is told to stop lets nobody new wait in vain."""

from __future__ import annotations

from web.arriving import ArrivingWorker


class Worker(ArrivingWorker):
    """Answers what has come in, and closes its doors meanwhile.

    gunicorn's own stops accepting, but keeps the socket: who connects then is neither answered nor
    refused, and is cut off when the last answer is given.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()
