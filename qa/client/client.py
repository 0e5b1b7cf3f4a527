"""The service's REST API as functions that return the library's own dataclasses."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote

from index.anchors import Resolved
from index.documents import DocumentSummary
from index.jobs import Job, State
from qa.answers import AnswerSet, Citation
from qa.client import decoding, encoding, streaming
from qa.client.encoding import Earlier, Narrowed
from qa.client.errors import JobFailed, NotFound, Problem, Unreachable
from qa.client.results import Found, ServedDocument, Stage, Status, Verified
from qa.client.transport import Call, JsonBody, Transport
from qa.client.uploading import Files
from qa.conversations import Summary

_API = "/api/v1/"
_WAIT = 20.0  # seconds that the server is asked to wait for a job at a time
_LOOK_AGAIN = 0.5  # seconds, where it cannot
_BATCH = 50  # questions of one request
_PAGE = 200  # rows of a list


class Client:
    """A service that is reached by HTTP; any number of threads may use one client.

    Args:
        address: such as ``http://127.0.0.1:8000``.
        key: an API key, ``vb_…``; not needed for a service of this machine.
        timeout: seconds to wait for the server whenever nothing comes.
        retries: how often a call is sent again where that is safe; see `qa.client.transport`.

    All calls raise `qa.client.ClientError`, and `ValueError` for an address that is none.
    """

    def __init__(
        self, address: str, key: str | None = None, *, timeout: float = 60.0, retries: int = 3
    ) -> None:
        self._transport = Transport(address, key, timeout=timeout, retries=retries)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Earlier] = (),
        conversation: str | None = None,
        **narrowed: Unpack[Narrowed],
    ) -> AnswerSet:
        """Answer a question.

        Args:
            history: earlier turns, oldest first: questions, or the answer sets that they got.
            conversation: id of a conversation that is to keep the question and its answer.
            narrowed: which documents to search; see `qa.client.encoding.Narrowed`.
        """
        body = encoding.question(question, history, conversation, narrowed)
        return decoding.answer_set(self._post("ask", body, repeatable=conversation is None))

    def ask_streamed(
        self,
        question: str,
        *,
        history: Sequence[Earlier] = (),
        conversation: str | None = None,
        **narrowed: Unpack[Narrowed],
    ) -> Iterator[Stage]:
        """The stages of an answer as they are reached; the answer set is the last."""
        body = encoding.question(question, history, conversation, narrowed)
        call = Call(
            "POST",
            f"{_API}ask",
            body=JsonBody(body),
            repeatable=conversation is None,
            accept="text/event-stream",
        )
        with self._transport.open(call) as response:
            try:
                yield from streaming.stages(response)
            except (OSError, HTTPException) as error:
                raise Unreachable(f"The connection broke within the answer: {error}") from error

    def ask_batch(
        self,
        questions: Iterable[str],
        **narrowed: Unpack[Narrowed],
    ) -> Iterator[AnswerSet | Problem]:
        """The answer set of each question, in order; a `Problem` for one that cannot be asked."""
        for some in _groups(questions, _BATCH):
            body = {"questions": [{"question": question} for question in some]}
            told = self._post("ask/batch", body | encoding.narrowing(narrowed))
            yield from decoding.batch(decoding.field(told, "results"))

    def search(
        self,
        query: str,
        **narrowed: Unpack[Narrowed],
    ) -> Found:
        """The passages that fit a query, without an answer."""
        return decoding.found(self._post("search", {"query": query} | encoding.narrowing(narrowed)))

    def documents(self) -> Iterator[DocumentSummary]:
        """All documents, in the order in which they were first added, fetched page by page."""
        cursor: int | None = 0
        while cursor is not None:
            page = self._get("documents", cursor=cursor, limit=_PAGE)
            yield from decoding.documents(decoding.field(page, "documents"))
            cursor = decoding.number_or_none(page, "next")

    def document(self, document_id: int) -> ServedDocument:
        return decoding.document(self._get(f"documents/{document_id:d}"))

    def text(self, document_id: int, start: int = 0, end: int | None = None) -> str:
        """``[start:end]`` of a document's text; of a citation's range, its quote."""
        asked = {"start": start} | ({} if end is None else {"end": end})
        return decoding.text(self._get(f"documents/{document_id:d}/text", **asked), "text")

    def find_again(self, citation: Citation) -> Resolved:
        """Where a citation of an earlier day stands now."""
        body = encoding.anchor(citation)
        return decoding.resolved(self._post("citations/resolve", body))

    def add_files(self, paths: Iterable[Path | str], *, within: float = 600.0) -> Job:
        """Add files, or update those of the same names, and wait until that is done.

        Args:
            within: seconds to wait for it; see `wait_for`.

        Raises:
            JobFailed: nothing was added. Where some files were, the job's items tell of the others.
        """
        body = Files([Path(path) for path in paths])
        return self._added(Call("POST", f"{_API}documents", body=body), within)

    def add_text(
        self,
        text: str,
        *,
        title: str | None = None,
        date: str | None = None,
        source: str | None = None,
        within: float = 600.0,
    ) -> Job:
        """Add a text, or update the one of the same source; as `add_files`."""
        body = encoding.given({"text": text, "title": title, "date": date, "source": source})
        return self._added(Call("POST", f"{_API}documents", body=JsonBody(body)), within)

    def add_url(
        self, url: str, *, title: str | None = None, date: str | None = None, within: float = 600.0
    ) -> Job:
        """Let the server fetch a page and add it; as `add_files`."""
        body = encoding.given({"url": url, "title": title, "date": date})
        return self._added(Call("POST", f"{_API}documents", body=JsonBody(body)), within)

    def delete(self, document_id: int) -> None:
        """When this returns, nothing is answered from the document any more."""
        self._delete(f"documents/{document_id:d}")

    def delete_all(self, document_ids: Iterable[int]) -> list[int]:
        """Delete several in one step; returns the ids that there were."""
        told = self._post("documents/bulk-delete", {"ids": list(document_ids)})
        return decoding.numbers(told, "removed")

    def jobs(self) -> tuple[Job, ...]:
        """Those under way and the last that have ended, the newest first, without their items."""
        return decoding.jobs(decoding.field(self._get("jobs"), "jobs"))

    def job(self, job_id: str) -> Job:
        return decoding.job(self._get(f"jobs/{quote(job_id, safe='')}"))

    def cancel(self, job_id: str) -> Job:
        """What the job has committed by then stays."""
        return decoding.job(self._post(f"jobs/{quote(job_id, safe='')}/cancel", None))

    def wait_for(self, job_id: str, *, within: float = 600.0) -> Job:
        """The job once it has ended; raises `Unreachable` if that takes longer."""
        deadline = time.monotonic() + within
        while True:
            left = deadline - time.monotonic()
            wait = round(min(max(left, 0.0), _WAIT), 3)
            path = f"{_API}jobs/{quote(job_id, safe='')}"
            call = Call("GET", path, query={"wait": wait}, waits=wait)
            asked_at = time.monotonic()
            job = decoding.job(self._transport.json(call))
            if job.ended:
                return job
            if left <= 0:
                raise Unreachable(f"Job {job_id} has not ended within {within:g} s; it goes on.")
            # A server that waits for many others does not wait for this one.
            time.sleep(max(0.0, min(_LOOK_AGAIN, left) - (time.monotonic() - asked_at)))

    def conversations(self, search: str = "") -> Iterator[Summary]:
        """The latest first; those that hold all words of ``search``."""
        after: dict[str, int] = {}
        while True:
            page = self._get("conversations", search=search, limit=_PAGE, **after)
            yield from decoding.conversations(decoding.field(page, "conversations"))
            cursor = decoding.number_or_none(page, "next")
            if cursor is None:
                return
            after = {"cursor": cursor}

    def begin_conversation(self, title: str = "") -> Summary:
        body = {"title": title}
        return decoding.conversation(self._post("conversations", body, repeatable=False))

    def delete_conversation(self, conversation_id: str) -> None:
        self._delete(f"conversations/{quote(conversation_id, safe='')}")

    def judge(self, result: AnswerSet, *, right: bool | None) -> None:
        """Keep whether the first answer, or that there is none, is right; None takes it back."""
        self._post("feedback", encoding.judgement(result, right))

    def status(self) -> Status:
        return decoding.status(self._get("status"))

    def verify(self) -> Verified:
        """Let the server prove its library whole, which can take minutes: mind the timeout."""
        return decoding.verified(self._post("verify", None))

    def _delete(self, path: str) -> None:
        try:
            self._transport.json(Call("DELETE", _API + path))
        except NotFound as error:
            if not error.after_broken:  # else it was deleted, and the answer was lost
                raise

    def _added(self, call: Call, within: float) -> Job:
        job = self.wait_for(decoding.job(self._transport.json(call)).id, within=within)
        failed = [item for item in job.items if item.reason and not item.document_ids]
        if job.state is not State.DONE or (failed and len(failed) == len(job.items)):
            reasons = "; ".join(f"{item.name}: {item.reason}" for item in failed[:5])
            raise JobFailed(job, job.error or reasons or f"The job was {job.state}.")
        return job

    def _get(self, path: str, **query: str | int) -> Any:
        return self._transport.json(Call("GET", _API + path, query=query))

    def _post(self, path: str, value: Any, *, repeatable: bool = True) -> Any:
        body = None if value is None else JsonBody(value)
        return self._transport.json(Call("POST", _API + path, body=body, repeatable=repeatable))


def _groups(questions: Iterable[str], size: int) -> Iterator[list[str]]:
    group: list[str] = []
    for question in questions:
        group.append(question)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
