"""Many clients at once: what they wait, what fails, and what a killed worker loses.

python -m benchmarks.load [--clients 64] [--seconds 60] [--workers 1]

Three times on one server with the real models, over a library of small texts:

1. one client, for what a question takes when nothing else is asked ("unloaded");
2. as many clients as questions are answered at a time (the announced concurrency);
3. `--clients` of them, while documents are added and deleted all the time, and a worker is killed
   (kill -9) in the middle.

A client that is told 503 waits as long as it is told to, and asks again. Counted as failures are
all other errors but those of requests that the killed worker held. In the end every document whose
adding or deleting was acknowledged must be there or not there, and `index verify` must find
nothing.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import click

from benchmarks.live import Fact
from benchmarks.load_clients import FACTS, Client, Seen, Server, Writes, ask_until, write_until
from benchmarks.start import ROOT, free_port
from qa.settings import Settings
from web import limits

_TIMES_AT_MOST = 3.0  # p99 at the announced concurrency, by the unloaded p99
_GROWTH_AT_MOST = 1.15  # of memory, the second half's highest by the first's


def run_phase(
    server: Server,
    clients: int,
    seconds: float,
    *,
    writes: Writes | None = None,
    kill: bool = False,
) -> tuple[Seen, list[float]]:
    """What was seen, and the server's memory each second."""
    seen, stop, memory = Seen(), threading.Event(), []
    threads = [
        threading.Thread(target=ask_until, args=(stop, server, seed, seen))
        for seed in range(clients)
    ]
    if writes is not None:
        threads.append(threading.Thread(target=write_until, args=(stop, server, seen, writes)))
    for thread in threads:
        thread.start()
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        memory.append(server.megabytes())
        if kill and passed > seconds / 2 and server.killed_at == float("inf"):
            server.kill_one()
        time.sleep(1)
    stop.set()
    seen.seconds = time.monotonic() - began
    for thread in threads:
        thread.join()
    return seen, memory


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qa", "--data", str(data), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def fill(data: Path, folder: Path) -> None:
    folder.mkdir()
    for number in range(FACTS):
        (folder / f"{number}.txt").write_text(Fact.of(number).text)
    done = command(data, "index", "add", str(folder))
    assert done.returncode == 0, done.stderr


def start(data: Path, workers: int, log: Path) -> Server:
    port = free_port()
    words = [sys.executable, "-m", "qa", "--data", str(data), "serve", "--port", str(port)]
    environment = os.environ | {
        "QA_WORKERS": str(workers),
        "QA_LOG_LEVEL": "warning",
        "QA_ANSWERS_KEPT": "0",  # each question is to cost what it costs
    }
    process = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log.open("w"), text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Ready."), log.read_text()
    server = Server(data, port, process)
    client = Client(port)
    for _ in range(10):  # all workers have loaded their models
        status, body, _ = client.call("POST", "/api/v1/ask", {"question": Fact.of(1).question})
        assert status == 200, f"{body}\n{log.read_text()}"
    client.close()
    return server


def percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def tell(name: str, seen: Seen) -> None:
    p50, p99 = percentile(seen.answered, 0.5), percentile(seen.answered, 0.99)
    click.echo(
        f"{name:34} {len(seen.answered):6,} answers, {len(seen.answered) / seen.seconds:5.1f}/s, "
        f"p50 {p50:6.0f} ms, p99 {p99:6.0f} ms, "
        f"{seen.refused:,} told 503, {len(seen.failures)} failed"
    )
    for failure, count in Counter(seen.failures).most_common(5):
        click.echo(f"    {count} times {failure[:160]}")


def lost(data: Path, writes: Writes) -> tuple[set[str], set[str]]:
    """Titles that were acknowledged as added and are not there, and the other way round."""
    listed = command(data, "index", "list")
    assert listed.returncode == 0, listed.stderr
    titles = {row.split("\t")[2] for row in listed.stdout.splitlines()}
    return writes.there - titles, writes.gone & titles


@click.command(help=__doc__)
@click.option("--clients", default=64, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Of the third phase.")
@click.option("--quiet-seconds", default=15.0, show_default=True, help="Of each of the others.")
@click.option("--workers", default=1, show_default=True)
@click.option("--kill/--no-kill", default=True, show_default=True)
def main(clients: int, seconds: float, quiet_seconds: float, workers: int, kill: bool) -> None:
    cores = len(os.sched_getaffinity(0))
    settings = Settings.from_environment(workers=workers)
    announced = limits.at_a_time(settings) * workers
    click.echo(
        f"{platform.processor() or platform.machine()}, {cores} cores, Python "
        f"{platform.python_version()}, load average {os.getloadavg()[0]:.1f} before, "
        f"{workers} worker(s), {announced} questions at a time"
    )
    with tempfile.TemporaryDirectory() as scratch:
        data, log = Path(scratch, "data"), Path(scratch, "log")
        fill(data, Path(scratch, "texts"))
        server = start(data, workers, log)
        try:
            alone, _ = run_phase(server, 1, quiet_seconds)
            tell("unloaded, 1 client", alone)
            level, _ = run_phase(server, announced, quiet_seconds)
            tell(f"announced, {announced} clients", level)
            writes = Writes()
            storm, memory = run_phase(server, clients, seconds, writes=writes, kill=kill)
            tell(f"{clients} clients, ingest{', a kill' if kill else ''}", storm)
        finally:
            server.process.terminate()
            server.process.wait(60)
        missing, risen = lost(data, writes)
        verified = command(data, "index", "verify")
    ratio = percentile(level.answered, 0.99) / percentile(alone.answered, 0.99)
    growth = _growth(memory)
    refusal = statistics.median(storm.refusal_ms) if storm.refusal_ms else float("nan")
    p99 = percentile(storm.refusal_ms, 0.99)
    click.echo(f"a 503 took {refusal:.0f} ms at the median, p99 {p99:.0f} ms")
    click.echo(f"cut off by the kill: {storm.cut_off} requests")
    _tell_memory(memory)
    click.echo(f"acknowledged: {writes.adds} adds, {writes.deletes} deletes")
    click.echo(f"index verify: {(verified.stdout or verified.stderr).strip()}")
    failures = len(alone.failures) + len(level.failures) + len(storm.failures)
    wrong = len(missing) + len(risen)
    held = [
        (not failures, f"no error but the announced 503: {failures} others"),
        (ratio <= _TIMES_AT_MOST, f"p99 as announced: {ratio:.1f} times the unloaded p99"),
        (growth <= _GROWTH_AT_MOST, f"memory is flat: {growth:.2f} times the first half's highest"),
        (not wrong, f"no acknowledged write lost: {len(missing)} lost, {len(risen)} undone"),
        (verified.returncode == 0, "the index is whole"),
    ]
    for holds, claim in held:
        click.echo(f"{'holds' if holds else 'FAILS'}: {claim}")
    raise SystemExit(0 if all(holds for holds, _ in held) else 1)


def _growth(memory: list[float]) -> float:
    """The highest of the second half by that of the first."""
    middle = max(1, len(memory) // 2)
    return max(memory[middle:], default=memory[-1]) / max(memory[:middle])


def _tell_memory(memory: list[float]) -> None:
    marks = [memory[int(share * (len(memory) - 1))] for share in (0.1, 0.25, 0.45, 0.75, 1.0)]
    told = ", ".join(f"{megabytes:.0f}" for megabytes in marks)
    click.echo(f"memory at 10, 25, 45, 75 and 100 % of that time: {told} MB")


if __name__ == "__main__":
    main()
