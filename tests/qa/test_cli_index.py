"""The commands that keep a library equal to what is outside, and that prove and mend it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import UnreadableDocument
from index.outcomes import Indexed, Outcome
from index.store import Store
from index.watching import Watcher
from tests.conftest import ROOT
from tests.doubles import HashingEmbedder
from tests.index.libraries import damage
from tests.qa.cli_runner import Run
from tests.qa.parts import BRIDGE, MILL

FURNITURE = "Leave a Reply"


def listed(run: Run) -> list[str]:
    return [line.split("\t")[-1] for line in run("index", "list").stdout.splitlines()]


def test_a_folder_is_synced(run: Run, texts: Path) -> None:
    assert run("index", "sync", texts).stdout == "2 added\n"
    assert run("index", "sync", texts).stdout == "2 unchanged\n"
    (texts / "mill.txt").rename(texts / "old mill.txt")
    (texts / "bridge.txt").write_text(BRIDGE + " It stands.")
    (texts / "new.txt").write_text("Anna slept.")
    assert run("index", "sync", texts).stdout == "1 added, 1 updated, 1 renamed\n"
    (texts / "new.txt").unlink()
    assert run("index", "sync", texts).stdout == "1 removed, 2 unchanged\n"
    assert listed(run) == [str(texts / "bridge.txt"), str(texts / "old mill.txt")]


def test_a_sync_tells_what_failed_and_exits_with_1(run: Run, texts: Path) -> None:
    (texts / "empty.txt").write_text("")
    result = run("index", "sync", texts)
    assert (result.exit_code, result.stdout) == (1, "2 added, 1 failed\n")
    assert result.stderr == f"failed: {texts / 'empty.txt'}: it is empty\n"


def test_a_dry_run_tells_and_does_nothing(run: Run, texts: Path) -> None:
    run("index", "sync", texts)
    (texts / "mill.txt").rename(texts / "old mill.txt")
    (texts / "new.txt").write_text("Anna slept.")
    (texts / "bridge.txt").unlink()
    before = listed(run)
    result = run("index", "sync", texts, "--dry-run")
    assert result.exit_code == 0
    assert set(result.stdout.splitlines()) == {
        f"would rename {texts / 'mill.txt'} to {texts / 'old mill.txt'}",
        f"would bring in {texts / 'new.txt'}",
        f"would remove {texts / 'bridge.txt'}",
        "0 unchanged",
    }
    assert listed(run) == before
    assert run("index", "sync", texts).stdout == "1 added, 1 renamed, 1 removed\n"


def test_a_folder_that_is_not_there_or_empty_is_refused(run: Run, texts: Path) -> None:
    run("index", "sync", texts)
    missing = run("index", "sync", texts / "none")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "There is no folder" in missing.stderr
    for path in texts.iterdir():
        path.unlink()
    for option in ((), ("--dry-run",)):
        refused = run("index", "sync", texts, *option)
        assert refused.exit_code == 1
        assert "--allow-empty" in refused.stderr
    assert len(listed(run)) == 2
    assert run("index", "sync", texts, "--allow-empty").stdout == "2 removed\n"


def test_what_is_not_of_the_folder_stays(run: Run, texts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Anna slept.")
    run("index", "add", other)
    run("index", "sync", texts)
    other.unlink()
    assert run("index", "sync", texts).stdout == "2 unchanged\n"
    assert str(other) in listed(run)


def test_a_file_that_was_read_in_part_is_told(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "index.syncing.Syncer.sync",
        lambda *_, **__: iter([Indexed("a.zip", Outcome.ADDED, "a.zip!/b: it is \x1b[31mempty")]),
    )
    result = run("index", "sync", texts)
    assert (result.exit_code, result.stdout) == (0, "1 added\n")
    assert result.stderr == "in part: a.zip!/b: it is \N{REPLACEMENT CHARACTER}[31mempty\n"


def test_watching_goes_on_after_the_first_sync_until_it_is_interrupted(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watched(watcher: Watcher, _stop: object) -> None:
        assert watcher.syncer.folder == texts
        assert watcher.settle_seconds == 1.0
        watcher.on_indexed(Indexed("/a/\x1b.txt", Outcome.RENAMED))
        watcher.on_indexed(Indexed("/a/b.txt", Outcome.FAILED, "/a/b.txt: it is empty"))
        watcher.on_trouble("The folder is gone; waiting for it.")
        raise KeyboardInterrupt

    (texts / "empty.txt").write_text("")
    monkeypatch.setattr(Watcher, "run", watched)
    result = run("index", "sync", texts, "--watch")
    assert result.exit_code == 0, result.exception
    assert result.stdout.splitlines() == [
        "2 added, 1 failed",
        f"Watching {texts} (Ctrl+C stops)",
        "renamed: /a/\N{REPLACEMENT CHARACTER}.txt",
        "failed: /a/b.txt: it is empty",
    ]
    assert "The folder is gone" in result.stderr


def test_a_url_is_added_beside_files(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(url: str, *_: object, **__: object) -> None:
        raise UnreadableDocument(f"{url}: it leads to 10.0.0.1, which is not public")

    monkeypatch.setattr("index.urls.load_url", refused)
    result = run("index", "add", texts, "http://internal.example/a")
    assert (result.exit_code, result.stdout) == (1, "2 added, 1 failed\n")
    assert "http://internal.example/a: it leads to 10.0.0.1" in result.stderr


def test_a_document_is_shown_with_its_furniture_between_brackets(run: Run, texts: Path) -> None:
    (texts / "mill.txt").write_text(f"{MILL}\n\n{FURNITURE}\n")
    run("index", "add", texts)
    number = listed(run).index(str(texts / "mill.txt")) + 1
    for name in (str(number), str(texts / "mill.txt")):
        result = run("index", "show", name)
        assert result.exit_code == 0, result.output
        heading, *rest = result.stdout.splitlines()
        assert str(texts / "mill.txt") in heading
        assert f"1 passages, {len(FURNITURE)} of" in heading
        assert "\n".join(rest).strip() == f"{MILL}\n\n⟦{FURNITURE}⟧"


def test_of_an_archive_its_documents_are_shown(run: Run, texts: Path) -> None:
    archive = shutil.make_archive(str(texts.parent / "all"), "zip", texts)
    run("index", "add", texts / "mill.txt", archive)
    result = run("index", "show", archive)
    assert result.exit_code == 0, result.output
    rows = run("index", "list").stdout.splitlines()
    assert result.stdout.splitlines() == [row for row in rows if "!/" in row]
    assert len(result.stdout.splitlines()) == 2


def test_a_shown_document_does_not_steer_the_terminal(run: Run, texts: Path) -> None:
    (texts / "odd.txt").write_text("[red]Otto[/nonsense] slept \x1b[31m here :bell:.\n")
    run("index", "add", texts / "odd.txt")
    result = run("index", "show", "1")
    assert result.exit_code == 0, result.exception
    assert "\x1b" not in result.stdout
    assert "[red]Otto[/nonsense]" in result.stdout and ":bell:" in result.stdout


@pytest.mark.parametrize("name", ["99", "none.txt", "9" * 30, ""])
def test_a_document_that_is_not_there_is_named(run: Run, texts: Path, name: str) -> None:
    run("index", "add", texts)
    result = run("index", "show", name)
    assert result.exit_code == 1
    assert name in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_damaged_document_is_not_shown(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    damage(run.data, "UPDATE documents SET text = 'x' WHERE id = 1")
    result = run("index", "show", "1")
    assert result.exit_code == 1
    assert "verify --repair" in result.stderr


def test_a_name_with_line_ends_is_one_row(run: Run, texts: Path) -> None:
    (texts / "a\n9\t2022-01-01\tForged.txt").write_text("Anna slept.")
    run("index", "add", texts)
    rows = [line.split("\t") for line in run("index", "list").stdout.splitlines()]
    assert [len(row) for row in rows] == [5, 5, 5]


def test_all_documents_of_an_archive_are_removed_by_its_path(run: Run, texts: Path) -> None:
    archive = shutil.make_archive(str(texts.parent / "all"), "zip", texts)
    assert run("index", "add", archive).stdout == "1 added\n"
    assert len(listed(run)) == 2
    assert run("index", "remove", archive).stdout == f"removed {archive}\n"
    assert "empty" in run("index", "list").stdout


def test_a_document_is_removed_by_the_id_that_the_list_shows(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    result = run("index", "remove", "2", "99", "9" * 5_000)
    assert result.exit_code == 1
    assert result.stdout == f"removed {texts / 'mill.txt'}\n"
    assert [line[:30] for line in result.stderr.splitlines()] == [
        "No document has the id or sour"
    ] * 2
    assert listed(run) == [str(texts / "bridge.txt")]


def test_a_number_that_is_a_source_is_no_id(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(texts)
    (texts / "1").write_text("Anna slept.")
    run("index", "add", "bridge.txt", "1")
    assert run("index", "remove", "1").stdout == "removed 1\n"
    assert listed(run) == [str(texts / "bridge.txt")]


def filled_folders(run: Run, texts: Path) -> str:
    """The one document that is not in the folder ``texts``."""
    shutil.make_archive(str(texts / "all"), "zip", texts)
    beside = texts.with_name("texts and more.txt")
    beside.write_text("Anna slept.")
    assert run("index", "add", texts, beside).exit_code == 0
    assert len(listed(run)) == 5
    return str(beside)


def test_a_folder_is_removed_where_that_is_meant(run: Run, texts: Path) -> None:
    beside = filled_folders(run, texts)
    refused = run("index", "remove", texts)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"{texts} holds 4 documents of the library; to remove them add --yes\n"
    assert len(listed(run)) == 5
    shutil.rmtree(texts)  # of one that is no more, too
    result = run("index", "remove", "--yes", f"{texts}/")
    assert (result.exit_code, result.stdout) == (0, f"removed 4 documents of {texts}\n")
    assert listed(run) == [beside]
    assert run("index", "remove", "--yes", texts).exit_code == 1
    assert run("index", "verify").exit_code == 0


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 5), ("\n", 5)])
def test_on_a_terminal_it_is_asked_whether_a_folder_is_meant(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    filled_folders(run, texts)
    monkeypatch.setattr("qa.cli.remove.on_terminal", lambda: True)
    result = run("index", "remove", texts, stdin=answer)
    assert "4 documents" in result.output and "[y/N]" in result.output
    assert result.exit_code == (left == 5)
    assert len(listed(run)) == left


def test_a_whole_library_is_proved(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    result = run("index", "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout == "checked 2 documents, 2 passages: all as it was written\n"
    assert run("index", "verify", "--repair").stdout == result.stdout


def test_passages_that_other_settings_cut_are_told(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("index", "add", texts)
    monkeypatch.setenv("QA_PASSAGE_TOKENS", "8")
    monkeypatch.setenv("QA_OVERLAP_TOKENS", "0")
    result = run("index", "verify")
    assert (result.exit_code, "index rebuild" in result.stdout) == (0, True)
    run("index", "rebuild")
    assert "index rebuild" not in run("index", "verify").stdout


def test_damage_is_told_and_mended(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    damage(run.data, "UPDATE documents SET title = 'x' WHERE id = 1")
    found = run("index", "verify")
    assert found.exit_code == 1
    assert "document: Document 1" in found.stdout
    assert found.stdout.splitlines()[-1].endswith(" findings")
    assert run("index", "verify").exit_code == 1  # it only looked
    mended = run("index", "verify", "--repair")
    assert mended.exit_code == 0, mended.output
    assert "repair: Document 1 was read again" in mended.stdout
    assert mended.stdout.splitlines()[-1] == (
        "checked 2 documents, 2 passages: all as it was written"
    )
    assert run("index", "verify").exit_code == 0


def test_what_cannot_be_mended_is_told_and_exits_with_1(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    (texts / "bridge.txt").unlink()
    damage(run.data, "UPDATE documents SET title = 'x' WHERE id = 1")
    result = run("index", "verify", "--repair")
    assert result.exit_code == 1
    assert "Add it again" in result.stdout
    assert "still document: Document 1" in result.stdout
    assert "Marta" not in run("ask", "Who opened the harbour bridge?").stdout


def test_a_library_that_cannot_be_read_to_its_end_is_told_without_a_traceback(
    run: Run, texts: Path
) -> None:
    run("index", "add", texts)
    path = run.data / "library.sqlite3"
    content = bytearray(path.read_bytes())
    place = content.index(BRIDGE.encode()) // 4096 * 4096
    content[place : place + 100] = b"\xff" * 100
    path.write_bytes(content)
    for command in (("verify",), ("verify", "--repair")):
        result = run("index", *command)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), result.exception
        assert "file: Pages" in result.stdout
        assert "database: " in result.stdout


def test_verifying_with_another_embedder_is_told(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    run.embedder = HashingEmbedder("other", 32)
    result = run("index", "verify")
    assert result.exit_code == 1
    assert "hashing (64" in result.output


@pytest.mark.parametrize(("option", "variable"), [(True, ""), (False, "watched")])
def test_a_server_that_watches_a_folder_makes_its_library(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: bool, variable: str
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    started: list[list[str]] = []
    monkeypatch.setattr("qa.cli.serve._check_free", lambda *_: None)
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    for name in ("QA_DATA", "QA_HOST", "QA_PORT", "QA_WATCH"):  # which the command sets
        monkeypatch.setenv(name, str(folder))
        if not (variable and name == "QA_WATCH"):
            monkeypatch.delenv(name)
    result = run("serve", *(("--watch", folder) if option else ()))
    assert result.exit_code == 0, result.output
    assert len(started) == 1
    assert os.environ["QA_WATCH"] == str(folder)
    assert Store(run.data).count() == (0, 0)


WATCH = """
import signal
import sys
from importlib import import_module
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
from tests.doubles import HashingEmbedder
import_module("qa.cli.bring").make_embedder = lambda _: HashingEmbedder()
sys.argv[1:] = ["--data", sys.argv[1], "index", "sync", sys.argv[2], "--watch"]
import_module("qa.cli").main()
"""


def test_a_watch_ends_with_an_interrupt_and_leaves_a_whole_library(run: Run, texts: Path) -> None:
    """A process of its own, as a user runs it."""
    process = subprocess.Popen(
        [sys.executable, "-c", WATCH, str(run.data), str(texts)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"QA_SETTLE_SECONDS": "0.1"},
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(2)]
    (texts / "new.txt").write_text("Anna slept.")
    told.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert told == [
        "2 added\n",
        f"Watching {texts} (Ctrl+C stops)\n",
        f"added: {texts / 'new.txt'}\n",
    ]
    assert (process.returncode, errors) == (0, "")
    assert run("index", "verify").exit_code == 0


def test_an_empty_library_is_made_and_one_that_is_there_left_alone(
    run: Run, tmp_path: Path
) -> None:
    assert run("index", "create").stdout == f"{run.data} is a library of 0 documents\n"
    (tmp_path / "mill.txt").write_text("The old mill burned down.")
    run("index", "add", tmp_path / "mill.txt")
    assert run("index", "create").stdout == f"{run.data} is a library of 1 documents\n"
