"""From a URL to documents."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from index.errors import FetchRefused, UnreadableDocument
from index.fetch import fetch
from index.loaders import Limits, LoadedFile, load_bytes


def is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def load_url(url: str, limits: Limits, *, max_seconds: float, max_redirects: int) -> LoadedFile:
    """Fetch and read; the documents' source is the URL as it was given.

    Raises `UnreadableDocument`.
    """
    data, name, declared = get_url(
        url, limits, max_seconds=max_seconds, max_redirects=max_redirects
    )
    return load_bytes(data, name, url, limits, declared)


def get_url(
    url: str, limits: Limits, *, max_seconds: float, max_redirects: int
) -> tuple[bytes, str, str | None]:
    """What a URL returns: its bytes, a hint for the format, and the type that it declares.

    Raises `UnreadableDocument`.
    """
    try:
        fetched = fetch(
            url,
            max_bytes=limits.max_file_bytes,
            max_seconds=max_seconds,
            max_redirects=max_redirects,
        )
    except FetchRefused as error:
        raise UnreadableDocument(str(error)) from error
    name = unquote(urlsplit(fetched.url).path.rpartition("/")[2])
    return fetched.data, name, fetched.content_type
