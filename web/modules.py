"""Which scripts the page needs at once, so that a browser asks for all of them together."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "js"
_FIRST = "main.js"
_IMPORT = re.compile(r'^import\s[^;]*?"\./([\w.-]+\.js)";', re.MULTILINE)


@cache
def first_modules() -> tuple[str, ...]:
    """Everything that ``main.js`` imports, and what that imports; not what is loaded later."""
    found: dict[str, None] = {}
    waiting = [_FIRST]
    while waiting:
        for name in _IMPORT.findall((FOLDER / waiting.pop()).read_text("utf-8")):
            if name not in found:
                found[name] = None
                waiting.append(name)
    return tuple(found)
