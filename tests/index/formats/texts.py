"""Text files: encodings, line ends, front matter, and what only seems to be text."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator

from tests.index.formats.expected import Expected, Wanted

STORY = (
    "Bridge over the Rhine opens\n"
    "2022-08-11\n"
    "\n"
    "The “new” bridge opened on Thursday – a naïve hope, said its critics, at €5 million.\n"
    "The mayor’s café served 3 000 guests.\n"
)
UNICODE = (
    "A family 👩\u200d👧 at the bridge 🇩🇪\n\n"
    "ראש העיר אמר: שלום עולם.\n"
    "قال رئيس البلدية: مرحبا بالعالم.\n"
    "E\u0301cole, re\u0301sume\u0301, Ångström, 각 and क्षि.\n"
)


def text_files() -> Iterator[Expected]:
    story = Wanted(STORY, "Bridge over the Rhine opens", "2022-08-11")
    yield Expected("story-utf8.txt", STORY.encode(), [story])
    yield Expected("story-bom-crlf.txt", _crlf(STORY, codecs.BOM_UTF8, "utf-8"), [story])
    yield Expected("story-cp1252.txt", STORY.encode("cp1252"), [story])
    yield Expected("story-utf16.txt", _crlf(STORY, codecs.BOM_UTF16_LE, "utf-16-le"), [story])
    yield Expected("story-utf16-no-mark.txt", STORY.encode("utf-16-be"), [story])
    yield Expected("story", STORY.encode(), [story])
    yield Expected(
        "unicode.txt",
        UNICODE.encode(),
        [Wanted(unicodedata.normalize("NFC", UNICODE), "A family 👩\u200d👧 at the bridge 🇩🇪")],
    )
    yield Expected(
        "koi8.txt",
        "Президент заявил, что переговоры завершены. Мост открыт.".encode("koi8-r"),
        [
            Wanted(
                "Президент заявил, что переговоры завершены. Мост открыт.",
                "Президент заявил, что переговоры завершены.",
            )
        ],
    )
    yield Expected(
        "like-json.txt",
        b"[1] See the annual report. [2]",
        [Wanted("[1] See the annual report. [2]", "[1] See the annual report. [2]")],
    )
    yield from _markdown_files()
    yield from _refused_files()


def _crlf(text: str, mark: bytes, encoding: str) -> bytes:
    return mark + text.replace("\n", "\r\n").encode(encoding)


def _markdown_files() -> Iterator[Expected]:
    media_type = "text/markdown"
    front = (
        "---\n"
        "# a comment\n"
        "title: 'The Rhine''s bridges: a list'\n"
        'author: ["Jané Doe", John Roe]\n'
        "date: 2021-03-04 # first\n"
        "description: >-\n"
        "  title: not this one\n"
        "---\n"
    )
    body = "# Another\n\nThe *Rhine*.\n"
    yield Expected(
        "front-matter.md",
        (front + body).encode(),
        [
            Wanted(
                body,
                "The Rhine's bridges: a list",
                "2021-03-04",
                "Jané Doe, John Roe",
                media_type=media_type,
            )
        ],
    )
    fenced = "Run this:\n\n```sh\n# not a title\n```\n\nBridges of [Bonn](b.md)\n===\n\nThree.\n"
    yield Expected(
        "fenced.markdown",
        fenced.encode(),
        [Wanted(fenced, "Bridges of Bonn", media_type=media_type)],
    )


def _refused_files() -> Iterator[Expected]:
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
    elf = b"\x7fELF\x02\x01\x01" + b"\x00" * 57
    word = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    yield Expected("image.txt", png, reason="it seems to be a PNG image, which is not read")
    yield Expected("program.txt", elf, reason="it seems to be an ELF program, which is not read")
    yield Expected(
        "old-word.docx",
        word,
        reason="it seems to be an Office file that is encrypted or older than 2007, "
        "which is not read",
    )
    yield Expected(
        "numbers.txt",
        bytes(range(1, 256)) * 4 + b"\x00",
        reason="it is not text: it holds zero bytes",
    )
    yield Expected("empty.txt", b"", reason="it is empty")
    yield Expected("blank.md", b"\r\n \r\n", reason="it holds no text")
    yield Expected(
        "note.pdf",
        b"The minutes are attached.",
        reason="it is named as PDF, but holds plain text; "
        "give it a name that ends in .txt to have it read",
    )
    yield Expected(
        "marks.txt",
        ("a" + "\u0300\u0316" * 10_000).encode(),
        reason="it is not text: it holds more than 256 combining marks in a row",
    )
