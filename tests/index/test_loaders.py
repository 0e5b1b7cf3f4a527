"""Files become documents, or an error that names the file and says why."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.boilerplate import furniture
from index.documents import Document
from index.errors import UnreadableDocument
from index.loaders import hash_file, load_bytes, load_file, reading
from index.loaders.pool import POOL
from tests.conftest import ROOT, SEEDS
from tests.index.formats import LIMITS

SEED_HASHES = {
    "000_24598830d6a6aed1.txt": "d0de3b62b28313d88ea3aa6b9544106efa564a56ecd3c23e1406a302d2325857",
    "001_f9c2ce2ad4a9c170.txt": "bbe5d9c77734db0976996c120a082a75ab424ae1f038f84edb76a19e992dd247",
    "002_0108e8062d24e9d8.txt": "f3e7a809091fc98c2e7fb85275d2e06e59373fa7051b66c065289444b8e4ceb5",
    "003_328438cecb52f855.txt": "b78ad8398cb62f5f6296709c25d1a41243e46423d907d72e93e6c25579d63ca6",
    "004_77be087f6c8edd40.txt": "11f0e78e0ec6b914f09ec672444ebacc31117266f0eb6f3e0dc0327229cd084c",
}
PAGE = """<!doctype html><html><head>{head}<title>Troops on the move</title>
<script>var secret = "not for readers";</script></head><body><nav><a href="/">Home</a></nav>
<article><h1>Troops on the move</h1>
<p>The ministry said on Monday that the “volunteers” had left the capital for the border.</p>
<p>Nobody in the town had heard of it, as its mayor told the newspaper on the telephone.</p>
<script>track("again");</script></article><footer>© 2024 The Paper</footer></body></html>"""


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    POOL.close()


def load(path: Path) -> Document:
    (document,) = load_file(path, LIMITS).documents
    return document


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reason_not_to_read(path: Path, **limits: int) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        load_file(path, dataclasses.replace(LIMITS, **limits))
    return str(caught.value)


def test_the_seeds_are_byte_for_byte_what_was_given():
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in SEEDS.iterdir()}
    assert found == SEED_HASHES


@pytest.mark.parametrize("name", SEED_HASHES)
def test_a_seed_is_loaded_whole(name):
    path = SEEDS / name
    document = load(path)
    text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    assert document.text == unicodedata.normalize("NFC", text)
    assert document.source == str(path.resolve())
    assert document.media_type == "text/plain"
    assert document.furniture == furniture(document.text)


def test_plain_text_keeps_all_but_line_ends_and_composition(tmp_path):
    path = write(tmp_path / "Notes.TXT", "\ufeff Cafe\u0301 \r\n\r\n2022-08-11\r\nIt opened.  \r\n")
    document = load(path)
    assert document.text == " Café \n\n2022-08-11\nIt opened.  \n"
    assert (document.title, document.date) == ("Café", "2022-08-11")


def test_a_text_without_a_title_is_named_after_its_file(tmp_path):
    assert load(write(tmp_path / "figures 2024.txt", "1 2 3\n4 5 6\n")).title == "figures 2024"


def test_markdown_front_matter_gives_title_and_date_and_is_left_out(tmp_path):
    front = '---\ntitle: "Rivers of Europe"\ndate: 2021-03-04\ntags: [a]\n---\n'
    document = load(write(tmp_path / "a.md", f"{front}# Another\n\nThe *Rhine*.\n"))
    assert (document.title, document.date) == ("Rivers of Europe", "2021-03-04")
    assert document.text == "# Another\n\nThe *Rhine*.\n"
    assert document.media_type == "text/markdown"


@pytest.mark.parametrize(
    ("content", "title", "date"),
    [
        ("Intro.\n\n# The Rhine #\n\nIt flows.", "The Rhine", None),
        ("## Part two\n\nIt flows.", "Part two", None),
        ("---\ndate: 4 March 2021\n---\n# The Rhine\n", "The Rhine", "2021-03-04"),
        ("---\ndate: 2021-13-40\n---\n# The Rhine\n", "The Rhine", None),
        ("---\r\ntitle: Rhine\r\n---\r\nIt flows.", "Rhine", None),
        ("A rule\n\n---\n\ntitle: none\n\n---\n\nIt flows.", "A rule", None),
    ],
)
def test_titles_and_dates_of_markdown(tmp_path, content, title, date):
    document = load(write(tmp_path / "a.markdown", content))
    assert (document.title, document.date) == (title, date)


def test_html_yields_the_article_alone(tmp_path):
    head = '<meta property="article:published_time" content="2022-08-11T10:00:00Z">'
    document = load(write(tmp_path / "page.html", PAGE.format(head=head)))
    assert (document.title, document.date) == ("Troops on the move", "2022-08-11")
    assert document.media_type == "text/html"
    assert "“volunteers” had left the capital" in document.text
    assert "Nobody in the town" in document.text
    for unwanted in ("secret", "track", "Home", "<p>", "©"):
        assert unwanted not in document.text


def test_html_is_decoded_as_its_meta_element_says(tmp_path):
    page = PAGE.format(head='<META\thttp-equiv=Content-Type\ncharset\t=\t"iso-8859-15">')
    page = page.replace("“volunteers”", "volunteers, at €5 an hour,")
    document = load(write(tmp_path / "page.htm", page.encode("iso-8859-15")))
    assert "the volunteers, at €5 an hour, had" in document.text


@pytest.mark.parametrize("charset", ["undefined", "no-such", "hex"])
def test_html_that_declares_no_real_charset_is_read(tmp_path, charset):
    page = PAGE.format(head=f"<meta charset={charset}>").encode("cp1252")
    assert "had left the capital" in load(write(tmp_path / "page.html", page)).text


@pytest.mark.parametrize("page", ["<html></html>", "<script>var a = 1;</script>", "<div>" * 9_000])
def test_html_without_an_article_is_refused(tmp_path, page):
    path = write(tmp_path / "page.html", page)
    assert reason_not_to_read(path) == f"{path}: no article text was found in its HTML"


@pytest.mark.parametrize("name", ["README", "config.ini", ".profile", "a.b.c"])
def test_a_file_of_no_known_name_is_read_as_text(tmp_path, name):
    assert load(write(tmp_path / name, "The bridge opened.")).text == "The bridge opened."


def test_the_hash_is_that_of_the_bytes_that_were_read(tmp_path):
    path = write(tmp_path / "a.txt", "\ufeffThe bridge\r\nopened.")
    loaded = load_file(path, LIMITS)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (loaded.origin.name, loaded.origin.sha256) == (str(path.resolve()), digest)
    assert hash_file(path, LIMITS) == digest
    assert load_bytes(path.read_bytes(), "a.txt", "x", LIMITS).origin.sha256 == digest


def test_a_missing_file(tmp_path):
    path = tmp_path / "gone.txt"
    assert reason_not_to_read(path) == f"{path}: it cannot be read: No such file or directory"


def test_a_folder_that_is_named_like_a_file(tmp_path):
    path = tmp_path / "folder.txt"
    path.mkdir()
    assert reason_not_to_read(path) == f"{path}: it is a folder, not a file"


def test_a_link_to_itself(tmp_path):
    path = tmp_path / "loop.txt"
    path.symlink_to(path)
    assert reason_not_to_read(path).startswith(f"{path}: it cannot be read: ")


@pytest.mark.parametrize("read", [load_file, hash_file])
def test_what_is_no_file_is_not_waited_for(tmp_path, read):
    pipe, listening = tmp_path / "pipe.txt", tmp_path / "socket.txt"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listening))
        for path, kind in (
            (pipe, "a pipe"),
            (listening, "a socket"),
            (Path("/dev/zero"), "a device"),
            (tmp_path, "a folder"),
        ):
            with pytest.raises(UnreadableDocument) as caught:
                read(path, LIMITS)
            assert str(caught.value) == f"{path}: it is {kind}, not a file"


def test_a_pipe_that_takes_the_place_of_a_checked_file_is_not_waited_for(tmp_path, monkeypatch):
    pipe, file = tmp_path / "pipe.txt", write(tmp_path / "a.txt", "words")
    os.mkfifo(pipe)
    monkeypatch.setattr(Path, "stat", lambda self: os.lstat(file))
    assert reason_not_to_read(pipe) == f"{pipe}: it is a pipe, not a file"


def test_a_link_to_a_file_is_followed(tmp_path):
    path = write(tmp_path / "a.txt", "The bridge opened.")
    link = tmp_path / "b.txt"
    link.symlink_to(path)
    assert load(link).source == str(path.resolve())


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    assert reason_not_to_read(path) == (
        f"{path}: it has 2,000,000,000 bytes; at most 25,000,000 are read (QA_MAX_FILE_BYTES)"
    )
    path = write(tmp_path / "small.txt", "x" * 2_001)
    assert "it has 2,001 bytes" in reason_not_to_read(path, max_file_bytes=2_000)
    assert reason_not_to_read(path, max_file_bytes=2_001, max_text_characters=2_000) == (
        f"{path}: its text has more than 2,000 characters, "
        "the most that are read (QA_MAX_TEXT_CHARACTERS)"
    )
    with pytest.raises(UnreadableDocument, match=r"^a\.txt: it has 2,001 bytes"):
        load_bytes(b"x" * 2_001, "a", "a.txt", dataclasses.replace(LIMITS, max_file_bytes=2_000))


@pytest.mark.parametrize("change", [b"longer than it was", b"o", b"other"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch, change):
    path = write(tmp_path / "a.txt", "words")
    os.utime(path, (1, 1))
    read = os.read

    def read_and_change(descriptor: int, count: int) -> bytes:
        block = read(descriptor, min(count, 3))
        path.write_bytes(change)
        return block

    monkeypatch.setattr(reading.os, "read", read_and_change)
    assert reason_not_to_read(path) == f"{path}: it changed while it was read; try again"


@pytest.mark.parametrize("content", [" \n\t\n", "\ufeff", "---\ntitle: Empty\n---\n \n"])
def test_a_file_without_text(tmp_path, content):
    path = write(tmp_path / "empty.md", content)
    assert reason_not_to_read(path) == f"{path}: it holds no text"


def test_a_path_that_is_not_utf_8(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    write(path, "The menu.")
    assert reason_not_to_read(path) == f"{path}: its path is not valid UTF-8"


def test_a_path_with_a_zero_byte():
    with pytest.raises(UnreadableDocument, match="its path holds a zero byte"):
        load_file(Path("/tmp/a\x00b.txt"), LIMITS)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\folder\\figures 2024.txt", "figures 2024"),
        ("", "upload:7"),
        ("..", "member"),
        ("👩\u200d👧.txt", "👩\u200d👧"),
    ],
)
def test_the_name_of_an_upload_is_never_a_path(name, title):
    (document,) = load_bytes(b"1 2 3", name, "upload:7", LIMITS).documents
    assert (document.source, document.title, document.text) == ("upload:7", title, "1 2 3")


def test_what_the_sender_declares_goes_before_the_name():
    text = "# The “Rhine”\n\nIt flows.\n"
    for data, declared in (
        (text.encode("cp1252"), "text/markdown; charset=windows-1252"),
        (text.encode(), 'Text/Markdown;charset="utf-8"'),
    ):
        (document,) = load_bytes(data, "article", "https://a.example/", LIMITS, declared).documents
        assert (document.text, document.media_type) == (text, "text/markdown")
    koi8 = "Мост".encode("koi8-r")
    (document,) = load_bytes(koi8, "", "x", LIMITS, "text/plain; charset=koi8-r").documents
    assert document.text == "Мост"


def test_plain_text_and_markdown_are_read_without_a_process(tmp_path):
    """And without what parses the other formats, which costs time and memory."""
    write(tmp_path / "a.txt", "caf\xe9".encode("latin-1"))
    write(tmp_path / "a.md", "# A\n")
    script = (
        "import sys; from pathlib import Path\n"
        "from index.loaders import Limits, child, load_file\n"
        "child.subprocess.Popen = None\n"
        f"limits = Limits(**{dataclasses.asdict(LIMITS)})\n"
        f"for name in ('a.txt', 'a.md'): load_file(Path({str(tmp_path)!r}) / name, limits)\n"
        "print([m for m in ('lxml', 'pypdf', 'pypdfium2', 'docx', 'trafilatura', 'email')"
        " if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
