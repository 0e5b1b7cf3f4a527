"""PDF files, written by hand: the few objects of ISO 32000-1 that a page of text needs."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_LINE_HEIGHT = 14
_TOP = 760
_LEFT = 72


@dataclass(frozen=True)
class Line:
    """One line of text at its place, in points from the lower left corner."""

    words: str
    x: float
    y: float
    size: float = 11


def flowing(paragraphs: Sequence[Sequence[str]]) -> list[Line]:
    """Lines below each other, with a gap of one line after each paragraph."""
    lines: list[Line] = []
    y = _TOP
    for paragraph in paragraphs:
        for words in paragraph:
            lines.append(Line(words, _LEFT, y))
            y -= _LINE_HEIGHT
        y -= _LINE_HEIGHT
    return lines


def pdf(pages: Sequence[Sequence[Line]], info: dict[str, str] | None = None) -> bytes:
    """A PDF of these pages; ``info`` is its document information dictionary."""
    characters = sorted({c for page in pages for line in page for c in line.words})
    glyphs = {c: i + 1 for i, c in enumerate(characters)}
    contents = [_content(page, glyphs) for page in pages]
    return assemble(contents, _font(glyphs), info or {})


def assemble(contents: Sequence[bytes], font: Sequence[bytes], info: dict[str, str]) -> bytes:
    """A PDF of one page for each content stream; object 3 is the font."""
    first = 3 + len(font)
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", *font]
    kids: list[bytes] = []
    for content in contents:
        number = first + len(objects) - 2 - len(font)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (number + 1)
        )
        objects.append(stream(content))
        kids.append(b"%d 0 R" % number)
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    objects.append(
        b"<<" + b" ".join(b"/%s <%s>" % (k.encode(), _utf16(v)) for k, v in info.items()) + b">>"
    )
    return _file(objects)


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = b"<< /Length %d /Filter /FlateDecode >>" % len(packed)
    return head + b"\nstream\n" + packed + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects numbered from 1, the first the catalogue and the last the information."""
    body = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (
        len(objects) + 1,
        len(objects),
    )
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % table)


def _content(lines: Sequence[Line], glyphs: dict[str, int]) -> bytes:
    shown = []
    for line in lines:
        codes = "".join(f"{glyphs[c]:04x}" for c in line.words)
        shown.append(f"/F1 {line.size} Tf 1 0 0 1 {line.x} {line.y} Tm <{codes}> Tj")
    return ("BT\n" + "\n".join(shown) + "\nET").encode("ascii")


def _font(glyphs: dict[str, int]) -> list[bytes]:
    """Objects 3 to 6: a font that is not embedded, and what Unicode its codes stand for."""
    pairs = [f"<{glyph:04x}> <{c.encode('utf-16-be').hex()}>" for c, glyph in glyphs.items()]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
    mapping = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /Custom def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar\n" for b in blocks)
        + "endcmap CMapName currentdict /CMap defineresource pop end end\n"
    )
    return [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Helvetica /Encoding /Identity-H"
        b" /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Helvetica /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 500 >>",
        b"<< /Type /FontDescriptor /FontName /Helvetica /Flags 32 /FontBBox [0 -200 1000 900]"
        b" /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        stream(mapping.encode("ascii")),
    ]


def _utf16(words: str) -> bytes:
    return ("\ufeff" + words).encode("utf-16-be").hex().encode("ascii")
