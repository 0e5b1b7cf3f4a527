"""Zip archives, sound and hostile."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator

from tests.index.formats.expected import Expected, Wanted
from tests.index.formats.pdf import flowing, pdf
from tests.index.formats.zips import zipped

_ONE = b"One story.\n"


def archive_files() -> Iterator[Expected]:
    yield _sound()
    yield _hostile_names()
    yield _nested()
    yield Expected(
        "bomb.zip",
        zipped([("zeros.txt", b"0" * 30_000_000), ("one.txt", _ONE)]),
        [_one("one.txt")],
        [("!/zeros.txt", "it expands more than 200-fold, as only a zip bomb does")],
    )
    yield Expected(
        "bombs.zip",
        zipped([(f"{i}.txt", b"0" * 1_040_000) for i in range(60)]),
        reason="it expands to more than 50,000,000 bytes, "
        "the most that are read of one file (QA_MAX_EXPANDED_BYTES)",
    )
    yield Expected(
        "many.zip",
        zipped([(f"{i}.txt", b"word") for i in range(1_001)], zipfile.ZIP_STORED),
        reason="it holds more than 1,000 documents, "
        "the most that are read of one file (QA_MAX_MEMBERS)",
    )
    yield Expected(
        "nothing.zip",
        zipped([("image.png", b"\x89PNG"), (".hidden.txt", _ONE), ("__MACOSX/a.txt", _ONE)]),
        reason="it holds no document of a format that is read",
    )
    yield Expected(
        "unread.zip",
        zipped([("a.txt", b""), ("b/c.md", b"\x00\xff\x00")]),
        reason="nothing in it could be read: !/a.txt: it holds no text; "
        "!/b/c.md: it is not text: it holds zero bytes",
    )


def _one(label: str) -> Wanted:
    return Wanted("One story.\n", "One story.", member=f"!/{label}")


def _sound() -> Expected:
    minutes = pdf([flowing([["The minutes say five million."]])])
    return Expected(
        "mixed.zip",
        zipped(
            [
                ("folder/", b""),
                ("folder/Ångström.txt", "The “naïve” café.".encode("cp1252")),
                ("folder/minutes.pdf", minutes),
                ("table.csv", b"text\nFirst.\nSecond.\n"),
                ("image.txt", b"\x89PNG\r\n\x1a\n\x00"),
            ]
        ),
        [
            Wanted("The “naïve” café.", "The “naïve” café.", member="!/folder/Ångström.txt"),
            Wanted(
                "The minutes say five million.",
                "The minutes say five million.",
                member="!/folder/minutes.pdf",
                media_type="application/pdf",
                pages=(0,),
            ),
            Wanted("First.", "First.", member="!/table.csv!/row 2", media_type="text/csv"),
            Wanted("Second.", "Second.", member="!/table.csv!/row 3", media_type="text/csv"),
        ],
        [("!/image.txt", "it seems to be a PNG image, which is not read")],
    )


def _hostile_names() -> Expected:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    locked = zipfile.ZipInfo("locked.txt")
    data = zipped(
        [
            ("../../up.txt", _ONE),
            ("/etc/root.txt", _ONE),
            ("C:\\windows\\..\\drive.txt", _ONE),
            ("twice.txt", _ONE),
            ("twice.txt", _ONE),
            ("line\nend.txt", _ONE),
            ("a!/b.txt", _ONE),
            ("nul@.txt", _ONE),
            (link, b"/etc/passwd"),
            (locked, _ONE),
        ],
        zipfile.ZIP_STORED,
    )
    data = data.replace(b"nul@.txt", b"nul\x00.txt")
    labels = ["up.txt", "etc/root.txt", "windows/drive.txt", "twice.txt", "twice.txt (2)"]
    labels += ["line end.txt", "a/b.txt"]
    return Expected(
        "names.zip",
        _encrypted_flag(data, b"locked.txt"),
        [_one(label) for label in labels],
        [("!/link.txt", "it is a link, not a file"), ("!/locked.txt", "it is encrypted")],
    )


def _encrypted_flag(data: bytes, name: bytes) -> bytes:
    """Say of the member, in both of its headers, that it is encrypted."""
    changed = bytearray(data)
    for magic, flags, names in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        place = data.find(magic)
        while data[place + names : place + names + len(name)] != name:
            place = data.find(magic, place + 1)
        changed[place + flags] |= 1
    return bytes(changed)


def _nested() -> Expected:
    inner = zipped([("one.txt", _ONE)])
    deeper = zipped([("inner.zip", inner), ("one.txt", _ONE)])
    deepest = zipped([("deeper.zip", deeper), ("inner.zip", inner)])
    return Expected(
        "nested.zip",
        deepest,
        [_one("deeper.zip!/one.txt"), _one("inner.zip!/one.txt")],
        [
            (
                "!/deeper.zip!/inner.zip!/one.txt",
                "it is packed more than 2 archives deep, which is not read",
            )
        ],
    )
