"""Lines as a reader sees them: hard-wrapped lines belong to one paragraph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from index.documents import Span
from index.lexical import STOP_WORDS

_BLOCK = re.compile(r"[^\n]+(?:\n(?![^\S\n]*(?:\n|\Z))[^\n]+)*")  # ends at a blank line
_WRAPPED_AT_MOST = 100
_WRAPPED_AT_LEAST = 30  # lines that all are shorter are a list or a verse
_WRAPPED_SHARE = 0.6
_WRAPPED_OF_TWO = 45  # a verse of two lines has shorter ones
_FULL_SHARE = 0.85  # letters are of different widths on a page that was no plain text
_OPEN_SHARE = 1 / 3  # of the line ends of a block of prose; lists and tables have hardly any

_QUOTED = re.compile(r"(?:>[^\S\n]?)*")
_MARK = re.compile(r"(?P<sure>[•‣◦▪●○∙|])|(?P<sign>[-–—*+·])\s|\(?(?P<item>\d{1,3}|[A-Za-z])[.)]\s")
_FIELD = re.compile(r"[^\W_a-z][^\s:]*(?: [^\s:]+){0,4}:(?:\s|\Z)")
_COLUMNS = re.compile(r"\t|\S\s{3,}\S| \| |[^\s.!?:;\"'”’)]\s{2}\S")
_SENTENCE_ENDS = (".", "!", "?", ".”", '."')
_OPEN_MARKS = (",", "-", "–", "—", "(", "&", "/")


def physical_lines(text: str) -> list[Span]:
    """Every line that is not blank, trimmed of white space."""
    lines = re.finditer(r"[^\n]+", text)
    return [_trim(text, m.start(), m.end()) for m in lines if not m.group().isspace()]


def paragraphs(text: str) -> list[Span]:
    """Runs of text that a line end does not interrupt.

    A line end inside a block ends a paragraph, unless the block looks hard-wrapped (three
    lines or more, none over 100 characters, a third of the line ends amid a sentence, or only
    the last one at the end of one), the line is about as long as the others, and the next one goes
    on with it: its first word had no room or no capital, and it is no item of a list, no field and
    no row. Two lines are one if the first is long and the second goes on with a small letter.
    """
    spans: list[Span] = []
    for block in _BLOCK.finditer(text):
        lines = physical_lines(block.group())
        open_line: Span | None = None
        for line, goes_on in zip(lines, _going_on(block.group(), lines), strict=True):
            shifted = Span(line.start + block.start(), line.end + block.start())
            joined = shifted if open_line is None else Span(open_line.start, shifted.end)
            open_line = joined if goes_on else None
            if not goes_on:
                spans.append(joined)
    return spans


def _going_on(block: str, spans: Sequence[Span]) -> list[bool]:
    """For each line of a block, whether the next one goes on with it."""
    longest = max((span.end - span.start for span in spans), default=0)
    if len(spans) == 2:
        return [_is_cut_in_two(*(block[span.start : span.end] for span in spans)), False]
    if len(spans) < 3 or not _WRAPPED_AT_LEAST <= longest <= _WRAPPED_AT_MOST:
        return [False] * len(spans)
    lines = [block[span.start : span.end] for span in spans]
    apart = _set_apart(lines)
    amid = [_amid_a_sentence(line, after) for line, after in pairwise(lines)]
    inside = [number for number in range(len(amid)) if not apart[number + 1]]
    if sum(amid[n] for n in inside) < _OPEN_SHARE * len(inside) and not _ends_once(lines):
        return [False] * len(spans)
    found = [False] * len(spans)
    for number in inside:
        line = lines[number]
        full = _FULL_SHARE * longest < len(line) + 1 + len(_first_word(lines[number + 1]))
        found[number] = len(line) >= _WRAPPED_SHARE * longest and (amid[number] or full)
    return found


def _is_cut_in_two(line: str, rest: str) -> bool:
    """Whether two lines are one sentence that was wrapped: "burns of the arm and a | fracture"."""
    wrapped = _WRAPPED_OF_TWO <= len(line) <= _WRAPPED_AT_MOST and len(rest) <= len(line)
    if not wrapped or line.endswith((*_SENTENCE_ENDS, ":", ";")) or any(_set_apart([line, rest])):
        return False
    return rest[0].islower() and _amid_a_sentence(line, rest)


def _set_apart(lines: Sequence[str]) -> list[bool]:
    """Which lines open something of their own: an item of a list, a field, a row of a table.

    Prose has a dash, a number or "London: " at the begin of a line, too, but hardly twice.
    """
    bare = [line[_quoted(line) :] for line in lines]
    marks = [_MARK.match(line) for line in bare]
    signs = Counter(mark["sign"] for mark in marks if mark)
    items = {_place(mark["item"]) for mark in marks if mark and mark["item"]}
    fields = [_FIELD.match(line) is not None for line in bare]
    rows = _rows(bare)
    found: list[bool] = []
    for number, mark in enumerate(marks):
        row = rows[number] or (number > 0 and rows[number - 1])
        quoted = number > 0 and _quoted(lines[number]) != _quoted(lines[number - 1])
        found.append(
            row
            or quoted
            or (fields[number] and sum(fields) > 1)
            or (mark is not None and _in_series(mark, signs, items))
        )
    return found


def _rows(lines: Sequence[str]) -> list[bool]:
    """Which lines are rows of a table: at least half have columns, and they end at no margin."""
    found = [_COLUMNS.search(line) is not None for line in lines]
    longest = max(map(len, lines))
    justified = 2 * sum(len(line) == longest for line in lines) > len(lines)
    return found if 2 * sum(found) >= len(lines) and not justified else [False] * len(lines)


def _in_series(mark: re.Match[str], signs: Counter[str | None], items: set[int]) -> bool:
    if mark["item"]:
        place = _place(mark["item"])
        return bool({place - 1, place + 1} & items)
    return mark["sure"] is not None or signs[mark["sign"]] > 1


def _place(item: str) -> int:
    return int(item) if item.isdecimal() else ord(item)


def _quoted(line: str) -> int:
    """Where the text of a line begins that a mail may quote."""
    found = _QUOTED.match(line)
    return found.end() if found else 0


def _first_word(line: str) -> str:
    return line[_quoted(line) :].split(maxsplit=1)[0] if line[_quoted(line) :] else ""


def _ends_once(lines: Sequence[str]) -> bool:
    """Whether the last line ends a sentence, and no other line does."""
    return [line.endswith(_SENTENCE_ENDS) for line in lines] == [False] * (len(lines) - 1) + [True]


def _amid_a_sentence(line: str, after: str) -> bool:
    """Whether a sentence surely goes on behind the line's end: by its last or by the next word."""
    last, first = line.rsplit(maxsplit=1)[-1], next(filter(str.isalnum, after), "")
    capitals = line.isupper() and after.isupper()
    lower = bool(first) and (capitals or not (first.isupper() or first.isdigit()))
    return lower or last in STOP_WORDS or last.endswith(_OPEN_MARKS)


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
