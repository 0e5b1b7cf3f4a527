"""The fields that a Markdown file may begin with: the part of YAML that people write there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z_][\w -]{0,60}?)[ \t]{0,9}:(?:[ \t]+(.*)|)$")
_NAMED = re.compile(r"[^\s:#][^:]{0,60}:(?:\s|$)")
_KNOWN = {
    *("title", "author", "authors", "date", "published", "description", "tags", "categories"),
    *("layout", "slug", "draft", "id", "aliases", "keywords", "lang", "permalink", "type"),
}
_BLOCK = re.compile(r"[>|](?:[+-]?[1-9]?|[1-9][+-])(?:[ \t]+#.*)?$")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?$')
_SINGLE_QUOTED = re.compile(r"'((?:[^']|'')*)'[ \t]*(?:#.*)?$")
_LIST_ITEM = re.compile(r"-[ \t]+(.*)$")
_NULL = {"", "~", "null", "Null", "NULL"}
_AT_MOST = 100_000  # characters


def split(text: str) -> tuple[dict[str, str], str]:
    """The fields, names in lower case, and the text below them.

    What opens with a rule but holds no field is text, as is a block that does not end, or in which
    prose stands: two rules are drawn around other things as well. Lists become one value, their
    items set apart by commas; nested fields are left out.
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end(), _AT_MOST) if opening else None
    if opening is None or closing is None:
        return {}, text
    lines = text[opening.end() : closing.start()].split("\n")
    first = next((line for line in lines if line.strip() and not line.startswith("#")), None)
    if (first is not None and _FIELD.match(first) is None) or _is_prose(lines):
        return {}, text
    return dict(_fields(lines)), text[closing.end() :].removeprefix("\n")


def _is_prose(lines: list[str]) -> bool:
    """Whether people wrote it to be read: "Agenda: budget", and below it "The board met."

    Where a name is one that programs know, what is wrapped without an indent is a field's, too.
    """
    fields = [line.partition(":")[0].strip().lower() for line in lines if _NAMED.match(line)]
    apart = any(line[:1].isalpha() and not _NAMED.match(line) for line in lines)
    return apart and _KNOWN.isdisjoint(fields)


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each field with the indented lines and list items that follow it."""
    name, first, rest = "", "", list[str]()
    for line in [*lines, "end:"]:
        field = _FIELD.match(line)
        if field is None:
            rest.append(line)
            continue
        if name and (value := _value(first, rest)) is not None:
            yield name.lower(), value
        name, first, rest = field[1], (field[2] or "").strip(), []


def _value(first: str, rest: list[str]) -> str | None:
    if _BLOCK.match(first):
        return " ".join(" ".join(rest).split()) or None
    joined = " ".join([first, *(line.strip() for line in rest)]).strip()
    if first[:1] in ('"', "'"):
        return _unquoted(joined)
    if first.startswith("["):
        return _listed(_without_comment(joined).strip("[] ").split(","))
    if not _without_comment(first):
        return _listed([item[1] for line in rest if (item := _LIST_ITEM.match(line.strip()))])
    plain = " ".join(filter(None, (_without_comment(line.strip()) for line in [first, *rest])))
    return None if plain in _NULL else plain


def _listed(items: list[str]) -> str | None:
    values = (_value(item.strip(), []) for item in items)
    return ", ".join(filter(None, values)) or None


def _without_comment(words: str) -> str:
    return _COMMENT.sub("", words, count=1).strip()


def _unquoted(words: str) -> str | None:
    """The value between quotes; what is not closed is taken as it stands."""
    if single := _SINGLE_QUOTED.match(words):
        return single[1].replace("''", "'") or None
    if double := _DOUBLE_QUOTED.match(words):
        try:
            return str(json.loads(f'"{double[1]}"')) or None  # the escapes that both have
        except ValueError:
            return double[1] or None
    return words.strip("\"' ") or None
