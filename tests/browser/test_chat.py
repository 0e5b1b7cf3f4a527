"""The chat page as a user meets it: ask, read the answer, land on its source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.conftest import SEEDS

NECHAEV_TEXT = "000_24598830d6a6aed1.txt"
QUESTION = "who is the deputy director of the information and press department?"
UNANSWERABLE = "Which king won the chess tournament in Madrid?"


@pytest.fixture
def chat(page: Page, server: str) -> Page:
    page.goto(server)
    expect(page.get_by_test_id("question-input")).to_be_focused()
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")


def test_question_is_answered_marked_and_cited(chat: Page) -> None:
    ask(chat, QUESTION)
    expect(chat.get_by_test_id("answer-text").first).to_have_text(re.compile("Nechaev"))
    answer = chat.get_by_test_id("answer-text").first.inner_text()
    expect(chat.get_by_test_id("answer-mark").first).to_have_text(answer)
    expect(chat.get_by_test_id("citation").first).to_contain_text(NECHAEV_TEXT)


def test_citation_opens_the_source_at_the_quote(chat: Page) -> None:
    ask(chat, QUESTION)
    chat.get_by_test_id("citation").first.click()
    current = chat.locator("[data-testid=source-mark][data-current]")
    expect(current).to_be_in_viewport()
    expect(current).to_have_text(chat.get_by_test_id("answer-text").first.inner_text())
    shown = chat.get_by_test_id("source-text").evaluate("node => node.textContent")
    assert shown == Path(SEEDS, NECHAEV_TEXT).read_text("utf-8")


def test_keyboard_alone_leads_to_the_source_and_back(chat: Page) -> None:
    chat.keyboard.type(QUESTION)
    chat.keyboard.press("Enter")
    citation = chat.get_by_test_id("citation").first
    expect(citation).to_be_visible()
    for _ in range(40):
        if citation.evaluate("node => node === document.activeElement"):
            break
        chat.keyboard.press("Shift+Tab")
    expect(citation).to_be_focused()
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("source-text")).to_be_visible()
    chat.keyboard.press("Escape")
    expect(chat.get_by_test_id("source-text")).to_be_hidden()
    expect(citation).to_be_focused()


def test_abstention_is_said_plainly_with_the_closest_places(chat: Page) -> None:
    ask(chat, UNANSWERABLE)
    expect(chat.get_by_test_id("abstention")).to_contain_text("These documents do not say")
    expect(chat.get_by_test_id("answer")).to_have_count(0)
    place = chat.get_by_test_id("closest-place").first
    place.click()
    expect(chat.get_by_test_id("source-text")).to_be_visible()


def test_furniture_is_shown_but_set_apart(chat: Page) -> None:
    chat.get_by_test_id("library-item").filter(has_text="003_328438cecb52f855.txt").click()
    source = chat.get_by_test_id("source-text")
    expect(source).to_contain_text("Leave a Reply")
    furniture = source.locator(".furniture")
    expect(furniture.filter(has_text="Leave a Reply")).to_have_count(1)


def test_conversation_survives_a_reload(chat: Page) -> None:
    ask(chat, QUESTION)
    answer = chat.get_by_test_id("answer-text").first.inner_text()
    chat.reload()
    expect(chat.get_by_test_id("message-question")).to_have_text(QUESTION)
    expect(chat.get_by_test_id("answer-text").first).to_have_text(answer)


def test_a_lost_server_is_said_and_the_question_kept(chat: Page) -> None:
    chat.route("**/api/v1/ask", lambda route: route.abort())
    ask(chat, QUESTION)
    expect(chat.get_by_test_id("error")).to_be_visible()
    expect(chat.get_by_test_id("message-question")).to_have_text(QUESTION)
    chat.unroute("**/api/v1/ask")
    chat.get_by_test_id("retry").click()
    expect(chat.get_by_test_id("answer-text").first).to_be_visible()


def test_a_phone_shows_answer_and_source(page: Page, server: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server)
    ask(page, QUESTION)
    page.get_by_test_id("citation").first.click()
    expect(page.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wider, "the page scrolls sideways"


def test_nothing_is_asked_of_another_host(page: Page, server: str) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(server)
    ask(page, QUESTION)
    expect(page.get_by_test_id("answer-text").first).to_be_visible()
    assert asked
    assert [url for url in asked if not url.startswith((server, "data:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chat: Page, scheme: str) -> None:
    chat.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ask(chat, QUESTION)
    chat.get_by_test_id("citation").first.click()
    expect(chat.get_by_test_id("source-text")).to_be_visible()
    # The page's own policy forbids foreign scripts, so axe is given to the browser, not the page.
    results = Axe().run(chat)
    assert results.violations_count == 0, results.generate_report()


def test_console_stays_silent(page: Page, server: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(server)
    ask(page, QUESTION)
    expect(page.get_by_test_id("answer-text").first).to_be_visible()
    assert said == []
