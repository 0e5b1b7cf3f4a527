"""What the measures of speed count, on pipelines of doubles; never how long anything takes."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from benchmarks import latency
from benchmarks.reader_peak import count_products, peak
from benchmarks.sampling import sampled
from benchmarks.stages import PARTS, STAGES, Stages, percentiles, watching
from index.store import Store
from qa.answers import Question
from qa.assembly import make_indexer, make_pipeline, make_reader
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document

WHO = Question("Who opened the harbour bridge?")


def test_what_an_inner_stage_takes_is_not_the_outer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("benchmarks.stages.time.perf_counter", lambda: now[0])
    stages = Stages()

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    inner = stages.wrapped("load", lambda: pass_time(2.0))

    def outer() -> None:
        pass_time(1.0)
        inner()
        pass_time(4.0)

    stages.begin()
    pass_time(8.0)
    stages.wrapped("rank", outer)()
    assert stages.end() == {"other": 8.0, "rank": 5.0, "load": 2.0}
    stages.begin()
    assert sum(stages.end().values()) == 0


def test_what_the_asking_thread_reads_counts_as_reading_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("benchmarks.stages.time.perf_counter", lambda: now[0])
    stages = Stages()

    def run() -> None:
        now[0] += 3.0

    part = stages.wrapped("run", run)

    def read() -> None:
        part()
        helper = threading.Thread(target=part)
        helper.start()
        helper.join()

    stages.begin()
    stages.wrapped("read", read)()
    taken = stages.end()
    assert taken["run"] == 6.0
    assert sum(taken.get(name, 0) for name in STAGES) == taken["read"] == 6.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, answers_kept=0)


@pytest.mark.models
def test_every_stage_of_a_question_is_seen(settings: Settings) -> None:
    store = Store(settings.data, create=True)
    pipeline = make_pipeline(settings)
    make_indexer(settings, store, pipeline.retriever.embedder).add_document(document(BRIDGE))
    before = pipeline.answer(WHO)
    with watching(pipeline) as watch:
        watch.begin()
        during = pipeline.answer(WHO)
        taken = watch.end()
    assert during.answers == before.answers
    assert set(taken) == {*STAGES, *PARTS}
    assert all(seconds > 0 for seconds in taken.values())
    assert not {"read", "answer"} & set(vars(pipeline))  # all is as it was


@pytest.mark.models
def test_the_readers_products_are_those_of_its_shape() -> None:
    reader = make_reader(Settings(threads=1))
    reader.warm_up()
    products = count_products(reader.folder / reader.model_file)
    heads, units = 12 + 12 + 12 + 11 + 10 + 3, 1472 + 1472 + 1344 + 640 + 192 + 192
    assert products.int8 == 4 * 384 * 32 * heads + 2 * 384 * units
    assert products.float32 == 2 * 32 * 384 + 2 * 384
    assert products.per_pair == 2 * 32 * heads
    found = peak(reader, [(WHO.text, [BRIDGE])])
    assert found.share > 0  # how large it is, is a matter of the machine
    assert "_logits" not in vars(reader)


def test_stacks_are_written_in_the_form_of_flame_graphs(tmp_path: Path) -> None:
    file = tmp_path / "stacks.txt"
    with sampled(file):
        threading.Event().wait(0.1)
    lines = file.read_text().splitlines()
    assert lines
    where, count = lines[0].rsplit(" ", 1)
    assert int(count) >= 1
    assert "threading:wait" in where.split(";")


def test_percentiles_are_of_the_values() -> None:
    assert percentiles([float(n) for n in range(101)]) == {"p50": 50, "p95": 95, "p99": 99}


def test_the_plot_needs_no_screen(tmp_path: Path) -> None:
    each = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    stages = dict.fromkeys((*STAGES, "whole"), each)
    found = {n: {"stages": stages, "store_ms": 1.0} for n in (10, 100)}
    latency.plot(found, tmp_path / "plot.svg")
    assert "<svg" in (tmp_path / "plot.svg").read_text()


def test_questions_are_taken_evenly(tmp_path: Path) -> None:
    paragraphs = [
        {"context": f"text {n}", "qas": [{"id": str(n), "question": f"q{n}", "answers": []}]}
        for n in range(10)
    ]
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}))
    assert latency.questions([file], 5) == ["q0", "q2", "q4", "q6", "q8"]
    assert latency.paragraphs([file]) == [f"text {n}" for n in range(10)]
