"""The picture of the curves."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.risk_coverage import draw
from qa.reliability import curve


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "new" / "curve.png"
    draw(path, {"one": curve([0.9, 0.2], [True, False]), "none": curve([], [])})
    assert path.read_bytes().startswith(b"\x89PNG\r\n")
