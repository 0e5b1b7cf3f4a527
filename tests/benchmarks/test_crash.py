"""The crash benchmark, a few kills and flips of it: it finds nothing, and a planted bug."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

FAULTS = (
    *("lost", "mixed", "unreadable", "answered from the dead", "verify", "failed"),
    *("not found", "answered wrongly", "not mended", "content lost"),
)


def crash(*options: str) -> tuple[int, dict[str, int], str]:
    """Exit code, counts by kind of fault, and all that was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crash", "--seed", "7", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    rows = (line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  "))
    counts = {row[0].strip(): int(row[1]) for row in rows if row[-1].isdecimal()}
    return done.returncode, counts, done.stdout + done.stderr


def test_kills_and_flips_do_no_harm() -> None:
    code, counts, output = crash("--kills", "6", "--flips", "8")
    assert (code, counts) == (0, dict.fromkeys(FAULTS, 0)), output
    assert "6 kills" in output and "8 flipped bits" in output


@pytest.mark.parametrize(("plant", "kills"), [("early-ack", "16")])
def test_a_planted_bug_is_caught(plant: str, kills: str) -> None:
    code, counts, output = crash("--kills", kills, "--flips", "0", "--plant", plant)
    assert code == 1, output
    assert counts["lost"] > 0, output
