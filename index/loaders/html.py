"""HTML: the article of a page, by trafilatura (Barbaresi 2021)."""

from __future__ import annotations

import re

import trafilatura
from lxml import etree

from index.errors import UnreadableDocument
from index.loaders.loaded import Loaded
from index.text import decode

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 4_096


def load(data: bytes) -> Loaded:
    """Main text, title and date; raises `UnreadableDocument` where no text is found."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    page = decode(data, declared[1].decode("ascii") if declared else None)
    try:
        found = trafilatura.bare_extraction(
            page, with_metadata=True, include_comments=False, include_tables=True
        )
    except (etree.LxmlError, ValueError, RecursionError) as error:
        raise UnreadableDocument("its HTML cannot be parsed") from error
    if found is None or not found.text:
        raise UnreadableDocument("no article text was found in its HTML")
    return Loaded(found.text, "text/html", found.title, found.date)
