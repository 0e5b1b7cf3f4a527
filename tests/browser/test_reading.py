"""Reading a source, and looking after the library: for every script, width, language and eye."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.answer_sets import answer_set, answer_with
from tests.browser.library import Library
from tests.browser.test_library import HARBOUR, WHO, ask, remove, row
from tests.index.formats.pdf import flowing, pdf

TEXTS = {
    "emoji": "🚢⚓ The 👩‍👩‍👧 harbour of Oster was closed by mayor Lena 🎈 Brandt on Monday.",
    "combining": "The harbour of Oste\u0301r was closed by mayor Q\u0308ena Brandt\u0330 today.",
    "line ends": "First line.\r\n\r\nThe harbour of Oster was closed\r\nby mayor Lena Brandt.",
    "table": "Who | What\n--- | ---\nmayor Lena Brandt | closed the harbour of Oster\nOtto | slept",
    "right to left": "אוסטר. The harbour of Oster was closed by mayor Lena Brandt. הנמל נסגר.",
    "tricks": "The harbour \u202eof Oster\u202c was <b>closed</b> by Lena Brandt &amp; no other.",
}


WHO_IS = "who is the deputy director of the information and press department?"


@pytest.fixture
def empty(page: Page, library: Library) -> Page:
    page.goto(library.address)
    expect(page.get_by_test_id("library-status")).to_contain_text("0 documents")
    return page


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_marked_is_the_quote(page: Page, library: Library, name: str) -> None:
    document_id = library.add("Harbour", TEXTS[name])
    value = library.ask(WHO)
    places = [(c["start"], c["end"], c["quote"]) for a in value["answers"] for c in a["citations"]]
    text = library.text(document_id)
    at = text.index("Brandt")
    words = text[at : at + 8]
    for start, end, quote in [*places, (at, at + len(words), words)]:
        page.goto("about:blank")
        page.goto(f"{library.address}#document={document_id}&start={start}&end={end}")
        mark = page.locator("[data-testid=source-mark][data-current]")
        expect(mark).to_be_in_viewport()
        assert mark.evaluate("node => node.textContent") == quote
    shown = page.get_by_test_id("source-text").evaluate("node => node.textContent")
    assert shown == text


def test_a_right_to_left_document_reads_from_the_right(page: Page, library: Library) -> None:
    library.add("נמל", "הנמל של אוסטר נסגר ביום שני על ידי ראש העיר.")
    page.goto(library.address)
    page.get_by_test_id("library-item").click()
    expect(page.get_by_test_id("source-text")).to_contain_text("הנמל")
    direction = page.get_by_test_id("source-text").evaluate("n => getComputedStyle(n).direction")
    assert direction == "rtl"
    titled = page.locator("#source-title").evaluate("n => getComputedStyle(n).direction")
    assert titled == "rtl"


def test_questions_stand_on_one_side_whichever_way_they_are_written(
    page: Page, library: Library
) -> None:
    library.add("Port", "The port closed on Monday.")
    answer_with(page, answer_set("?"))
    page.goto(library.address)
    for question in ("When did the port close?", "متى أُغلق الميناء؟"):
        page.get_by_test_id("question-input").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator(".turn").last.locator(".abstention")).to_be_visible()
    edges = page.get_by_test_id("message-question").evaluate_all(
        "nodes => nodes.map((node) => Math.round(node.getBoundingClientRect().right))"
    )
    assert len(edges) == 2 and len(set(edges)) == 1


def test_pages_are_set_apart_and_the_text_stays_as_it_is(empty: Page, library: Library) -> None:
    pages = [flowing([[f"Page number {n}."]]) for n in ("one", "two", "three")]
    report: FilePayload = {
        "name": "report.pdf",
        "mimeType": "application/pdf",
        "buffer": pdf(pages, {"Title": "Island report"}),
    }
    empty.get_by_test_id("add-input").set_input_files([report])
    row(empty, "Island report").get_by_test_id("library-item").click()
    breaks = empty.get_by_test_id("page-break")
    expect(breaks).to_have_count(2)
    expect(breaks.first).to_have_attribute("aria-label", "Page 2")
    shown = empty.get_by_test_id("source-text").evaluate("node => node.textContent")
    assert shown == library.text(library.ids()[0])
    after = breaks.first.evaluate("node => node.nextSibling.textContent")
    assert after.startswith("Page number two.")
    assert Axe().run(empty).violations_count == 0


def test_a_link_reopens_the_panel_at_its_place(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR * 20)
    page.goto(library.address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, WHO).click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    page.get_by_test_id("source-copy-link").click()
    expect(page.get_by_test_id("source-copy-link")).to_have_text("Copied")
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    expect(page.get_by_test_id("answer").first).to_be_visible()


def test_the_original_is_downloaded_where_the_server_has_it(page: Page, server: str) -> None:
    page.goto(server)
    item = page.get_by_test_id("library-item").first
    item.click()
    with page.expect_download() as download:
        page.get_by_test_id("source-original").click()
    assert re.fullmatch(r"\d{3}_[0-9a-f]{16}\.txt", download.value.suggested_filename)
    assert Path(download.value.path()).stat().st_size > 1_000


def test_an_uploaded_file_is_opened_and_saved_as_it_came(empty: Page, library: Library) -> None:
    page = f"<html><body><script>window.ran = 1</script><p>{HARBOUR * 3}</p></body></html>"
    files: list[FilePayload] = [
        {"name": "harbour ü.txt", "mimeType": "text/plain", "buffer": HARBOUR.encode()},
        {"name": "page.html", "mimeType": "text/html", "buffer": page.encode()},
    ]
    empty.get_by_test_id("add-input").set_input_files(files)
    row(empty, "harbour ü.txt").get_by_test_id("library-item").click()
    with empty.context.expect_page() as opened:
        empty.get_by_test_id("source-view").click()
    expect(opened.value.locator("body")).to_have_text(HARBOUR)
    opened.value.close()
    with empty.expect_download() as download:
        empty.get_by_test_id("source-original").click()
    assert download.value.suggested_filename == "harbour ü.txt"
    assert Path(download.value.path()).read_bytes() == HARBOUR.encode()
    empty.keyboard.press("Escape")
    row(empty, "page.html").get_by_test_id("library-item").click()
    expect(empty.get_by_test_id("source-original")).to_be_visible()
    expect(empty.get_by_test_id("source-view")).to_be_hidden()
    with empty.expect_download() as download:  # a page is saved, and never opened as one of ours
        empty.get_by_test_id("source-original").click()
    assert Path(download.value.path()).read_bytes() == page.encode()
    empty.keyboard.press("Escape")
    remove(empty, "page.html")
    empty.get_by_test_id("undo").click()
    row(empty, "page.html").get_by_test_id("library-item").click()
    expect(empty.get_by_test_id("source-original")).to_be_visible()


def test_pasted_text_has_no_original(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    page.goto(library.address)
    page.get_by_test_id("library-item").click()
    expect(page.get_by_test_id("source-text")).to_contain_text("quay wall")
    expect(page.get_by_test_id("source-original")).to_be_hidden()


def test_the_list_is_sorted_as_chosen(page: Page, library: Library) -> None:
    for title, length in (("Beta 10", 1), ("Alpha", 9), ("Beta 9", 4)):
        library.add(title, f"{title}. {HARBOUR * length}")
    page.goto(library.address)
    titles = page.locator(".library-item-title")
    expect(titles).to_have_text(["Beta 9", "Alpha", "Beta 10"])
    page.get_by_test_id("library-sort").select_option("title")
    expect(titles).to_have_text(["Alpha", "Beta 9", "Beta 10"])
    page.get_by_test_id("library-sort").select_option("size")
    expect(titles).to_have_text(["Alpha", "Beta 9", "Beta 10"])
    page.reload()
    expect(titles).to_have_text(["Alpha", "Beta 9", "Beta 10"])
    expect(page.get_by_test_id("library-sort")).to_have_value("size")
    expect(page.locator(".library-item-meta").first).to_contain_text("characters")


def test_a_deleted_document_is_brought_back(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    page.goto(library.address)
    citation = ask(page, WHO)
    remove(page, "Harbour")
    expect(citation).to_contain_text("No longer in the library")
    page.get_by_test_id("undo").click()
    expect(row(page, "Harbour")).to_have_count(1)
    expect(page.get_by_test_id("undo-notice")).to_have_count(0)
    expect(citation).not_to_contain_text("No longer in the library")
    citation.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()


def test_what_cannot_be_brought_back_is_said(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    page.goto(library.address)
    remove(page, "Harbour")
    detail = "Document 1 cannot be brought back."
    page.route("**/restore", lambda route: route.fulfill(status=404, json={"detail": detail}))
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("undo-notice")).to_contain_text(detail)
    expect(page.get_by_test_id("undo-dismiss")).to_be_focused()


def test_the_library_says_what_it_is_made_of_and_is_rebuilt(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    page.goto(library.address)
    expect(page.get_by_test_id("job")).to_be_visible()  # once it shows, nothing moves any more
    page.locator("#library-about summary").click()
    facts = page.get_by_test_id("library-facts")
    expect(facts).to_contain_text("all-MiniLM-L6-v2 (384)")
    expect(facts).to_contain_text(re.compile(r"On disk[\d.]+ MB"))
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.get_by_test_id("rebuild").click()
    job = page.get_by_test_id("job").filter(has_text="Rebuilding the index")
    expect(job).to_contain_text("1 of 1 document")


def test_the_page_speaks_german_throughout(page: Page, library: Library) -> None:
    library.add("Hafen", HARBOUR)
    page.goto(library.address)
    expect(page.get_by_test_id("job")).to_be_visible()  # once it shows, nothing moves any more
    page.locator("#library-about summary").click()
    page.get_by_test_id("language").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_test_id("library-status")).to_have_text(
        re.compile("1 Dokument · 1 Abschnitt")
    )
    ask(page, WHO)
    expect(page.get_by_test_id("answer").first).to_contain_text("Quelle")
    page.get_by_test_id("conversations-toggle").click()
    expect(page.get_by_test_id("conversation-row").first).to_contain_text("1 Frage")
    page.get_by_test_id("new-conversation").click()
    page.get_by_test_id("question-input").fill("Which king won the chess tournament in Madrid?")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("abstention")).to_contain_text("Diese Dokumente sagen es nicht.")
    assert Axe().run(page).violations_count == 0
    page.goto(library.address)
    expect(page.get_by_test_id("send")).to_have_text("Fragen")


@pytest.mark.first_visit
def test_the_first_load_is_light(page: Page, server: str) -> None:
    """At most 100 kB over the wire, all responses with their headers."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(server)
    expect(page.get_by_test_id("library-item").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(received) > 20
    assert sum(received) <= 100_000, f"{sum(received):,.0f} bytes"


@pytest.mark.first_visit
def test_the_network_of_a_train_is_enough(page: Page, server: str) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"latency": 400, "downloadThroughput": 40_000, "uploadThroughput": 20_000}
    network.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    page.goto(server)
    ask(page, WHO_IS).click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    network.send("Network.emulateNetworkConditions", {"offline": True, **slow})
    page.get_by_test_id("question-input").fill(WHO_IS)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("error")).to_contain_text("did not answer")
    network.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("answer")).to_have_count(2)


@pytest.mark.first_visit
def test_nothing_shifts_while_the_page_loads(page: Page, server: str) -> None:
    page.add_init_script(
        """window.shifted = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shifted += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(server)
    expect(page.get_by_test_id("library-item").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shifted") < 0.01


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 568)])
def test_at_twice_the_size_nothing_is_cut_off(
    page: Page, library: Library, width: int, height: int
) -> None:
    """A window of 1280 or 640 pixels at 200 % has so many of CSS's."""
    library.add("Harbour of Oster", HARBOUR * 30)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(library.address)
    scrolls = "document.documentElement.scrollWidth > window.innerWidth"
    citation = ask(page, WHO)
    assert not page.evaluate(scrolls)
    page.get_by_test_id("filters").click()
    page.get_by_test_id("filter-from").fill("2022-08-01")
    expect(page.get_by_test_id("send")).to_be_in_viewport()
    page.keyboard.press("Escape")
    citation.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    assert not page.evaluate(scrolls)
    page.get_by_test_id("source-back").click()
    page.get_by_test_id("conversations-toggle").click()
    expect(page.get_by_test_id("conversation-row").first).to_be_visible()
    assert not page.evaluate(scrolls)


def test_who_wants_no_motion_gets_none(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR * 30)
    page.emulate_media(reduced_motion="reduce")
    page.goto(library.address)
    ask(page, WHO).click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    running = page.evaluate("document.getAnimations().length")
    assert running == 0


def test_a_long_document_is_laid_out_in_parts_and_reads_the_same(
    page: Page, library: Library
) -> None:
    paragraphs = [f"{number}. 🚢 {'The ferries leave at noon. ' * 12}" for number in range(380)]
    document_id = library.add("Timetable", "\n\n".join(paragraphs))
    text = library.text(document_id)
    assert len(text) > 100_000
    starts = [text.index("ferries", text.index(f"\n{number}. ")) for number in (30, 200, 370)]
    page.goto(library.address)
    for start in starts:
        page.goto("about:blank")
        page.goto(f"{library.address}#document={document_id}&start={start}&end={start + 7}")
        mark = page.locator("[data-testid=source-mark][data-current]")
        expect(mark).to_be_in_viewport()
        expect(mark).to_have_text("ferries")
    assert page.locator(".source-block").count() > 5
    shown = page.get_by_test_id("source-text").evaluate("node => node.textContent")
    assert shown == text
    blocks = page.locator(".source-block").evaluate_all("all => all.map(b => b.textContent)")
    assert all(block.endswith("\n") for block in blocks[:-1])
