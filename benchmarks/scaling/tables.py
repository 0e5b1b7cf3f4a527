"""The tables and sentences of docs/scale.md that are made of measurements."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.scaling.growth import Range, linear, size_at
from benchmarks.scaling.plan import BUSY, READING, SEARCHING, Measured, Plan, by_size
from benchmarks.stages import STAGES
from qa.settings import Settings

MILLION = 1e6
SIZES = (1e6, 1e8, 1e10)
SHARDS = (1e6, 1e7)
RATES = (1, 10, 100)  # questions per second
REPLICAS = 2
FEW = 30
SQLITE_PAGES, SQLITE_PAGE = 1_073_741_823, 4_096  # https://sqlite.org/limits.html
HOUR = 3_600.0
DAY = 24 * HOUR
DISK_PARTS = (
    ("documents", "texts of the documents"),
    ("passages", "texts of the passages"),
    ("vectors", "vectors, float16"),
    ("full_text", "full-text index"),
    ("indexes", "other indexes"),
    ("other", "copies, seals, free pages"),
    ("lists", "lists of quantised vectors"),
)
INGEST = ("load", "chunk", "embed", "store")


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], *, of_figures: bool = True) -> str:
    rule = ["---", *["---:" if of_figures else "---"] * (len(head) - 1)]
    lines = [head, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(value: float) -> str:
    """Two significant digits, three from 100 on."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{float(f'{value:.2g}'):,g}"


def ranged(found: Range, unit: float = 1.0) -> str:
    low, middle, high = (short(v / unit) for v in (found.low, found.middle, found.high))
    return middle if low == middle == high else f"{middle} ({low} to {high})"


def count(passages: float) -> str:
    if passages >= 1e9:
        return f"{short(passages / 1e9)} billion"
    return f"{short(passages / 1e6)} million" if passages >= 1e6 else f"{passages:,.0f}"


# --- measured


def conditions(m: Measured) -> str:
    asked = m.at(m.sizes[-1])["query"]
    told = (
        f"Measured on {m.raw['date']}, load average {asked['load_average']:.0f} while questions "
        f"were asked: {m.raw['machine']}. Each measure has one thread, and it is the processor's "
        "time that counts: other work on the machine adds to it only by what it takes of the "
        "caches and of the memory's speed. "
        f"{asked['passages_read']} passages are read for a question. "
    )
    return textwrap.fill(told + " ".join(m.raw.get("notes", ())), 100, break_on_hyphens=False)


def _row(name: str, m: Measured, cell: Callable[[dict[str, Any]], str | None]) -> list[str]:
    return [name, *(cell(m.at(size)) or "–" for size in m.sizes)]


def _per_passage(size: int, value: float) -> str:
    return short(value / size)


def disk(m: Measured) -> str:
    """Bytes per passage, which is megabytes per million."""
    rows = [
        [name, *(_per_passage(size, m.at(size)["disk"][part]) for size in m.sizes)]
        for part, name in DISK_PARTS
    ]
    rows.append(["**all files**", *(f"**{short(total / size)}**" for size, total in m.disk())])
    rows.append(_row("Parquet, zstd", m, lambda f: _cell(f, "parquet", "bytes_per_passage")))
    rows.append(_row("Milvus Lite", m, lambda f: _cell(f, "milvus_lite", "bytes_per_passage")))
    rows.append(
        _row("characters of a passage", m, lambda f: _cell(f, "disk", "characters_per_passage"))
    )
    return markdown(["bytes per passage", *(f"{size:,}" for size in m.sizes)], rows)


def _cell(found: dict[str, Any], *path: str) -> str | None:
    value: Any = found
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None else short(value)


def memory(m: Measured) -> str:
    rows = [
        _row("a process with its models, MB", m, lambda f: _cell(f, "query", "resident_mb")),
        _row("HNSW graph, bytes per passage", m, lambda f: _cell(f, "hnsw", "bytes_per_passage")),
    ]
    return markdown(["memory", *(f"{size:,}" for size in m.sizes)], rows)


def ingest(m: Measured) -> str:
    rows = [
        _row(stage, m, lambda f, s=stage: _cell(f, "ingest", s))  # type: ignore[misc]
        for stage in INGEST
    ]
    made = _lists_ms(m)
    rows.append(["lists, at once", *(short(made[n]) if n in made else "–" for n in m.sizes)])
    rows.append(_row("HNSW graph", m, lambda f: _cell(f, "hnsw", "build_ms_per_passage")))
    rows.append(_row("Milvus Lite", m, lambda f: _cell(f, "milvus_lite", "insert_ms_per_passage")))
    return markdown(["ms of a core per passage", *(f"{size:,}" for size in m.sizes)], rows)


def _lists_ms(m: Measured) -> dict[int, float]:
    """Of the sizes where they were measured; a smaller library has none."""
    exact = Settings().exact_passages
    return {int(n): 1e3 * s / n for n, s in m.points("lists", "processor_s") if n > exact}


def questions(m: Measured) -> str:
    rows = []
    for stage in (*STAGES, "whole"):
        name = f"**{stage}**" if stage == "whole" else stage
        cells = (m.at(size)["query"]["processor_ms"][stage] for size in m.sizes)
        rows.append([name, *(f"{short(c['mean'])} / {short(c['p50'])}" for c in cells)])
    rows.append(_row("HNSW in place of dense", m, lambda f: _cell(f, "hnsw", "search_ms")))
    head = ["ms of a core per question: mean / p50", *(f"{size:,}" for size in m.sizes)]
    return markdown(head, rows)


def shares(m: Measured) -> str:
    """What dominates, in a sentence."""
    size = m.sizes[-1]
    stages = m.at(size)["query"]["processor_ms"]
    whole = sum(stages[stage]["mean"] for stage in STAGES)
    reading = sum(stages[stage]["mean"] for stage in READING)
    search = sum(stages[stage]["mean"] for stage in SEARCHING)
    equal = size_at(by_size(m.search), m.reading().middle)
    return (
        f"With {count(size)} passages a question takes {short(whole / 1e3)} seconds of a core: "
        f"{reading / whole:.0%} is reading and what follows it, which does not depend on the size "
        f"of the library, {search / whole:.0%} is searching. Searching would take as much as "
        f"reading with about {count(equal)} passages on one machine."
    )


# --- extrapolated


def per_million(m: Measured) -> str:
    last = m.sizes[-1]
    ingested = sum(m.ingest(stage).middle for stage in INGEST)
    seconds = m.search(last).plus(m.reading())
    held = linear(m.points("query", "resident_mb"), last).middle
    base = linear(m.points("query", "resident_mb"), 0).middle
    rows = [
        ["disk, SQLite with its lists", f"{short(dict(m.disk())[last] / last / 1e3)} GB"],
        [
            "disk, a Parquet export",
            f"{short(m.points('parquet', 'bytes_per_passage')[-1][1] / 1e3)} GB",
        ],
        ["memory, lists of quantised vectors", f"{short((held - base) / last * MILLION)} MB"],
        ["memory, HNSW with float32 vectors", f"{short(m.hnsw_memory() / 1e3)} GB"],
        ["ingest", f"{short(ingested / 1e3 * MILLION / HOUR)} core-hours"],
        ["… of it embedding", f"{m.ingest('embed').middle / ingested:.0%}"],
        ["a question", f"{short(seconds.middle)} core-seconds"],
        [
            f"questions a second, one core busy to {BUSY:.0%}",
            short(BUSY / seconds.middle),
        ],
    ]
    return markdown(["per million passages", "cost"], rows)


def one_machine(m: Measured) -> str:
    """What each part would take if one machine held everything."""
    rows = []
    for name, unit, grows in (
        ("disk, TB", 1e12, lambda n: linear(m.disk(), n)),
        ("memory with lists, GB", 1e9, m.resident),
        ("memory with HNSW, GB", 1e9, lambda n: Range(*[m.hnsw_memory() * n] * 3)),
        ("ingest, core-hours", HOUR * 1e3, lambda n: _whole_ingest(m).times(n)),
        ("… through one writer, days", DAY * 1e3, lambda n: m.ingest("store").times(n)),
        ("a search, core-seconds", 1.0, m.search),
        ("… nearest vectors alone, by HNSW, ms", 1e-3, m.hnsw_search),
        ("reading, core-seconds", 1.0, lambda n: m.reading()),
    ):
        rows.append([name, *(ranged(grows(n), unit) for n in SIZES)])
    return markdown(["on one machine", *(count(n) for n in SIZES)], rows)


def _whole_ingest(m: Measured) -> Range:
    found = Range(0, 0, 0)
    for stage in INGEST:
        found = found.plus(m.ingest(stage))
    return found


def sharded(m: Measured) -> str:
    rows = []
    for passages in SIZES:
        for per_shard in SHARDS:
            if per_shard > passages:
                continue
            plan = Plan(m, passages, per_shard, REPLICAS)
            rows.append(
                [
                    f"{count(passages)}, {count(per_shard)} on each",
                    f"{plan.shards * REPLICAS:,}",
                    ranged(plan.disk(), 1e12),
                    ranged(plan.memory(), 1e9),
                    ranged(plan.seconds()),
                    *(ranged(plan.cores(rate)) for rate in RATES),
                ]
            )
    head = ["passages", f"shards × {REPLICAS}", "disk, TB", "memory, GB", "core-seconds a question"]
    head += [f"cores, {rate}/s" for rate in RATES]
    return markdown(head, rows)


def saturation(m: Measured) -> str:
    store = m.ingest("store")
    per_passage = dict(m.disk())[m.sizes[-1]] / m.sizes[-1]
    largest = SQLITE_PAGES * SQLITE_PAGE  # bytes
    rows = [
        [
            "one writer",
            f"{ranged(Range(1e3 / store.high, 1e3 / store.middle, 1e3 / store.low))} passages a "
            "second, embedded already",
            "a writer for each shard; the embedding is Ray's or a queue's",
        ],
        [
            "embedding",
            f"{short(1e3 / m.ingest('embed').middle)} passages a second and core",
            "more cores; each text is embedded by itself",
        ],
        [
            "SQLite's file",
            f"{short(largest / 1e12)} TB, or {count(largest / per_passage)} passages",
            "shards, or PostgreSQL",
        ],
        *[
            [
                f"{gigabytes} GB of memory",
                f"{count(size_at(by_size(m.resident), gigabytes * 1e9))} passages in lists, "
                f"{count(gigabytes * 1e9 / m.hnsw_memory())} in HNSW",
                "shards; vectors on SSD",
            ]
            for gigabytes in (16, 256)
        ],
        [
            "counting the question's words",
            f"{ranged(linear(m.stage('lexical'), 1e7))} ms of a core with 10 million passages",
            "shards; an index that skips what cannot win",
        ],
        [
            "reading",
            f"{short(1 / m.reading().middle)} questions a second and core, whatever the size is",
            "more web processes; a smaller `passages_read`",
        ],
    ]
    return markdown(["part", "saturates at", "then"], rows, of_figures=False)


# --- simulated


def fan_out(found: dict[str, Any]) -> str:
    shown = (1, 10, 100, 1_000)
    rows = []
    measured = f"as measured (load average {found['load_average']:.0f})"
    for kind, name in (("measured", measured), ("stalls", "with stalls")):
        of_kind = found["tail"][kind]
        at = [found["tail"]["shards"].index(shards) for shards in shown]
        for replicas in ("1", "2", "3"):
            figures = of_kind["replicas"][replicas]
            cells = [f"{short(figures['p50'][i])} / {short(figures['p99'][i])}" for i in at]
            more = "" if replicas == "1" else f", {replicas} replicas"
            rows.append([name + more, *cells, f"{of_kind['sent'][replicas] - 1:.1%}"])
    head = ["ms: p50 / p99", *(f"{n:,} shard{'s' * (n > 1)}" for n in shown), "requests more"]
    return markdown(head, rows)


def lost(found: dict[str, Any]) -> str:
    losses = found["losses"]
    rows = []
    for replicas, figures in losses["replicas"].items():
        for key, name in (
            ("left", "passages found"),
            ("all", "all found, scattered"),
            ("all_in_groups", "all found, in groups"),
        ):
            rows.append([f"{replicas} ×, {name}", *(f"{share:.1%}" for share in figures[key])])
    head = [f"nodes lost of {losses['nodes']}", *map(str, losses["lost"])]
    return markdown(head, rows)


def over_time(found: dict[str, Any]) -> str:
    shares_ = sorted({row["rebuild_share"] for row in found["over_time"]}, reverse=True)
    rows = []
    for share in shares_:
        of_share = [row for row in found["over_time"] if row["rebuild_share"] == share]
        rows.append([f"1 : {1 / share:,.0f}", *map(_down, of_share)])
    return markdown(["rebuilding : time between failures", "1 ×", "2 ×", "3 ×"], rows)


def _down(row: dict[str, float]) -> str:
    """With what was simulated, where that were more than a few losses."""
    told = f"{row['down']:.1e}"
    return f"{told} ({row['simulated']:.1e})" if row["losses"] >= FEW else told


def rebuilding(m: Measured) -> str:
    size = m.sizes[-1]
    total = dict(m.disk())[size] / size * MILLION
    made = _lists_ms(m)
    lists, graph = made[max(made)], m.points("hnsw", "build_ms_per_passage")[-1][1]
    rows = [
        ["copying the files at 1 Gbit/s", f"{short(total / 125e6)} s"],
        ["lists made anew from the store", f"{short(lists / 1e3 * MILLION)} core-seconds"],
        ["an HNSW graph made anew from the store", f"{short(graph / 1e3 * MILLION)} core-seconds"],
        [
            "all from the files of origin",
            f"{short(_whole_ingest(m).middle / 1e3 * MILLION / HOUR)} core-hours",
        ],
    ]
    return markdown(["a million passages", "takes"], rows)


def limits(m: Measured) -> str:
    """The first table of the page: when to stay."""
    writer = 1e3 / m.ingest("store").middle
    question = m.search(m.sizes[-1]).plus(m.reading()).middle
    equal = size_at(by_size(m.search), m.reading().middle)
    per_core = BUSY / question
    rows = [
        [
            "a library",
            f"up to {count(m.sizes[-1])} passages, which is what was measured",
            f"about {count(equal)}: searching takes as long as reading",
        ],
        [
            "questions",
            f"up to {short(per_core)} a second for each core",
            "more than one machine's cores answer",
        ],
        [
            "new passages",
            f"up to {short(1e3 / m.ingest('embed').middle)} a second for each core",
            f"{short(writer)} a second: one writer",
        ],
        [
            "being there",
            "a restart takes a second; backups every night",
            "the loss of a machine must not be seen",
        ],
    ]
    return markdown(["", "one machine is enough", "move at"], rows, of_figures=False)


BLOCKS: dict[str, Callable[[Measured, dict[str, Any]], str]] = {
    "limits": lambda m, _: limits(m),
    "conditions": lambda m, _: conditions(m),
    "per_million": lambda m, _: per_million(m),
    "disk": lambda m, _: disk(m),
    "memory": lambda m, _: memory(m),
    "ingest": lambda m, _: ingest(m),
    "questions": lambda m, _: questions(m),
    "shares": lambda m, _: shares(m),
    "one_machine": lambda m, _: one_machine(m),
    "saturation": lambda m, _: saturation(m),
    "sharded": lambda m, _: sharded(m),
    "fan_out": lambda _, found: fan_out(found),
    "lost": lambda _, found: lost(found),
    "over_time": lambda _, found: over_time(found),
    "rebuilding": lambda m, _: rebuilding(m),
}
