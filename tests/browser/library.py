"""The library of a server, changed past the page as another process would change it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

_SECONDS = 30


class Library:
    def __init__(self, address: str) -> None:
        self.address = address

    def add(self, title: str, text: str, source: str | None = None) -> int:
        """Add a text, or update the one of this source; returns its document's id."""
        fields = {"title": title, "text": text, "source": source or f"text:{title}"}
        job = self._call(f"documents?wait={_SECONDS}", "POST", fields)
        deadline = time.monotonic() + 4 * _SECONDS
        while job["ended_at"] is None:
            assert time.monotonic() < deadline, f"the job does not end: {job}"
            job = self._call(f"jobs/{job['id']}?wait={_SECONDS}")
        [document_id] = job["items"][0]["document_ids"]
        return int(document_id)

    def remove(self, document_id: int) -> None:
        self._call(f"documents/{document_id}", "DELETE")

    def titles(self) -> list[str]:
        return [document["title"] for document in self._documents()]

    def ids(self) -> list[int]:
        return [document["id"] for document in self._documents()]

    def _documents(self) -> Iterator[dict[str, Any]]:
        cursor = 0
        while cursor is not None:
            page = self._call(f"documents?cursor={cursor}" if cursor else "documents")
            yield from page["documents"]
            cursor = page["next"]

    def text(self, document_id: int) -> str:
        return str(self._call(f"documents/{document_id}")["text"])

    def clear(self) -> None:
        """Wait for work under way to end, then remove everything."""
        deadline = time.monotonic() + _SECONDS
        for job in self._call("jobs")["jobs"]:
            while self._call(f"jobs/{job['id']}?wait=5")["ended_at"] is None:
                assert time.monotonic() < deadline, f"the job does not end: {job}"
            self._call(f"jobs/{job['id']}", "DELETE")
        for document in list(self._documents()):
            self.remove(document["id"])

    def ask(self, question: str, conversation: str | None = None) -> dict[str, Any]:
        value: dict[str, Any] = self._call(
            "ask", "POST", {"question": question, "conversation": conversation}
        )
        return value

    def begin_conversation(self) -> str:
        return str(self._call("conversations", "POST", {})["id"])

    def conversations(self) -> list[str]:
        return [item["id"] for item in self._call("conversations?limit=200")["conversations"]]

    def clear_conversations(self) -> None:
        """And the judgements that were given in them."""
        for conversation in self.conversations():
            self._call(f"conversations/{conversation}", "DELETE")
        self._call("feedback", "DELETE")

    def _call(self, path: str, method: str = "GET", body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"{self.address}api/v1/{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=2 * _SECONDS) as response:
            return json.load(response)
