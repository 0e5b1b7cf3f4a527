"""From bytes to the one text that every offset indexes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

from charset_normalizer import from_bytes

from index.errors import UnreadableDocument

# What a text file never holds: C0 controls other than tab, line feed, form feed, carriage return.
_CONTROLS = "".join(map(chr, (*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20))))
_BINARY = re.compile(f"[{_CONTROLS}]")
_BINARY_SHARE = 0.01

_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What pages mean by these names, as browsers read them (WHATWG Encoding Standard, section 4.2).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Notations of Python source, no charsets: they would take a backslash for an escape.
_NO_CHARSETS = {"unicode-escape", "raw-unicode-escape"}
_SEVEN_BIT = "iso2022"  # these write Japanese and Korean in bytes that UTF-8 takes for ASCII
# Encodings that files without a declaration have in practice. Left to all that it knows, the
# detection takes Swedish for cp775 and Spanish for mac_latin2.
_LIKELY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"),
    *("iso8859_2", "koi8_r", "koi8_u", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_WESTERN = "cp1252"  # taken where the evidence for another is no better
_CHAOS_MARGIN = 0.02
_ASCII_SHARE = 0.5  # of a text in Latin letters, such as Finnish, that the detection gives up
_SAMPLE_BYTES = 32_768

# Well-formed UTF-8 beyond ASCII. Hardly any of it comes about by chance where another encoding is
# meant: beside it, a few odd bytes are damage, such as a line that another program appended.
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SOUND_PER_ODD_BYTE = 4

_OTHER_THAN_WORDS = re.compile(r"[^\w\x00-\x7f]+")
_MARKS_AT_MOST = 256  # in a row: putting them into canonical order takes quadratic time


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by byte order mark, as UTF-8, else as declared, else as detected.

    In UTF-8 with a few odd bytes each of these becomes the replacement character.

    Raises:
        UnreadableDocument: the bytes are not text in any encoding that could be found.
    """
    for encoding in _candidates(data, declared):
        try:
            return _checked(_decoded(data, encoding))
        except (UnicodeError, LookupError):
            continue
    if b"\x00" in data:
        raise UnreadableDocument("it is not text: it holds zero bytes")
    if _is_damaged_utf_8(data):
        return _checked(data.decode("utf-8", "replace"))
    for encoding in _detected(data):
        try:
            return _checked(_decoded(data, encoding))
        except UnicodeError:
            continue
    raise UnreadableDocument("it is not text in any known encoding")


def normalise(text: str) -> str:
    """NFC, ``\\n`` line ends, no byte order mark; nothing else is touched.

    Raises:
        UnreadableDocument: it holds more combining marks in a row than any script writes.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if plain.isascii():
        return plain
    for run in _OTHER_THAN_WORDS.finditer(plain):
        if run.end() - run.start() > _MARKS_AT_MOST:
            _check_marks(run.group())
    return unicodedata.normalize("NFC", plain)


def printable(text: str) -> str:
    """Without what no text holds and nothing can store: control characters, lone surrogates."""
    if _BINARY.search(text):
        text = _BINARY.sub("", text)
    return text.encode("utf-8", "replace").decode("utf-8")


def _candidates(data: bytes, declared: str | None) -> Iterator[str]:
    yield from (encoding for mark, encoding in _MARKED if data.startswith(mark))
    if (unmarked := _utf16_without_mark(data)) is not None:
        yield unmarked
    name = None if declared is None else _charset(declared)
    if name is not None and name.startswith(_SEVEN_BIT) and b"\x1b" in data:
        yield name
    yield "utf-8"
    if name is not None:
        yield _MEANT.get(name, name)
        yield name


def _charset(declared: str) -> str | None:
    """The codec of that name, unless it is none for text."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):  # a name with a zero byte is a ValueError
        return None
    return None if name.replace("_", "-") in _NO_CHARSETS else name


def _utf16_without_mark(data: bytes) -> str | None:
    """By where the zero bytes are: ASCII letters have them in every second place."""
    sample = data[:1_024]
    if b"\x00" not in sample or len(data) % 2:
        return None
    zeros = [sample[start::2].count(0) / max(1, len(sample) // 2) for start in (0, 1)]
    if zeros[0] <= 0.05 and zeros[1] >= 0.6:
        return "utf-16-le"
    return "utf-16-be" if zeros[1] <= 0.05 and zeros[0] >= 0.6 else None


def _is_damaged_utf_8(data: bytes) -> bool:
    sound = sum(1 for _ in _UTF_8.finditer(data))
    if not sound:
        return False
    odd = sum(byte >= 0x80 for byte in _UTF_8.sub(b"", data))
    return sound >= _SOUND_PER_ODD_BYTE * odd


def _decoded(data: bytes, encoding: str) -> str:
    text = data.decode(encoding)
    text.encode()  # some codecs yield lone surrogates, which nothing can store
    return text


def _detected(data: bytes) -> list[str]:
    """Encodings by charset-normalizer, the likeliest first, judged by a sample."""
    sample = _sample(data)
    matches = list(from_bytes(sample, cp_isolation=_LIKELY))
    for match in matches:
        as_orderly = match.chaos <= matches[0].chaos + _CHAOS_MARGIN
        as_fluent = match.coherence >= matches[0].coherence
        if as_orderly and as_fluent and _WESTERN in match.could_be_from_charset:
            return [_WESTERN, *(match.encoding for match in matches)]
    if not matches and sum(byte < 0x80 for byte in sample) >= _ASCII_SHARE * len(sample):
        return [_WESTERN]
    return [match.encoding for match in matches]


def _sample(data: bytes) -> bytes:
    """From the first byte that is not ASCII, to the end of a word."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 200) if first else 0
    sample = data[start : start + _SAMPLE_BYTES]
    if len(data) <= start + _SAMPLE_BYTES:
        return sample
    end = max(sample.rfind(b" "), sample.rfind(b"\n"))  # neither is a part of a longer character
    return sample[:end] if end > 0 else sample


def _check_marks(run: str) -> None:
    marks = 0
    for character in run:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MARKS_AT_MOST:
            raise UnreadableDocument(
                f"it is not text: it holds more than {_MARKS_AT_MOST} combining marks in a row"
            )


def _checked(text: str) -> str:
    """Refuse what decodes but is plainly binary."""
    if not _BINARY.search(text):
        return text
    controls = sum(text.count(c) for c in _CONTROLS)
    if "\x00" in text or controls > _BINARY_SHARE * len(text):
        raise UnreadableDocument(
            f"it is not text: {controls:,} of its {len(text):,} characters are control characters"
        )
    return text
