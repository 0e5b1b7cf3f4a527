"""CSV and TSV: a row is a document where a column holds texts, else a line of one document."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from index.errors import UnreadableDocument
from index.loaders.limits import Limits, Pieces, too_many_characters
from index.loaders.loaded import Loaded, Part
from index.loaders.records import Fields, document, fields_of, line, without_text
from index.text import decode, normalise

_DELIMITERS = (",", ";", "\t", "|")
_MEDIA_TYPES = {"\t": "text/tab-separated-values"}
_YEAR = re.compile(r"(?:19|20)\d\d")
_HEAD_ROWS = 10  # in which a table begins
_REGULAR = 0.5  # of the rows that have as many columns as the first that has several
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?\n', re.IGNORECASE)
_LONGEST_FIELD = 2**31 - 1  # that the csv module can be told
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_ROWS = 50
_HEADER_AT_MOST = 100  # characters

_Numbered = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the first rows of a table are parted.

    Attributes:
        blanks: whether a quotation mark may stand behind blanks.
        regular: the share of the rows that have ``columns``.
        columns: of the first row that has several; 0 where none has.
        from_first: whether that is the first of all rows.
    """

    delimiter: str
    blanks: bool
    regular: float = 0.0
    columns: int = 0
    from_first: bool = False


def load(data: bytes, charset: str | None, limits: Limits) -> Iterator[Part]:
    """One document, or one for each row.

    Rows are counted as spreadsheets do: the first is row 1, whether it is a header or not.

    Raises:
        UnreadableDocument: it is no table, or a field of it is too long.
    """
    told, text = _without_separator_line(normalise(decode(data, charset)))
    shape = max((_shape(_sample(text), d) for d in ([told] if told else _DELIMITERS)), key=_fitness)
    media_type = _MEDIA_TYPES.get(shape.delimiter, "text/csv")
    csv.field_size_limit(min(limits.max_text_characters, _LONGEST_FIELD))
    rows = enumerate(_rows(text, shape, quoted=not _has_stray_quotes(text, shape)), start=1)
    try:
        head = list(islice(rows, _HEAD_ROWS))
        place = _place_of_the_first(head, titled=shape.regular >= _REGULAR)
        first, *below = [row for _, row in head[place : place + 2]] or [[]]
        header = [cell.strip() for cell in first] if _is_header(first, *below) else []
        fields = fields_of(tuple(header))
        rest = chain(head[place + 1 :], rows)
        if fields is not None:
            yield from _documents(rest, header, fields, shape.delimiter, limits)
        else:
            above = [row for _, row in head[:place]]
            yield "", _one(above, header, first, (row for _, row in rest), media_type, limits)
    except csv.Error as error:
        if "field limit" in str(error):
            raise too_many_characters(limits) from error
        raise UnreadableDocument("it cannot be parsed as a table") from error


def _place_of_the_first(head: Sequence[tuple[int, list[str]]], *, titled: bool) -> int:
    """Where a table begins: below empty rows, and what stands in a cell of its own above it
    ("Staff in 2024")."""
    filled = [sum(map(bool, map(str.strip, row))) for _, row in head]
    several = (place for place, count in enumerate(filled) if count > 1)
    any_at_all = (place for place, count in enumerate(filled) if count)
    first = next(any_at_all, len(head))
    return next(several, first) if titled else first


def _one(
    above: Sequence[list[str]],
    header: Sequence[str],
    first: list[str],
    rows: Iterator[list[str]],
    media_type: str,
    limits: Limits,
) -> Loaded:
    pieces = Pieces(limits)
    for row in above:
        if words := line((), row):
            pieces.add(words + "\n")
    height = pieces.length
    if not header:
        pieces.add(line((), first) + "\n")
    for row in rows:
        if words := line(header, row):
            pieces.add(words + "\n")
    if pieces.length == height:
        pieces.add(line((), first) + "\n")
    return Loaded(pieces.text(), media_type, is_table=True)


def _documents(
    rows: _Numbered, header: Sequence[str], fields: Fields, delimiter: str, limits: Limits
) -> Iterator[Part]:
    media_type = _MEDIA_TYPES.get(delimiter, "text/csv")
    empty: list[str] = []
    for number, row in rows:
        if header[-1] == fields.text:  # it may hold delimiters that nobody quoted
            row[len(header) - 1 :] = [delimiter.join(row[len(header) - 1 :])]
        record = dict(zip(header, row, strict=False))
        if record.get(fields.text, "").strip():
            yield document(record, fields, f"row {number}", media_type, limits)
        elif any(map(str.strip, row)):
            empty.append(f"row {number}")
    if empty:
        yield "", without_text(empty)


def _rows(text: str, shape: _Shape, *, quoted: bool = True) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=shape.delimiter,
        skipinitialspace=shape.blanks,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )


def _has_stray_quotes(text: str, shape: _Shape) -> bool:
    """Whether a quotation mark swallows rows: ``7<tab>"Hello, she said`` opens what nothing closes.

    Without quoting, all rows have the table's columns, and there are more of them. Of a text that
    goes on in the next line, that line has hardly as many.
    """
    if '"' not in text:
        return False
    widths = [len(row) for row in _rows(text, shape, quoted=False) if row]
    if any(width != shape.columns for width in widths):
        return False
    try:
        return sum(1 for row in _rows(text, shape) if row) < len(widths)
    except csv.Error:
        return True


def _without_separator_line(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line tells to Excel ("sep=;"), and the rows below it."""
    found = _SEPARATOR_LINE.match(text)
    return (found[1], text[found.end() :]) if found else (None, text)


def _sample(text: str) -> str:
    if len(text) <= _SAMPLE_CHARACTERS:
        return text
    sample = text[:_SAMPLE_CHARACTERS]
    return sample.rpartition("\n")[0] or sample


def _shape(sample: str, delimiter: str) -> _Shape:
    """With blanks only where they make a better table: ``Ada, "likes a, b"`` has two columns."""
    return max((_measured(sample, delimiter, blanks) for blanks in (False, True)), key=_fitness)


def _measured(sample: str, delimiter: str, blanks: bool) -> _Shape:
    rows = _rows(sample, _Shape(delimiter, blanks))
    try:
        widths = [len(row) for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False) if row]
    except csv.Error:
        widths = []
    columns = next((width for width in widths if width > 1), 0)  # what stands above has one
    regular = sum(width == columns for width in widths) / len(widths) if columns else 0.0
    return _Shape(delimiter, blanks, regular, columns, columns > 0 and widths[0] > 1)


def _fitness(shape: _Shape) -> tuple[float, bool, int]:
    return shape.regular, shape.from_first, shape.columns


def _is_header(row: Sequence[str], below: Sequence[str] = ()) -> bool:
    """Names: short, no two alike, none of them a number but years that follow each other."""
    names = [cell.strip() for cell in row if cell.strip()]
    return (
        bool(names)
        and len(set(names)) == len(names)
        and all(len(name) <= _HEADER_AT_MOST for name in names)
        and (not any(map(_is_number, names)) or _are_years(row, below))
    )


def _are_years(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether all numbers of a row are years, one after the other, and those below them are not."""
    numbers = [(place, cell.strip()) for place, cell in enumerate(row) if _is_number(cell.strip())]
    years = [int(cell) for _, cell in numbers if _YEAR.fullmatch(cell)]
    steps = {after - before for before, after in pairwise(years)}
    return (
        len(years) == len(numbers) < len(row)
        and steps in ({1}, {-1})
        and not all(
            _YEAR.fullmatch(cell.strip())
            for place, _ in numbers
            for cell in below[place : place + 1]
        )
    )


def _is_number(cell: str) -> bool:
    return bool(cell) and not any(c.isalpha() for c in cell)
