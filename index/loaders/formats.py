"""What a file is: by its content first, then as declared, then by its name."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from index.errors import UnreadableDocument
from index.text import decode


class Format(StrEnum):
    """The formats that are read; the values stand in messages."""

    PLAIN = "plain text"
    MARKDOWN = "Markdown"
    HTML = "HTML"
    PDF = "PDF"
    DOCX = "Word"
    EML = "mail"
    EPUB = "EPUB"
    CSV = "CSV"
    JSON = "JSON"
    ZIP = "zip archive"


_BY_SUFFIX = {
    ".txt": Format.PLAIN,
    ".text": Format.PLAIN,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".eml": Format.EML,
    ".epub": Format.EPUB,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSON,
    ".ndjson": Format.JSON,
    ".zip": Format.ZIP,
}
SUFFIXES = tuple(_BY_SUFFIX)

_BY_MEDIA_TYPE = {
    "text/markdown": Format.MARKDOWN,
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/csv": Format.CSV,
    "text/tab-separated-values": Format.CSV,
    "application/json": Format.JSON,
    "application/x-ndjson": Format.JSON,
    "application/jsonl": Format.JSON,
    "message/rfc822": Format.EML,
}
# Formats that begin with bytes of their own: without those, the name is wrong or the file damaged.
_BINARY = {Format.PDF, Format.DOCX, Format.EPUB, Format.ZIP}

# What is often met under a wrong name; bytes at the start, or from the given place on.
_FOREIGN = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF87a", "a GIF image"),
    (0, b"GIF89a", "a GIF image"),
    (0, b"II*\x00", "a TIFF image"),
    (0, b"MM\x00*", "a TIFF image"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftyp", "a video or an image of the MP4 family"),
    (8, b"WAVE", "a WAV recording"),
    (8, b"AVI ", "an AVI video"),
    (0, b"ID3\x02", "an MP3 recording"),
    (0, b"ID3\x03", "an MP3 recording"),
    (0, b"ID3\x04", "an MP3 recording"),
    (0, b"OggS\x00", "an Ogg recording"),
    (0, b"fLaC\x00", "a FLAC recording"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"MZ\x90\x00", "a Windows program"),
    (0, b"\xca\xfe\xba\xbe", "a Java class or a macOS program"),
    (0, b"\xcf\xfa\xed\xfe", "a macOS program"),
    (0, b"\x00asm", "a WebAssembly module"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"BZh91AY&SY", "a bzip2 file"),
    (0, b"\xfd7zXZ\x00", "an xz file"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file that is encrypted or older than 2007"),
    (0, b"{\\rtf", "a Rich Text file"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"wOFF", "a font"),
    (0, b"wOF2", "a font"),
)
# What goes before magic bytes that do not come first: "The new WEBP format" is a text.
_BEFORE = {8: b"RIFF", 4: b"\x00"}

_HEAD_BYTES = 4_096
_PDF_WITHIN = 1_024  # where readers look for the header (ISO 32000-1, annex H.3.4.1)
_BLANK = b" \t\r\n\f\v"
_PROLOGUE = ((b"<?xml", b"?>"), (b"<!--", b"-->"))
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_MAIL_FIELD = re.compile(rb"([!-9;-~]+):[ \t]?")
_MAIL_BY_MACHINE = {b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to"}
_MAIL_BY_HAND = {b"from", b"to", b"subject", b"date"}
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[{\[\"\-0-9tfn\]]")


def suffix_of(name: str) -> str:
    """The name's ending, in lower case, dot included; ``name`` need not be a path."""
    base = re.split(r"[/\\]", name)[-1]
    return "." + base.rpartition(".")[2].lower() if "." in base.lstrip(".") else ""


def recognise(data: bytes, name: str, declared: str | None = None) -> Format:
    """The format to read ``data`` as.

    Args:
        name: the name of a file, or anything else.
        declared: the value of a ``Content-Type`` header.

    Raises:
        UnreadableDocument: it is of a kind that is not read, whatever its name says.
    """
    if (found := _by_content(data, _BY_SUFFIX.get(suffix_of(name)))) is not None:
        return found
    if (foreign := _foreign(data)) is not None:
        raise UnreadableDocument(f"it seems to be {foreign}, which is not read")
    wanted = expected(name, declared)
    if wanted in _BINARY:
        raise UnreadableDocument(_misnamed(data, wanted))
    return wanted or Format.PLAIN


def expected(name: str, declared: str | None) -> Format | None:
    """What the sender says that it is, or else its name; None where neither tells."""
    media_type = (declared or "").partition(";")[0].strip().lower()
    return _BY_MEDIA_TYPE.get(media_type) or _BY_SUFFIX.get(suffix_of(name))


def declared_charset(declared: str | None) -> str | None:
    """The charset parameter of a ``Content-Type`` header."""
    found = re.search(r";\s*charset\s*=\s*[\"']?([\w.:+-]+)", (declared or "")[:500], re.IGNORECASE)
    return found[1] if found else None


def _by_content(data: bytes, named: Format | None) -> Format | None:
    if data.startswith(b"%PDF-") or (named is Format.PDF and b"%PDF-" in data[:_PDF_WITHIN]):
        return Format.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Format.ZIP  # what is inside tells Word and EPUB from others
    head = _head(data)
    if _HTML.match(head):
        return Format.HTML
    if named not in (None, Format.PLAIN):
        return None
    if _is_mail(head):
        return Format.EML
    return Format.JSON if _could_be_json(data, head) else None


def _head(data: bytes) -> bytes:
    """The beginning as ASCII letters, without byte order mark, XML declaration and comments."""
    head = data[:_HEAD_BYTES]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    while True:
        for opening, closing in _PROLOGUE:
            if head.startswith(opening):
                head = head.partition(closing)[2].lstrip(_BLANK)
                break
        else:
            return head


def _is_mail(head: bytes) -> bool:
    """A block of header fields, some of which only mail programs write."""
    names: set[bytes] = set()
    for line in head.splitlines():
        if not line:
            break
        if line[:1] in (b" ", b"\t"):
            continue
        field = _MAIL_FIELD.match(line)
        if field is None:
            return False
        names.add(field[1].lower())
    return bool(names & _MAIL_BY_MACHINE) and len(names & _MAIL_BY_HAND) >= 2


def _could_be_json(data: bytes, head: bytes) -> bool:
    """Whether it is worth parsing: it opens and closes as JSON does."""
    tail = data[-_HEAD_BYTES:].rstrip(_BLANK)
    return bool(_JSON.match(head)) and tail.endswith((b"}", b"]"))


def _foreign(data: bytes) -> str | None:
    for place, magic, what in _FOREIGN:
        if data.startswith(_BEFORE.get(place, b"")) and data.startswith(magic, place):
            return what
    return None


def _misnamed(data: bytes, wanted: Format) -> str:
    """Why a file that is named as ``wanted`` is not read: text is not, or not for sure, meant."""
    if not data.strip(_BLANK + b"\x00"):
        return "it is empty"
    try:
        decode(data)
    except UnreadableDocument:
        return f"it is named as {wanted}, but its content is not: it may be damaged"
    return (
        f"it is named as {wanted}, but holds plain text; "
        "give it a name that ends in .txt to have it read"
    )
