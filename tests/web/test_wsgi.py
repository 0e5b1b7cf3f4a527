"""What the server says when it cannot start, and where it listens."""

from __future__ import annotations

import logging
import runpy
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A server sets up the logs of its whole process, which here is that of all tests."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    yield
    threading.excepthook = hook
    root.handlers = handlers
    root.setLevel(level)
    for name in ("index", "qa", "web"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_without_a_library_the_server_stops_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QA_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("web.wsgi")
    assert caught.value.code == 4  # gunicorn gives up on this one, instead of trying again
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Error: There is no library in {tmp_path / 'nowhere'}.")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("host", "bind"), [("127.0.0.1", "127.0.0.1:8123"), ("::1", "[::1]:8123")])
def test_gunicorn_listens_where_the_settings_say(
    host: str, bind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_HOST", host)
    monkeypatch.setenv("QA_PORT", "8123")
    configuration = runpy.run_module("web.gunicorn_conf")
    assert configuration["bind"] == bind
    assert configuration["workers"] == 1  # the models and the index are shared by threads
