"""From bytes to text."""

from __future__ import annotations

import codecs
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableDocument
from index.text import decode, normalise, printable
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
        codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + WORDS.encode("utf-32-be"),
    ],
)
def test_unicode_is_decoded_without_its_byte_order_mark(data):
    assert decode(data) == WORDS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_zero_bytes(encoding):
    text = "The “volunteers” had left – Київ.\r\n"
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_is_used():
    assert decode("“naïve” – €5".encode("cp1252"), "windows-1252") == "“naïve” – €5"
    assert decode("Київ і Львів".encode("koi8-u"), "koi8-u") == "Київ і Львів"


def test_a_declared_name_means_what_browsers_take_it_to_mean():
    assert decode("“naïve” – €5".encode("cp1252"), "ISO-8859-1") == "“naïve” – €5"
    assert decode("①髙".encode("cp932"), "shift_jis") == "①髙"
    assert decode(b"\x81 caf\xe9 au lait", "latin-1") == "\x81 café au lait"


@pytest.mark.parametrize("charset", ["iso-2022-jp", "ISO-2022-KR"])
def test_a_declared_encoding_of_seven_bits_is_no_utf_8(charset):
    text = "한국의 다리" if charset.endswith("KR") else "日本語です。"
    assert decode(text.encode(charset), charset) == text
    assert decode(WORDS.encode(), charset) == WORDS


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
        (b"\x01\x00\x02\x00\x03\x00\x04\x00", "4 of its 4 characters are control characters"),
        (bytes(random.Random(1).choices(range(32, 256), k=500)), "in any known encoding"),
        (random.Random(1).randbytes(500).replace(b"\x00", b"\xff"), "in any known encoding"),
    ],
)
def test_binary_is_refused(data, reason):
    with pytest.raises(UnreadableDocument, match=f"it is not text.*{reason}"):
        decode(data)


def test_a_stray_control_character_is_no_reason_to_refuse():
    text = "A form feed\x0c, an escape \x1b[1m and words. " * 5 + "One stray \x08 among them."
    assert decode(text.encode()) == text


@pytest.mark.parametrize("odd", [b"\xe9", b"\xff\xfe", "ü".encode()[:1], "€".encode()[:2]])
@pytest.mark.parametrize("declared", [None, "utf-8"])
def test_a_few_odd_bytes_make_utf_8_no_other_encoding(odd, declared):
    """A line that another program appended, or a file that ends in the middle of a letter."""
    text = "Müller’s café – für fünf Gäste. "
    decoded = decode(text.encode() + odd + text.encode(), declared)
    assert decoded.replace("\ufffd", "") == 2 * text
    assert decode(2 * text.encode() + odd, declared).startswith(2 * text)


WESTERN = {
    "English": "He said “yes” – it’s naïve to pay €5 for a café.",
    "French": "Le café « Été » est ouvert – où, garçon, l’œuvre à 5 € ?",
    "German": "Der Präsident erklärte, daß die Gespräche für immer beendet seien.",
    "Swedish": "Där är åtta älgar på ön, sade han. Regeringen höjer skatten.",
    "Finnish": "Hän sanoi, että päätös tehdään myöhemmin. Äänestys jäi kesken.",
    "more Finnish": "Jäätelöä myydään täällä päivällä ja yöllä.",
    "Spanish": "El niño comió mañana ¿qué pasó? La nación eligió a su presidente.",
    "Portuguese": "A eleição não será adiada, disse o presidente em São Paulo.",
    "Danish": "Københavns lufthavn åbner på søndag. Æbler og øl er dyre.",
    "a word": "café menu",
}


@pytest.mark.parametrize("language", WESTERN)
@pytest.mark.parametrize("times", [1, 300])
def test_western_text_without_a_declaration_is_taken_for_windows_1252(language, times):
    text = (WESTERN[language] + " ") * times
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Президент заявил, что переговоры завершены.", "cp1251"),
        ("Президент заявил, что переговоры завершены.", "koi8_r"),
        ("Ο πρόεδρος δήλωσε ότι η απόφαση θα ληφθεί αργότερα.", "cp1253"),
        ("הנשיא אמר שההחלטה תתקבל מאוחר יותר. המדינה זקוקה להשקעות.", "cp1255"),
        ("قال الرئيس إن القرار سيتخذ في وقت لاحق.", "cp1256"),
        ("Zażółć gęślą jaźń, powiedział prezydent w Łodzi.", "cp1250"),
        ("東京で新しい駅が開業した。政府は決定を延期すると発表した。", "cp932"),
        ("北京的新车站今天开通了。政府宣布推迟决定。", "gb18030"),
        ("대통령은 결정이 나중에 내려질 것이라고 말했다.", "cp949"),
    ],
)
def test_text_in_other_scripts_is_detected(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_the_sample_that_is_judged_begins_where_text_stops_being_ascii():
    text = "Plain words. " * 20_000 + "Президент заявил, что переговоры завершены. " * 9
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize(
    "name", ["unicode_escape", "raw_unicode_escape", "punycode", "idna", "utf-7", "rot13", "a\x00b"]
)
def test_a_declared_codec_that_is_no_charset_of_documents_is_not_used(name):
    text = "café \\u0041 in C:\\new\\table"
    assert decode(text.encode("cp1252"), name) == text


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


def test_a_heap_of_combining_marks_is_refused_before_it_takes_quadratic_time():
    stack = "a" + "\u0300\u0316" * 128
    assert normalise(stack) == unicodedata.normalize("NFC", stack)
    with pytest.raises(UnreadableDocument, match="more than 256 combining marks in a row"):
        normalise("é" + "\u0300\u0316" * 1_000_000)


def test_other_long_runs_are_no_heap_of_marks():
    for text in ("。" * 1_000, "—" * 1_000, "😀" * 1_000):
        assert normalise(text) == text


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\x00\x07\ud800\udfff\t\n"))))
def test_printable_text_can_be_stored_and_loses_nothing_else(text):
    kept = printable(text)
    kept.encode()
    assert "\x00" not in kept
    if text.isprintable():
        assert kept == text


@THOROUGH
@given(st.text())
def test_normal_text_is_nfc_with_line_feeds_only(text):
    normal = normalise(text)
    assert "\r" not in normal
    assert unicodedata.is_normalized("NFC", normal)
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    assert normal.count("\n") == ends
