"""The processes that parse files: limits, crashes, threads, forks and a parent that dies."""

from __future__ import annotations

import dataclasses
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.errors import UnreadableDocument
from index.loaders import load_bytes, pool
from index.loaders.child import Child, ChildFailed
from index.loaders.limits import Limits
from index.loaders.pool import POOL, Pool
from tests.conftest import ROOT
from tests.index.formats import LIMITS
from tests.index.formats.pdfs import inflating

JSON = b'{"text": "The bridge opened."}'
# An element with so many attributes takes minutes: each is compared with those before it.
SLOW = b"<html><body><p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">words"
LARGE = b"[" + b"[]," * 6_000_000  # takes 400 MB to parse
SOON = 20.0  # seconds in which what must happen does, even on a busy machine


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    POOL.close()
    yield
    POOL.close()


def read(data: bytes, name: str, **limits: float) -> str:
    loaded = load_bytes(data, name, name, dataclasses.replace(LIMITS, **limits))
    return loaded.documents[0].text


def reason(data: bytes, name: str, **limits: float) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read(data, name, **limits)
    return str(refused.value)


def pids(of: Pool = POOL) -> list[int]:
    return [child._process.pid for child in of._idle]


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid: int) -> bool:
    until = time.monotonic() + SOON
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not runs(pid)


def test_one_process_reads_one_file_after_the_other():
    assert read(JSON, "a.json") == "The bridge opened."
    first = pids()
    assert read(b"text\nIt cost.\n", "a.csv") == "It cost."
    assert reason(b"{", "a.json").startswith("a.json: it is not JSON")
    assert pids() == first
    assert len(first) == 1


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read():
    assert reason(SLOW, "slow.html", max_seconds=1.0) == (
        "slow.html: it could not be read within 1 seconds (QA_MAX_LOAD_SECONDS)"
    )
    assert pids() == []
    assert read(JSON, "a.json") == "The bridge opened."


def test_a_file_that_takes_too_much_memory_is_given_up_and_the_next_is_read():
    assert read(JSON, "a.json") == "The bridge opened."
    before = pids()
    assert reason(LARGE, "large.json", max_memory_bytes=300_000_000) == (
        "large.json: reading it takes more than 300,000,000 bytes of memory "
        "(QA_MAX_LOAD_MEMORY_BYTES)"
    )
    assert not any(map(runs, before))
    assert read(JSON, "a.json") == "The bridge opened."


def test_a_stream_that_inflates_beyond_the_memory_is_given_up():
    found = reason(inflating(400_000_000), "bomb.pdf", max_memory_bytes=300_000_000)
    assert found.startswith(("bomb.pdf: its parser crashed on it (SIG", "bomb.pdf: reading it"))
    assert read(JSON, "a.json") == "The bridge opened."


def test_a_process_that_is_killed_while_it_reads_costs_this_file_only():
    child = Child()
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(child.read, SLOW, "slow.html", None, LIMITS)
        time.sleep(0.2)
        os.kill(child._process.pid, signal.SIGSEGV)
        with pytest.raises(ChildFailed, match=r"its parser crashed on it \(SIGSEGV\)"):
            answer.result(SOON)
    assert not runs(child._process.pid)


def test_the_processor_time_of_a_file_is_limited_should_nobody_watch_the_clock():
    child = Child()
    limits = dataclasses.replace(LIMITS, max_seconds=1.0)
    child._wait = _wait_for_ever
    with pytest.raises(ChildFailed, match="it could not be read within 1 seconds"):
        child.read(SLOW, "slow.html", None, limits)


def _wait_for_ever(descriptor: int, event: int) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    poll.poll()


def test_a_process_that_died_while_it_waited_is_replaced():
    assert read(JSON, "a.json") == "The bridge opened."
    (first,) = pids()
    os.kill(first, signal.SIGKILL)
    assert ends(first)
    assert read(JSON, "a.json") == "The bridge opened."


def test_a_process_is_replaced_after_so_many_files(monkeypatch):
    monkeypatch.setattr(pool, "_FILES_PER_PROCESS", 2)
    assert read(JSON, "a.json") == "The bridge opened."
    (first,) = pids()
    assert read(JSON, "b.json") == "The bridge opened."
    assert pids() == []
    assert not runs(first)


def test_a_process_that_a_file_has_made_large_is_replaced():
    found = reason(LARGE, "large.json", max_memory_bytes=2_000_000_000)
    assert found.startswith("large.json: it is not JSON")
    (first,) = pids()
    assert ends(first)
    assert read(JSON, "a.json") == "The bridge opened."


def test_threads_share_two_processes():
    def article(number: int) -> str:
        return read(b'{"text": "Number %d."}' % number, f"{number}.json")

    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(article, range(60)))
    assert texts == [f"Number {number}." for number in range(60)]
    assert 1 <= len(pids()) <= 2


def test_a_forked_process_starts_its_own():
    assert read(JSON, "a.json") == "The bridge opened."
    before = pids()
    reading, writing = os.pipe()
    forked = os.fork()
    if forked == 0:
        inherited = pids()
        text = read(b'{"text": "Forked."}', "b.json")
        os.write(writing, f"{text} {inherited} {pids() == before}".encode())
        POOL.close()
        os._exit(0)
    os.waitpid(forked, 0)
    assert os.read(reading, 100) == b"Forked. [] False"
    os.close(reading)
    os.close(writing)
    assert pids() == before
    assert read(JSON, "a.json") == "The bridge opened."


@pytest.mark.parametrize("busy", [False, True])
def test_it_ends_when_its_parent_is_killed(busy):
    script = (
        "import sys, threading, time\n"
        "from index.loaders.child import Child\n"
        "from index.loaders import Limits\n"
        f"limits = Limits(**{dataclasses.asdict(LIMITS)})\n"
        "child = Child()\n"
        "child.read(b'{\"text\": \"a\"}', 'a.json', None, limits)\n"
        "print(child._process.pid, flush=True)\n"
        "child.read(sys.stdin.buffer.read(), 'slow.html', None, limits)\n"
        if busy
        else "import time\n"
        "from index.loaders.child import Child\n"
        "print(Child()._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        pid = int(parent.stdout.readline())
        assert runs(pid)
        if busy:
            parent.stdin.write(SLOW)
            parent.stdin.close()
            time.sleep(0.5)
        parent.send_signal(signal.SIGKILL)
    assert ends(pid)


def test_an_interrupt_from_the_keyboard_is_the_parents_business():
    child = Child()
    os.kill(child._process.pid, signal.SIGINT)
    assert child.read(JSON, "a.json", None, LIMITS)[0].path == ()
    child.kill()


def test_it_cannot_write_files_nor_dump_its_memory_and_knows_no_settings(monkeypatch):
    monkeypatch.setenv("QA_SECRET", "secret")
    child = Child()
    child.read(JSON, "a.json", None, LIMITS)
    folder = Path(f"/proc/{child._process.pid}")
    rows = {line[:26].strip(): line[26:].split()[0] for line in _lines(folder / "limits")}
    assert rows["Max core file size"] == rows["Max file size"] == "0"
    assert rows["Max address space"] == str(LIMITS.max_memory_bytes)
    assert b"QA_" not in (folder / "environ").read_bytes()
    child.kill()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def test_modules_in_the_working_folder_are_not_imported(tmp_path, monkeypatch):
    for name in ("docx", "lxml", "json", "index"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert read(JSON, "a.json") == "The bridge opened."


def test_a_process_that_does_not_start_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert reason(JSON, "a.json") == (
        "a.json: the process that reads files did not start (exit status 1)"
    )


def test_an_answer_that_is_longer_than_any_can_be_is_not_taken():
    child = Child()
    limits: Limits = dataclasses.replace(LIMITS, max_text_characters=10)
    (member,) = child.read(b'{"text": "%s"}' % (b"x" * 1_000_000), "a.json", None, limits)
    assert len(member.content.text) == 1_000_000
    with pytest.raises(ChildFailed, match="it may be damaged"):
        child.read(b'{"text": "%s"}' % (b"x" * 2_000_000), "a.json", None, limits)


def test_a_process_that_holds_much_memory_has_its_files_read(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><body><article><p>{'The Rhine is long. ' * 20}</p></article></body></html>"
    )
    script = (
        "from pathlib import Path; from index.loaders import load_file\n"
        "from tests.index.formats import LIMITS\n"
        "much = b'x' * 500_000_000\n"  # Linux keeps over exec what the parent once had
        f"print(load_file(Path({str(page)!r}), LIMITS).documents[0].text[:18])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "The Rhine is long.\n", done.stderr
