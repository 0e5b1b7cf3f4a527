"""From bytes to the one text that every offset indexes."""

from __future__ import annotations

import re
import unicodedata

from charset_normalizer import from_bytes

from index.errors import UnreadableDocument

# What a text file never holds: C0 controls other than tab, line feed, form feed, carriage return.
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY_SHARE = 0.01


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode as UTF-8 (or by byte order mark), else as declared, else as detected.

    Raises:
        UnreadableDocument: the bytes are not text in any encoding that could be found.
    """
    for encoding in ("utf-8-sig", _utf16(data), declared):
        if encoding is not None:
            try:
                text = data.decode(encoding)
                text.encode()  # "unicode_escape" yields lone surrogates, which nothing can store
                return _checked(text)
            except (UnicodeError, LookupError):
                continue
    if b"\x00" in data:
        raise UnreadableDocument("it is not text: it holds zero bytes")
    best = from_bytes(data).best()
    if best is None:
        raise UnreadableDocument("it is not text in any known encoding")
    return _checked(str(best))


def normalise(text: str) -> str:
    """NFC, ``\\n`` line ends, no byte order mark; nothing else is touched."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", plain)


def _utf16(data: bytes) -> str | None:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None


def _checked(text: str) -> str:
    """Refuse what decodes but is plainly binary."""
    controls = len(_BINARY.findall(text))
    if controls and ("\x00" in text or controls > _BINARY_SHARE * len(text)):
        raise UnreadableDocument(
            f"it is not text: {controls:,} of its {len(text):,} characters are control characters"
        )
    return text
