"""Writes docs/settings.md from the settings themselves: ``python docs/make_settings.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from qa.settings import table

HEAD = """# Settings

Each is an environment variable: `passages_read` is set by `QA_PASSAGES_READ=20`. This page is
written by `python docs/make_settings.py`; a test fails when it is not current.

| setting | default | meaning |
| --- | --- | --- |
"""


def page() -> str:
    return HEAD + "".join(
        f"| `{name}` | `{default}` | {meaning} |\n" for name, default, meaning in table()
    )


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(page(), "utf-8")
