"""Words that a page breaks at a line's end, put together again as the document writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HYPHEN = "\ufffe"  # what PDFium writes for a hyphen where it joins two lines; no text holds it
_BROKEN = re.compile(rf"(\w*){_HYPHEN}(\w*)")
_WORD = re.compile(r"\w+(?:-\w+)*")


def mended(pages: Sequence[str]) -> list[str]:
    """Pages without PDFium's mark for a hyphen at the end of a line.

    The hyphen stays if the document writes the word with one elsewhere.
    Where it writes the word nowhere else, a capital or a digit behind the hyphen keeps it, and
    otherwise what most of the other broken words turned out to be.
    """
    if not any(_HYPHEN in page for page in pages):
        return list(pages)
    known = {word.casefold() for page in pages for word in _WORD.findall(page)}
    broken = [found.groups() for page in pages for found in _BROKEN.finditer(page)]
    joined = sum((head + tail).casefold() in known for head, tail in broken)
    hyphenated = sum(f"{head}-{tail}".casefold() in known for head, tail in broken)
    usual = "" if joined >= hyphenated else "-"

    def mend(found: re.Match[str]) -> str:
        head, tail = found.groups()
        if not head or not tail:
            return f"{head}-{tail}"
        if (head + tail).casefold() in known:
            return f"{head}{tail}"
        if f"{head}-{tail}".casefold() in known or not (head[-1:].islower() and tail[:1].islower()):
            return f"{head}-{tail}"
        return f"{head}{usual}{tail}"

    return [_BROKEN.sub(mend, page) for page in pages]
