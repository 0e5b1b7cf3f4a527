"""PDF: the text of each page, by PDFium, or by pypdf where PDFium cannot open the file."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from ctypes import c_double
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pypdf
import pypdfium2
from pypdfium2 import raw

from index.errors import UnreadableDocument
from index.head import field_date
from index.loaders.authorship import sensible_author, sensible_title
from index.loaders.hyphens import mended
from index.loaders.limits import Limits, too_many_characters, too_many_pages
from index.loaders.loaded import Loaded, Part
from index.text import normalise, printable

_PAGES_SHOWN = 5
_BETWEEN_PAGES = "\n\n"
_LINE_END = "\r\n"  # PDFium's
_ENCRYPTED = "it is encrypted: it opens with a password only"
_DATE = re.compile(r"(?:D:)?(199[3-9]|20\d\d)(\d{2})(\d{2})")  # the format is of 1993
# A step to the next line this much longer than the usual one, or letters of another size, begin
# a new paragraph.
_WIDER_GAP = 1.3
_OTHER_SIZE = 1.2
_STEPS_TO_TELL = 3  # on a page with fewer lines the usual step is that of single-spaced ones
_SINGLE_SPACED = 1.2  # times the height of letters


class _Read(NamedTuple):
    """What was read: page by page, the information of the file, and numbers of lost pages."""

    pages: list[str]
    fields: dict[str, str]
    lost: list[int]


def load(data: bytes, limits: Limits) -> Iterator[Part]:
    """The text of all pages, with a blank line between them; then what was lost, if anything.

    Raises:
        UnreadableDocument: it is encrypted, damaged, too long, or holds no text.
    """
    read, fields, lost = _read(data, limits)
    pages = [_clean(page) for page in mended(read)]
    if not any(pages):
        raise UnreadableDocument(
            f"no text was found on its {len(pages):,} pages; scanned pages are not read"
        )
    made = _DATE.match(fields.get("CreationDate", "") or fields.get("ModDate", ""))
    loaded = Loaded(
        _BETWEEN_PAGES.join(pages),
        "application/pdf",
        title=sensible_title(fields.get("Title", "")),
        author=sensible_author(fields.get("Author", "")),
        pages=_begins(pages),
        file_date=field_date("-".join(made.groups())) if made else None,
    )
    yield "", loaded
    if lost:
        shown = ", ".join(map(str, lost[:_PAGES_SHOWN]))
        more = f" and {len(lost) - _PAGES_SHOWN:,} more" if len(lost) > _PAGES_SHOWN else ""
        yield "", f"damaged pages, whose text is missing: {shown}{more}"


def _read(data: bytes, limits: Limits) -> _Read:
    """By pypdf if PDFium cannot open the file or one of its pages."""
    try:
        read = _by_pdfium(data, limits)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UnreadableDocument(_ENCRYPTED) from error
        return _by_pypdf(data, limits)
    if read.lost:
        with suppress(UnreadableDocument):
            return _by_pypdf(data, limits)
    return read


def _clean(page: str) -> str:
    """As it is stored: no later step may move the places where pages begin."""
    return normalise(printable(page.replace("\ufeff", ""))).strip()


def _begins(pages: Sequence[str]) -> tuple[int, ...]:
    begins, place = [], 0
    for page in pages:
        begins.append(place)
        place += len(page) + len(_BETWEEN_PAGES)
    return tuple(begins)


def _by_pdfium(data: bytes, limits: Limits) -> _Read:
    document = pypdfium2.PdfDocument(data)
    try:
        if len(document) > limits.max_pages:
            raise too_many_pages(len(document), limits)
        lost: list[int] = []
        pages = _within(limits, _pages_by_pdfium(document, lost))
        return _Read(pages, _information(document), lost)
    finally:
        document.close()


def _information(document: pypdfium2.PdfDocument) -> dict[str, str]:
    try:
        fields: dict[str, str] = document.get_metadata_dict()
    except UnicodeDecodeError:  # damaged, which is no reason to lose the text
        return {}
    return fields


def _by_pypdf(data: bytes, limits: Limits) -> _Read:
    """Raises `UnreadableDocument` for all that pypdf raises, which is no fixed set."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument(_ENCRYPTED)
        if len(reader.pages) > limits.max_pages:
            raise too_many_pages(len(reader.pages), limits)
        pages = _within(limits, (page.extract_text() for page in reader.pages))
        fields = {key.lstrip("/"): str(value) for key, value in (reader.metadata or {}).items()}
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:
        raise UnreadableDocument("it is damaged: it cannot be parsed as PDF") from error
    return _Read(pages, fields, [])


def _within(limits: Limits, pages: Iterator[str]) -> list[str]:
    taken, length = [], 0
    for page in pages:
        length += len(page) + len(_BETWEEN_PAGES)
        if length > limits.max_text_characters:
            raise too_many_characters(limits)
        taken.append(page)
    return taken


def _pages_by_pdfium(document: pypdfium2.PdfDocument, lost: list[int]) -> Iterator[str]:
    """The text of each page; a lost one is empty, so that the others keep their numbers."""
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            lost.append(number + 1)
            yield ""
            continue
        try:
            text_page = page.get_textpage()
            lines = text_page.get_text_range(errors="replace").split(_LINE_END)
            yield _with_paragraphs(lines, [*_places(text_page, lines)])
        finally:
            page.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """The baselines on which a line begins and ends, for PDFium joins hyphenated ones.

    Baselines and height are in points on the page, the size of the font is unscaled.
    """

    first: float
    last: float
    size: float
    height: float


def _places(text_page: pypdfium2.PdfTextPage, lines: Sequence[str]) -> Iterator[_Place | None]:
    """The place of each line; None where it has no letters."""
    start = 0
    for line in lines:
        ends = len(line) - len(line.lstrip()), len(line.rstrip()) - 1
        first, last = (
            raw.FPDFText_GetCharIndexFromTextIndex(text_page, start + end) for end in ends
        )
        start += len(line) + len(_LINE_END)
        if not line.strip() or min(first, last) < 0:
            yield None
            continue
        size = raw.FPDFText_GetFontSize(text_page, first)
        _, bottom, _, top = text_page.get_charbox(first, loose=True)
        baselines = _baseline(text_page, first), _baseline(text_page, last)
        yield _Place(*baselines, size, top - bottom)


def _baseline(text_page: pypdfium2.PdfTextPage, character: int) -> float:
    x, y = c_double(), c_double()
    raw.FPDFText_GetCharOrigin(text_page, character, x, y)
    return y.value


def _with_paragraphs(lines: Sequence[str], places: Sequence[_Place | None]) -> str:
    """Lines with a blank one where the page leaves more room, or changes the size of letters."""
    steps = Counter(
        round(above.last - below.first)
        for above, below in pairwise(places)
        if above and below and above.last > below.first
    )
    if steps.total() < _STEPS_TO_TELL:
        usual = _SINGLE_SPACED * min((place.height for place in places if place), default=0.0)
    else:
        usual = max(steps, key=lambda step: (steps[step], -step))
    text = [lines[0]]
    for line, (above, below) in zip(lines[1:], pairwise(places), strict=True):
        apart = above is not None and below is not None and _apart(above, below, usual)
        text += ["\n\n" if apart else "\n", line]
    return "".join(text)


def _apart(above: _Place, below: _Place, usual: float) -> bool:
    small, large = sorted((above.size, below.size))
    return above.last - below.first > _WIDER_GAP * usual or large > _OTHER_SIZE * small
