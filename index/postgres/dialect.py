"""The only place that knows in what SQLite's SQL and PostgreSQL's differ, as far as is used.

Statements are written with ``?``, ``?1`` and ``:name``, as SQLite takes them. The others avoid
what the two do not share; see `index.reads` and `index.writes`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from index.library import Values

# A text of PostgreSQL holds no zero byte. It is written as two characters that no text is
# meant to hold (Unicode's noncharacters), and so is the first of them.
_ESCAPE = "\ufdd0"
_ZERO, _ITSELF = _ESCAPE + "\ufdd1", _ESCAPE + "\ufdd2"

_PART = re.compile(r"'[^']*'|\?(\d*)|(?<!:):([a-z_]+)|%")


@lru_cache(maxsize=512)
def translated(statement: str) -> bytes:
    """A statement as psycopg takes it: placeholders are the only difference."""

    def one(match: re.Match[str]) -> str:
        part = match.group()
        if part.startswith("'"):
            return part.replace("%", "%%")
        if part == "%":
            return "%%"
        if match[2]:
            return f"%({match[2]})s"
        return f"%(p{match[1]})s" if match[1] else "%s"

    return _PART.sub(one, statement).encode()


def bound(statement: str, values: Values) -> Any:
    """The values of a statement: by name where it numbers them."""
    if isinstance(values, dict):
        return {name: escaped(value) for name, value in values.items()}
    row = [escaped(value) for value in values]
    if "?1" in statement:
        return {f"p{number}": value for number, value in enumerate(row, start=1)}
    return row


def escaped(value: Any) -> Any:
    """Raises `UnicodeEncodeError` for half a surrogate pair, as SQLite does."""
    if isinstance(value, str):
        if "\0" in value or _ESCAPE in value:
            value = value.replace(_ESCAPE, _ITSELF).replace("\0", _ZERO)
        value.encode()
    return value


def unescaped(text: str) -> str:
    if _ESCAPE not in text:
        return text
    return text.replace(_ZERO, "\0").replace(_ITSELF, _ESCAPE)
