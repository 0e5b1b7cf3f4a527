"""What docs/scale.md is made of: the measures on a small library, and the way figures go on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import scale, scale_page
from benchmarks.mixed_passages import fill, invent_real
from benchmarks.scaling import engines, growth, measures
from benchmarks.scaling.plan import Measured, Plan
from benchmarks.scaling.tables import BLOCKS, Range, ranged, short
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder

REAL = invent_real(50, 4)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scale") / "passages-2000"
    store = Store(folder, create=True)
    fill(store, REAL, 2_000)
    store.close()
    return folder


# --- growth


@pytest.mark.parametrize(
    ("along", "value"),
    [
        (growth.linear, lambda n: 7 + 3 * n),
        (growth.logarithmic, lambda n: 7 + 3 * math.log(n)),
        (growth.power, lambda n: 3 * n**0.5),
    ],
)
def test_what_grows_in_its_way_goes_on_without_doubt(along: Any, value: Any) -> None:
    found = along([(n, value(n)) for n in (1e4, 1e5, 1e6)], 1e8)
    assert found.middle == pytest.approx(value(1e8))
    assert found.low == pytest.approx(found.high)


def test_sizes_that_do_not_agree_make_the_range_wide() -> None:
    found = growth.linear([(1, 1.0), (2, 2.0), (3, 5.0)], 10)
    assert (found.low, found.middle, found.high) == (12.0, 26.0, 26.0)
    assert growth.constant([(1, 3.0), (2, 1.0), (3, 2.0)]) == Range(1.0, 2.0, 3.0)


def test_the_size_at_which_a_limit_is_reached() -> None:
    assert growth.size_at(lambda n: 5 * n, 1e7) == pytest.approx(2e6, rel=0.01)
    assert growth.size_at(lambda n: 1.0, 2.0, most=1e12) == 1e12


# --- measures


def test_the_parts_of_the_disk_are_all_of_it(library: Path) -> None:
    found = measures.disk(library)
    assert found.pop("characters_per_passage") > 100
    assert sum(found.values()) == sum(file.stat().st_size for file in library.iterdir())
    assert found["vectors"] == 2_000 * 768
    assert min(found.values()) >= 0
    assert found["full_text"] > 100_000


def test_adding_is_told_by_stage_and_leaves_nothing_behind(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = HashingEmbedder()
    embedder.dimension, embedder.name = 384, "all-MiniLM-L6-v2"  # type: ignore[misc]
    monkeypatch.setattr(measures, "make_embedder", lambda _: embedder)
    found = measures.ingest(library, [f"Paragraph {n} of a text. " * 20 for n in range(16)])
    assert found["passages"] >= 2
    assert {"load", "chunk", "embed", "store"} < found.keys()
    assert all(found[stage] > 0 for stage in ("load", "chunk", "embed", "store"))
    store = Store(library)
    assert store.passage_count() == 2_000
    store.close()


def test_what_is_watched_while_adding_is_put_back(tmp_path: Path) -> None:
    import index.indexing

    store = Store(tmp_path, create=True)
    indexer = make_indexer(Settings(data=tmp_path), store, HashingEmbedder())
    load = index.indexing.load_file
    with measures.adding_watched(indexer) as watch:
        assert index.indexing.load_file is not load
    assert index.indexing.load_file is load
    assert not {"cut"} & vars(indexer).keys()
    assert not watch.seconds
    store.close()


def test_the_engines_are_told_per_passage(library: Path) -> None:
    graph = engines.hnsw(library, REAL.question_vectors)
    assert graph["recall"] >= engines.LEAST_RECALL
    assert 4 * 384 < graph["bytes_per_passage"] < 4 * 384 + 600
    assert graph["build_ms_per_passage"] > 0
    file = engines.parquet(library)
    assert 500 < file["bytes_per_passage"] < 3_000


def test_a_run_that_was_cut_short_goes_on(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def in_child(kind: str, folder: Path, texts: Any) -> dict[str, float]:
        asked.append((kind, len(texts)))
        return {"figure": 1 / 3}

    monkeypatch.setattr(scale, "in_child", in_child)
    monkeypatch.setattr(scale, "make_library", lambda *_: None)
    file = tmp_path / "some.json"
    paragraphs = [
        {"context": f"some text {n}", "qas": [{"id": str(n), "question": f"q{n}", "answers": []}]}
        for n in range(10)
    ]
    file.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}))
    out = tmp_path / "out" / "scale.json"
    options = [str(file), "--sizes", "2000", "--questions", "4", "--engines", "1000"]
    options += ["--keep", str(tmp_path), "--out", str(out)]
    CliRunner().invoke(scale.main, [*options, "--only", "disk"], catch_exceptions=False)
    assert [kind for kind, _ in asked] == ["disk"]
    CliRunner().invoke(scale.main, [*options, "--resume"], catch_exceptions=False)
    measured = [kind for kind, _ in asked]
    assert measured == ["disk", "lists", "query", "ingest", "parquet"]  # the engines' limit is less
    found = json.loads(out.read_text())
    assert found["sizes"]["2000"]["query"] == {"figure": 0.33333}
    assert found["files"] == ["some.json"]


def test_new_paragraphs_are_in_no_library() -> None:
    texts = [f"a{n} b{n} c{n} d{n}" for n in range(6)]
    made = scale.fresh(texts, 4)
    assert made == ["a1 b1 c2 d2", "a2 b2 c3 d3", "a3 b3 c4 d4", "a4 b4 c5 d5"]


# --- the page


def test_shards_search_each_and_read_once() -> None:
    measured = scale_page.measured()
    one, ten = (Plan(measured, n, 1e6, 1) for n in (1e6, 1e7))
    assert (one.shards, ten.shards) == (1, 10)
    search, reading = measured.search(1e6).middle, measured.reading().middle
    assert one.seconds().middle == pytest.approx(search + reading)
    assert ten.seconds().middle == pytest.approx(10 * search + reading)
    assert Plan(measured, 1e7, 1e6, 3).disk().middle == pytest.approx(3 * ten.disk().middle)


def test_every_figure_of_the_page_is_current() -> None:
    text = scale_page.PAGE.read_text("utf-8")
    assert {name for _, name, _ in scale_page.BLOCK.findall(text)} == BLOCKS.keys()
    assert scale_page.page(text) == text, "run: python -m benchmarks.scale_page"


def test_a_price_is_what_it_says() -> None:
    options = ["--passages", "1e6", "--disk-month", "2", "--replicas", "1"]
    done = CliRunner().invoke(scale_page.main, options, catch_exceptions=False)
    told = dict(line.split(": ") for line in done.output.splitlines()[1:])
    plan = Plan(scale_page.measured(), 1e6, 1e6, 1)
    assert told["a month"] == ranged(plan.disk().times(2e-9))


def test_figures_are_short() -> None:
    assert [short(v) for v in (0, 0.01234, 3.449, 12.6, 99.6, 123.4, 12_345)] == [
        "0", "0.012", "3.4", "13", "100", "123", "12,300",
    ]  # fmt: skip
    assert ranged(Range(2, 2, 2)) == "2"
    assert ranged(Range(1e9, 2e9, 3e9), 1e9) == "2 (1 to 3)"


def test_the_links_of_the_page_lead_somewhere() -> None:
    import re

    for target in re.findall(r"\]\(([^)#:]+)\)", scale_page.PAGE.read_text("utf-8")):
        assert (scale_page.PAGE.parent / target).exists(), target


def test_measured_points_pass_over_sizes_without_the_figure() -> None:
    raw = {"sizes": {"10": {"hnsw": {"recall": 1}}, "200": {}, "30": {"hnsw": {"recall": 0.5}}}}
    assert Measured(raw).points("hnsw", "recall") == [(10.0, 1.0), (30.0, 0.5)]
