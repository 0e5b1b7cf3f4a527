"""The page's languages: one file of words each, for the template and the scripts alike."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import request

FOLDER = Path(__file__).parent / "static" / "strings"
DEFAULT = "en"
COOKIE = "language"


@cache
def words() -> dict[str, dict[str, Any]]:
    """Every language's words, by its code; the default's first."""
    codes = sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda c: (c != DEFAULT, c))
    return {code: json.loads((FOLDER / f"{code}.json").read_text("utf-8")) for code in codes}


def of_request() -> str:
    """As asked for (``?language=``), as chosen before, or as the browser is set."""
    for code in (request.args.get("language"), request.cookies.get(COOKIE)):
        if code in words():
            return code
    return request.accept_languages.best_match(words()) or DEFAULT
