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
    yield _by_hand("by-hand.html", "{}")
    yield _by_hand(
        "by-hand-in-divs.html",
        '<div class="frame"><div>{}</div></div><div><ul><li><a href="/">Home</a></li></ul></div>',
    )
    yield _by_hand(
        "by-hand-in-a-table.html",
        '<center><table><tr><td colspan="2"><img src="a.png"></td></tr>'
        '<tr><td><a href="/">Home</a></td><td>{}</td></tr></table></center>',
    )
    yield _by_hand("by-hand-in-sections.html", "<section>{}</section><section><p></p></section>")
    yield Expected(
        "deep.html",
        b"<html><body>" + b"<div>" * 50_000 + b"words",
        reason="no article text was found in its HTML",
    )


def _by_hand(name: str, frame: str) -> Expected:
    """A page whose body is named neither an article nor its main part."""
    words = _TEXT.split("\n")[1]
    inside = (
        f"<h1>Visitors</h1><dl><dt>Monday</dt><dd>9 to 5</dd></dl><p>{words}</p>"
        f"<h2>What to bring?</h2><ul><li>A coat</li><li>A ticket</li></ul><p>{words[:-1]}!</p>"
    )
    text = (
        f"Visitors\n- Monday\n- 9 to 5\n{words}\n"
        f"What to bring?\n- A coat\n- A ticket\n{words[:-1]}!"
    )
    page = f"<!doctype html><html><head><title>x</title></head><body>{frame}</body></html>"
    return Expected(
        name, page.format(inside).encode(), [Wanted(text, "Visitors", media_type="text/html")]
    )
