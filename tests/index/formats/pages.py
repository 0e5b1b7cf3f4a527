"""HTML pages."""

from __future__ import annotations

from collections.abc import Iterator

from tests.index.formats.expected import Expected, Wanted

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="{charset}"><title>Bridge opens | The Paper</title>
<meta name="author" content="Jané Doe">
<meta property="article:published_time" content="2022-08-11T10:00:00Z">
<script>var secret = "not for readers";</script></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Bridge opens</h1>
<p>The “new” bridge over the Rhine opened on Thursday, two years late and at twice the price.</p>
<p>The mayor’s café served three thousand guests, as she told the newspaper on the telephone.</p>
</article><footer>© 2024 The Paper</footer></body></html>
"""
_TEXT = """Bridge opens
The “new” bridge over the Rhine opened on Thursday, two years late and at twice the price.
The mayor’s café served three thousand guests, as she told the newspaper on the telephone."""


def html_files() -> Iterator[Expected]:
    page = Wanted(_TEXT, "Bridge opens", "2022-08-11", "Jané Doe", media_type="text/html")
    yield Expected("page.html", _PAGE.format(charset="utf-8").encode(), [page])
    latin = _PAGE.format(charset="windows-1252").encode("cp1252")
    yield Expected("page-cp1252.htm", latin, [page])
    yield Expected("page.txt", b"<!-- saved -->\n" + _PAGE.format(charset="utf-8").encode(), [page])
    yield Expected(
        "deep.html",
        b"<html><body>" + b"<div>" * 50_000 + b"words",
        reason="no article text was found in its HTML",
    )
