"""EPUB: the chapters of a book in the order of its spine, as one document."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from urllib.parse import unquote

from lxml import etree

from index.errors import UnreadableDocument
from index.head import field_date
from index.loaders.html import decode_page
from index.loaders.limits import Limits, Pieces
from index.loaders.loaded import Loaded
from index.loaders.markup import not_parsed, parsed_html, text_of
from index.loaders.package import Package

CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_CHAPTERS = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_NAME = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_PROLOGUE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^\[>]*)?", re.IGNORECASE)


def load(package: Package, limits: Limits) -> Loaded:
    """The book's text, a blank line between paragraphs; its table of contents is left out.

    Raises:
        UnreadableDocument: it is damaged or encrypted.
    """
    place, book = _book(package)
    encrypted = _encrypted(package)
    pieces = Pieces(limits)
    for name in _spine(book, posixpath.dirname(place)):
        if name in encrypted:
            raise UnreadableDocument("it is encrypted: it opens in the shop's own program only")
        if package.holds((name,)) and (chapter := text_of(_chapter(package.named(name)), limits)):
            pieces.add("\n\n" + chapter if pieces.length else chapter)
    authors = ", ".join(_metadata(book, "creator"))
    dates = (field_date(date) for date in _metadata(book, "date"))
    return Loaded(
        pieces.text(),
        "application/epub+zip",
        title=next(iter(_metadata(book, "title")), None),
        date=next(filter(None, dates), None),
        author=authors or None,
    )


def _book(package: Package) -> tuple[str, etree._Element]:
    """Name and content of the package document, in which the book lists its parts."""
    for file in _parsed(package.named(CONTAINER)).iter("{*}rootfile"):
        if place := file.get("full-path"):
            return place, _parsed(package.named(place))
    raise UnreadableDocument("it is damaged: it does not say where its book begins")


def _parsed(data: bytes) -> etree._Element:
    try:
        return etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise not_parsed(error, "it is damaged: a part of it is not XML") from error


def _metadata(book: etree._Element, name: str) -> list[str]:
    found = book.iterfind(f".//dc:{name}", _NAME)
    return [words for element in found if (words := " ".join((element.text or "").split()))]


def _spine(book: etree._Element, folder: str) -> Iterator[str]:
    """Names of the chapters within the archive, each once."""
    items = {item.get("id"): item for item in book.iterfind(".//opf:manifest/opf:item", _NAME)}
    seen: set[str] = set()
    for reference in book.iterfind(".//opf:spine/opf:itemref", _NAME):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _CHAPTERS:
            continue
        if "nav" in (item.get("properties") or "").split():
            continue
        path = unquote((item.get("href") or "").partition("#")[0])
        name = posixpath.normpath(posixpath.join(folder, path))
        if name not in seen:
            seen.add(name)
            yield name


def _encrypted(package: Package) -> set[str]:
    """What the archive says is encrypted; fonts often are, which harms no text."""
    if not package.holds((_ENCRYPTION,)):
        return set()
    references = _parsed(package.named(_ENCRYPTION)).iter("{*}CipherReference")
    return {unquote(reference.get("URI") or "") for reference in references}


def _chapter(data: bytes) -> etree._Element:
    """A chapter is XML; one that is not well-formed is read as browsers read HTML."""
    page = _ENTITY.sub(_spelt_out, _without_prologue(decode_page(data, None)))
    try:
        return etree.fromstring(page.encode(), _PARSER)
    except etree.XMLSyntaxError:
        return parsed_html(page)


def _without_prologue(page: str) -> str:
    """Without XML declaration and document type: entities of a book's own stay as they stand."""
    prologue = _PROLOGUE.match(page)
    rest = page[prologue.end() :] if prologue else page
    if rest.startswith("["):
        return rest.partition("]>")[2]
    return rest.removeprefix(">")


def _spelt_out(entity: re.Match[str]) -> str:
    """HTML's named characters, which XML does not know."""
    character = html5.get(entity[1] + ";")
    return entity[0] if character is None else escape(character, quote=False)
