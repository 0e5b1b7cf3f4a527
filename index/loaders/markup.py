"""Marked-up text as lines and paragraphs, nothing left out but what is not shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from index.errors import UnreadableDocument
from index.loaders.limits import Limits, Pieces

_NOT_SHOWN = {
    *("head", "title", "script", "style", "template", "noscript", "iframe", "object", "audio"),
    *("video", "svg", "select", "rp", "rt"),
}
_PARAGRAPHS = {
    *("p", "div", "section", "article", "aside", "header", "footer", "nav", "main", "body"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "ul", "ol", "dl", "table", "pre", "hr"),
    *("blockquote", "figure", "figcaption", "form", "fieldset", "address", "details", "summary"),
}
_LINES = {"li", "tr", "dt", "dd", "caption", "legend", "option"}
_CELLS = {"td", "th"}
_RAISED = str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_NUMBER = re.compile(r"\s*[+\-\u2212]?\d{1,4}\s*", re.ASCII)
_BLANK = re.compile(r"[ \t\n\r\f]+")  # what HTML collapses: a no-break space is none of it


def text_of(root: etree._Element, limits: Limits) -> str:
    """The text below ``root``: a blank line between paragraphs, cells set apart by bars.

    Raises:
        UnreadableDocument: it is longer than what is read.
    """
    raise_numbers(root)
    flow = _Flow(Pieces(limits))
    preformatted = 0
    for event, node in _walk(root):
        tag = _local(node)
        if event == "end":
            preformatted -= tag == "pre"
            flow.close(tag)
            flow.add(node.tail if node is not root else None, preformatted > 0)
        elif event == "start":
            flow.open(tag)
            preformatted += tag == "pre"
            flow.add(node.text, preformatted > 0)
        else:
            flow.add(node.tail, preformatted > 0)
    return flow.text()


def raised(words: str) -> str:
    """A number as an exponent or the mark of a note; in "10<sup>6</sup>" and "1902<sup>3</sup>" the
    digits would make other numbers with those before them. Any other words as they are."""
    return words.translate(_RAISED) if _NUMBER.fullmatch(words) else words


def raise_numbers(root: etree._Element) -> None:
    """Write numbers that a page raises as such."""
    for element in root.iter("{*}sup"):
        if _NUMBER.fullmatch("".join(element.itertext())):
            for inner in element.iter():
                inner.text = (inner.text or "").translate(_RAISED)
                if inner is not element:
                    inner.tail = (inner.tail or "").translate(_RAISED)


def not_parsed(error: Exception, reason: str) -> Exception:
    """What to raise where lxml fails: it speaks of bad syntax, too, where its memory ends."""
    if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
        return MemoryError()
    return UnreadableDocument(reason)


class _Flow:
    """Writes text with the white space that a reader would see."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._breaks = 0  # line ends that stand before the next word
        self._space = False
        self._bar = False

    def open(self, tag: str) -> None:
        if tag == "br":
            self._breaks += self._pieces.length > 0
        self._break(tag)
        if tag == "tr":
            self._bar = False

    def close(self, tag: str) -> None:
        self._break(tag)
        if tag in _CELLS:
            self._bar = True

    def add(self, text: str | None, preformatted: bool) -> None:
        if not text:
            return
        words = text if preformatted else _BLANK.sub(" ", text)
        if not words.strip(" \n"):
            self._space = self._space or bool(words)
            return
        if self._pieces.length:
            self._pieces.add(self._gap(words))
        self._pieces.add(words if preformatted else words.strip(" "))
        self._breaks, self._bar = 0, False
        self._space = not preformatted and words.endswith(" ")

    def text(self) -> str:
        return self._pieces.text()

    def _gap(self, words: str) -> str:
        if self._breaks:
            return "\n" * min(self._breaks, 2)
        if self._bar:
            return " | "
        return " " if self._space or words.startswith(" ") else ""

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._breaks = 2
        elif tag in _LINES:
            self._breaks = max(self._breaks, 1)


def _walk(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """``start`` and ``end`` of what is shown, ``skip`` for what is not; without recursion."""
    yield "start", root
    stack = [(root, iter(root))]
    while stack:
        node, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "end", node
        elif _local(child) in _NOT_SHOWN or not isinstance(child.tag, str):
            yield "skip", child
        else:
            yield "start", child
            stack.append((child, iter(child)))


def _local(node: etree._Element) -> str:
    """The element's name without its namespace; empty for comments and the like."""
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def parsed_html(page: str) -> etree._Element:
    """The tree of an HTML page, however malformed; raises `UnreadableDocument` if it is empty."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = etree.fromstring(page.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise not_parsed(error, "its HTML cannot be parsed") from error
    if root is None:
        raise UnreadableDocument("its HTML is empty")
    return root
