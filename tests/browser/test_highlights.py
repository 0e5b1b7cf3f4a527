"""What is marked is what is quoted, in files as people have them."""

from __future__ import annotations

import io
import unicodedata

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.library import Library
from tests.browser.test_library import WHO

SENTENCE = "The harbour of Oster was closed on Monday by mayor Lena Brandt."
_ROWS = [("Who", "What"), ("mayor Lena Brandt", "closed the harbour of Oster"), ("Otto", "slept")]


def _word() -> bytes:
    document = docx.Document()
    document.add_paragraph("🚢 A report in a table.")
    table = document.add_table(rows=0, cols=2)
    for row in _ROWS:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    document.add_paragraph(SENTENCE)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _html() -> str:
    rows = "".join(f"<tr><td>{who}</td><td>{what}</td></tr>" for who, what in _ROWS)
    filling = "<p>The quay wall had cracked over forty metres, the council said.</p>" * 8
    return (
        f"<html><body><article><h1>Harbour 🚢</h1>{filling}<table>{rows}</table>"
        f"<p>&lt;b&gt; {SENTENCE} &amp; no other.</p></article></body></html>"
    )


FILES = {
    "crlf.txt": "\ufeffFirst line 🚢.\r\n\r\n" + SENTENCE.replace(" was", "\r\nwas"),
    "cr.txt": f"First\rSecond\r\r{SENTENCE}",
    "utf16.txt": SENTENCE.encode("utf-16"),
    "latin.txt": f"Über die Brücke. {SENTENCE}".encode("latin-1"),
    "emoji.txt": f"👩‍👩‍👧‍👦🇺🇦🏳️‍🌈👍🏽 {SENTENCE.replace('Lena', 'Lena 🎈')} 🚢",
    "plane.txt": f"𝕳𝖆𝖗𝖇𝖔𝖚𝖗 𐍈 𠀀. {SENTENCE}",
    "decomposed.txt": unicodedata.normalize("NFD", f"Ø é ü Å. {SENTENCE} Ça và."),
    "marks.txt": "Z̴̡̛a̸l̷g̸o̵ हिन्दी ไทย. " + SENTENCE.replace("Brandt", "Bra\u0301ndt\u0330"),
    "hebrew.txt": f"הנמל נסגר ביום שני. {SENTENCE} הנמל של אוסטר נסגר על ידי ראש העיר.",
    "arabic.md": f"# ميناء\n\nأُغلق الميناء. {SENTENCE}\n\n- أمرت رئيسة البلدية\n",
    "directions.txt": f"\u202eturned\u202c \u2067isolated\u2069 \u200f {SENTENCE} \u200e",
    "spaces.txt": f"\tTab\u00a0no-break\u2003wide\u200bzero\u00ad-soft. {SENTENCE}",
    "table.md": "| Who | What |\n| --- | --- |\n| Lena Brandt | closed the harbour of Oster |\n",
    "table.csv": 'Who,What\nmayor Lena Brandt,closed the harbour of Oster\n"Otto, 🚢",slept\n',
    "table.html": _html(),
    "table.docx": _word(),
    "markup.txt": f"<mark>not a mark</mark> &lt; <script>alert(1)</script> {SENTENCE}",
}


@pytest.mark.parametrize("name", FILES)
def test_every_citation_is_marked_as_it_is_quoted(page: Page, library: Library, name: str) -> None:
    content = FILES[name]
    page.goto(library.address)
    page.get_by_test_id("add-input").set_input_files(
        {
            "name": name,
            "mimeType": "application/octet-stream",
            "buffer": content if isinstance(content, bytes) else content.encode(),
        }
    )
    expect(page.get_by_test_id("library-item")).to_have_count(1)
    [document_id] = library.ids()
    text = library.text(document_id)
    answers = library.ask(WHO)["answers"]
    cited = [citation for answer in answers for citation in answer["citations"]]
    places = [(c["start"], c["end"], c["quote"]) for c in cited]
    for words in ("Lena", "harbour of Oster"):  # whatever is answered
        at = text.index(words)
        places.append((at, at + len(words), words))
    for start, end, quote in places:
        assert text[start:end] == quote
        page.goto("about:blank")
        page.goto(f"{library.address}#document={document_id}&start={start}&end={end}")
        mark = page.locator("[data-testid=source-mark][data-current]")
        expect(mark).to_be_in_viewport()
        assert mark.evaluate("node => node.textContent") == quote
    shown = page.get_by_test_id("source-text").evaluate("node => node.textContent")
    assert shown == text


def test_all_places_of_an_answer_are_marked_and_walked_through(
    page: Page, library: Library
) -> None:
    """Through the page alone: ask, open, go on and back; each mark is its citation's quote."""
    library.add("Harbour 🚢", f"🚢 {SENTENCE} {'The ferries rest. ' * 90}\n\n👩‍👧 {SENTENCE} 🎈")
    page.goto(library.address)
    page.get_by_test_id("question-input").fill(WHO)
    page.keyboard.press("Enter")
    citations = page.get_by_test_id("citation")
    expect(citations.first).to_be_visible()
    response = library.ask(WHO)["answers"][0]["citations"]
    citations.first.click()
    marks = page.get_by_test_id("source-mark")
    expect(marks.first).to_be_visible()
    quotes = sorted(citation["quote"] for citation in response)
    assert sorted(marks.all_text_contents()) == quotes
    current = page.locator("[data-testid=source-mark][data-current]")
    count = page.get_by_test_id("place-count")
    total, first = len(quotes), int((count.text_content() or "1").split()[0])
    assert total > 1
    for number in range(first, first + total):
        expect(count).to_have_text(f"{(number - 1) % total + 1} of {total}")
        expect(current).to_be_in_viewport()
        assert current.text_content() in quotes
        page.get_by_test_id("place-next").click()
    page.get_by_test_id("place-previous").click()
    expect(count).to_have_text(f"{(first - 2) % total + 1} of {total}")
