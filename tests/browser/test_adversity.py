"""What goes wrong is said plainly; nothing is lost, and nothing is executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, FilePayload, Page, Route, expect

from index.store import Store
from tests.browser import big_library
from tests.browser.conftest import serve
from tests.browser.cutting import CuttingServer, cutting
from tests.browser.library import Library
from tests.browser.test_library import HARBOUR, MAYOR, WHO, job, row, text_file

MILL = "The old mill of Oster burned down in March while its keeper, Otto Lind, slept."
WHO_SLEPT = "Who slept while the mill burned down?"


@pytest.fixture
def before(library: Library) -> Iterator[CuttingServer]:
    library.add("Harbour", HARBOUR)
    library.add("Mill", MILL)
    library.clear_conversations()
    with cutting(library.address) as server:
        yield server


def send(page: Page, question: str) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")


def ask_what_is_held(page: Page, before: CuttingServer) -> None:
    """One question is answered, the next one is looked for until ``before.held`` is set."""
    page.goto(before.address)
    send(page, WHO)
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    before.held.clear()
    send(page, WHO_SLEPT)
    expect(page.get_by_test_id("searching")).to_be_visible()


@pytest.mark.parametrize("events", [0, 1, 2])
def test_a_server_that_is_gone_in_the_middle_of_an_answer(
    page: Page, before: CuttingServer, events: int
) -> None:
    page.goto(before.address)
    send(page, WHO)
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    before.cut_after = events
    send(page, WHO_SLEPT)
    expect(page.get_by_test_id("error")).to_contain_text("did not answer")
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("answer-text").last).to_contain_text("Otto Lind")
    expect(page.get_by_test_id("message-question")).to_have_text([WHO, WHO_SLEPT])
    page.reload()
    expect(page.get_by_test_id("answer-text").last).to_contain_text("Otto Lind")


def test_a_reload_while_the_answer_is_looked_for_loses_nothing(
    page: Page, before: CuttingServer
) -> None:
    ask_what_is_held(page, before)
    page.reload()
    expect(page.get_by_test_id("message-question")).to_have_text([WHO, WHO_SLEPT])
    expect(page.get_by_test_id("error")).to_contain_text("left before the answer came")
    page.get_by_test_id("retry").click()  # once answered, the conversation may bring the answer
    before.held.set()
    expect(page.locator(".turn").last.get_by_test_id("answer-text").first).to_contain_text(
        "Otto Lind"
    )


def test_a_question_asked_again_before_its_conversation_can_be_read_is_kept(
    page: Page, before: CuttingServer
) -> None:
    ask_what_is_held(page, before)
    reading: list[Route] = []
    page.route("**/reopen.js*", lambda route: reading.append(route))  # what it is read with
    page.reload()
    page.get_by_test_id("retry").click()
    while not reading:
        page.wait_for_timeout(20)
    with page.expect_response("**/api/v1/conversations/*"):
        reading[0].continue_()
    before.held.set()
    expect(page.locator(".turn").last.get_by_test_id("answer-text").first).to_contain_text(
        "Otto Lind"
    )
    expect(page.get_by_test_id("message-question")).to_have_text([WHO, WHO_SLEPT])


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "under way"])
def test_a_question_asked_again_while_its_conversation_opens_is_kept(
    page: Page, before: CuttingServer, answered: bool
) -> None:
    ask_what_is_held(page, before)
    reading: list[tuple[Route, APIResponse]] = []
    page.route("**/api/v1/conversations/*", lambda route: reading.append((route, route.fetch())))
    page.reload()
    expect(page.get_by_test_id("error")).to_contain_text("left before the answer came")
    while not reading:
        page.wait_for_timeout(20)
    if answered:
        before.held.set()
    page.get_by_test_id("retry").click()
    last = page.locator(".turn").last
    if answered:
        expect(last.get_by_test_id("answer-text").first).to_contain_text("Otto Lind")
    for route, response in reading:  # as it was before the question was asked again
        route.fulfill(response=response)
    page.wait_for_timeout(500)  # what is dropped is dropped by then
    before.held.set()
    expect(last.get_by_test_id("answer-text").first).to_contain_text("Otto Lind")


@pytest.mark.parametrize(("width", "note"), [(1280, "#conversation-note"), (390, "#library-note")])
def test_a_button_whose_part_of_the_page_cannot_be_fetched_says_so(
    page: Page, library: Library, width: int, note: str
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.route("**/add-forms.js", lambda route: route.abort())
    page.goto(library.address)
    expect(page.get_by_test_id("library-status")).to_contain_text("0 documents")
    if width < 900:
        page.locator("#library-toggle").click()
    page.get_by_test_id("add-text").click()
    expect(page.locator(note)).to_contain_text("The server did not answer.")
    expect(page.locator(note)).to_be_in_viewport()
    page.unroute("**/add-forms.js")
    page.get_by_test_id("add-text").click()
    expect(page.get_by_label("Text", exact=True)).to_be_visible()
    expect(page.locator(note)).not_to_contain_text("The server did not answer.")


def test_a_question_that_is_sent_twice_quickly_is_asked_once(
    page: Page, before: CuttingServer
) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/v1/ask") else None)
    page.goto(before.address)
    before.held.clear()
    page.get_by_test_id("question-input").fill(WHO)
    page.get_by_test_id("send").dblclick()
    page.get_by_test_id("question-input").fill(WHO_SLEPT)
    page.keyboard.press("Enter")  # the first is still under way: the text stays in the box
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("question-input")).to_have_value(WHO_SLEPT)
    before.held.set()
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    expect(page.get_by_test_id("send")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("message-question")).to_have_text([WHO, WHO_SLEPT])
    expect(page.locator(".turn").last.get_by_test_id("answer-text").first).to_contain_text(
        "Otto Lind"
    )
    assert len(asked) == 2


def test_two_tabs_of_one_conversation_keep_each_others_questions(
    page: Page, before: CuttingServer, library: Library
) -> None:
    page.goto(before.address)
    send(page, WHO)
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    before.held.clear()
    send(page, "When did she close it?")
    send(other, WHO_SLEPT)
    expect(other.get_by_test_id("searching")).to_be_visible()
    before.held.set()
    for tab in (page, other):
        expect(tab.locator(".turn").last.locator(".answer, .abstention")).to_be_visible()
    for tab in (page, other):
        tab.reload()
        questions = tab.get_by_test_id("message-question")
        expect(questions).to_have_count(3)
        assert set(questions.all_inner_texts()) == {WHO, WHO_SLEPT, "When did she close it?"}
    assert len(library.conversations()) == 1


def test_a_document_that_is_deleted_while_it_is_read(page: Page, library: Library) -> None:
    document_id = library.add("Harbour", HARBOUR)
    library.add("Mill", MILL)
    page.goto(library.address)
    send(page, WHO)
    page.get_by_test_id("citation").first.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_focused()
    library.remove(document_id)
    send(page, WHO_SLEPT)
    expect(page.get_by_test_id("source-gone")).to_be_visible()
    expect(page.locator("#source-text")).to_be_hidden()
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    expect(page.get_by_test_id("citation").first).to_contain_text("No longer in the library")
    page.get_by_test_id("source-panel").press("Escape")
    expect(page.get_by_test_id("source-panel")).to_be_hidden()
    expect(page.get_by_test_id("citation").first).to_be_focused()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A server that takes little."""
    data = tmp_path_factory.mktemp("narrow")
    Store(data, create=True).close()
    limits = {"QA_MAX_FILE_BYTES": "20000", "QA_MAX_UPLOAD_BYTES": "50000"}
    with serve(data, **limits) as address:
        yield Library(address)


def test_what_is_larger_than_the_server_takes(page: Page, narrow: Library) -> None:
    narrow.clear()
    page.goto(narrow.address)
    expect(page.get_by_test_id("library-status")).to_contain_text("0 documents")
    large = text_file("large.txt", HARBOUR * 1_000)
    long = text_file("long.txt", HARBOUR * 120)
    page.get_by_test_id("add-input").set_input_files([large, text_file("harbour.txt"), long])
    expect(job(page, "large.txt")).to_contain_text("larger than this server takes")
    expect(row(page, "harbour.txt")).to_be_visible()
    expect(page.get_by_test_id("job-problem").filter(has_text="20,000")).to_be_visible()
    page.get_by_test_id("add-text").click()
    page.get_by_label("Text", exact=True).fill(HARBOUR * 1_000)
    page.get_by_role("button", name="Add text").click()
    expect(page.get_by_test_id("form-failure").first).to_have_text(
        "It is larger than this server takes."
    )
    expect(page.get_by_label("Text", exact=True)).not_to_have_value("")
    assert len(narrow.titles()) == 1


PROBLEMS = {
    "overloaded": (503, "5", "Ask again in 5 seconds", "Fragen Sie in 5 Sekunden wieder"),
    "too-many-requests": (429, "1", "Ask again in 1 second.", "Fragen Sie in 1 Sekunde wieder."),
    "key-expired": (401, None, "has expired", "ist abgelaufen"),
    "library-damaged": (503, None, "is damaged", "ist beschädigt"),
    "disk-full": (507, None, "disk of the server is full", "Festplatte des Servers ist voll"),
    "of-another-day": (418, None, "In the server's own words.", "In the server's own words."),
}


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_the_server_refuses_is_said_in_the_language_of_the_page(
    page: Page, server: str, kind: str, language: str
) -> None:
    status, wait, english, german = PROBLEMS[kind]
    problem = {
        "type": f"/problems/{kind}",
        "status": status,
        "detail": "In the server's own words.",
    }
    headers = {"Content-Type": "application/problem+json"} | ({"Retry-After": wait} if wait else {})
    page.route(
        "**/api/v1/ask",
        lambda route: route.fulfill(status=status, headers=headers, body=json.dumps(problem)),
    )
    page.goto(f"{server}?language={language}")
    send(page, WHO)
    expect(page.get_by_test_id("error")).to_contain_text(english if language == "en" else german)
    expect(page.get_by_test_id("message-question")).to_have_text(WHO)
    page.unroute("**/api/v1/ask")
    page.get_by_test_id("retry").click()
    expect(page.locator(".turn .answer, .turn .abstention")).to_be_visible()


def test_an_error_in_the_middle_of_the_stages_has_a_kind_too(page: Page, server: str) -> None:
    problem = {"type": "/problems/library-busy", "status": 503, "detail": "x"}
    body = f"event: error\ndata: {json.dumps(problem)}\n\n"
    headers = {"Content-Type": "text/event-stream"}
    page.route("**/api/v1/ask", lambda route: route.fulfill(headers=headers, body=body))
    page.goto(server)
    send(page, WHO)
    expect(page.get_by_test_id("error")).to_contain_text("being written at the moment")


def test_a_question_that_is_too_long_is_given_back_to_be_shortened(page: Page, server: str) -> None:
    long = "Who closed the harbour, and " * 30  # fewer characters than the box takes
    page.goto(server)
    send(page, long)
    expect(page.get_by_test_id("error")).to_contain_text("The question is too long")
    box = page.get_by_test_id("question-input")
    expect(box).to_have_value(long.strip())
    box.fill("Who denied it?")
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("error")).to_contain_text("The question is too long")
    expect(box).to_have_value("Who denied it?")


TRICKS = (
    "<script>window.ran = 1</script>",
    '"><img src=x onerror="window.ran = 2">',
    "</template><script>window.ran = 3</script>",
    "\u202egpj.exe\u202c \u2066isolated",
    "{{ 7 * 7 }} ${window.ran = 4} {count}",
    "javascript:window.ran=5",
)


def test_hostile_titles_names_and_passages_are_only_words(page: Page, library: Library) -> None:
    said: list[Any] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    library.clear_conversations()
    texts = [f"{trick}\n\n{HARBOUR} {trick} was said by {trick}." for trick in TRICKS]
    for number, (trick, text) in enumerate(zip(TRICKS, texts, strict=True)):
        library.add(f"{trick} {number}", text, source=f"text:{trick} {number}")
    files: list[FilePayload] = [text_file(f"{TRICKS[1].replace('/', '')}.txt", texts[1])]
    page.goto(library.address)
    page.get_by_test_id("add-input").set_input_files(files)
    expect(page.get_by_test_id("library-item")).to_have_count(len(TRICKS) + 1)
    for trick in TRICKS[:2]:
        page.get_by_test_id("question-input").fill(f"{WHO} {trick}")
        page.keyboard.press("Enter")
        expect(page.locator(".turn").last.locator(".answer, .abstention")).to_be_visible()
    send(page, WHO)
    page.locator(".turn").last.get_by_test_id("citation").first.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    page.get_by_test_id("why").last.click()
    expect(page.get_by_test_id("why-message")).to_be_visible()
    page.keyboard.press("Escape")
    for item in page.get_by_test_id("library-item").all():
        item.click()
        expect(page.get_by_test_id("source-text")).to_contain_text("quay wall")
        page.keyboard.press("Escape")
    page.get_by_test_id("conversations-toggle").click()
    expect(page.get_by_test_id("conversation-row").first).to_contain_text("<script>")
    page.reload()
    expect(page.get_by_test_id("message-question")).to_have_count(3)
    assert said == []
    assert page.evaluate("window.ran") is None
    assert page.locator("body script, #library img, #chat img").count() == 0
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_tricks_with_direction_stay_inside_the_title(page: Page, library: Library) -> None:
    """What follows a title that turns the direction of writing reads as it always does."""
    library.add("Harbour", f"\u202ednuora denrut\u202d\n\n{HARBOUR}", source="text:\u202eturned")
    page.goto(library.address)
    send(page, WHO)
    page.get_by_test_id("citation").first.click()
    expect(page.get_by_test_id("source-text")).to_contain_text("quay wall")
    for selector in (".library-item-meta", ".citation-meta", ".source-meta"):
        nodes = page.locator(selector).first
        isolated = nodes.evaluate(
            """node => [...node.childNodes].every((child) => {
                if (child.nodeType === Node.TEXT_NODE) return !/[\\u202a-\\u202e]/.test(child.data);
                const { unicodeBidi } = getComputedStyle(child);
                return unicodeBidi.includes("isolate") || child.matches("time");
            })"""
        )
        assert isolated, selector


def test_a_library_of_five_thousand_documents(page: Page, many: Library) -> None:
    page.goto(many.address)
    expect(page.get_by_test_id("library-status")).to_contain_text("5,000 documents")
    expect(page.get_by_test_id("library-item")).to_have_count(5_000)
    page.get_by_label("Filter documents by title or file name").fill("Report 4321")
    shown = page.locator(".library-row:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Report 4321")
    shown.get_by_test_id("library-item").click()
    expect(page.get_by_test_id("source-text")).to_contain_text("report number 4321")
    page.keyboard.press("Escape")
    page.get_by_label("Filter documents by title or file name").fill("")
    page.get_by_test_id("library-sort").select_option("title")
    expect(page.locator(".library-item-title").first).to_have_text("Report 1")
    page.get_by_test_id("filters").click()
    page.get_by_test_id("filter-document").select_option("Report 77")
    expect(page.get_by_test_id("filter-chip")).to_have_text(["Report 77"])
    row_77 = page.locator(".library-row").filter(has_text=re.compile(r"^Report 77\b"))
    row_77.get_by_test_id("library-remove").click()
    page.get_by_test_id("remove-confirm").click()
    expect(page.get_by_test_id("library-item")).to_have_count(4_999)
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("library-item")).to_have_count(5_000)


def test_a_document_of_five_megabytes_opens_at_its_place(page: Page, many: Library) -> None:
    document_id = dict(zip(many.titles(), many.ids(), strict=True))[big_library.LONG_TITLE]
    text = many.text(document_id)
    assert len(text.encode()) >= 5_000_000
    start = text.index("needle", len(text) // 2)
    for at in (start, text.index("needle"), text.rindex("needle")):
        page.goto("about:blank")
        page.goto(f"{many.address}#document={document_id}&start={at}&end={at + 6}")
        mark = page.locator("[data-testid=source-mark][data-current]")
        expect(mark).to_be_in_viewport()
        expect(mark).to_be_focused()
        before = mark.evaluate("node => node.previousSibling.textContent")
        assert before.endswith("Here the ") and text[:at].endswith(before)
