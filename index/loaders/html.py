"""HTML: the article of a page, by trafilatura (Barbaresi 2021)."""

from __future__ import annotations

import re

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from index.errors import UnreadableDocument
from index.head import field_date
from index.loaders.loaded import Loaded
from index.loaders.markup import not_parsed, raise_numbers
from index.text import decode

_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,200}?encoding)\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
_HEAD_BYTES = 4_096
_SHOWN = ".//text()[not(parent::script or parent::style or parent::noscript)]"
_MOST = 0.5  # of what a page shows: the rest are menus
_MOST_OF_A_TABLE = 0.8  # which may well be one of data
# What a page's own part may stand in; old ones are laid out as tables.
_FRAMES = ("div", "section", "center", "table", "tbody", "tr", "td")
# No search through the page for anything like a date: it finds years in addresses of scripts.
_DATES = {"original_date": True, "extensive_search": False}


def load(data: bytes, charset: str | None) -> Loaded:
    """Main text, title, author and date.

    Args:
        charset: as the page's server or sender declares it.

    Raises:
        UnreadableDocument: no article text is found.
    """
    page = decode_page(data, charset)
    try:
        tree = trafilatura.load_html(page)
        found = trafilatura.bare_extraction(
            page if tree is None else _prepared(tree),
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            date_extraction_params=_DATES,
        )
    except (etree.LxmlError, ValueError, RecursionError) as error:
        raise not_parsed(error, "its HTML cannot be parsed") from error
    if found is None or not found.text:
        raise UnreadableDocument("no article text was found in its HTML")
    date = field_date(found.date) if found.date else None
    return Loaded(found.text, "text/html", found.title, date, found.author)


def _prepared(page: HtmlElement) -> HtmlElement:
    raise_numbers(page)
    return _told_what_it_is(page)


def _told_what_it_is(page: HtmlElement) -> HtmlElement:
    """The page, told to be an article where its paragraphs stand in no frame that says so.

    People and word processors write such pages; of a body that is named nowhere trafilatura takes
    paragraphs only, and leaves out headings and lists.
    """
    body = page.find("body")
    if body is None or next(body.iter("article", "main"), None) is not None:
        return page
    holder = _holder(body)
    if holder is not None:
        main = body.makeelement("main")
        main.text, holder.text = holder.text, None
        main.extend(list(holder))
        if holder.tag == "td":  # the other cells, and the table itself, are layout
            body[:] = [main]
        else:
            holder.append(main)
    return page


def _holder(body: HtmlElement) -> HtmlElement | None:
    """What has paragraphs, or sections of them, as its own; None where several might."""
    holder = body
    while holder.find("p") is None:
        inside = [
            child for child in holder.iterchildren(*_FRAMES) if child.find(".//p") is not None
        ]
        if len(inside) > 1 and all(child.tag == "section" for child in inside):
            return holder
        if len(inside) != 1:
            return None
        [holder] = inside
    share = _MOST_OF_A_TABLE if holder.tag == "td" else _MOST
    return holder if _letters(holder) >= share * _letters(body) else None


def _letters(element: HtmlElement) -> int:
    """How many characters it shows."""
    return sum(len(text.strip()) for text in element.xpath(_SHOWN))


def decode_page(data: bytes, charset: str | None) -> str:
    """The page's characters; a charset that its sender declares goes before its own."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    return decode(data, charset or (declared[1].decode("ascii") if declared else None))
