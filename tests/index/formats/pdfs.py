"""PDF files, sound and hostile."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import pypdf

from tests.index.formats.expected import Expected, Wanted
from tests.index.formats.pdf import Line, assemble, flowing, pdf

_TYPE = "application/pdf"
_INFO = {"Title": "The Rhine — a report", "Author": "Jané Doe", "CreationDate": "D:20220811120000Z"}
_JUNK = {"Title": "Microsoft Word - minutes.doc", "Author": "Administrator", "CreationDate": "D:1"}


def pdf_files() -> Iterator[Expected]:
    report = _report()
    wanted = Wanted(
        _TEXT, _INFO["Title"], "2022-08-11", "Jané Doe", media_type=_TYPE, pages=(0, 155)
    )
    yield Expected("report.pdf", report, [wanted])
    yield Expected("report-renamed-pdf.txt", report, [wanted])
    minutes = pdf([flowing([["Minutes of the council"], ["The bridge cost too much."]])], _JUNK)
    yield Expected(
        "minutes.pdf",
        minutes,
        [
            Wanted(
                "Minutes of the council\n\nThe bridge cost too much.",
                "Minutes of the council",
                media_type=_TYPE,
                pages=(0,),
            )
        ],
    )
    yield Expected(
        "locked.pdf",
        _encrypted(minutes),
        reason="it is encrypted: it opens with a password only",
    )
    yield Expected(
        "broken.pdf",
        b"%PDF-1.7\n" + b"\xde\xad\xbe\xef" * 100,
        reason="it is damaged: it cannot be parsed as PDF",
    )
    story = pdf([flowing([["The bridge opened."]]), flowing([["Page two."]])])
    for name, sound, broken in (
        ("trailer.pdf", b">>\nstartxref", b">%\nstartxref"),
        ("page.pdf", b"endobj\n7 0 obj", b"endobj\n7 0 o2j"),
    ):
        yield Expected(name, _broken(story, sound, broken), [_pages("The bridge opened.")])
    yield Expected(
        "lost-page.pdf",
        _broken(story, b"7 0 obj\n<<", b"7 0 obj\n<"),
        [_pages("")],
        [("", "damaged pages, whose text is missing: 1")],
    )
    yield Expected(
        "scanned.pdf",
        pdf([[], []]),
        reason="no text was found on its 2 pages; scanned pages are not read",
    )
    yield Expected(
        "endless.pdf",
        many_pages(100_000),
        reason="it has 100,000 pages; at most 1,000 are read (QA_MAX_PAGES)",
    )


_TEXT = (
    "Quarterly report\n\n"
    "The ministry announced information about a well-known bridge\n"
    "over the Rhine. It is well-known information.\n\n"
    "The naïve “plan” – 👩, Łódź.\n\n"
    "Page two: école.\n\n"
    "שלום עולם"
)


def _pages(first: str) -> Wanted:
    return Wanted(
        f"{first}\n\nPage two.",
        first or "Page two.",
        media_type=_TYPE,
        pages=(0, len(first) + 2),
    )


def _broken(data: bytes, sound: bytes, broken: bytes) -> bytes:
    """With this one place damaged; what PDFium cannot read, pypdf may."""
    if data.count(sound) != 1:
        raise ValueError(f"{sound!r} is there {data.count(sound)} times")
    return data.replace(sound, broken)


def _report() -> bytes:
    """Two words are broken at the end of a line, one of which is written with a hyphen."""
    first = flowing(
        [
            [
                "The ministry announced infor-",
                "mation about a well-",
                "known bridge",
                "over the Rhine. It is well-known information.",
            ],
            ["The naïve “plan” – 👩, Łódź."],
        ]
    )
    below = [Line(line.words, line.x, line.y - 60) for line in first]
    second = flowing([["Page two: e\u0301cole."], ["שלום עולם"[::-1]]])
    return pdf([[Line("Quarterly report", 72, 760, 20), *below], second], _INFO)


def _encrypted(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt("secret", algorithm="RC4-128")
    saved = io.BytesIO()
    writer.write(saved)
    return saved.getvalue()


def many_pages(count: int) -> bytes:
    """A page tree that names the same page so many times."""
    data = assemble([b"BT ET"], [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"], {})
    return data.replace(
        b"/Count 1 /Kids [4 0 R]", b"/Count %d /Kids [%s]" % (count, b"4 0 R " * count)
    )


def inflating(size: int) -> bytes:
    """A page whose content stream is a kilobyte for each megabyte that it expands to."""
    font = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    data = assemble([b"@"], font, {})
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000))
    packed += packer.flush()
    small = zlib.compress(b"@")
    old = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s" % (len(small), small)
    return data.replace(
        old, b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s" % (len(packed), packed)
    )
