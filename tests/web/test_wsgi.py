"""What the server says when it cannot start, and where it listens."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest


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
