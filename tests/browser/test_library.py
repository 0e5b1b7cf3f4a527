"""Bringing documents in and taking them out, as a user meets it on the page."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from index.store import Store
from tests.browser.conftest import serve
from tests.browser.library import Library
from tests.conftest import SEEDS
from tests.index.formats.pdf import flowing, pdf

HARBOUR = (
    "The harbour of Oster was closed on Monday by mayor Lena Brandt. It opens again on Thursday. "
    "The quay wall had cracked over forty metres, the council said, and until then all ferries "
    "leave from the northern pier."
)
WHO = "Who closed the harbour of Oster?"
MAYOR = re.compile("Lena Brandt")


@pytest.fixture
def empty(page: Page, library: Library) -> Page:
    page.goto(library.address)
    expect(page.get_by_test_id("library-status")).to_contain_text("0 documents")
    return page


def text_file(name: str, text: str = HARBOUR) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def job(page: Page, title: str) -> Locator:
    return page.get_by_test_id("job").filter(has_text=title)


def row(page: Page, name: str) -> Locator:
    return page.locator(".library-row").filter(has_text=name)


def ask(page: Page, question: str) -> Locator:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")
    citation = page.get_by_test_id("citation").first
    expect(citation).to_be_visible()
    return citation


def remove(page: Page, name: str) -> None:
    row(page, name).get_by_test_id("library-remove").click()
    page.get_by_test_id("remove-confirm").click()
    expect(row(page, name)).to_have_count(0)


def drop(page: Page, *paths: Path) -> None:
    """Drag files and folders over the page as a file manager does, look, and let go."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    mouse = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver"):
        mouse.send("Input.dispatchDragEvent", {"type": step, "x": 300, "y": 300, "data": data})
    expect(page.get_by_test_id("drop-target")).to_be_visible()
    mouse.send("Input.dispatchDragEvent", {"type": "drop", "x": 300, "y": 300, "data": data})
    expect(page.get_by_test_id("drop-target")).to_be_hidden()


def refuse_uploads(page: Page, status: int, detail: str) -> None:
    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=json.dumps({"detail": detail}))
        else:
            route.continue_()

    page.route("**/api/v1/documents*", answer)


def test_an_empty_library_says_how_to_begin_and_then_answers(empty: Page) -> None:
    invitation = empty.get_by_test_id("library-empty")
    expect(invitation).to_be_visible()
    with empty.expect_file_chooser() as chooser:
        invitation.get_by_role("button", name="Add files").click()
    chooser.value.set_files([text_file("harbour.txt")])
    expect(job(empty, "harbour.txt")).to_contain_text("Added")
    expect(invitation).to_be_hidden()
    expect(empty.get_by_test_id("library-status")).to_contain_text("1 document")
    expect(row(empty, "harbour.txt")).to_be_visible()
    expect(empty.get_by_test_id("question-input")).to_be_focused()
    expect(ask(empty, WHO)).to_contain_text("harbour.txt")
    expect(empty.get_by_test_id("answer-text").first).to_have_text(MAYOR)


def test_an_empty_library_offers_documents_in_place_of_an_answer(empty: Page) -> None:
    empty.get_by_test_id("question-input").fill(WHO)
    empty.keyboard.press("Enter")
    empty.get_by_test_id("abstention").get_by_role("button", name="Add documents").click()
    expect(empty.get_by_test_id("add-files")).to_be_focused()


def test_files_and_folders_are_dropped_anywhere(empty: Page, tmp_path: Path) -> None:
    first, second = tmp_path / "harbour.txt", tmp_path / "islands" / "harbour.txt"
    (second.parent / ".git").mkdir(parents=True)
    first.write_text(HARBOUR, "utf-8")
    second.write_text(HARBOUR.replace("until then", "for now"), "utf-8")
    (second.parent / ".git" / "config.txt").write_text("not a document", "utf-8")
    drop(empty, first, second.parent)
    expect(job(empty, "2 files")).to_contain_text("2 added")
    copy = row(empty, "islands - harbour.txt")
    expect(copy.get_by_test_id("near-copy")).to_contain_text("Near copy of")
    expect(empty.get_by_test_id("near-copy").last).to_have_text("Has 1 near copy")


def test_a_watched_folder_is_followed_while_the_page_is_open(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    Store(tmp_path / "data", create=True).close()
    (folder / "first.txt").write_text("Rain is expected over the islands.", "utf-8")
    with serve(tmp_path / "data", QA_WATCH=str(folder), QA_SETTLE_SECONDS="0.1") as address:
        page.clock.install()
        page.goto(address)
        for name in ("harbour.txt", "first.txt"):
            (folder / name).write_text(HARBOUR, "utf-8")
        shown = page.get_by_test_id("library-item")
        until = time.monotonic() + 60
        while shown.count() < 2 and time.monotonic() < until:
            page.clock.run_for(25_000)
            page.wait_for_load_state("networkidle")
        expect(row(page, "harbour.txt")).to_be_visible()
        expect(row(page, "first.txt")).to_be_visible()


def test_a_suggestion_comes_and_goes_with_its_document(page: Page, library: Library) -> None:
    seed = SEEDS / "000_24598830d6a6aed1.txt"
    library.add("Volunteers", seed.read_text("utf-8"), source=str(seed))
    page.goto(library.address)
    suggestion = page.get_by_test_id("suggestion")
    expect(suggestion).to_have_text("who denied the volunteer reports?")
    remove(page, "Volunteers")
    expect(suggestion).to_have_count(0)
    expect(page.get_by_test_id("library-empty")).to_be_visible()
    expect(page.get_by_test_id("add-files")).to_be_focused()
    library.add("Volunteers", seed.read_text("utf-8"), source=str(seed))
    page.get_by_test_id("add-input").set_input_files([text_file("harbour.txt")])
    expect(suggestion).to_have_text("who denied the volunteer reports?")


def test_a_text_is_pasted_with_the_keyboard_alone(empty: Page) -> None:
    empty.get_by_test_id("add-files").focus()
    empty.keyboard.press("Tab")
    empty.keyboard.press("Enter")
    expect(empty.get_by_label("Title (optional)")).to_be_focused()
    empty.keyboard.type("Harbour 1/2")
    empty.keyboard.press("Tab")
    empty.keyboard.insert_text(HARBOUR)
    empty.keyboard.press("Tab")
    empty.keyboard.press("Enter")
    expect(row(empty, "Harbour 1/2")).to_contain_text("pasted text")
    expect(empty.get_by_test_id("add-text")).to_be_focused()
    expect(empty.get_by_test_id("announcer")).to_contain_text("Added")


def test_what_cannot_be_read_is_named_with_its_reason(empty: Page) -> None:
    broken: FilePayload = {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
    empty.get_by_test_id("add-input").set_input_files([broken, text_file("harbour.txt")])
    expect(job(empty, "2 files")).to_contain_text("1 added · 1 not added")
    problem = job(empty, "2 files").get_by_test_id("job-problem")
    expect(problem).to_have_text(re.compile(r"broken\.pdf: \w+"))
    empty.reload()
    expect(problem).to_have_text(re.compile(r"broken\.pdf: \w+"))
    job(empty, "2 files").get_by_role("button", name="Dismiss").click()
    expect(job(empty, "2 files")).to_have_count(0)
    expect(empty.get_by_test_id("add-files")).to_be_focused()


def test_a_refused_text_stays_typed_even_over_a_reload(empty: Page) -> None:
    refuse_uploads(empty, 503, "The library is busy.")
    empty.get_by_test_id("add-text").click()
    empty.get_by_label("Text", exact=True).fill(HARBOUR)
    empty.get_by_role("button", name="Add text").click()
    expect(empty.get_by_test_id("form-failure").first).to_have_text("The library is busy.")
    empty.reload()
    expect(empty.get_by_label("Text", exact=True)).to_have_value(HARBOUR)


def test_files_that_a_lost_server_did_not_get_are_sent_again(empty: Page) -> None:
    empty.route("**/api/v1/documents*", lambda route: route.abort())
    empty.get_by_test_id("add-input").set_input_files([text_file("harbour.txt")])
    expect(job(empty, "harbour.txt")).to_contain_text("Not added")
    empty.unroute("**/api/v1/documents*")
    job(empty, "harbour.txt").get_by_role("button", name="Retry").click()
    expect(job(empty, "harbour.txt")).to_contain_text("Added")


def test_one_file_that_is_too_large_does_not_stop_the_others(empty: Page) -> None:
    def answer(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if route.request.method == "POST" and b"large.txt" in body:
            route.fulfill(status=413, body="{}")
        else:
            route.continue_()

    empty.route("**/api/v1/documents*", answer)
    files = [text_file("large.txt"), text_file("harbour.txt")]
    empty.get_by_test_id("add-input").set_input_files(files)
    expect(job(empty, "harbour.txt")).to_contain_text("Added")
    expect(job(empty, "large.txt")).to_contain_text("larger than this server takes")


def test_an_address_that_cannot_be_fetched_says_why(empty: Page) -> None:
    empty.get_by_test_id("add-url").click()
    empty.get_by_label("Address of the web page").fill("127.0.0.1/private")
    empty.keyboard.press("Enter")
    failed = job(empty, "https://127.0.0.1/private")
    expect(failed).to_contain_text("Not added")
    expect(failed.get_by_test_id("job-problem")).to_have_text(re.compile(r"\w{3}"))


def test_work_under_way_is_shown_after_a_reload_and_cancelled(empty: Page) -> None:
    many = [text_file(f"{number}.txt", f"{number}. {HARBOUR * 240}") for number in range(40)]
    empty.get_by_test_id("add-input").set_input_files(many)
    under_way = job(empty, "40 files")
    expect(under_way.get_by_test_id("job-note")).to_have_text("Reading…")
    empty.reload()
    under_way.get_by_role("button", name="Cancel").click()
    # What is being stored at this moment, a third of it, is finished first.
    expect(under_way).to_contain_text("Cancelled", timeout=60_000)
    expect(under_way.get_by_test_id("job-progress")).to_be_hidden()


def test_a_deleted_document_is_marked_in_the_conversation(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    library.add("Weather", "Rain is expected over the western islands for most of the week.")
    page.goto(library.address)
    citation = ask(page, WHO)
    row(page, "Harbour").get_by_test_id("library-remove").click()
    expect(page.get_by_test_id("remove-keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("remove-question")).to_have_count(0)
    assert "Harbour" in library.titles()
    remove(page, "Harbour")
    assert library.titles() == ["Weather"]
    expect(row(page, "Weather").get_by_test_id("library-item")).to_be_focused()
    expect(citation).to_contain_text("No longer in the library")
    expect(page.get_by_test_id("answer-standing").first).to_be_visible()
    citation.click()
    expect(page.get_by_test_id("source-gone")).to_be_visible()
    expect(page.get_by_test_id("source-error")).to_have_count(0)
    page.reload()
    expect(citation).to_contain_text("No longer in the library")


def test_a_citation_opens_where_its_words_are_now(page: Page, library: Library) -> None:
    library.add("Harbour", HARBOUR)
    page.goto(library.address)
    citation = ask(page, WHO)
    answer = page.get_by_test_id("answer-text").first.inner_text()
    library.add("Harbour", f"A word first: Lena Brandt has been asked. {HARBOUR}")
    citation.click()
    mark = page.locator("[data-testid=source-mark][data-current]")
    expect(mark).to_have_text(answer)
    before = "node => node.previousSibling.textContent"
    assert mark.evaluate(before).startswith("A word first: Lena Brandt has been asked. The harbour")
    expect(page.locator("#source-notice")).to_contain_text("found again")
    page.keyboard.press("Escape")
    library.add("Harbour", "The harbour is open. All ferries leave from there, as they always did.")
    citation.click()
    expect(page.locator("#source-notice")).to_contain_text("no longer stand in it")
    expect(mark).to_have_count(0)
    expect(citation).to_contain_text("no longer says this")


def test_a_citation_of_a_pdf_names_page_and_author(empty: Page) -> None:
    pages = [flowing([["A report on the islands."]]), flowing([[HARBOUR[:63]], [HARBOUR[64:]]])]
    report: FilePayload = {
        "name": "report.pdf",
        "mimeType": "application/pdf",
        "buffer": pdf(pages, {"Title": "Island report", "Author": "Ida Moor"}),
    }
    empty.get_by_test_id("add-input").set_input_files([report])
    expect(row(empty, "Island report")).to_contain_text("Ida Moor")
    expect(ask(empty, WHO)).to_contain_text("report.pdf · p. 2 · Ida Moor")


def test_hostile_names_are_only_words(empty: Page) -> None:
    said: list[Any] = []
    empty.on("dialog", lambda dialog: said.append(dialog.message))
    markup = "<img src=x onerror=alert(1)><script>alert(2)<\u2215script>.txt"
    reversed_name = "\u202egnp.exe" + "x" * 200 + ".txt"
    empty.get_by_test_id("add-input").set_input_files(
        [text_file(markup, f"<b>{HARBOUR}</b>"), text_file(reversed_name, "Rain is expected.")]
    )
    expect(job(empty, "2 files")).to_contain_text("2 added")
    expect(row(empty, "<img src=x onerror=alert(1)>")).to_be_visible()
    ask(empty, WHO).click()
    expect(empty.get_by_test_id("source-text")).to_contain_text("<b>The harbour")
    assert empty.locator("#library img, #library script, #chat script").count() == 0
    assert not empty.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert said == []


def test_a_phone_adds_and_deletes(page: Page, library: Library) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(library.address)
    page.get_by_test_id("library-empty").get_by_role("button", name="Paste text").click()
    expect(page.get_by_label("Title (optional)")).to_be_focused()
    page.get_by_label("Title (optional)").fill("Harbour")
    page.get_by_label("Text", exact=True).fill(HARBOUR)
    page.get_by_role("button", name="Add text").click()
    expect(row(page, "Harbour")).to_be_in_viewport()
    row(page, "Harbour").get_by_test_id("library-remove").click()
    expect(page.get_by_test_id("remove-confirm")).to_be_in_viewport()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.get_by_test_id("remove-confirm").click()
    expect(row(page, "Harbour")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_the_invitation(empty: Page, scheme: str, width: int) -> None:
    empty.set_viewport_size({"width": width, "height": 740})
    empty.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    expect(empty.get_by_test_id("library-empty")).to_be_visible()
    invitation = Axe().run(empty)
    assert invitation.violations_count == 0, invitation.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_documents_come_in(empty: Page, scheme: str) -> None:
    empty.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    invitation = Axe().run(empty)
    assert invitation.violations_count == 0, invitation.generate_report()
    broken: FilePayload = {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
    empty.get_by_test_id("add-input").set_input_files([broken, text_file("harbour.txt")])
    expect(job(empty, "2 files").get_by_test_id("job-problem")).to_be_visible()
    citation = ask(empty, WHO)
    remove(empty, "harbour.txt")
    expect(citation).to_contain_text("No longer in the library")
    empty.get_by_test_id("add-input").set_input_files([text_file("second.txt")])
    row(empty, "second.txt").get_by_test_id("library-remove").click()
    empty.get_by_test_id("add-text").click()
    empty.get_by_role("button", name="Add text").click()
    expect(empty.get_by_test_id("form-failure").first).to_be_visible()
    expect(empty.get_by_test_id("remove-question")).to_be_visible()
    results = Axe().run(empty)
    assert results.violations_count == 0, results.generate_report()
