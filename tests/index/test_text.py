"""From bytes to text."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableDocument
from index.text import decode, normalise
from tests.index.texts import THOROUGH

WORDS = "Pyongyang’s “volunteers” – naïve, 한국, 👩\u200d👧"


@pytest.mark.parametrize(
    "data",
    [
        WORDS.encode(),
        codecs.BOM_UTF8 + WORDS.encode(),
        WORDS.encode("utf-16"),
        codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"),
    ],
)
def test_unicode_is_decoded_without_its_byte_order_mark(data):
    assert decode(data) == WORDS


def test_a_declared_encoding_is_used():
    assert decode("“naïve” – €5".encode("cp1252"), "windows-1252") == "“naïve” – €5"
    assert decode("Київ і Львів".encode("koi8-u"), "koi8-u") == "Київ і Львів"


def test_utf_8_wins_over_what_is_declared():
    assert decode("“naïve”".encode(), "windows-1252") == "“naïve”"


@pytest.mark.parametrize("declared", ["no-such-encoding", "hex", "undefined", "ascii", "utf-8"])
def test_a_declaration_that_does_not_hold_is_ignored(declared):
    text = "Der Präsident erklärte, daß die Gespräche in Genf für immer beendet seien. " * 5
    assert decode(text.encode("latin-1"), declared) == text


def test_a_declared_escape_codec_makes_no_lone_surrogates():
    text = decode(b"caf\xe9 \\ud800 and some more words", "unicode_escape")
    assert not any("\ud800" <= c <= "\udfff" for c in text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "it holds zero bytes"),
        (b"plain\x00text", "1 of its 10 characters are control characters"),
        (b"\x01\x02\x03\x04 text", "4 of its 9 characters are control characters"),
        ("text".encode("utf-16-le"), "4 of its 8 characters are control characters"),
        (codecs.BOM_UTF32_LE + "text".encode("utf-32-le"), "control characters"),
    ],
)
def test_binary_is_refused(data, reason):
    with pytest.raises(UnreadableDocument, match=f"it is not text: .*{reason}"):
        decode(data)


def test_a_stray_control_character_is_no_reason_to_refuse():
    text = "A form feed\x0c, an escape \x1b[1m and words. " * 5 + "One stray \x08 among them."
    assert decode(text.encode()) == text


@THOROUGH
@given(st.binary(max_size=300), st.sampled_from([None, "latin-1", "utf-16", "utf-7", "idna"]))
def test_bytes_are_decoded_or_refused(data, declared):
    try:
        text = decode(data, declared)
    except UnreadableDocument:
        return
    assert "\x00" not in text
    text.encode()


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\r\nb\rc\nd\r\r\ne", "a\nb\nc\nd\n\ne"),
        ("cafe\u0301", "café"),
        ("\ufeffA \ufeffB", "A \ufeffB"),
        ("\u2028\x85\x0b\x0c\xa0 \t", "\u2028\x85\x0b\x0c\xa0 \t"),
        ("ﬁ ½ Å", "ﬁ ½ Å"),
    ],
)
def test_normalise(text, normal):
    assert normalise(text) == normal


@THOROUGH
@given(st.text())
def test_normal_text_is_nfc_with_line_feeds_only(text):
    normal = normalise(text)
    assert "\r" not in normal
    assert unicodedata.is_normalized("NFC", normal)
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    assert normal.count("\n") == ends
