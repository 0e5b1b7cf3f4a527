"""Files made to take all memory, all time or all disk of whoever reads them."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from index.errors import UnreadableDocument
from index.loaders import load_bytes
from tests.index.formats import LIMITS, packages
from tests.index.formats.pdf import assemble
from tests.index.formats.pdfs import inflating, many_pages
from tests.index.formats.zips import zipped

SMALL = dataclasses.replace(
    LIMITS,
    max_file_bytes=5_000_000,
    max_text_characters=200_000,
    max_pages=50,
    max_members=50,
    max_expanded_bytes=10_000_000,
    max_seconds=5.0,
    max_memory_bytes=700_000_000,
)
ZEROS = b"0" * 4_000_000
GROWN_AT_MOST = 200_000_000  # bytes of this process; the worker that reads has a limit of its own


def _nested(depth: int, width: int = 3) -> bytes:
    data = zipped([("leaf.txt", b"0" * 1_000_000)])
    for level in range(depth):
        data = zipped([(f"{level}-{i}.zip", data) for i in range(width)])
    return data


def _overlapping() -> bytes:
    """Many names for the same compressed bytes, as in D. Fifield's zip bombs."""
    with io.BytesIO(zipped([("0.txt", b"word " * 180_000)])) as file:
        whole = file.getvalue()
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        directory = package.start_dir
    entry = whole[directory : whole.index(b"PK\x05\x06")]
    count = 1_000
    entries = b"".join(entry.replace(b"0.txt", b"%05d" % i, 1) for i in range(count))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), directory, 0)
    return whole[:directory] + entries + end


def _lying(claimed: int) -> bytes:
    """The directory says that a member is small."""
    data = zipped([("a.txt", ZEROS)])
    return data.replace(struct.pack("<L", len(ZEROS)), struct.pack("<L", claimed))


def _many_entries() -> bytes:
    return zipped([(f"{i}.txt", b"w") for i in range(2_000)], zipfile.ZIP_STORED)


def _laughing_html() -> bytes:
    entities = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
    return f"<!DOCTYPE html [<!ENTITY a0 'ha'>{entities}]><html><p>&a11;</p></html>".encode()


def _with_object(content: bytes, what: bytes) -> bytes:
    font = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", what]
    return assemble([content], font, {})


def _looping_pdf() -> bytes:
    """A tree of pages that is its own child."""
    data = _with_object(b"BT ET", b"<< >>")
    return data.replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


def _huge_count_pdf() -> bytes:
    return _with_object(b"BT ET", b"<< >>").replace(b"/Count 1", b"/Count 2147483647")


def _twice_packed_pdf() -> bytes:
    packed = zlib.compress(zlib.compress(b" " * 200_000_000, 9), 9)
    small = zlib.compress(b"@")
    old = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s" % (len(small), small)
    new = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s" % (
        len(packed),
        packed,
    )
    return _with_object(b"@", b"<< >>").replace(old, new)


def _deep_mail(depth: int) -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(depth)
    )
    return f"{head}{parts}Content-Type: text/plain\n\nwords\n".encode()


def _many_parts_mail() -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/mixed; boundary="b"\n\n'
    part = '--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\nw\n'
    return (head + part * 2_000).encode()


def _bomb_in_mail() -> bytes:
    from base64 import encodebytes

    head = "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/zip\n'
    head += 'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="a.zip"'
    return f"{head}\n\n{encodebytes(_nested(1)).decode()}\n--b--\n".encode()


def _word(main: bytes) -> bytes:
    members = packages._members(packages._plain_word())
    members["word/document.xml"] = main
    return zipped(members.items())


def _word_of(inside: str) -> bytes:
    head = f'<?xml version="1.0"?><w:document xmlns:w="{packages._W}"><w:body>'
    return _word(f"{head}{inside}</w:body></w:document>".encode())


_LONG_PARAGRAPH = "<w:p><w:r><w:t>word word word word</w:t></w:r></w:p>"

BOMBS: dict[str, Callable[[], tuple[str, bytes]]] = {
    "zeros in a zip": lambda: ("a.zip", zipped([("a.txt", b"0" * 30_000_000)])),
    "many zeros in a zip": lambda: (
        "a.zip",
        zipped([(f"{i}.txt", b"ab" * 490_000) for i in range(40)]),
    ),
    "zips in zips": lambda: ("a.zip", _nested(3)),
    "zips in zips in zips": lambda: ("a.zip", _nested(6, 2)),
    "names for the same bytes": lambda: ("a.zip", _overlapping()),
    "a directory that lies": lambda: ("a.zip", _lying(10)),
    "a directory that lies, zero": lambda: ("a.zip", _lying(0)),
    "more members than are read": lambda: ("a.zip", _many_entries()),
    "a document packed by LZMA": lambda: ("a.zip", zipped([("a.txt", ZEROS)], zipfile.ZIP_LZMA)),
    "a document packed by bzip2": lambda: ("a.zip", zipped([("a.txt", ZEROS)], zipfile.ZIP_BZIP2)),
    "gzip": lambda: ("a.txt.gz", gzip.compress(b"0" * 50_000_000)),
    "gzip named as text": lambda: ("a.txt", gzip.compress(b"0" * 50_000_000)),
    "word: entities": lambda: ("a.docx", packages._with_entities(packages._LAUGHS, "&l9;")),
    "word: quadratic entities": lambda: (
        "a.docx",
        packages._with_entities(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 20_000),
    ),
    "word: zeros": lambda: ("a.docx", _word(b" " * 30_000_000)),
    "word: depth": lambda: ("a.docx", _word_of("<w:sdt><w:sdtContent>" * 100_000)),
    "word: length": lambda: ("a.docx", _word_of(_LONG_PARAGRAPH * 20_000)),
    "epub: entities": lambda: ("a.epub", packages._laughing_book().data),
    "epub: zeros": lambda: ("a.epub", packages._epub(("OEBPS/one.xhtml", b" " * 30_000_000))),
    "epub: chapters without end": lambda: (
        "a.epub",
        packages._epub(
            ("OEBPS/one.xhtml", packages._chapter("One", "word " * 30_000)),
            book=packages._BOOK.replace('<itemref idref="gone"/>', '<itemref idref="one"/>' * 500),
        ),
    ),
    "html: entities": lambda: ("a.html", _laughing_html()),
    "html: depth": lambda: ("a.html", b"<html><body>" + b"<div>" * 300_000 + b"word"),
    "html: tables in tables": lambda: ("a.html", b"<html>" + b"<table><tr><td>" * 60_000 + b"w"),
    "html: attributes": lambda: (
        "a.html",
        b"<html><p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">w",
    ),
    "html: length": lambda: ("a.html", b"<html><body>" + b"<p>word word word</p>" * 20_000),
    "json: depth": lambda: ("a.json", b"[" * 1_000_000 + b"]" * 1_000_000),
    "json: objects": lambda: ("a.json", b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    "json: many values": lambda: ("a.json", b"[" + b"[]," * 1_500_000 + b"[]]"),
    "json: a long number": lambda: ("a.json", b'[{"text": ' + b"9" * 4_000_000 + b"}]"),
    "json: many documents": lambda: (
        "a.json",
        json.dumps([{"text": f"word {i}"} for i in range(5_000)]).encode(),
    ),
    "jsonl: many documents": lambda: ("a.jsonl", b'{"text": "word"}\n' * 5_000),
    "csv: many rows": lambda: ("a.csv", b"text\n" + b"word\n" * 5_000),
    "csv: a long field": lambda: ("a.csv", b'text\n"' + b"a" * 4_000_000 + b'"\n'),
    "csv: many columns": lambda: ("a.csv", b",".join([b"a"] * 500_000) + b"\nx\n"),
    "text: one long word": lambda: ("a.txt", b"a" * 4_000_000),
    "text: beyond the file's limit": lambda: ("a.txt", b"word " * 1_100_000),
    "markdown: brackets": lambda: ("a.md", b"[" * 400_000),
    "markdown: front matter": lambda: ("a.md", b"---\n" + b"a: &a [*a]\n" * 50_000 + b"---\nword"),
    "mail: parts in parts": lambda: ("a.eml", _deep_mail(5_000)),
    "mail: many parts": lambda: ("a.eml", _many_parts_mail()),
    "mail: a zip bomb attached": lambda: ("a.eml", _bomb_in_mail()),
    "pdf: more pages than are read": lambda: ("a.pdf", many_pages(60)),
    "pdf: a tree of its own child": lambda: ("a.pdf", _looping_pdf()),
    "pdf: a count that is not true": lambda: ("a.pdf", _huge_count_pdf()),
    "pdf: a stream of spaces": lambda: ("a.pdf", inflating(1_500_000_000)),
    "pdf: a stream packed twice": lambda: ("a.pdf", _twice_packed_pdf()),
    "pdf: cut short": lambda: ("a.pdf", many_pages(20)[:400]),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_file_that_would_take_too_much_takes_little(name: str) -> None:
    """It is refused, or read within the limits; this process hardly grows by it."""
    file_name, data = BOMBS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        loaded = load_bytes(data, file_name, file_name, SMALL)
        documents, told = loaded.documents, ""
    except UnreadableDocument as error:
        documents, told = (), str(error)
    assert told.startswith(f"{file_name}: ") == (not documents)
    assert len(told) < 2_000
    assert len(documents) <= SMALL.max_members
    assert all(len(one.text) <= SMALL.max_text_characters for one in documents)
    assert sum(len(one.text) for one in documents) <= SMALL.max_expanded_bytes
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1_024 < GROWN_AT_MOST


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("zeros in a zip", "QA_MAX_FILE_BYTES"),
        ("many zeros in a zip", "QA_MAX_EXPANDED_BYTES"),
        ("more members than are read", "QA_MAX_MEMBERS"),
        ("a document packed by LZMA", "only 0 and 8"),
        ("gzip named as text", "a gzip file"),
        ("word: entities", "cannot be parsed"),
        ("word: length", "QA_MAX_TEXT_CHARACTERS"),
        ("html: length", "QA_MAX_TEXT_CHARACTERS"),
        ("json: many documents", "QA_MAX_MEMBERS"),
        ("csv: many rows", "QA_MAX_MEMBERS"),
        ("text: one long word", "QA_MAX_TEXT_CHARACTERS"),
        ("text: beyond the file's limit", "QA_MAX_FILE_BYTES"),
        ("pdf: more pages than are read", "QA_MAX_PAGES"),
    ],
)
def test_a_refusal_names_the_limit(name: str, why: str) -> None:
    file_name, data = BOMBS[name]()
    with pytest.raises(UnreadableDocument) as refused:
        load_bytes(data, file_name, file_name, dataclasses.replace(SMALL, max_seconds=60.0))
    assert why in str(refused.value)
