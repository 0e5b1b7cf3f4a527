"""While Milvus is down, answers come from full-text search and say so."""

from __future__ import annotations

from dataclasses import replace

from qa.answers import Question
from qa.plain_text import to_plain
from qa.render import to_json
from tests.index.libraries import put
from tests.qa.parts import BRIDGE, MILL, double_pipeline

NOWHERE = "http://127.0.0.1:1"


def test_an_answer_says_that_it_is_degraded_and_is_not_remembered(settings, store, caplog):
    put(store, f"{BRIDGE} {MILL}")
    sound = replace(settings, min_confidence=0.0)
    down = replace(sound, store="milvus", milvus_uri=NOWHERE, milvus_seconds=1.0)
    pipeline = double_pipeline(down, store)
    question = Question("who opened the harbour bridge?")
    results = [pipeline.answer(question) for _ in range(2)]
    assert [result.answers[0].text for result in results] == ["Marta", "Marta"]
    told = to_json(results[1])["degraded"]
    assert told.startswith("full-text search only: Milvus did not answer in 1 seconds.")
    assert told in to_plain(results[1]).content
    assert pipeline.reader.reads == 2
    assert [record.message for record in caplog.records if "Milvus" in record.message] == [
        told.removeprefix("full-text search only: ")
    ]
    assert "degraded" not in to_json(double_pipeline(sound, store).answer(question))
