"""What it costs to move a library, and whether a move that is killed loses anything.

    python -m benchmarks.moving [--passages 50000] [--library FOLDER] [--kills 5] [--keep FOLDER]
        [--database-url URL] [--json]

Without --library one is made: texts of invented words, and random unit vectors, since nothing here
looks at what they mean. Each step is a command of its own: export, import into an empty library,
its proof by `index verify`, and `index migrate --to milvus` (Milvus Lite, in a file), which ends
with a proof of its own. Its seconds, processor time and peak memory are the process's, by the
system's account, start of Python and imports included.

Then all of it again in pieces: export, import and migration are each killed with SIGKILL at random
moments and called again, until they are through. What was imported is compared with the library
row by row, and what Milvus holds by each passage's id: nothing may be missing, and nothing twice.
With --database-url, a PostgreSQL database that is empty, the documents go there, too.

Use --keep to look at what was made, in FOLDER.
"""

from __future__ import annotations

import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path

import click

from benchmarks.mixed_passages import fill, invent_real
from benchmarks.tables import output, progress_output, table
from index import moved
from index.opening import open_store
from index.store import Store

ROOT = Path(__file__).parent.parent
_TEXTS = 2_000  # that passages are mixed of


@dataclass
class Step:
    """What a command took; peak memory in MB."""

    name: str
    seconds: float
    processor_seconds: float
    peak_mb: float
    disk_mb: float = 0.0


@dataclass
class Killed:
    """A command that was called until it was through."""

    name: str
    kills: list[float]  # after so many seconds of work
    seconds: float
    outcome: str = ""


class Command:
    """``python -m qa --data DATA …``."""

    def __init__(self, data: Path, *arguments: str, **environment: str) -> None:
        self.line = [sys.executable, "-m", "qa", "--data", str(data), *arguments]
        self.environment = os.environ | environment

    def run(self, name: str) -> Step:
        """Raises `ClickException` with what it says, if it fails."""
        began = time.perf_counter()
        with self._started() as process:
            said = process.stdout.read() if process.stdout else ""
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise click.ClickException(f"{name}: {said}")
        seconds = time.perf_counter() - began
        return Step(name, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def killed_after(self, processor_seconds: float) -> bool:
        """Run it and kill it when it has worked for so long; whether it lived until then.

        By the processor's time: other work on the machine changes how long it takes.
        """
        with self._started() as process:
            while process.poll() is None:
                if worked(process.pid) >= processor_seconds:
                    os.killpg(process.pid, signal.SIGKILL)  # with what it started itself
                    break
                time.sleep(0.01)
        return process.returncode == -signal.SIGKILL

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.line,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def worked(process: int) -> float:
    """Seconds that the processors have given to it; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2]
    except OSError:
        return 0.0
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


def in_pieces(
    command: Command, least: float, whole: float, kills: int, chance: random.Random, name: str
) -> Killed:
    """Kill it ``kills`` times, then let it be.

    Args:
        least: seconds that a command works that has nothing to do; it is not killed before.
        whole: seconds that this one works.
    """
    began = time.perf_counter()
    moments = []
    for _ in range(kills):
        moment = least + chance.uniform(0, 1 / kills) * max(whole - least, 0.1)
        if command.killed_after(moment):
            moments.append(round(moment, 2))
    command.run(name)
    return Killed(name, moments, time.perf_counter() - began)


def difference(folder: Path, other: Path, database_url: str = "") -> str:
    """In what two libraries differ, row by row."""
    stores = [Store(folder), open_store(other, database_url=database_url, database_seconds=120)]
    with closing(stores[0]), closing(stores[1]), stores[0].snapshot(), stores[1].snapshot():
        count = 0
        for one, two in zip_longest(moved.read(stores[0]), moved.read(stores[1])):
            if one != two:
                return f"differs at document {(one or two).id}"
            count += 1
        return f"{count:,} documents, {stores[1].passage_count():,} passages: equal row by row"


def compared_with_milvus(folder: Path, database: Path) -> str:
    """Whether Milvus holds each passage once."""
    from pymilvus import MilvusClient

    with closing(Store(folder)) as store:
        wanted = [row[0] for row in store.rows("SELECT id FROM passages ORDER BY id")]
        library = store.library_id()
    with closing(MilvusClient(str(database))) as client:
        [name] = [
            name
            for name in client.list_collections()
            if library in name
            and "id" in _fields(client, name)
            and "dense" in _fields(client, name)
        ]
        client.load_collection(name)
        rows = client.query_iterator(name, output_fields=["id"], batch_size=5_000)
        held: list[int] = []
        while batch := rows.next():
            held += [row["id"] for row in batch]
        rows.close()
    lost, doubled = len(set(wanted) - set(held)), len(held) - len(set(held))
    strange = len(set(held) - set(wanted))
    return f"{len(held):,} passages in Milvus: {lost} lost, {doubled} doubled, {strange} strange"


def _fields(client: object, name: str) -> list[str]:
    return [field["name"] for field in client.describe_collection(name)["fields"]]  # type: ignore[attr-defined]


def megabytes(folder: Path) -> float:
    found = [folder] if folder.is_file() else [p for p in folder.rglob("*") if p.is_file()]
    return sum(path.stat().st_size for path in found) / 1e6


def measured(data: Path, scratch: Path, database_url: str) -> Iterator[Step]:
    """Each command once, undisturbed."""
    yield with_disk(Command(data, "index", "export", f"{scratch}/x").run("export"), scratch / "x")
    new = scratch / "new"
    yield with_disk(Command(new, "index", "import", f"{scratch}/x").run("import"), new)
    yield Command(new, "index", "verify").run("verify what was imported")
    yield Command(new, "index", "import", f"{scratch}/x").run("import again (nothing to do)")
    uri = scratch / "one.db"
    migrate = migration(data, uri)
    yield with_disk(migrate.run("migrate to Milvus Lite, verified"), uri)
    milvus = {"QA_STORE": "milvus", "QA_MILVUS_URI": str(uri)}
    yield Command(data, "index", "verify", **milvus).run("verify on Milvus Lite")
    if database_url:
        uri = scratch / "postgres.db"
        yield migration(data, uri, database_url).run("migrate to PostgreSQL and Milvus Lite")


def migration(data: Path, uri: Path, database_url: str = "") -> Command:
    words = ["index", "migrate", "--to", "milvus", "--milvus-uri", str(uri)]
    if database_url:
        return Command(data, *words, QA_MIGRATE_DATABASE_URL=database_url)
    return Command(data, *words)


def with_disk(step: Step, made: Path) -> Step:
    step.disk_mb = megabytes(made)
    return step


def killed(
    data: Path, scratch: Path, steps: dict[str, float], kills: int, chance: random.Random
) -> Iterator[Killed]:
    """Each command again, killed on its way."""
    least = steps["import again (nothing to do)"]

    def broken(command: Command, name: str, whole: str) -> Killed:
        return in_pieces(command, least, steps[whole], kills, chance, name)

    yield broken(Command(data, "index", "export", f"{scratch}/y"), "export", "export")
    again = scratch / "again"
    found = broken(Command(again, "index", "import", f"{scratch}/y"), "import", "import")
    found.outcome = difference(data, again)
    yield found
    uri = scratch / "pieces.db"
    found = broken(migration(data, uri), "migrate", "migrate to Milvus Lite, verified")
    found.outcome = compared_with_milvus(data, uri)
    yield found


@contextmanager
def place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def made(folder: Path, passages: int) -> Path:
    """A library of invented texts, unless it is there."""
    with closing(Store(folder, create=True)) as store:
        held = store.passage_count()
        if held and held != passages:
            raise click.ClickException(f"{folder} holds {held:,} passages; remove it.")
        if not held:
            fill(store, invent_real(min(_TEXTS, passages), 1), passages)
    return folder


@click.command(help=__doc__)
@click.option("--passages", default=50_000, show_default=True, help="In thousands.")
@click.option("--library", type=click.Path(exists=True, path_type=Path), help="Not made, but used.")
@click.option("--kills", default=5, show_default=True, help="Of each command.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
@click.option("--database-url", default="", help="PostgreSQL, empty.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(
    passages: int,
    library: Path | None,
    kills: int,
    keep: Path | None,
    database_url: str,
    seed: int,
    as_json: bool,
) -> None:
    console = output()
    with place(keep) as scratch:
        data = library or made(scratch / "data", passages)
        with closing(Store(data)) as store:
            documents, passages = store.count()
        steps = []
        shown = table("step", "seconds", "processor s", "peak MB", "on disk MB")
        for step in measured(data, scratch, database_url):
            progress_output().print(f"{step.name}: {step.seconds:,.1f} s, {step.peak_mb:,.0f} MB")
            steps.append(step)
            disk = f"{step.disk_mb:,.0f}" if step.disk_mb else ""
            figures = (step.seconds, step.processor_seconds, step.peak_mb)
            shown.add_row(step.name, *(f"{figure:,.1f}" for figure in figures), disk)
        taken = {step.name: step.processor_seconds for step in steps}
        pieces = list(killed(data, scratch, taken, kills, random.Random(seed)))
        if database_url:
            console.print(difference(data, scratch / "data", database_url))
        size = megabytes(data)
    if as_json:
        click.echo(json.dumps([asdict(entry) for entry in (*steps, *pieces)], indent=1))
        return
    console.print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    )
    console.print(f"{documents:,} documents, {passages:,} passages, {size:,.0f} MB")
    console.print(shown)
    broken = table("in pieces", "killed after processor s", "seconds in all", "outcome")
    for entry in pieces:
        moments = ", ".join(map(str, entry.kills))
        broken.add_row(entry.name, moments, f"{entry.seconds:,.1f}", entry.outcome)
    console.print(broken)


if __name__ == "__main__":
    main()
