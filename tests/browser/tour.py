"""A walk through every view of the page, for whoever has to look at all of them."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.answer_sets import TEXT, answer, answer_set, answer_with, citation
from tests.browser.holding import held_back
from tests.index.formats.pdf import flowing, pdf

FACT = "What did Korotchenko call North Korean builders?"
POSITIONS = "is it true that North Korea will send 100,000 volunteers?"
UNANSWERABLE = "Which king won the chess tournament in Madrid?"
EXPECTED = "RIA Novosti"


def tour(page: Page, address: str) -> Iterator[str]:
    """Yields a view's name while the page shows it. The library holds seeds/."""
    page.goto(address)
    expect(page.get_by_test_id("suggestion").first).to_be_visible()
    expect(page.get_by_test_id("library-status")).to_contain_text("document")
    yield "welcome"
    yield from _asking(page)
    yield from _reading(page)
    yield from _not_answered(page)
    yield from _several(page)
    yield from _conversations(page)
    yield from _library(page)
    yield from _refused(page, address)


def _asking(page: Page) -> Iterator[str]:
    held: list[Route] = []
    page.route("**/api/v1/ask", lambda route: held.append(route))
    with page.expect_request("**/api/v1/ask"):
        _send(page, FACT)
    expect(page.get_by_test_id("searching")).to_be_visible()
    yield "searching"
    held_back(page, held).continue_()
    _answered(page)
    page.unroute("**/api/v1/ask")
    yield "answer"


def _reading(page: Page) -> Iterator[str]:
    page.get_by_test_id("citation").first.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    yield "source"
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("source-panel")).to_be_hidden()
    _ask(page, POSITIONS)
    expect(page.get_by_test_id("stance").first).to_be_visible()
    yield "positions"


def _not_answered(page: Page) -> Iterator[str]:
    _ask(page, UNANSWERABLE)
    expect(page.get_by_test_id("abstention")).to_be_visible()
    yield "abstention"
    page.get_by_test_id("why").last.click()
    page.get_by_test_id("why-expected").fill(EXPECTED)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("why-place").first).to_be_visible()
    yield "why"
    page.get_by_test_id("closest-place").first.click()
    expect(page.locator("[data-testid=source-mark][data-kind=closest]").first).to_be_visible()
    yield "closest place"
    page.keyboard.press("Escape")


def _several(page: Page) -> Iterator[str]:
    """Shapes that the texts in seeds/ do not reliably give."""
    denied = citation("Mayor Lena Brandt", 1, speaker="Mayor Lena Brandt", verb="denied")
    confirmed = citation("Otto Lind", 1, speaker="Otto Lind", verb="confirmed")
    suggested = [{"date_from": "2022-10-01", "date_to": None, "label": "since October"}]
    for relation in ("differ", "list"):
        value = answer_set(TEXT, answer(denied), answer(confirmed), relation=relation)
        value |= {"suggested_filters": suggested, "searched": "Who denied the closing?"}
        answer_with(page, value)
        _ask(page, "Who commented on it?")
        expect(page.get_by_test_id(f"relation-{relation}")).to_be_visible()
        yield relation
        page.unroute("**/api/v1/ask")
    page.get_by_test_id("searched-edit").last.click()
    page.get_by_test_id("filters").click()
    page.get_by_test_id("filter-from").fill("2022-08-01")
    expect(page.get_by_test_id("filter-chip")).to_be_visible()
    yield "filters"
    page.keyboard.press("Escape")
    page.locator("#filter-chips button").click()


def _conversations(page: Page) -> Iterator[str]:
    page.get_by_test_id("new-conversation").click()
    expect(page.get_by_test_id("welcome")).to_be_visible()
    page.get_by_test_id("conversations-toggle").click()
    rows = page.get_by_test_id("conversation-row")
    expect(rows.first).to_be_visible()
    rows.first.get_by_test_id("conversation-actions").click()
    yield "conversations"
    page.get_by_test_id("conversation-rename").click()
    expect(page.get_by_test_id("rename-input")).to_be_focused()
    yield "renaming"
    page.keyboard.press("Escape")
    page.get_by_test_id("conversation-delete").click()
    expect(page.get_by_test_id("undo-notice")).to_be_visible()
    yield "conversation deleted"
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("undo-notice")).to_have_count(0)
    page.keyboard.press("Escape")


def _library(page: Page) -> Iterator[str]:
    if page.evaluate("matchMedia('(max-width: 56.1875rem)').matches"):
        page.get_by_test_id("library-toggle").click()
    expect(page.get_by_test_id("library-item").first).to_be_visible()
    yield "library"
    pages = [flowing([[f"Page {n} tells of the island."]]) for n in ("one", "two")]
    files: list[FilePayload] = [
        {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"},
        {"name": "island.pdf", "mimeType": "application/pdf", "buffer": pdf(pages, {})},
    ]
    page.get_by_test_id("add-input").set_input_files(files)
    expect(page.get_by_test_id("job-problem").first).to_be_visible()
    page.get_by_test_id("add-text").click()
    page.get_by_role("button", name="Add text").click()
    expect(page.get_by_test_id("form-failure").first).to_be_visible()
    yield "adding"
    page.keyboard.press("Escape")
    row = page.locator(".library-row").filter(has_text="island.pdf")
    row.get_by_test_id("library-item").click()
    expect(page.get_by_test_id("page-break")).to_be_visible()
    yield "pages of a PDF"
    page.keyboard.press("Escape")
    row.get_by_test_id("library-remove").click()
    expect(page.get_by_test_id("remove-question")).to_be_visible()
    yield "deleting"
    page.get_by_test_id("remove-confirm").click()
    expect(page.get_by_test_id("undo-notice")).to_be_visible()
    page.locator("#library-about summary").click()
    expect(page.get_by_test_id("library-facts")).to_contain_text("all-MiniLM")
    yield "about"
    page.get_by_test_id("job").first.get_by_role("button", name="Dismiss").click()


def _refused(page: Page, address: str) -> Iterator[str]:
    page.route("**/api/v1/ask", lambda route: route.abort())
    page.goto(address)
    _send(page, FACT)
    expect(page.get_by_test_id("error")).to_be_visible()
    yield "failure"
    page.unroute("**/api/v1/ask")
    problem = {"type": "/problems/key-needed", "status": 401, "detail": "A key is needed."}
    page.route("**/api/v1/status", lambda route: route.fulfill(status=401, json=problem))
    page.goto(address)
    page.get_by_test_id("key-input").fill("vb_expired")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("key-failure")).not_to_be_empty()
    yield "key"
    page.unroute("**/api/v1/status")


def _send(page: Page, question: str) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")


def _ask(page: Page, question: str) -> None:
    asked = page.locator(".turn").count()
    _send(page, question)
    expect(page.locator(".turn")).to_have_count(asked + 1)
    _answered(page)


def _answered(page: Page) -> None:
    expect(page.locator(".turn").last.locator(".answer, .abstention")).to_be_visible()
