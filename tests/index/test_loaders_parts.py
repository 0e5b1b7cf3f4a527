"""The small decisions that loaders share: names, titles, formats, front matter, white space."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableDocument
from index.loaders import front_matter, markdown
from index.loaders.authorship import sensible_author, sensible_title
from index.loaders.formats import Format, declared_charset, recognise, suffix_of
from index.loaders.hyphens import mended
from index.loaders.limits import Budget
from index.loaders.markup import parsed_html, text_of
from index.loaders.names import Labels, label
from index.loaders.package import Package
from index.loaders.records import fields_of
from tests.index.formats import LIMITS
from tests.index.formats.zips import zipped
from tests.index.texts import THOROUGH, hostile_texts

MAIL = b"Received: by x\r\nFrom: a@b.org\r\nSubject: Bridge\r\n\r\nIt opened.\r\n"


@pytest.mark.parametrize(
    ("data", "name", "declared", "found"),
    [
        (b"%PDF-1.7\n", "a.txt", None, Format.PDF),
        (b"junk\n%PDF-1.7\n", "a.pdf", None, Format.PDF),
        (b"On %PDF-1.7 files\n", "a.txt", None, Format.PLAIN),
        (b"PK\x03\x04", "a.txt", None, Format.ZIP),
        (b"PK\x03\x04", "a.docx", "text/plain", Format.ZIP),
        (b"\xef\xbb\xbf <!DOCTYPE  html>", "a.txt", None, Format.HTML),
        ("\ufeff<html>".encode("utf-16-le"), "a.txt", None, Format.HTML),
        (b"<?xml version='1.0'?><!-- a --><!-- b --><HTML lang=de>", "", None, Format.HTML),
        (b"<htmlx>", "a.txt", None, Format.PLAIN),
        (b"<!--" * 2_000, "a.txt", None, Format.PLAIN),
        (b"<p>It opened.</p>", "a.htm", None, Format.HTML),
        (b"<p>It opened.</p>", "article.php", "text/html; charset=utf-8", Format.HTML),
        (b"<p>It opened.</p>", "article.md", "text/plain", Format.MARKDOWN),
        (MAIL, "a.txt", None, Format.EML),
        (MAIL, "a.md", None, Format.MARKDOWN),
        (b"From: me\nTo: you\nSubject: memo\n\nIt opened.", "a.txt", None, Format.PLAIN),
        (b"Note: Received: by hand\nFrom: Anna\n\nHello", "a.txt", None, Format.PLAIN),
        (b"From: me\n\nIt opened.", "a.eml", None, Format.EML),
        (b'{"a": 1}\n', "a.txt", None, Format.JSON),
        (b"[1, 2]", "", None, Format.JSON),
        (b"[Music] It opened. [Applause]", "a.txt", None, Format.PLAIN),
        (b"{a} b {c}", "a.txt", None, Format.PLAIN),
        (b"a,b", "a.CSV", None, Format.CSV),
        (b"a,b", "export", "text/csv", Format.CSV),
        (b"a,b", "a.tsv", "application/octet-stream", Format.CSV),
        (b"x", "a.ndjson", None, Format.JSON),
        (b"MZ was the magic of Mark Zbikowski.", "a.txt", None, Format.PLAIN),
        (b"The new WEBP format is small.", "a.txt", None, Format.PLAIN),
        (b"The ftyp box comes first.", "a.txt", None, Format.PLAIN),
    ],
)
def test_content_goes_before_what_is_declared_and_that_before_the_name(data, name, declared, found):
    assert recognise(data, name, declared) is found


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"\xff\xd8\xff\xe0", "a.txt", "a JPEG image, which is not read"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.md", "a WebP image, which is not read"),
        (b"\x00\x00\x00\x18ftypheic", "a.txt", "of the MP4 family, which is not read"),
        (b"\x1f\x8b\x08\x00", "a.csv", "a gzip file, which is not read"),
        (b"\x00" * 257 + b"ustar", "a.json", "a tar archive, which is not read"),
        (b"{\\rtf1 Hello}", "a.txt", "a Rich Text file, which is not read"),
        (b"Hello.", "a.epub", "it is named as EPUB, but holds plain text"),
        (b"\x01\x02\x00\xff" * 9, "a.pdf", "its content is not: it may be damaged"),
        (b"\x00\x00\n", "a.zip", "it is empty"),
    ],
)
def test_what_is_not_read_is_told_by_what_it_seems_to_be(data, name, reason):
    with pytest.raises(UnreadableDocument) as refused:
        recognise(data, name)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.TXT", ".txt"), ("a.tar.gz", ".gz"), (".txt", ""), ("a", ""), ("b.md/a", ""), ("a.", ".")],
)
def test_the_ending_of_a_name(name, suffix):
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("declared", "charset"),
    [
        ('text/html; Charset="UTF-8"', "UTF-8"),
        ("text/html;charset=windows-1252;x=y", "windows-1252"),
        ("text/html", None),
        ("charset=utf-8", None),
        (None, None),
    ],
)
def test_the_charset_that_is_declared(declared, charset):
    assert declared_charset(declared) == charset


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b.txt", "a/b.txt"),
        ("../../a.txt", "a.txt"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\..\\a.txt", "Windows/a.txt"),
        ("a\x00b\n.txt", "a b .txt"),
        ("a!/b.txt", "a/b.txt"),
        ("//..//", "member"),
        ("", "member"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        ("cafe\u0301.txt", "café.txt"),
    ],
)
def test_labels_are_harmless(name, shown):
    assert label(name) == shown


@THOROUGH
@given(st.lists(st.text(alphabet="ab./\\:! (2)\x00", max_size=8), max_size=20))
def test_labels_of_one_container_differ_and_lead_nowhere(names):
    labels = Labels()
    given_out = [labels.unique(name) for name in names]
    assert len(set(given_out)) == len(names)
    for name in given_out:
        assert "!/" not in name
        assert not Path(name).is_absolute()
        assert ".." not in Path(name).parts


@pytest.mark.parametrize(
    "title",
    [
        *("", "  ", "untitled", "Untitled-1", "Microsoft Word - minutes.doc", "Document1", "12/3"),
        *("PowerPoint Presentation", "slide 1", "annual report final.docx", "C:\\temp\\x"),
        *("Scan_001", "http://example.org/a", "file:///home/me/a.html", "about:blank"),
    ],
)
def test_titles_that_only_a_program_gives(title):
    assert sensible_title(title) is None


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Untitled: a history of the nameless",
            "Documents of war",
            "Word and object",
            "Page, Larry",
        ),
        *("Microsoft Word for lawyers", "Node.js in action", "I", "東京", "Slides and ladders 2"),
    ],
)
def test_titles_that_people_give(title):
    assert sensible_title(f" {title}\n") == title


def test_authors_that_are_people():
    assert sensible_author(" Jané\nDoe ") == "Jané Doe"
    for junk in ("", "admin", "Microsoft Office User", "python-docx", "USER", "-", "unknown"):
        assert sensible_author(junk) is None


@pytest.mark.parametrize(
    ("front", "fields"),
    [
        ("title: The Rhine", {"title": "The Rhine"}),
        ("Title: The Rhine # a comment", {"title": "The Rhine"}),
        ("title: C# in depth", {"title": "C# in depth"}),
        ("title: 'It''s: here' # c", {"title": "It's: here"}),
        ('title: "A \\"new\\" \\u2014 bridge"', {"title": 'A "new" — bridge'}),
        ('title: "It\n  goes on"', {"title": "It goes on"}),
        ("title: It\n  goes on", {"title": "It goes on"}),
        (
            "title: >\n  It\n\n  goes on\ndate: 2021-03-04",
            {"title": "It goes on", "date": "2021-03-04"},
        ),
        ("title: |-\n  It goes on", {"title": "It goes on"}),
        ("title:\n  The Rhine", {}),
        ("title:", {}),
        ("title: null\ndate: ~", {}),
        ("title: ''", {}),
        ('title: "not closed', {"title": "not closed"}),
        ("author: [Jané, 'John Roe']", {"author": "Jané, John Roe"}),
        ("author:\n- Jané\n- John", {"author": "Jané, John"}),
        ("author:\n  - Jané # first\n  - John", {"author": "Jané, John"}),
        ("meta:\n  title: nested\ntitle: own", {"title": "own"}),
        ("# comment\n\ntitle: x", {"title": "x"}),
        ("title: x\nsummary: It\ngoes on", {"title": "x", "summary": "It goes on"}),
        ("url: https://example.org/#part", {"url": "https://example.org/#part"}),
    ],
)
def test_front_matter(front, fields):
    assert front_matter.split(f"---\n{front}\n---\nText\n") == (fields, "Text\n")


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule, then text.\n\n---\n\nMore: text.\n",
        "---\ntitle: not closed\n\nText.\n",
        "Text\n---\ntitle: x\n---\n",
        "---",
        "----\ntitle: x\n---\n",
        "---\nAgenda: the budget\nThe board met, and approved it.\n---\nMore.\n",
    ],
)
def test_what_is_no_front_matter_is_text(text):
    assert front_matter.split(text) == ({}, text)


@THOROUGH
@given(hostile_texts)
def test_front_matter_never_changes_what_follows_it(text):
    fields, body = front_matter.split(f"---\ntitle: x\n---\n{text}")
    assert fields == {"title": "x"}
    assert body == text
    fields, body = front_matter.split(text)
    assert text.endswith(body)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The Rhine #\n\nIt flows.", "The Rhine"),
        ("# The **long** `Rhine` [river](a.md)\n", "The long Rhine river"),
        ("# snake_case and _emphasis_\n", "snake_case and emphasis"),
        ("The Rhine\n===\n", "The Rhine"),
        ("```\n# comment\n```\n# The Rhine\n", "The Rhine"),
        ("~~~~\n~~~\n# comment\n~~~~\nIt flows.\n", "It flows."),
        ("```\n# comment\n", None),
        ("    # code\n\nIt flows.\n", None),
        ("#hashtag\n\n# \n\nIt flows.\n", None),
        ("## Part two\n\nIt flows.\n", None),
    ],
)
def test_the_title_of_markdown(text, title):
    assert markdown.load(text.encode(), None).title == title


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        (["infor\ufffemation"], ["information"]),
        (["well\ufffeknown", "a well-known man"], ["well-known", "a well-known man"]),
        (["well\ufffeknown, WELLKNOWN"], ["wellknown, WELLKNOWN"]),
        (["Anglo\ufffeSaxon of 2021\ufffe2022"], ["Anglo-Saxon of 2021-2022"]),
        (["a\ufffeb a-b c\ufffed"], ["a-b a-b c-d"]),
        (["\ufffe and \ufffeb"], ["- and -b"]),
        (["nothing - here"], ["nothing - here"]),
    ],
)
def test_words_that_a_line_breaks(pages, whole):
    assert mended(pages) == whole


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One\n  <b>two</b>.</p><p>Three", "One two.\n\nThree"),
        ("a<br>b<br><br>c<br/>", "a\nb\n\nc"),
        ("<ul><li>a</li> <li>b<ul><li>c</ul></ul>d", "a\nb\n\nc\n\nd"),
        ("<table><tr><th>a</th><th></th><th>b</th></tr><tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<pre>a\n  b</pre> c", "a\n  b\n\nc"),
        ("a<script>x</script> <!-- y -->b<style>z</style>c", "a bc"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字</ruby>", "漢字"),
        ("a&nbsp;b &lt;p&gt; &#128512;", "a\xa0b <p> 😀"),
        ("un<i>believ</i>able <i> so</i>", "unbelievable so"),
        ("  ", ""),
        (
            "10<sup>6</sup> in 1902<sup> <a href='#n'>3</a></sup>, 4<sup>th</sup>",
            "10⁶ in 1902 ³, 4th",
        ),
        ("2<sup>1</sup>/<sub>2</sub> of 5 m<sup>−2</sup>", "2¹/2 of 5 m⁻²"),
    ],
)
def test_marked_up_text_is_read_as_it_is_shown(page, text):
    assert text_of(parsed_html(f"<html><body>{page}"), LIMITS) == text


def test_the_depth_of_markup_is_no_recursion():
    assert text_of(parsed_html("<html><body>" + "<b>" * 5_000 + "deep"), LIMITS) in ("", "deep")


def test_fields_are_known_by_many_names():
    fields = fields_of((" Date-Published", "HEADLINE", "By", "Article Text", "URL", "title"))
    assert fields is not None
    assert (fields.text, fields.title, fields.date) == ("Article Text", "title", " Date-Published")
    assert (fields.author, fields.id) == (None, "URL")
    assert fields_of(("a", "title")) is None


def test_a_zip_that_lies_about_sizes_is_found_while_it_is_inflated():
    data = bytearray(zipped([("a.txt", b"0" * 100_000)]))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        place = package.start_dir
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")  # its size in the directory
    package = Package(bytes(data), Budget(LIMITS))
    ((_, info),) = package.members()
    with pytest.raises(UnreadableDocument, match="it is damaged"):
        package.read(info)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_inflated_by_pieces_are_refused(method):
    package = Package(zipped([("a.txt", b"words")], method), Budget(LIMITS))
    with pytest.raises(UnreadableDocument, match=f"it is packed by the method {method}; only"):
        package.named("a.txt")


def test_names_in_utf_8_without_saying_so_are_understood():
    data = zipped([("Ångström.txt", b"words")])
    unsaid = data.replace(b"\x00\x08", b"\x00\x00")
    assert unsaid != data
    ((name, _),) = Package(unsaid, Budget(LIMITS)).members()
    assert name == "Ångström.txt"
