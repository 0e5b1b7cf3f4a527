"""Puts the figures of docs/data/scale.json and docs/data/fan_out.json into docs/scale.md.

    python -m benchmarks.scale_page [--check]
    python -m benchmarks.scale_page --passages 1e8 --questions 10 \\
        --core-hour PRICE --gb-hour PRICE --disk-month PRICE

Whatever stands between `<!-- figures: NAME -->` and `<!-- end -->` is made anew; --check only says
whether all of it is current. With --passages it prints instead what such a library would cost a
month, at your own prices: of a core's hour, of a gigabyte of memory for an hour, of a gigabyte of
disk for a month.
"""

from __future__ import annotations

import json
import re
from typing import Any

import click

from benchmarks.latency import ROOT
from benchmarks.scaling.plan import HOURS, Measured, Plan
from benchmarks.scaling.tables import BLOCKS, REPLICAS, count, ranged

PAGE = ROOT / "docs" / "scale.md"
DATA = ROOT / "docs" / "data"
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def measured() -> Measured:
    return Measured(json.loads((DATA / "scale.json").read_text("utf-8")))


def simulated() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "fan_out.json").read_text("utf-8"))
    return found


def page(text: str) -> str:
    """The same with its figures made anew."""
    given = measured(), simulated()
    return BLOCK.sub(lambda m: f"{m[1]}{BLOCKS[m[2]](*given)}\n{m[3]}", text)


@click.command(help=__doc__)
@click.option("--check", is_flag=True)
@click.option("--passages", type=float)
@click.option("--per-shard", type=float, default=1e6, show_default=True)
@click.option("--questions", type=float, default=1.0, show_default=True, help="A second.")
@click.option("--replicas", default=REPLICAS, show_default=True)
@click.option("--core-hour", type=float, default=0.0)
@click.option("--gb-hour", type=float, default=0.0)
@click.option("--disk-month", type=float, default=0.0)
def main(
    check: bool,
    passages: float | None,
    per_shard: float,
    questions: float,
    replicas: int,
    core_hour: float,
    gb_hour: float,
    disk_month: float,
) -> None:
    if passages is not None:
        plan = Plan(measured(), passages, per_shard, replicas)
        cores, memory, disk = (
            plan.cores(questions),
            plan.memory().times(1e-9),
            plan.disk().times(1e-9),
        )
        whole = cores.times(HOURS * core_hour).plus(memory.times(HOURS * gb_hour))
        whole = whole.plus(disk.times(disk_month))
        click.echo(f"{count(passages)} passages, {plan.shards:,} shards, {replicas} of each")
        for name, found in (("cores", cores), ("memory, GB", memory), ("disk, GB", disk)):
            click.echo(f"{name}: {ranged(found)}")
        click.echo(f"a month: {ranged(whole)}")
        return
    text = PAGE.read_text("utf-8")
    made = page(text)
    if check:
        raise SystemExit(0 if made == text else f"{PAGE} is not current.")
    PAGE.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
