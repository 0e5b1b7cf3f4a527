"""Kills writers and flips bits, and counts what was lost, mixed up, unreadable or unseen.

python -m benchmarks.crash [--kills 1000] [--flips 1000] [--plant BUG]

Kills: a process adds, updates, removes, syncs, rebuilds and saves its caches, and acknowledges
each change once it has returned; it is killed with SIGKILL at a random moment. The library is
then opened as a server would, and must hold every acknowledged change, all or nothing of the
one under way, and pass `index verify`. A cache that a kill leaves damaged counts too: it is
exchanged by a rename, so it must never be. A power cut is modelled for those renames: a file
that is renamed before it was flushed to the disk (fsync) is emptied.

Flips: one bit of one file of a finished library is flipped. It must be found, on opening or by
`index verify`; questions must be answered as before or refused; `--repair` must restore all.

--plant breaks the code on purpose, to see that the count is not zero for want of looking.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from index.connection import LibraryConnection
from index.documents import Document
from index.embedding import Vectors
from index.indexing import Indexer
from index.loaders import Limits
from index.rebuilding import rebuild
from index.repair import repair
from index.retrieval import Retriever
from index.store import Store
from index.syncing import Syncer
from index.verify import findings

WORDS = (
    "river",
    "lake",
    "hill",
    "wood",
    "mill",
    "ford",
    "dale",
    "marsh",
    "cliff",
    "shore",
    "field",
    "stone",
)
NAMES = [f"/crash/{number}.txt" for number in range(8)]
LIMITS = Limits(
    max_file_bytes=10**6,
    max_text_characters=10**6,
    max_pages=10,
    max_members=10,
    max_expanded_bytes=10**6,
    max_seconds=10.0,
    max_memory_bytes=10**9,
)

State = dict[str, str]  # source to text
Answer = list[list[str | float]]  # source, passage and cosine of each that is found


class WordEmbedder:
    """A bag of hashed words: no model, since models are not what is tested here."""

    name = "words"
    dimension = 32

    def warm_up(self) -> None:
        pass

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Parts:
    """One process' view of the library."""

    store: Store
    indexer: Indexer
    retriever: Retriever


def open_library(folder: Path) -> Parts:
    store = Store(folder, create=True)
    embedder = WordEmbedder()
    indexer = Indexer(
        store,
        embedder,
        passage_tokens=12,
        overlap_tokens=0,
        limits=LIMITS,
        mark_furniture=True,
    )
    # Few exact passages, so that there is an approximate index, in its file.
    retriever = Retriever(
        store,
        embedder,
        candidates=50,
        dense_weight=0.45,
        lexical_rows=10_000,
        exact_passages=20,
        recall=0.99,
    )
    return Parts(store, indexer, retriever)


def story(source: str, chance: random.Random) -> Document:
    """A text whose every sentence names its source and version."""
    tag = f"{Path(source).stem}v{chance.randrange(10**9)}"
    sentences = [
        f"The {' '.join(chance.sample(WORDS, 4))} of {tag} is number {number}."
        for number in range(chance.randint(1, 6))
    ]
    return Document(source, tag, " ".join(sentences), "text/plain")


def contents(store: Store) -> State:
    return {s.source: store.document(s.id).text for s in store.documents()}


# --- the process that is killed


class Writer:
    """Changes the library at random; tells before and after each change what it leads to."""

    def __init__(self, folder: Path, tree: Path, seed: int, tell: Callable[[str], None]) -> None:
        self.parts = open_library(folder)
        self.tree = tree
        self.chance = random.Random(seed)
        self.tell = tell
        self.state = contents(self.parts.store)

    def run(self) -> None:
        steps = (self.add, self.add, self.remove, self.batch, self.sync, self.save, self.rebuild)
        while True:
            self.chance.choice(steps)()

    def change(self, after: State, carry_out: Callable[[], object]) -> None:
        self.tell(json.dumps({"begin": after}))
        carry_out()
        self.state = after
        self.tell(json.dumps({"done": True}))

    def add(self) -> None:
        document = story(self.chance.choice(NAMES), self.chance)
        after = self.state | {document.source: document.text}
        self.change(after, lambda: self.parts.indexer.add_document(document))

    def remove(self) -> None:
        own = [name for name in self.state if name in NAMES]
        if own:
            gone = self.chance.choice(own)
            after = {name: text for name, text in self.state.items() if name != gone}
            self.change(after, lambda: self.parts.indexer.remove(gone))

    def batch(self) -> None:
        """Several files in one transaction."""
        documents = [story(name, self.chance) for name in self.chance.sample(NAMES, 3)]
        after = self.state | {d.source: d.text for d in documents}
        self.change(after, lambda: list(self.parts.indexer.bring(map(_as_source, documents))))

    def sync(self) -> None:
        """A folder whose files change."""
        path = self.tree / f"{self.chance.randrange(4)}.txt"
        document = story(str(path), self.chance)
        aside = self.tree / ".aside"
        aside.write_text(document.text)
        aside.rename(path)
        # A writer that was killed may have left files that were never synced.
        after = self.state | {str(p): p.read_text() for p in self.tree.glob("[0-9]*")}
        self.change(after, lambda: list(Syncer(self.parts.indexer, self.tree).sync()))

    def save(self) -> None:
        self.change(self.state, self.parts.retriever.warm_up)
        self.change(self.state, self.parts.retriever.settle)
        self.change(self.state, self.parts.store.settle)

    def rebuild(self) -> None:
        self.change(self.state, lambda: list(rebuild(self.parts.indexer)))


def _as_source(document: Document) -> object:
    from index.documents import Origin
    from index.indexing import Source
    from index.loaders import LoadedFile

    loaded = LoadedFile(Origin(document.source, ""), (document,), ())
    return Source(document.source, lambda: loaded)


def write_until_killed(folder: Path, tree: Path, seed: int, pipe: int, plant: str) -> None:
    track_unflushed_renames(folder / "unflushed")
    PLANTS[plant]()
    try:
        Writer(folder, tree, seed, lambda line: _tell(pipe, line)).run()
    except BaseException as error:  # a writer must never fail by itself
        _tell(pipe, json.dumps({"failed": repr(error)}))
    os._exit(1)


def _tell(pipe: int, line: str) -> None:
    os.write(pipe, line.encode() + b"\n")


def track_unflushed_renames(record: Path) -> None:
    """Note every file that is renamed into place before it was flushed to the disk."""
    flushed: set[int] = set()
    rename = Path.replace

    def noting(flush: Callable[[int], None]) -> Callable[[int], None]:
        def flush_and_note(descriptor: int) -> None:
            flush(descriptor)
            flushed.add(os.fstat(descriptor).st_ino)

        return flush_and_note

    def noting_replace(path: Path, target: Path) -> Path:
        unflushed = path.is_file() and path.stat().st_ino not in flushed
        moved = rename(path, target)
        if unflushed:
            with record.open("a") as file:
                file.write(f"{target}\n")
        return moved

    exchange_flushes(noting)
    Path.replace = noting_replace  # type: ignore[method-assign,assignment]


def exchange_flushes(exchange: Callable[[Callable[[int], None]], Callable[[int], None]]) -> None:
    """Exchange what flushes a file to the disk, wherever it is called from."""
    os.fsync = exchange(os.fsync)
    for name, module in list(sys.modules.items()):
        if name.startswith("index.") and hasattr(module, "sync_data"):
            module.sync_data = exchange(module.sync_data)


# --- bugs to plant


def _plant_nothing() -> None:
    pass


def _plant_no_rename() -> None:
    """Files are written in place, piece by piece."""

    def copy_over(path: Path, target: Path) -> Path:
        data = path.read_bytes()
        with Path(target).open("wb") as file:
            for start in range(0, len(data), 512):
                file.write(data[start : start + 512])
                file.flush()
                time.sleep(0.002)
        path.unlink()
        return Path(target)

    Path.replace = copy_over  # type: ignore[method-assign,assignment]


def _plant_no_fsync() -> None:
    """Files are renamed without having been flushed."""
    exchange_flushes(lambda _flush: lambda _descriptor: None)


def _plant_two_transactions() -> None:
    """A document's passages are removed and added in two transactions."""
    remove = Store._remove_passages

    def committing(store: Store, document_id: int) -> None:
        remove(store, document_id)
        store._connection.execute("COMMIT")
        time.sleep(0.002)
        store._connection.execute("BEGIN IMMEDIATE")

    Store._remove_passages = committing  # type: ignore[method-assign]


def _plant_early_ack() -> None:
    """A change is acknowledged before it is committed."""
    writing = LibraryConnection.writing

    @contextlib.contextmanager
    def forgetful(store: LibraryConnection, purpose: str) -> Iterator[int]:
        with contextlib.suppress(_GiveUp), writing(store, purpose) as generation:
            yield generation
            if random.random() < 0.2:
                raise _GiveUp

    LibraryConnection.writing = forgetful  # type: ignore[method-assign,assignment]


class _GiveUp(Exception):
    pass


PLANTS: dict[str, Callable[[], None]] = {
    "nothing": _plant_nothing,
    "no-rename": _plant_no_rename,
    "no-fsync": _plant_no_fsync,
    "two-transactions": _plant_two_transactions,
    "early-ack": _plant_early_ack,
}


# --- the harness


@dataclass
class Tally:
    """What was seen."""

    kills: int = 0
    changes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= 5:
            self.examples.append(f"{kind}: {what}")


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Run ``work`` in a child; returns its pid and the pipe that it writes to."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            work(writing)
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def in_child(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a process of its own, or None if it dies."""
    pid, pipe = forked(lambda out: _tell(out, json.dumps(work())))
    with os.fdopen(pipe, "rb") as told:
        answer = told.read()
    os.waitpid(pid, 0)
    return json.loads(answer) if answer else None


def kill_once(folder: Path, tree: Path, seed: int, plant: str, state: State, tally: Tally) -> State:
    """Let a writer run, kill it, check what it left; return what the library holds now."""
    chance = random.Random(seed)
    pid, pipe = forked(lambda out: write_until_killed(folder, tree, seed, out, plant))
    with os.fdopen(pipe, "rb") as told:
        # So many begun and acknowledged changes, however slow the machine is, and some time.
        lines = [told.readline() for _ in range(chance.randint(1, 8))]
        time.sleep(chance.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        lines += told.read().split(b"\n")
    acknowledged, under_way = dict(state), None
    for line in lines:
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            if "failed" in row:
                tally.note("failed", row["failed"])
            elif "begin" in row:
                under_way = row["begin"]
            elif under_way is not None:
                acknowledged, under_way = under_way, None
                tally.changes += 1
    lose_unflushed(folder)
    return check(folder, acknowledged, under_way, tally)


def lose_unflushed(folder: Path) -> None:
    """The power cut: what was renamed without a flush is empty."""
    record = folder / "unflushed"
    if record.exists():
        for name in set(record.read_text().split("\n")) - {""}:
            if Path(name).is_file():
                Path(name).write_bytes(b"")
        record.unlink()


def check(folder: Path, acknowledged: State, under_way: State | None, tally: Tally) -> State:
    """Open the library in a fresh process and compare."""
    report = in_child(lambda: examine(folder)) or {"unreadable": "the reader died"}
    if "unreadable" in report:
        tally.note("unreadable", report["unreadable"])
        return acknowledged
    for problem in report["problems"]:
        tally.note("verify", problem)
    for line in report["logged"]:
        if "unfinished" not in line:  # what a kill leaves of a file before its rename
            tally.note("damaged cache", line)
    held: State = report["held"]
    allowed = [acknowledged] if under_way is None else [acknowledged, under_way]
    if held not in allowed:
        kind = "lost" if any(held.get(k) != v for k, v in acknowledged.items()) else "mixed"
        tally.note(
            kind,
            f"{_differences(held, acknowledged)}; under way {_differences(held, under_way or {})}",
        )
    for source in report["strangers"]:
        tally.note("answered from the dead", source)
    return held


def _differences(held: State, wanted: State) -> list[str]:
    return [
        f"{name}: {held.get(name, 'nothing')[:40]!r} for {wanted.get(name, 'nothing')[:40]!r}"
        for name in sorted({*held, *wanted})
        if held.get(name) != wanted.get(name)
    ]


def examine(folder: Path) -> dict[str, object]:
    """What the library holds, what verify says, and whether a search finds only what is there."""
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("index").addHandler(handler)
    try:
        parts = open_library(folder)
        held = contents(parts.store)
        parts.retriever.warm_up()
        strangers = []
        for text in list(held.values())[:3]:
            for item in parts.retriever.search(text, 20).passages:
                stored = held.get(item.passage.source, "")
                if item.passage.text not in stored:
                    strangers.append(item.passage.source)
        problems = [
            f"{f.part}: {f.message}"
            for f in findings(parts.store, parts.retriever.check, lambda: None)
        ]
        parts.store.settle()
        parts.store.close()
    except Exception as error:
        return {"unreadable": repr(error)}
    return {"held": held, "problems": problems, "logged": logged, "strangers": strangers}


# --- bit flips


QUESTIONS = [" ".join(random.Random(seed).sample(WORDS, 3)) for seed in range(10)]


def answers(parts: Parts) -> list[Answer]:
    """What ten searches return."""
    return [
        [
            [item.passage.source, item.passage.text, round(item.cosine, 5)]
            for item in parts.retriever.search(question, 8).passages
        ]
        for question in QUESTIONS
    ]


def _in(found: Answer, *right: Answer) -> bool:
    return found in right


def answers_of(folder: Path) -> list[Answer]:
    parts = open_library(folder)
    found = answers(parts)
    parts.store.close()
    return found


def exact_answers(folder: Path) -> list[Answer]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch, "copy")))
        for path in copy.glob("vectors.*"):
            path.unlink()
        return answers_of(copy)


def flip(folder: Path, chance: random.Random) -> tuple[Path, int]:
    """Flip one bit of one file: each file, and in it each bit, is as likely as any other."""
    path = chance.choice(sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size))
    place = chance.randrange(8 * path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(place // 8)
        byte = file.read(1)[0]
        file.seek(place // 8)
        file.write(bytes([byte ^ 1 << place % 8]))
    return path, place


def examine_flipped(folder: Path, expected: list[list[Answer]], held: State) -> dict[str, object]:
    """What was noticed on opening, how it then answers, and what verify and repair make of it."""
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("index").addHandler(handler)
    result: dict[str, object] = {"wrong": False, "refused": False}
    try:
        parts = open_library(folder)
        found = list(findings(parts.store, parts.retriever.check, lambda: None))
        try:
            result["wrong"] = not all(map(_in, answers(parts), *expected))
        except Exception as error:
            result["refused"] = repr(error)
        result["found"] = [*logged, *(f"{f.part}: {f.message}" for f in found)]
        if found:
            list(parts.store.mend_file())
            list(repair(parts.indexer, found))
            parts = open_library(folder)
            parts.retriever.build_anew()
        left = list(findings(parts.store, parts.retriever.check, lambda: None))
        result["left"] = [f"{f.part}: {f.message}" for f in left]
        result["restored"] = contents(parts.store) == held
    except Exception as error:
        result.setdefault("found", [repr(error)])
        result["left"] = [repr(error)]
        result["restored"] = False
    return result


def flip_bits(flips: int, seed: int, tally: Tally) -> Counter[str]:
    """Flip single bits of copies of one library; returns how many by file."""
    by_file: Counter[str] = Counter()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch, "sound")
        held = in_child(lambda: make_sound(sound, chance))
        # Without the approximate index's file, vectors are searched exactly: that is right too.
        expected = [in_child(lambda: answers_of(sound)), in_child(lambda: exact_answers(sound))]
        for _ in range(flips):
            folder = Path(scratch, "flipped")
            shutil.copytree(sound, folder)
            path, place = flip(folder, chance)
            name = str(path.relative_to(folder))
            by_file[re.sub(r"[0-9a-f]{6,}[-0-9a-f]*", "…", name)] += 1
            report = in_child(lambda at=folder: examine_flipped(at, expected, held)) or {
                "crashed": True
            }
            where = f"{name} bit {place}"
            if "crashed" in report:
                tally.note("crashed", where)
            else:
                if not report["found"]:
                    tally.note("not found", where)
                if report["wrong"]:
                    tally.note("answered wrongly", where)
                if report["left"]:
                    tally.note("not mended", f"{where}: {report['left'][0]}")
                if not report["restored"]:
                    tally.note("content lost", where)
            shutil.rmtree(folder)
    return by_file


def make_sound(folder: Path, chance: random.Random) -> State:
    """A library with every kind of file, closed in good order."""
    parts = open_library(folder)
    for number in range(60):
        parts.indexer.add_document(story(f"/sound/{number}.txt", chance))
    for number in range(0, 60, 7):
        parts.indexer.remove(f"/sound/{number}.txt")
    parts.retriever.warm_up()
    parts.retriever.settle()
    parts.store.settle()
    held = contents(parts.store)
    parts.store.close()
    return held


@click.command(help=__doc__)
@click.option("--kills", default=1000, show_default=True)
@click.option("--flips", default=1000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--plant", type=click.Choice(sorted(PLANTS)), default="nothing", show_default=True)
def main(kills: int, flips: int, seed: int, plant: str) -> None:
    tally = Tally()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder, tree = Path(scratch, "data"), Path(scratch, "tree")
        tree.mkdir()
        state: State = {}
        for number in range(kills):
            state = kill_once(folder, tree, seed * 10**6 + number, plant, state, tally)
            tally.kills += 1
    killed = time.monotonic() - began
    by_file = flip_bits(flips, seed, tally) if flips else Counter()
    click.echo(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    click.echo(f"{tally.kills:,} kills in {killed:.0f} s, {tally.changes:,} acknowledged changes")
    click.echo(f"{sum(by_file.values()):,} flipped bits: {dict(by_file.most_common())}")
    for kind in ("lost", "mixed", "unreadable", "answered from the dead", "verify", "failed"):
        click.echo(f"  {kind:24}{tally.counts.pop(kind, 0):6}")
    for kind in ("not found", "answered wrongly", "not mended", "content lost"):
        click.echo(f"  {kind:24}{tally.counts.pop(kind, 0):6}")
    for kind, count in tally.counts.items():
        click.echo(f"  {kind:24}{count:6}")
    for example in tally.examples:
        click.echo(f"  e.g. {example[:300]}")
    raise SystemExit(1 if tally.examples else 0)


if __name__ == "__main__":
    main()
