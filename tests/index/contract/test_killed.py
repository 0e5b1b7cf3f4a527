"""A writer that is killed loses nothing that was acknowledged, and leaves nothing half."""

from __future__ import annotations

import subprocess
import sys

from index.verify import content_findings
from tests.conftest import ROOT
from tests.index.libraries import put


def test_a_killed_writer_leaves_what_was_acknowledged_and_no_more(place, store):
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.index.contract.killed_writer", place.folder, place.url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout is not None
        lines = [writer.stdout.readline().strip() for _ in range(4)]
        assert lines == ["acknowledged 0", "acknowledged 1", "acknowledged 2", "halfway"]
        assert store.generation() == 3
    finally:
        writer.kill()
        writer.communicate()
    assert [summary.source for summary in store.documents()] == ["/0.txt", "/1.txt", "/2.txt"]
    assert list(content_findings(store)) == []
    assert put(store, "The next writer waits for nobody.", "/next.txt") > 3
    assert store.generation() == 4
    assert list(content_findings(place.open())) == []
