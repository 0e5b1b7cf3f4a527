"""Lines that say what the text below them is about."""

from __future__ import annotations

import re

from index.documents import Span
from index.lines import physical_lines

_CHARACTERS_AT_MOST = 90
_AT_MOST = 4  # one below the other, of as many levels; more are a list
_MARKED = re.compile(r"#{1,6}[^\S\n]+\S")  # Markdown
# "2.3 Hours of rest", "84/23 Grants", "SECTION 4 - CONCLUSIONS", "Annex B: ...".
_NUMBERED = re.compile(
    r"\d{1,3}(?:[./]\d{1,3})*\.?[^\S\n]+[^\W\d_a-z]"
    r"|(?i:section|chapter|part|article|annex|appendix|schedule|note|table)[^\S\n]+[\dA-Z]{1,4}\b"
)
_COLUMNS = re.compile(r"\||\t|\S\s{3,}\S")
_ENDS_A_SENTENCE = (".", "!", "?", ";", ",", "…", '."', ".”", ".)")


def trailing_headings(text: str, span: Span) -> int:
    """Where the headings begin that ``span`` ends with; its end if it ends with none."""
    run = _run(text, span)
    return run[-1].start if 0 < len(run) <= _AT_MOST else span.end


def begins_anew(text: str, previous: Span, span: Span) -> bool:
    """Whether ``span`` opens with a heading, and is no list that goes on from ``previous``."""
    first, _, below = text[span.start : span.end].partition("\n")
    opens = _is_heading(first.strip(), apart=below.startswith("\n"))
    return opens and bool(below.strip()) and not _run(text, previous)


def _run(text: str, span: Span) -> list[Span]:
    """The last lines of ``span``, upwards, as far as they are like headings."""
    found: list[Span] = []
    lines = physical_lines(text[span.start : span.end])
    for number in reversed(range(len(lines))):
        line = Span(lines[number].start + span.start, lines[number].end + span.start)
        above = text[lines[number - 1].end + span.start : line.start] if number else "\n\n"
        if not _is_heading(text[line.start : line.end], apart=above.count("\n") > 1):
            break
        found.append(line)
    return found


def _is_heading(line: str, *, apart: bool) -> bool:
    """Whether a line is the heading of what follows, if that is text.

    Args:
        apart: whether a blank line sets it apart.
    """
    if _MARKED.match(line):
        return True
    if len(line) > _CHARACTERS_AT_MOST or line.endswith(_ENDS_A_SENTENCE) or _COLUMNS.search(line):
        return False
    return _NUMBERED.match(line) is not None or (apart and line[:1].isupper())
