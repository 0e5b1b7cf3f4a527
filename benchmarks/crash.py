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

import platform
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from benchmarks.crashing.flips import flip_bits
from benchmarks.crashing.kills import kill_once
from benchmarks.crashing.library import State
from benchmarks.crashing.plants import PLANTS
from benchmarks.crashing.processes import Tally


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
