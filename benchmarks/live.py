"""Two servers and a command line on one library, changed and asked at the same time.

python -m benchmarks.live [--changes 500] [--clients 4]

Documents are added and deleted, in turn by the first server, the second and the command line,
while clients ask both servers without a pause. Counted: answers from a document whose delete
had returned before the question was sent; documents that were not found by either server right
after their add had returned; requests that failed.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from benchmarks.start import ROOT, free_port

_TOWNS = ["Ald", "Bre", "Cor", "Dun", "Elm", "Fen", "Gar", "Hal", "Ing", "Kel", "Lor", "Mar"]
_ENDS = ["bury", "ford", "ham", "ley", "mere", "mouth", "stead", "stow", "ton", "wick"]
_OFFICES = ["harbour master", "mayor", "head librarian", "chief surveyor", "fire warden"]
_NAMES = ["Anna Berg", "Otto Lind", "Mara Stein", "Piet Vos", "Lena Holm", "Jan Roth", "Eva Dahl"]


@dataclass(frozen=True)
class Fact:
    """A small document and the question that it answers."""

    number: int
    question: str
    text: str

    @classmethod
    def of(cls, number: int) -> Fact:
        chance = random.Random(number)
        town = chance.choice(_TOWNS) + chance.choice(_ENDS) + f" {number}"
        office, name = chance.choice(_OFFICES), chance.choice(_NAMES)
        text = f"{name} has been the {office} of {town} since last spring, the council said."
        return cls(number, f"Who is the {office} of {town}?", text)


@dataclass
class Seen:
    """One answer: when it was asked for, and the documents that it shows."""

    asked_at: float
    documents: frozenset[int]


@dataclass
class Log:
    """What the clients and the changes saw."""

    seen: list[Seen] = field(default_factory=list)
    deleted_at: dict[int, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    missed: int = 0
    add_ms: list[float] = field(default_factory=list)
    delete_ms: list[float] = field(default_factory=list)
    ask_ms: list[float] = field(default_factory=list)

    def from_the_dead(self) -> int:
        """Answers that show a document whose delete had returned before they were asked for."""
        never = float("inf")
        return sum(
            any(self.deleted_at.get(document, never) < seen.asked_at for document in seen.documents)
            for seen in self.seen
        )


def call(base: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        base + path, data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def ask(base: str, question: str, log: Log) -> frozenset[int]:
    """Ask one server; returns the documents that the answer shows, passages included."""
    asked_at = time.monotonic()
    try:
        result = call(base, "POST", "/api/v1/ask", {"question": question})
    except (OSError, ValueError) as error:
        log.failures.append(f"ask: {error!r}")
        return frozenset()
    shown = {c["document_id"] for answer in result["answers"] for c in answer["citations"]}
    shown |= {passage["document_id"] for passage in result["passages"]}
    log.ask_ms.append(1000 * (time.monotonic() - asked_at))
    log.seen.append(Seen(asked_at, frozenset(shown)))
    return frozenset(shown)


class Changer:
    """Adds and deletes, in turn through each of the ways in."""

    def __init__(self, data: Path, bases: list[str], log: Log) -> None:
        self.data = data
        self.bases = bases
        self.log = log
        self.folder = data.parent / "texts"
        self.folder.mkdir()

    def add(self, fact: Fact, way: int) -> int:
        """Returns the document's id."""
        began = time.monotonic()
        if way < len(self.bases):
            body = {"text": fact.text, "title": f"Fact {fact.number}"}
            job = call(self.bases[way], "POST", "/api/v1/documents?wait=60", body)
            document_id = int(job["items"][0]["document_ids"][0])
        else:
            path = self.folder / f"{fact.number}.txt"
            path.write_text(fact.text)
            self.command("index", "add", str(path))
            listed = call(self.bases[0], "GET", "/api/v1/documents")["documents"]
            document_id = next(d["id"] for d in listed if d["source"] == str(path.resolve()))
        self.log.add_ms.append(1000 * (time.monotonic() - began))
        return document_id

    def delete(self, fact: Fact, document_id: int, way: int, added_by: int) -> None:
        began = time.monotonic()
        if way < len(self.bases) or added_by < len(self.bases):
            base = self.bases[way % len(self.bases)]
            call(base, "DELETE", f"/api/v1/documents/{document_id}")
        else:
            self.command("index", "remove", str(self.folder / f"{fact.number}.txt"))
        self.log.deleted_at[document_id] = time.monotonic()
        self.log.delete_ms.append(1000 * (time.monotonic() - began))

    def command(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "qa", "--data", str(self.data), *words],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


def change(changer: Changer, changes: int, log: Log) -> None:
    """``changes`` adds and deletes; a few documents live at any time."""
    alive: list[tuple[Fact, int, int]] = []
    chance = random.Random(1)
    for number in range(changes):
        # Starting a command takes seconds: one change in ten goes that way.
        way = 2 if number % 10 in (8, 9) and number % 20 < 10 else number % 2
        try:
            if len(alive) < 5 or (number % 2 == 0 and len(alive) < 20):
                fact = Fact.of(number)
                document_id = changer.add(fact, way)
                alive.append((fact, document_id, way))
                for base in changer.bases:
                    log.missed += document_id not in ask(base, fact.question, log)
            else:
                fact, document_id, added_by = alive.pop(chance.randrange(len(alive)))
                changer.delete(fact, document_id, way, added_by)
                for base in changer.bases:
                    ask(base, fact.question, log)
        except (OSError, ValueError, KeyError, IndexError, subprocess.SubprocessError) as error:
            log.failures.append(f"change {number}: {error!r}")


def keep_asking(bases: list[str], log: Log, stop: threading.Event, seed: int, latest: int) -> None:
    chance = random.Random(seed)
    while not stop.is_set():
        ask(chance.choice(bases), Fact.of(chance.randrange(latest)).question, log)


def serve(data: Path, stack: ExitStack) -> str:
    """Start a server; returns its address once it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "qa", "--data", str(data), "serve", "--port", str(port)]
    server = stack.enter_context(
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    )
    stack.callback(server.terminate)
    assert server.stdout is not None
    server.stdout.readline()
    return f"http://127.0.0.1:{port}"


@click.command(help=__doc__)
@click.option("--changes", default=500, show_default=True)
@click.option("--clients", default=4, show_default=True)
def main(changes: int, clients: int) -> None:
    log = Log()
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        data = Path(scratch, "data")
        changer = Changer(data, [], log)
        changer.command("index", "add", str(ROOT / "seeds"))
        changer.bases = bases = [serve(data, stack), serve(data, stack)]
        stop = threading.Event()
        threads = [
            threading.Thread(target=keep_asking, args=(bases, log, stop, seed, changes))
            for seed in range(clients)
        ]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        change(changer, changes, log)
        stop.set()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        stack.close()
        verified = subprocess.run(
            [sys.executable, "-m", "qa", "--data", str(data), "index", "verify"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    click.echo(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    click.echo(f"{changes} adds and deletes, {len(log.seen):,} answers in {took:.0f} s")
    for name, times in (("add", log.add_ms), ("delete", log.delete_ms), ("ask", log.ask_ms)):
        click.echo(f"  {name:8} median {statistics.median(times):6.0f} ms")
    click.echo(f"  answers from a deleted document: {log.from_the_dead()}")
    click.echo(f"  documents not found right after their add: {log.missed}")
    click.echo(f"  failed requests: {len(log.failures)}")
    click.echo(f"  index verify: {verified.stdout.strip()} (exit {verified.returncode})")
    for failure in log.failures[:10]:
        click.echo(f"  e.g. {failure}")
    wrong = log.from_the_dead() or log.missed or log.failures or verified.returncode
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
