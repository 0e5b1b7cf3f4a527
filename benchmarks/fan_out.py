"""A library on many machines, simulated: the slowest shard, and the loss of nodes.

    python -m benchmarks.fan_out [--measured docs/data/scale.json] [--plot FILE] [--out JSON]

The times of a search on one shard are those that `benchmarks.scale` measured (--passages of them on
each shard). Simulated are, with fixed seeds: what a question waits for the slowest of N shards,
with and without a second and a third replica that is asked where the first has not answered in the
time in which 95 % of the searches are done: with the times as they passed ("measured"; the load of
the machine is noted), and where one search in 100 takes a second longer, as in the example of Dean
& Barroso ("stalls"). And, with nodes lost at random: how many of the passages can still be found,
how often all of them can, and for which share of the time a shard has no replica. Not simulated:
queues, the network, and machines that fail together.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.latency import ROOT
from benchmarks.scaling import losses, tail

SEED = 1
SHARDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
REPLICAS = (1, 2, 3)
QUESTIONS = 4_000
HEDGE_AT = 0.95  # share of the searches that are done before a replica is asked
NODES, SHARDS_ON_NODES, ROUNDS = 24, 120, 2_000
LOST = (0, 1, 2, 3, 4, 6, 8)
REBUILD_SHARES = (1e-2, 1e-3, 1e-4)
FAILURES = 200_000
# Dean & Barroso's example: one server in 100 takes a second.
STALLS, STALLED_MS = 0.01, 1_000.0
KINDS = {"measured": ("wall", 0.0), "stalls": ("wall", STALLS)}


def tails(measured: dict[str, Any]) -> dict[str, Any]:
    """p50 and p99 in ms by kind of time, number of replicas, and number of shards."""
    found: dict[str, Any] = {"shards": list(SHARDS)}
    for kind, (clock, stalls) in KINDS.items():
        distribution = tail.Distribution.of(np.asarray(measured[clock]))
        distribution = replace(distribution, stalls=stalls, stalled=STALLED_MS)
        delay = float(distribution.quantile(HEDGE_AT))
        of_kind: dict[str, Any] = {"delay_ms": delay, "replicas": {}}
        for replicas in REPLICAS:
            chance = np.random.default_rng(SEED)
            of_kind["replicas"][str(replicas)] = _percentiles(
                tail.fan_out(
                    distribution,
                    shards,
                    replicas,
                    questions=QUESTIONS,
                    chance=chance,
                    delay=delay,
                )
                for shards in SHARDS
            )
        drawn = distribution.draw(np.random.default_rng(SEED), (max(REPLICAS), 100_000))
        of_kind["sent"] = {str(r): tail.sent(drawn[:r], delay) for r in REPLICAS}
        found[kind] = of_kind
    return found


def _percentiles(each: Any) -> dict[str, list[float]]:
    found = [np.percentile(times, (50, 99)) for times in each]
    return {"p50": [float(f[0]) for f in found], "p99": [float(f[1]) for f in found]}


def lost_nodes() -> dict[str, Any]:
    """By replicas and number of lost nodes: passages left, and how often all are."""
    found: dict[str, Any] = {
        "nodes": NODES,
        "shards": SHARDS_ON_NODES,
        "lost": list(LOST),
        "replicas": {},
    }
    for replicas in REPLICAS:
        rows: dict[str, list[float]] = {"left": [], "all": [], "all_in_groups": []}
        chance = np.random.default_rng(SEED)
        for lost in LOST:
            options: Any = {"rounds": ROUNDS, "chance": chance}
            fixed = (NODES, SHARDS_ON_NODES, replicas, lost)
            share, every = losses.simulated(*fixed, in_groups=False, **options)
            rows["left"].append(share)
            rows["all"].append(every)
            rows["all_in_groups"].append(losses.simulated(*fixed, in_groups=True, **options)[1])
        found["replicas"][str(replicas)] = rows
    return found


def over_time() -> list[dict[str, float]]:
    """The share of the time in which a shard has no replica."""
    return [
        {
            "rebuild_share": share,
            "replicas": replicas,
            "down": losses.down(replicas, share),
            # How many losses that are, each lasting as long as all replicas are being rebuilt.
            "losses": losses.down(replicas, share) * FAILURES * replicas / share,
            "simulated": losses.down_simulated(
                replicas, share, failures=FAILURES, chance=np.random.default_rng(SEED)
            ),
        }
        for share in REBUILD_SHARES
        for replicas in REPLICAS
    ]


def plot(found: dict[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg" if path.suffix == ".svg" else "agg")
    mpl.rcParams["svg.hashsalt"] = "verbatim"  # the same figures, the same file
    from matplotlib import pyplot

    figure, (times, stalls, nodes) = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    of_tail = found["tail"]
    for replicas in REPLICAS:
        label = "p99" if replicas == 1 else f"p99, {replicas} replicas, asked again"
        for axes, kind in ((times, "measured"), (stalls, "stalls")):
            of_replicas = of_tail[kind]["replicas"][str(replicas)]
            (line,) = axes.plot(SHARDS, of_replicas["p99"], marker=".", label=label)
            axes.plot(SHARDS, of_replicas["p50"], ":", color=line.get_color())
    times.set(title="Times as measured")
    stalls.set(title=f"One search in {1 / STALLS:.0f} takes {STALLED_MS / 1e3:.0f} s longer")
    for axes in (times, stalls):
        axes.set(xscale="log", ylim=(0, None), xlabel="shards that a question is sent to")
        axes.set(ylabel="ms until the slowest has answered")
        axes.legend(fontsize="x-small", title="dotted: p50", title_fontsize="x-small")
    for replicas in REPLICAS:
        of_replicas = found["losses"]["replicas"][str(replicas)]
        (line,) = nodes.plot(LOST, of_replicas["left"], label=f"passages found, {replicas} ×")
        color = line.get_color()
        nodes.plot(LOST, of_replicas["all"], ":", color=color)
        nodes.plot(LOST, of_replicas["all_in_groups"], "--", color=color)
    nodes.set(xlabel=f"nodes lost of {NODES}", ylabel="share", ylim=(-0.02, 1.02))
    nodes.set(title="Lost nodes")
    nodes.legend(
        fontsize="x-small",
        title="chance that all are found:\ndotted scattered, dashed in groups",
        title_fontsize="x-small",
    )
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


@click.command(help=__doc__)
@click.option(
    "--measured",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=ROOT / "docs" / "data" / "scale.json",
)
@click.option("--passages", default=1_000_000, show_default=True, help="On each shard.")
@click.option("--plot", "plot_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
def main(measured: Path, passages: int, plot_file: Path | None, out: Path | None) -> None:
    sizes = json.loads(measured.read_text("utf-8"))["sizes"]
    try:
        asked = sizes[str(passages)]["query"]
    except KeyError:
        raise click.ClickException(
            f"{measured} has no times of {passages:,} passages, only of {', '.join(sizes)}."
        ) from None
    found = {
        "passages": passages,
        "load_average": asked["load_average"],  # of the machine meanwhile
        "tail": tails(asked["search_ms"]),
        "losses": lost_nodes(),
        "over_time": over_time(),
    }
    if plot_file is not None:
        plot(found, plot_file)
    text = json.dumps(_rounded(found), indent=1) + "\n"
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, "utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
