"""Conversations on the page: kept, found again, renamed, exported, deleted and brought back."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.holding import held_back
from tests.browser.library import Library
from tests.browser.test_library import HARBOUR, MAYOR, WHO, ask

MILL = "The old mill of Oster burned down in March while its keeper, Otto Lind, slept."


@pytest.fixture
def chat(page: Page, library: Library) -> Page:
    library.add("Harbour", HARBOUR)
    library.add("Mill", MILL)
    library.clear_conversations()
    page.goto(library.address)
    expect(page.get_by_test_id("question-input")).to_be_focused()
    return page


def answers(page: Page, number: int) -> None:
    """Wait until so many questions are answered or declined."""
    expect(page.locator(".turn .answer, .turn .abstention")).to_have_count(number)


def send(page: Page, question: str, number: int) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")
    answers(page, number)


def conversations(page: Page) -> Locator:
    page.get_by_test_id("conversations-toggle").click()
    expect(page.get_by_test_id("conversations")).to_be_visible()
    return page.get_by_test_id("conversation-row")


def actions(row: Locator) -> None:
    row.get_by_test_id("conversation-actions").click()


def test_the_page_reloads_where_it_was_and_another_tab_opens_the_same(chat: Page) -> None:
    ask(chat, WHO)
    address = chat.url
    assert re.search(r"\?conversation=[0-9a-f]{16}$", address)
    chat.reload()
    answers(chat, 1)
    assert chat.url == address
    other = chat.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(address)
    answers(other, 1)
    expect(other.get_by_test_id("message-question")).to_have_text(WHO)
    expect(other.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    other.context.close()


def test_a_question_asked_while_the_conversation_is_being_read_is_not_lost(chat: Page) -> None:
    send(chat, WHO, 1)
    other = chat.context.new_page()  # remembers nothing of it, so that all comes from the server
    held: list[Route] = []
    other.route("**/api/v1/conversations/*", lambda route: held.append(route))
    with other.expect_request("**/api/v1/conversations/*"):
        other.goto(chat.url)
    other.get_by_test_id("question-input").fill("Who slept while the mill burned down?")
    other.keyboard.press("Enter")
    expect(other.get_by_test_id("searching")).to_be_visible()
    held_back(other, held).continue_()
    answers(other, 2)
    expect(other.get_by_test_id("message-question")).to_have_text(
        [WHO, "Who slept while the mill burned down?"]
    )


def test_a_question_that_was_kept_before_its_answer_came_stands_there_once(chat: Page) -> None:
    send(chat, WHO, 1)
    other = chat.context.new_page()
    held: list[Route] = []
    other.route("**/api/v1/conversations/*", lambda route: held.append(route))
    with other.expect_request("**/api/v1/conversations/*"):
        other.goto(chat.url)
    answered: list[Route] = []
    other.route("**/api/v1/ask", lambda route: answered.append(route))
    with other.expect_request("**/api/v1/ask"):
        other.get_by_test_id("question-input").fill("Who slept while the mill burned down?")
        other.keyboard.press("Enter")
    answer = held_back(other, answered)
    body = answer.fetch()  # the server has answered and kept it; the page does not know yet
    held_back(other, held).continue_()
    expect(other.get_by_test_id("message-question")).to_have_count(3)
    answer.fulfill(response=body)
    answers(other, 2)
    expect(other.get_by_test_id("message-question")).to_have_count(2)


def test_a_follow_up_leans_on_what_is_kept_and_what_was_searched_can_be_edited(chat: Page) -> None:
    send(chat, WHO, 1)
    send(chat, "When did she close it?", 2)
    searched = chat.get_by_test_id("searched")
    expect(searched).to_contain_text(re.compile("Lena Brandt|harbour", re.IGNORECASE))
    chat.get_by_test_id("searched-edit").click()
    box = chat.get_by_test_id("searched-input")
    expect(box).to_be_focused()
    box.fill("Who slept while the mill burned down?")
    chat.keyboard.press("Enter")
    answers(chat, 3)
    expect(chat.get_by_test_id("message-question").last).to_have_text(
        "Who slept while the mill burned down?"
    )
    expect(chat.locator(".turn").last.get_by_test_id("searched")).to_have_count(0)


def test_list_search_rename_and_switch(chat: Page) -> None:
    send(chat, WHO, 1)
    chat.get_by_test_id("new-conversation").click()
    expect(chat.get_by_test_id("welcome")).to_be_visible()
    send(chat, "Who slept while the mill burned down?", 1)
    rows = conversations(chat)
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Who slept")
    expect(rows.first.get_by_test_id("conversation-open")).to_have_attribute("aria-current", "true")
    actions(rows.nth(1))
    chat.get_by_test_id("conversation-rename").click()
    chat.get_by_test_id("rename-input").fill("Häfen <b>")
    chat.keyboard.press("Enter")
    expect(rows.nth(1)).to_contain_text("Häfen <b>")
    expect(chat.get_by_test_id("announcer")).to_contain_text("Renamed to Häfen")
    chat.get_by_test_id("conversations-search").fill("brandt hafen")
    expect(rows).to_have_count(1)
    expect(chat.get_by_test_id("announcer")).to_contain_text("1 conversation found")
    rows.first.get_by_test_id("conversation-open").click()
    expect(chat.get_by_test_id("message-question")).to_have_text(WHO)
    chat.go_back()
    expect(chat.get_by_test_id("message-question")).to_have_text(re.compile("Who slept"))
    chat.get_by_test_id("conversations-search").fill("nothing of the kind")
    expect(rows).to_have_count(0)
    expect(chat.locator("#conversations-note")).to_have_text("No conversation holds these words.")


def test_a_first_question_that_failed_leaves_no_empty_conversation_in_the_list(chat: Page) -> None:
    chat.route("**/api/v1/ask", lambda route: route.abort())
    chat.get_by_test_id("question-input").fill(WHO)
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("error")).to_be_visible()
    chat.get_by_test_id("new-conversation").click()
    chat.unroute("**/api/v1/ask")
    send(chat, WHO, 1)
    rows = conversations(chat)
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("1 question")


def test_delete_and_undo(chat: Page, library: Library) -> None:
    send(chat, WHO, 1)
    rows = conversations(chat)
    actions(rows.first)
    chat.get_by_test_id("conversation-delete").click()
    expect(rows).to_have_count(0)
    expect(chat.get_by_test_id("welcome")).to_be_visible()
    assert library.conversations() == []
    expect(chat.get_by_test_id("undo")).to_be_focused()
    chat.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first.get_by_test_id("conversation-open")).to_be_focused()
    expect(chat.get_by_test_id("announcer")).to_contain_text("is back")
    chat.keyboard.press("Enter")
    answers(chat, 1)


@pytest.mark.parametrize(("kind", "suffix"), [("markdown", ".md"), ("json", ".json")])
def test_exports_are_downloads(chat: Page, kind: str, suffix: str) -> None:
    send(chat, WHO, 1)
    rows = conversations(chat)
    actions(rows.first)
    with chat.expect_download() as download:
        chat.get_by_test_id(f"export-{kind}").click()
    assert download.value.suggested_filename == f"Who-closed-the-harbour-of-Oster{suffix}"
    text = Path(download.value.path()).read_text("utf-8")
    assert "Lena Brandt" in text and "Harbour" in text
    if kind == "json":
        assert json.loads(text)["turns"][0]["question"] == WHO


def test_a_link_to_an_answer_opens_at_it(chat: Page) -> None:
    for number in range(3):
        send(chat, WHO, number + 1)
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.locator(".turn").nth(1).get_by_test_id("copy-link").click()
    expect(chat.get_by_test_id("announcer")).to_contain_text("Copied")
    link = chat.evaluate("() => navigator.clipboard.readText()")
    assert link.endswith("#turn=2")
    chat.goto("about:blank")
    chat.goto(link)
    answers(chat, 3)
    expect(chat.locator(".turn").nth(1)).to_be_in_viewport()


def test_long_conversations_open_at_their_end(chat: Page, library: Library) -> None:
    conversation = library.begin_conversation()
    for number in range(60):
        library.ask(f"Question {number}: {WHO}", conversation)
    chat.goto(f"{library.address}?conversation={conversation}")
    answers(chat, 50)
    expect(chat.get_by_test_id("message-question").last).to_have_text(f"Question 59: {WHO}")
    chat.get_by_test_id("earlier").click()
    answers(chat, 60)
    expect(chat.get_by_test_id("earlier")).to_be_hidden()
    chat.goto("about:blank")
    chat.goto(f"{library.address}?conversation={conversation}#turn=3")
    answers(chat, 60)
    expect(chat.locator(".turn").nth(2)).to_be_in_viewport()


def test_judgements_are_kept_and_taken_back(chat: Page, library: Library) -> None:
    send(chat, WHO, 1)
    right = chat.get_by_test_id("judge-right").first
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    expect(chat.get_by_test_id("announcer")).to_contain_text("kept on this machine")
    with urllib.request.urlopen(f"{library.address}api/v1/feedback") as response:
        [line] = response.read().decode().splitlines()
    judged = json.loads(line)
    assert (judged["question"], judged["right"]) == (WHO, True)
    assert MAYOR.search(judged["answer"])
    chat.locator("#library-about summary").click()
    with chat.expect_download() as download:
        chat.get_by_test_id("export-feedback").click()
    assert json.loads(Path(download.value.path()).read_text("utf-8")) == judged
    chat.reload()
    expect(right).to_have_attribute("aria-pressed", "true")
    chat.evaluate("sessionStorage.clear()")
    chat.reload()
    expect(right).to_have_attribute("aria-pressed", "true")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "false")
    with urllib.request.urlopen(f"{library.address}api/v1/feedback") as response:
        assert response.read() == b""


def test_a_conversation_that_was_deleted_elsewhere_is_said_and_asking_goes_on(
    chat: Page, library: Library
) -> None:
    send(chat, WHO, 1)
    before = chat.url
    library.clear_conversations()
    chat.set_viewport_size({"width": 360, "height": 640})
    send(chat, WHO, 2)
    note = chat.get_by_test_id("conversation-note")
    expect(note).to_contain_text("no longer kept")
    expect(note).to_be_in_viewport(ratio=1)
    expect(chat.get_by_test_id("message-question").last).to_be_in_viewport(ratio=1)
    assert chat.url != before
    assert len(library.conversations()) == 1
    chat.goto(before)
    expect(note).to_contain_text("no longer kept")
    expect(note).to_be_in_viewport(ratio=1)
    expect(chat.get_by_test_id("welcome")).to_be_visible()


def test_when_conversations_cannot_be_kept_answers_still_come(chat: Page) -> None:
    refusal = {"status": 503, "body": json.dumps({"detail": "The disk is full."})}
    chat.route("**/api/v1/conversations*", lambda route: route.fulfill(**refusal))  # type: ignore[arg-type]
    sent: list[dict[str, Any]] = []
    chat.on("request", lambda r: sent.append(r.post_data_json) if r.url.endswith("/ask") else None)
    send(chat, WHO, 1)
    note = chat.get_by_test_id("conversation-note")
    expect(note).to_have_text("This question is not kept: The disk is full.")
    send(chat, "When did she close it?", 2)
    assert "conversation" not in sent[1]
    assert sent[1]["history"][0]["question"] == WHO
    assert MAYOR.search(sent[1]["history"][0]["answer"])
    chat.get_by_test_id("conversations-toggle").click()
    expect(chat.locator("#conversations-note")).to_have_text("The disk is full.")


def test_a_lost_connection_in_the_middle_is_said_and_the_answer_is_not_lost(
    chat: Page, library: Library
) -> None:
    half = 'event: searching\ndata: {"question": "x"}\n\nevent: answer\ndata: {"quest'
    headers = {"Content-Type": "text/event-stream"}
    chat.route("**/api/v1/ask", lambda route: route.fulfill(headers=headers, body=half))
    chat.get_by_test_id("question-input").fill(WHO)
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("error")).to_contain_text("did not answer")
    chat.unroute("**/api/v1/ask")
    chat.get_by_test_id("retry").click()
    answers(chat, 1)


def test_an_error_under_way_is_said_in_the_servers_words(chat: Page) -> None:
    body = 'event: error\ndata: {"status": 503, "detail": "The index contradicts itself."}\n\n'
    headers = {"Content-Type": "text/event-stream"}
    chat.route("**/api/v1/ask", lambda route: route.fulfill(headers=headers, body=body))
    chat.get_by_test_id("question-input").fill(WHO)
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("error")).to_contain_text("The index contradicts itself.")


def test_the_stages_are_spoken(chat: Page) -> None:
    said = chat.evaluate_handle(
        """() => {
            const said = [];
            const announcer = document.querySelector("#announcer");
            const listen = () => said.push(announcer.textContent);
            new MutationObserver(listen).observe(announcer, { childList: true });
            return said;
        }"""
    )
    send(chat, WHO, 1)
    words = " | ".join(said.json_value())
    assert "Searching your documents" in words
    assert re.search(r"Reading \d+ passages?", words)
    assert "Answer: Lena Brandt" in words


def test_a_phone_lists_and_opens(chat: Page) -> None:
    send(chat, WHO, 1)
    chat.set_viewport_size({"width": 390, "height": 844})
    rows = conversations(chat)
    expect(chat.get_by_test_id("conversations")).to_have_role("dialog")
    actions(rows.first)
    expect(chat.get_by_test_id("conversation-delete")).to_be_in_viewport()
    assert not chat.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    results = Axe().run(chat)
    assert results.violations_count == 0, results.generate_report()
    rows.first.get_by_test_id("conversation-open").click()
    expect(chat.get_by_test_id("conversations")).to_be_hidden()
    expect(chat.get_by_test_id("answer").first).to_be_visible()


def test_the_keyboard_alone_renames_deletes_and_brings_back(chat: Page) -> None:
    send(chat, WHO, 1)
    chat.get_by_test_id("conversations-toggle").focus()
    chat.keyboard.press("Enter")
    expect(chat.locator("#conversations-title")).to_be_focused()
    rows = chat.get_by_test_id("conversation-row")
    expect(rows).to_have_count(1)
    rows.first.get_by_test_id("conversation-actions").focus()
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("conversation-rename")).to_be_focused()
    chat.keyboard.press("Enter")
    chat.keyboard.type("Harbours")
    chat.keyboard.press("Escape")
    expect(chat.get_by_test_id("conversation-rename")).to_be_focused()
    for _ in range(3):
        chat.keyboard.press("Tab")
    expect(chat.get_by_test_id("conversation-delete")).to_be_focused()
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("undo")).to_be_focused()
    chat.keyboard.press("Tab")
    chat.keyboard.press("Enter")
    expect(chat.get_by_test_id("undo-notice")).to_have_count(0)
    expect(chat.get_by_test_id("conversations-search")).to_be_focused()
    chat.keyboard.press("Escape")
    expect(chat.get_by_test_id("conversations")).to_be_hidden()
    expect(chat.get_by_test_id("conversations-toggle")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_list(chat: Page, scheme: str) -> None:
    chat.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    send(chat, WHO, 1)
    chat.get_by_test_id("new-conversation").click()
    send(chat, WHO, 1)
    rows = conversations(chat)
    actions(rows.first)
    chat.get_by_test_id("conversation-delete").click()
    expect(chat.get_by_test_id("undo-notice")).to_be_visible()
    actions(rows.first)
    chat.get_by_test_id("conversation-rename").click()
    results = Axe().run(chat)
    assert results.violations_count == 0, results.generate_report()
