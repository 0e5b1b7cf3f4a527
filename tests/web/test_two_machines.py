"""Two servers with nothing in common but one PostgreSQL and one Milvus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index.job_runner import JobRunner
from index.opening import open_jobs
from qa.assembly import make_indexer, make_store
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, double_pipeline
from web.app import create_app

WHO = "Who opened the harbour bridge?"


@dataclass
class Machine:
    """A server with a data folder of its own."""

    client: FlaskClient
    runner: JobRunner

    def answers(self, **told: Any) -> list[str]:
        response = self.client.post("/api/v1/ask", json={"question": WHO, **told})
        assert response.status_code == 200, response.get_json()
        return [answer["text"] for answer in response.get_json()["answers"]]


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, milvus_uri: str) -> Iterator[list[Machine]]:
    made, stores = [], []
    for name in ("here", "there"):
        settings = Settings(
            data=tmp_path / name,
            passage_tokens=40,
            overlap_tokens=10,
            store="milvus",
            milvus_uri=milvus_uri,
            milvus_seconds=30,
            database_url=postgres_url,
        )
        store = make_store(settings, create=True)
        stores.append(store)
        pipeline = double_pipeline(settings, store)
        app = create_app(settings, pipeline)
        runner = JobRunner(
            open_jobs(store),
            lambda settings=settings, store=store: make_indexer(settings, store, HashingEmbedder()),
            fetch=lambda url: pytest.fail(url),
            poll_seconds=1,
        )
        made.append((Machine(app.test_client(), runner), pipeline))
    yield [machine for machine, _ in made]
    for _, pipeline in made:
        pipeline.retriever.passage_search.close()
    for store in stores:
        store.close()


def test_any_machine_answers_from_what_any_other_was_told(machines):
    here, there = machines
    assert here.answers() == there.answers() == []
    text = {"text": BRIDGE, "title": "Bridges"}
    queued = here.client.post("/api/v1/documents?wait=0", json=text).get_json()
    there.runner.run_waiting()  # the job of one machine, carried out by the other
    job = here.client.get(f"/api/v1/jobs/{queued['id']}").get_json()
    assert (job["state"], job["counts"]) == ("done", {"added": 1})
    assert here.answers() == there.answers() == ["Marta"]

    document = job["items"][0]["document_ids"][0]
    assert there.client.delete(f"/api/v1/documents/{document}").status_code == 200
    assert here.answers() == there.answers() == []
    restored = here.client.post(f"/api/v1/documents/{document}/restore")
    assert restored.status_code == 200
    assert there.answers() == ["Marta"]


def test_a_conversation_goes_on_at_any_machine(machines):
    here, there = machines
    here.client.post("/api/v1/documents?wait=0", json={"text": BRIDGE, "title": "Bridges"})
    here.runner.run_waiting()
    begun = here.client.post("/api/v1/conversations", json={}).get_json()
    here.answers(conversation=begun["id"])
    there.answers(conversation=begun["id"])
    turns = here.client.get(f"/api/v1/conversations/{begun['id']}").get_json()["turns"]
    assert [turn["question"] for turn in turns] == [WHO, WHO]
    listed = there.client.get("/api/v1/conversations").get_json()["conversations"]
    assert [conversation["id"] for conversation in listed] == [begun["id"]]
