"""What is fetched from a URL becomes documents with the URL as their source."""

from __future__ import annotations

import pytest

from index.errors import FetchRefused, UnreadableDocument
from index.fetch import Fetched
from index.urls import is_url, load_url
from tests.index.libraries import LIMITS

URL = "https://example.org/rivers?page=1"
PAGE = "<html><head><title>Rivers</title></head><body><p>The Rhine is long.</p></body></html>"


def answer(monkeypatch: pytest.MonkeyPatch, fetched: Fetched | Exception) -> list[object]:
    """Let the fetcher return or raise this; what it is asked for is noted."""
    asked: list[object] = []

    def fetch(url: str, **options: object) -> Fetched:
        asked.append((url, options))
        if isinstance(fetched, Exception):
            raise fetched
        return fetched

    monkeypatch.setattr("index.urls.fetch", fetch)
    return asked


def load(url: str = URL) -> object:
    return load_url(url, LIMITS, max_seconds=7.0, max_redirects=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a.org", True),
        ("https://a.org/b", True),
        ("HTTPS://A.ORG", True),
        ("ftp://a.org", False),
        ("file:///etc/passwd", False),
        ("a.txt", False),
        ("/http://a", False),
        ("", False),
    ],
)
def test_what_is_a_url(text, expected):
    assert is_url(text) is expected


def test_a_page_is_a_document_of_the_url_that_was_asked_for(monkeypatch):
    moved = "https://example.org/elsewhere.html"
    asked = answer(monkeypatch, Fetched(moved, PAGE.encode(), "text/html; charset=utf-8"))
    loaded = load()
    assert asked == [
        (URL, {"max_bytes": LIMITS.max_file_bytes, "max_seconds": 7.0, "max_redirects": 3})
    ]
    (document,) = loaded.documents
    assert (document.source, document.title, document.media_type) == (URL, "Rivers", "text/html")
    assert document.text.strip() == "The Rhine is long."
    assert loaded.origin.name == URL
    assert len(loaded.origin.sha256) == 64


def test_the_declared_charset_is_used(monkeypatch):
    answer(
        monkeypatch, Fetched(URL, "Žluťoučký kůň.".encode("cp1250"), "text/plain; charset=cp1250")
    )
    assert load().documents[0].text == "Žluťoučký kůň."


def test_the_name_tells_the_format_where_nothing_else_does(monkeypatch):
    answer(monkeypatch, Fetched("https://a.org/x/notes.md", b"# Rivers\n\nThe Rhine.", None))
    assert load().documents[0].title == "Rivers"


def test_a_table_is_called_as_people_read_its_url(monkeypatch):
    url = "https://a.org/x/L%C3%A4nge%20der%20Fl%FCsse.csv?v=1"
    answer(monkeypatch, Fetched(url, b"River,Length\nRhine,1230\n", "text/csv"))
    assert load().documents[0].title == "Länge der Fl�sse"


def test_a_url_that_is_refused_is_a_file_that_cannot_be_read(monkeypatch):
    answer(monkeypatch, FetchRefused(f"{URL}: it leads to 10.0.0.1, which is not public"))
    with pytest.raises(UnreadableDocument, match=r"10\.0\.0\.1, which is not public"):
        load()


@pytest.mark.parametrize("data", [b"", b"  ", b"\x89PNG\r\n\x1a\n" + bytes(range(256))])
def test_what_is_no_text_is_named_with_its_url(monkeypatch, data):
    answer(monkeypatch, Fetched(URL, data, "text/plain"))
    with pytest.raises(UnreadableDocument) as caught:
        load()
    assert str(caught.value).startswith(f"{URL}: ")
