"""What the server tells while Milvus is down."""

from __future__ import annotations

from dataclasses import replace

from tests.qa.parts import double_pipeline
from web import health
from web.app import create_app


def test_the_server_is_ready_and_says_that_it_is_degraded(settings, store, filled):
    down = replace(settings, store="milvus", milvus_uri="http://127.0.0.1:1", milvus_seconds=1.0)
    app = create_app(down, double_pipeline(down, store))
    health.models_are_loaded(app)
    client = app.test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["degraded"] == "Passages are searched by their words only."
    found = client.post("/api/v1/search", json={"query": "harbour bridge"}).get_json()
    assert found["passages"]
    assert "Milvus did not answer" in found["degraded"]
    assert "127.0.0.1" not in found["degraded"]
    assert client.get("/api/v1/status").get_json()["search"] == "Milvus"


def test_without_full_text_search_it_is_not_ready(settings, store):
    down = replace(settings, store="milvus", milvus_uri="http://127.0.0.1:1", milvus_seconds=1.0)
    pipeline = double_pipeline(down, store)
    pipeline.retriever.fallback = None  # as over PostgreSQL
    app = create_app(down, pipeline)
    health.models_are_loaded(app)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "Passages cannot be searched." in response.get_json()["detail"]
