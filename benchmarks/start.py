"""Seconds from starting the server to its first answer, on a built index.

python -m benchmarks.start [--runs 5]
"""

from __future__ import annotations

import json
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
QUESTION = "who denied the volunteer reports?"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_to_first_answer(data: Path) -> tuple[float, float]:
    """Seconds to the first answer, and milliseconds that this answer itself took."""
    port = free_port()
    began = time.perf_counter()
    command = [sys.executable, "-m", "qa", "--data", str(data), "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/ask",
                json.dumps({"question": QUESTION}).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as response:
                result = json.load(response)
            return time.perf_counter() - began, result["took_ms"]["total"]
        finally:
            server.terminate()


@click.command(help=__doc__)
@click.option("--runs", default=5, show_default=True)
def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        add = [sys.executable, "-m", "qa", "--data", folder, "index", "add", "seeds"]
        subprocess.run(add, cwd=ROOT, check=True)
        taken = [start_to_first_answer(Path(folder)) for _ in range(runs)]
    click.echo(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    starts, answers = zip(*taken, strict=True)
    click.echo(f"start to first answer: median {statistics.median(starts):.1f} s of {runs} runs")
    click.echo(f"the first answer:      median {statistics.median(answers):.0f} ms")


if __name__ == "__main__":
    main()
