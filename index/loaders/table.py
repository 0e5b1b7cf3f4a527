"""CSV and TSV: a row is a document where a column holds texts, else a line of one document."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from index.errors import UnreadableDocument
from index.loaders.limits import Limits, Pieces, too_many_characters
from index.loaders.loaded import Loaded, Part
from index.loaders.records import Fields, document, fields_of, line, without_text
from index.text import decode, normalise

_DELIMITERS = (",", ";", "\t", "|")
_MEDIA_TYPES = {"\t": "text/tab-separated-values"}
_LONGEST_FIELD = 2**31 - 1  # that the csv module can be told
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_ROWS = 50
_HEADER_AT_MOST = 100  # characters


def load(data: bytes, charset: str | None, limits: Limits) -> Iterator[Part]:
    """One document, or one for each row.

    Rows are counted as spreadsheets do: the first is row 1, whether it is a header or not.

    Raises:
        UnreadableDocument: it is no table, or a field of it is too long.
    """
    text = normalise(decode(data, charset))
    delimiter = _delimiter(text)
    media_type = _MEDIA_TYPES.get(delimiter, "text/csv")
    csv.field_size_limit(min(limits.max_text_characters, _LONGEST_FIELD))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        first = next(rows, [])
        header = [cell.strip() for cell in first] if _is_header(first) else []
        fields = fields_of(tuple(header))
        if fields is not None:
            yield from _documents(rows, header, fields, media_type)
        else:
            yield "", _one(header, first, rows, media_type, limits)
    except csv.Error as error:
        if "field limit" in str(error):
            raise too_many_characters(limits) from error
        raise UnreadableDocument("it cannot be parsed as a table") from error


def _one(
    header: Sequence[str],
    first: list[str],
    rows: Iterator[list[str]],
    media_type: str,
    limits: Limits,
) -> Loaded:
    pieces = Pieces(limits)
    if not header:
        pieces.add(line((), first) + "\n")
    for row in rows:
        if words := line(header, row):
            pieces.add(words + "\n")
    if not pieces.length:
        pieces.add(line((), first) + "\n")
    return Loaded(pieces.text(), media_type)


def _documents(
    rows: Iterator[list[str]], header: Sequence[str], fields: Fields, media_type: str
) -> Iterator[Part]:
    empty: list[str] = []
    for number, row in enumerate(rows, start=2):
        record = dict(zip(header, row, strict=False))
        if record.get(fields.text, "").strip():
            yield document(record, fields, f"row {number}", media_type)
        elif any(map(str.strip, row)):
            empty.append(f"row {number}")
    if empty:
        yield "", without_text(empty)


def _delimiter(text: str) -> str:
    """The one that splits the first rows into most columns of which all rows have as many."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > _SAMPLE_CHARACTERS:
        sample = sample.rpartition("\n")[0] or sample
    return max(_DELIMITERS, key=lambda delimiter: _regularity(sample, delimiter))


def _regularity(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of rows with as many columns as the first, if that is more than one; how many."""
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = [len(row) for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False) if row]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _is_header(row: Sequence[str]) -> bool:
    """Names: short, no two alike, none of them a number."""
    names = [cell.strip() for cell in row]
    return (
        any(names)
        and len(set(names)) == len(names)
        and all(len(name) <= _HEADER_AT_MOST and not _is_number(name) for name in names)
    )


def _is_number(cell: str) -> bool:
    return bool(cell) and not any(c.isalpha() for c in cell)
