"""Word documents and EPUB books."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator

import docx
from docx.oxml import parse_xml

from tests.index.formats.expected import Expected, Wanted
from tests.index.formats.zips import zipped

_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)
_FILE = '<!ENTITY file SYSTEM "file:///etc/passwd">'

_CONTAINER = b"""<?xml version="1.0"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
_BOOK = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Bridges of the
 Rhine</dc:title><dc:creator>Jané Doe</dc:creator><dc:creator>John Roe</dc:creator>
<dc:date>2021-03-04T00:00:00Z</dc:date></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="ch%202.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="img" href="img.png" media-type="image/png"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="img"/>
<itemref idref="one"/><itemref idref="gone"/></spine></package>"""
_CHAPTER = """<?xml version="1.0" encoding="utf-8"?>{doctype}
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>
<h1>{heading}</h1><p>{words}</p></body></html>"""


def package_files() -> Iterator[Expected]:
    word = _word()
    yield Expected("report.docx", word, [_REPORT])
    yield Expected("report-renamed.txt", word, [_REPORT])
    yield Expected("plain.docx", _plain_word(), [Wanted("One.", "One.", media_type=_WORD_TYPE)])
    yield _numbered_word()
    yield _strict_word()
    yield _laughing_word()
    yield _curious_word()
    yield Expected(
        "cut.docx", word[: len(word) // 2], reason="its zip archive is damaged or incomplete"
    )
    yield Expected(
        "table.xlsx",
        zipped([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]),
        reason="it seems to be an Excel workbook, which is not read",
    )
    yield _book()
    yield _locked_book()
    yield _laughing_book()


_REPORT = Wanted(
    "Bridges: a report\n\nThe “new” bridge\n\nIt opened on Thursday,\ttwo years late, on the 4th, "
    "for 10⁶ euros.\n\n"
    "Guests | Day\n3 000 | Monday Tuesday\n\nIn a box.\n\nInserted, too. 👩\u200d👧\n\n"
    "Boxed.\nTwice.\nAround.\n\nA note says more.",
    "Bridges of the Rhine",
    "2022-08-11",
    "Jané Doe",
    media_type=_WORD_TYPE,
)


def _word() -> bytes:
    """Headings, a table, a content control, tracked changes and a footnote."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = "Bridges of the Rhine", "Jané Doe"
    properties.created = datetime.datetime(2022, 8, 11, tzinfo=datetime.UTC)
    document.add_heading("Bridges: a report", 0)
    document.add_heading("The “new” bridge", 1)
    paragraph = document.add_paragraph("It opened on Thursday,\ttwo years late, on the 4")
    for words, raised in (("th", True), (", for 10", False), ("6", True), (" euros.", False)):
        paragraph.add_run(words).font.superscript = raised or None
    table = document.add_table(2, 2)
    for cell, words in zip(
        table._cells, ["Guests", "Day", "3 000", "Monday\nTuesday"], strict=True
    ):
        cell.text = words
    for words in (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p><w:ins><w:r><w:t>Inserted, too. 👩\u200d👧</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>Deleted.</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>Moved away.</w:t></w:r></w:moveFrom></w:p>",
        "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p><w:p><w:r><w:t>"
        "Twice.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r><w:r><w:t>Around.</w:t></w:r></w:p>",
    ):
        tagged = words.replace(">", f' xmlns:w="{_W}">', 1)
        document.element.body.insert(-1, parse_xml(tagged))
    saved = io.BytesIO()
    document.save(saved)
    return _with_footnotes(saved.getvalue())


def _with_footnotes(data: bytes) -> bytes:
    notes = (
        f'<w:footnotes xmlns:w="{_W}"><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:t>--'
        '</w:t></w:r></w:p></w:footnote><w:footnote w:id="1"><w:p><w:r><w:t>A note says more.'
        "</w:t></w:r></w:p></w:footnote></w:footnotes>"
    ).encode()
    members = _members(data)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    members["word/_rels/document.xml.rels"] = members["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
    )
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.wordprocessingml.footnotes+xml"/></Types>',
    )
    return zipped([*members.items(), ("word/footnotes.xml", notes)])


def _plain_word() -> bytes:
    """As python-docx makes it: neither its date nor its author are the document's."""
    document = docx.Document()
    document.add_paragraph("One.")
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _numbered_word() -> Expected:
    """Some servers call the main part document2.xml."""
    members = _members(_plain_word())
    numbered = {
        name.replace("document.xml", "document2.xml"): content.replace(
            b"word/document.xml", b"word/document2.xml"
        )
        for name, content in members.items()
    }
    wanted = Wanted("One.", "One.", media_type=_WORD_TYPE)
    return Expected("numbered.docx", zipped(numbered.items()), [wanted])


def _strict_word() -> Expected:
    """What Word saves as "Strict Open XML document"."""
    members = _members(_plain_word())
    for name, content in members.items():
        for kind in (b"wordprocessingml", b"officeDocument", b"drawingml"):
            content = content.replace(
                b"http://schemas.openxmlformats.org/%s/2006/" % kind,
                b"http://purl.oclc.org/ooxml/%s/" % kind,
            )
        members[name] = content
    wanted = Wanted("One.", "One.", media_type=_WORD_TYPE)
    return Expected("strict.docx", zipped(members.items()), [wanted])


def _laughing_word() -> Expected:
    """Entities that grow a thousand-million-fold."""
    return Expected(
        "laughs.docx",
        _with_entities(_LAUGHS, "&l9;"),
        reason="it is damaged: it cannot be parsed as a Word file",
    )


def _curious_word() -> Expected:
    """An entity that names a file of this machine."""
    wanted = Wanted("Before", "Before", media_type=_WORD_TYPE)
    return Expected("curious.docx", _with_entities(_FILE, "Before &file;after."), [wanted])


def _with_entities(entities: str, words: str) -> bytes:
    members = _members(_plain_word())
    declaration, _, body = members["word/document.xml"].partition(b"?>")
    doctype = f"<!DOCTYPE x [{entities}]>".encode()
    body = body.replace(b"One.", words.encode())
    members["word/document.xml"] = declaration + b"?>" + doctype + body
    return zipped(members.items())


def _chapter(heading: str, words: str, doctype: str = "") -> bytes:
    return _CHAPTER.format(heading=heading, words=words, doctype=doctype).encode()


def _epub(*members: tuple[str, bytes], book: str = _BOOK) -> bytes:
    return zipped(
        [
            ("mimetype", b"application/epub+zip"),
            ("META-INF/container.xml", _CONTAINER),
            ("OEBPS/book.opf", book.encode()),
            *members,
        ]
    )


def _book_of(words: str) -> Wanted:
    return Wanted(
        words,
        "Bridges of the Rhine",
        "2021-03-04",
        "Jané Doe, John Roe",
        media_type="application/epub+zip",
    )


def _book() -> Expected:
    data = _epub(
        ("OEBPS/ch 2.xhtml", b"<html><p>Not <b>well</b>-formed.<br>At&nbsp;all.<p>End."),
        ("OEBPS/one.xhtml", _chapter("One", "A <i>caf&eacute;</i>\n at the bridge&#8212;open.")),
        ("OEBPS/nav.xhtml", _chapter("Contents", "One")),
        ("OEBPS/img.png", b"\x89PNG"),
    )
    text = "One\n\nA café at the bridge—open.\n\nNot well-formed.\nAt\xa0all.\n\nEnd."
    return Expected("book.epub", data, [_book_of(text)])


def _locked_book() -> Expected:
    encryption = b"""<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>
<e:CipherData><e:CipherReference URI="OEBPS/one.xhtml"/></e:CipherData></e:EncryptedData>
</encryption>"""
    data = _epub(("OEBPS/one.xhtml", b"\x00\x01"), ("META-INF/encryption.xml", encryption))
    return Expected(
        "locked.epub", data, reason="it is encrypted: it opens in the shop's own program only"
    )


def _laughing_book() -> Expected:
    doctype = f"<!DOCTYPE html [{_LAUGHS}{_FILE}]>"
    chapter = _chapter("One", "Before &l9; &file; after.", doctype)
    return Expected(
        "laughs.epub",
        _epub(("OEBPS/one.xhtml", chapter)),
        [_book_of("One\n\nBefore &l9; &file; after.")],
    )
