"""What docs/embed.md shows is what there is, and its commands run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from index.store import Store
from qa.cli import main
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "embed.md").read_text("utf-8")
STATIC = ROOT / "web" / "static"


def commands() -> list[str]:
    return re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)


def test_every_attribute_is_told_of() -> None:
    told = set(re.findall(r"^\| `data-(\w+)`", PAGE, re.MULTILINE))
    code = "".join((STATIC / name).read_text("utf-8") for name in ("embed.js", "js/embed.js"))
    used = set(re.findall(r"\boptions\.(\w+)", code))
    box = (STATIC / "js" / "embed-box.js").read_text("utf-8")
    [taken] = re.findall(r"function renderBox\(words, \{ ([\w, ]+) \}\)", box)
    assert told == used | set(taken.split(", "))


def test_the_line_is_that_of_the_demo_page() -> None:
    [line, _] = re.findall(r"^<script.+</script>$", PAGE, re.MULTILINE)
    assert line in (ROOT / "docs" / "embed" / "index.html").read_text("utf-8")
    assert (STATIC / "embed.js").is_file()


def test_the_commands_run(tmp_path: Path) -> None:
    serve, site, create = commands()
    assert re.fullmatch(r"QA_ALLOWED_ORIGINS=http://127\.0\.0\.1:9000 python -m qa serve", serve)
    helped = subprocess.run(
        [sys.executable, *site.split()[1:], "--help"], cwd=ROOT, capture_output=True, check=True
    )
    assert b"--directory" in helped.stdout
    assert (ROOT / site.split()[-1] / "index.html").is_file()
    Store(tmp_path, create=True).close()
    name = ["our site"]
    made = re.fullmatch(r'python -m qa keys create "our site" (.+)', create)
    assert made is not None
    for arguments in (["create", *name, *made[1].split()], ["revoke", *name]):
        result = CliRunner().invoke(main, ["--data", str(tmp_path), "keys", *arguments])
        assert result.exit_code == 0, result.output
    assert 'python -m qa keys revoke "our site"' in PAGE.replace("\n", " ")
