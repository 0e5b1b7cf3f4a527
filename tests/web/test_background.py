"""What a server does beside answering."""

from __future__ import annotations

import dataclasses
import io
import logging
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask

from index.errors import UnreadableDocument
from index.job_runner import JobRunner
from index.outcomes import Indexed, Outcome
from index.store import Store
from index.watching import Watcher
from qa.pipeline import Pipeline
from qa.settings import Settings
from tests.index.libraries import eventually
from tests.qa.parts import BRIDGE, MILL, double_pipeline
from web import background
from web.app import create_app


def started(settings: Settings, store: Store) -> Flask:
    pipeline = double_pipeline(settings, store)
    app = create_app(settings, pipeline)
    background.start(app, settings, pipeline)
    return app


def test_a_server_runs_jobs(settings: Settings, store: Store) -> None:
    app = started(settings, store)
    runner: JobRunner = app.extensions["runner"]
    try:
        form = {"file": (io.BytesIO(BRIDGE.encode()), "bridge.txt")}
        job = app.test_client().post("/api/v1/documents?wait=30", data=form).get_json()
    finally:
        runner.stop()
    assert (job["state"], job["counts"]) == ("done", {"added": 1})
    assert store.document(1).text == BRIDGE


def test_a_url_is_fetched_with_the_settings(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def refused(url: str, limits: object, **options: object) -> None:
        asked.append(options)
        raise UnreadableDocument(f"{url}: it is not public")

    monkeypatch.setattr("index.urls.load_url", refused)
    settings = dataclasses.replace(settings, max_fetch_seconds=7.0, max_redirects=2)
    app = started(settings, store)
    try:
        job = app.test_client().post(
            "/api/v1/documents?wait=30", json={"url": "http://internal.example"}
        )
    finally:
        app.extensions["runner"].stop()
    assert job.get_json()["items"][0]["reason"] == "it is not public"
    assert asked == [{"max_seconds": 7.0, "max_redirects": 2}]


def test_a_server_keeps_its_library_equal_to_a_folder(
    settings: Settings,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL)
    stop = threading.Event()
    run, watch = Watcher.run, background._watch

    class Stopped(Exception):
        """The process ends."""

    def until_stopped(settings: Settings, pipeline: Pipeline, folder: Path) -> None:
        with suppress(Stopped):
            watch(settings, pipeline, folder)

    def stoppable(watcher: Watcher, _forever: threading.Event) -> None:
        assert watcher.settle_seconds == 0.1
        watcher.on_indexed(Indexed("/a", Outcome.FAILED, "/a: it is empty"))
        watcher.on_trouble("The folder is gone; waiting for it.")
        run(watcher, stop)
        store.close()
        raise Stopped

    monkeypatch.setattr(Watcher, "run", stoppable)
    monkeypatch.setattr(background, "_watch", until_stopped)
    settings = dataclasses.replace(settings, watch=str(folder), settle_seconds=0.1)
    with caplog.at_level(logging.WARNING, "web.background"):
        app = started(settings, store)
        try:
            eventually(lambda: store.count()[0] == 1, "the folder was synced")
            (folder / "bridge.txt").write_text(BRIDGE)
            eventually(lambda: store.count()[0] == 2, "the new file was read")
        finally:
            stop.set()
            app.extensions["runner"].stop()
            watching = [t for t in threading.enumerate() if t.name == "watch"]
            for thread in watching:
                thread.join(20)
                assert not thread.is_alive()
    assert "failed: /a: it is empty" in caplog.text
    assert "The folder is gone" in caplog.text


@pytest.mark.parametrize("watch", ["", "folder"])
def test_a_folder_is_watched_only_if_the_settings_say_so(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, watch: str
) -> None:
    watched: list[Path] = []
    monkeypatch.setattr(background, "_watch", lambda _s, _p, folder: watched.append(folder))
    app = started(dataclasses.replace(settings, watch=watch), store)
    app.extensions["runner"].stop()
    if watch:
        eventually(lambda: bool(watched), "the folder was watched")
    assert watched == ([Path("folder")] if watch else [])
