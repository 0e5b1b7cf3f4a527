"""A quote holds both brackets of a pair or none: not "£748,000)" of "(2022: £748,000)"."""

from __future__ import annotations


def whole_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The span ``text[start:end]`` without a bracket at its edge whose other half it leaves out;
    with the closing one that follows a bracket opened in its midst."""
    while start < end and text[start] == "(" and _open(text[start:end]) > 0:
        start += 1
    while start < end and text[end - 1] == ")" and _open(text[start:end]) < 0:
        end -= 1
    if _open(text[start:end]) == 1 and text[end : end + 1] == ")":
        end += 1
    return start, end


def _open(quote: str) -> int:
    """How many more brackets are opened than closed."""
    return quote.count("(") - quote.count(")")
