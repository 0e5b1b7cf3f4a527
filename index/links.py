"""Marks bars and lists of links: menus, share buttons, tables of contents.

Links are content where an author lists them: under a heading or a line that announces them,
numbered, with a word on each, amid the text, or where most of the document is such a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.documents import Span

_LINKS_AT_LEAST = 3
_DENSE = 0.7  # of the letters and digits that a reader sees
_MOSTLY = 0.5
_SENTENCE_WORDS = 6

_TARGET = r"\([^()\s]{0,1000}(?:\s\"[^\"\n]{0,200}\")?\)"
_IMAGE = re.compile(rf"!\[[^\[\]\n]{{0,300}}\]{_TARGET}")
_LINK = re.compile(rf"\[(?P<text>[^\[\]\n]{{0,300}})\](?P<target>{_TARGET})")
_NUMBERED = re.compile(r"\d{1,4}[.)]\s|\[\d{1,4}\]\s")
_ENDS_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")
_SEEN = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class _Line:
    """What a reader sees of a line.

    Attributes:
        links: how many; of these, ``anchors`` lead to a place of the same document.
        seen: letters and digits; of these, ``linked`` stand in links.
        text: what is left without the links' targets.
    """

    links: int
    anchors: int
    seen: int
    linked: int
    text: str

    @property
    def dense(self) -> bool:
        sentence = (
            _ENDS_SENTENCE.search(self.text) and len(self.text.split()) >= _SENTENCE_WORDS
        ) or _NUMBERED.match(self.text)
        return self.links > 0 and self.linked >= _DENSE * self.seen and not sentence


def mark_links(words: Sequence[str], inside: Sequence[Sequence[Span]], marked: list[bool]) -> None:
    """Mark those of a document's lines that are no more than links.

    Args:
        words: the lines.
        inside: of each line, the ranges that its format makes links; Markdown's are found here.
    """
    lines = [_measure(line, links) for line, links in zip(words, inside, strict=True)]
    dense = [line.dense for line in lines]
    if not any(dense):
        return
    seen = sum(line.seen for line in lines)
    if sum(line.seen for line in lines if line.dense) > _MOSTLY * seen:
        return
    for block in _blocks(dense, marked):
        count = sum(lines[i].links for i in block)
        anchors = sum(lines[i].anchors for i in block)
        if count >= _LINKS_AT_LEAST and (anchors == count or _at_an_edge(words, marked, block)):
            for i in block:
                marked[i] = True


def _measure(line: str, links: Sequence[Span]) -> _Line:
    count, anchors = len(links), 0
    linked = sum(_letters(line[link.start : link.end]) for link in links)
    if "](" in line:
        line = _IMAGE.sub("", line)
        found = list(_LINK.finditer(line))
        count += len(found)
        anchors = sum(link["target"].startswith("(#") for link in found)
        linked += sum(_letters(link["text"]) for link in found)
        line = _LINK.sub(r"\g<text>", line)
    return _Line(count, anchors, _letters(line), linked, line.lstrip(" *+-•").rstrip())


def _letters(piece: str) -> int:
    return len(_SEEN.findall(piece))


def _blocks(dense: Sequence[bool], marked: Sequence[bool]) -> Iterator[range]:
    """Runs of dense lines, which marked lines do not interrupt."""
    start: int | None = None
    for i in range(len(dense) + 1):
        inside = i < len(dense) and (dense[i] or (marked[i] and start is not None))
        if inside and start is None:
            start = i
        elif not inside and start is not None:
            yield range(start, i)
            start = None


def _at_an_edge(words: Sequence[str], marked: Sequence[bool], block: range) -> bool:
    """Nothing but furniture stands before the block, or behind it, and nothing announces it.

    A line that does not end a sentence announces what follows: a heading, "Our libraries:".
    """
    before = block.start - 1
    if before >= 0 and not marked[before] and not _ENDS_SENTENCE.search(words[before]):
        return False
    return all(marked[: block.start]) or all(marked[block.stop :])
