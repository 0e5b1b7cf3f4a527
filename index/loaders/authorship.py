"""Titles and authors that programs write into files by themselves, told from those of people."""

from __future__ import annotations

import re

_JUNK_TITLE = re.compile(
    r"""
    (?: untitled (?:[\s\-_.]*\d+)? | no\ title | title | none | null | unknown
    | (?:new\ )?(?:microsoft\ )?(?:word|office|excel|powerpoint)
      (?:\ (?:document|presentation|worksheet))? (?:\s*\(?\d+\)?)?
    | (?:document|presentation|slide|doc|draft|page|scan|image|dokument|print)
      [\s\-_.]*\(?\d*\)?
    | microsoft\ (?:word|powerpoint|excel|office)\ ?-\ ?.*
    | (?:powerpoint|powerpoint-)\s?(?:presentation|präsentation)
    | .*\.(?:docx?|dotx?|rtf|odt|indd|qxd|tex|dvi|pdf|pptx?|xlsx?|html?|txt|tmp|cdr|psd)
    | (?:https?|file):\S* | [a-z]:\\.* | \S*/\S*/\S*
    | (?:about:blank|print\ preview|layout\ 1|blank\ page|acrobat\ distiller.*)
    ) \s*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JUNK_AUTHOR = re.compile(
    r"(?:admin(?:istrator)?|users?|owner|author|default|guest|root|test|unknown|anonymous|none"
    r"|null|python-docx|microsoft(?:\ office)?(?:\ user)?|(?:windows|office)\ user|hp|dell|lenovo"
    r"|pc|scanner|[\W\d_]*)",
    re.IGNORECASE,
)
_AT_MOST = 2_000  # characters that are looked at


def sensible_title(title: str) -> str | None:
    """The title in a file's metadata, or None if only a program can have given it."""
    words = " ".join(title[:_AT_MOST].split())
    if _JUNK_TITLE.fullmatch(words) or not any(c.isalpha() for c in words):
        return None
    return words


def sensible_author(author: str) -> str | None:
    """The author in a file's metadata, or None if it names no one."""
    words = " ".join(author[:_AT_MOST].split())
    return None if _JUNK_AUTHOR.fullmatch(words) else words
