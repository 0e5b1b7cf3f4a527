"""Everything can be done with the keys alone, and it is always to be seen where they act."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.answer_sets import TEXT, answer, answer_set, answer_with, citation
from tests.browser.library import Library
from tests.browser.test_library import HARBOUR, MAYOR, WHO, row

_FOCUSED = "node => node === document.activeElement"
# What shows the focus: an outline, or the frame of the box around.
_SHOWN = """() => {
    const { activeElement: active } = document;
    const shows = (node) => {
        const style = getComputedStyle(node);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
                && !/rgba\\(0, 0, 0, 0\\)|transparent/.test(style.outlineColor))
            || style.boxShadow !== "none";
    };
    const box = active.closest(".composer-box");
    const { top, bottom, left, right } = active.getBoundingClientRect();
    if (active === document.body) return true; // between the last stop and the first
    return (shows(active) || (box && shows(box)))
        && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
}"""


def tab_to(page: Page, target: Locator, key: str = "Tab", most: int = 80) -> None:
    """Press a key until the element has the focus; each stop on the way can be seen."""
    for _ in range(most):
        if target.count() == 1 and target.evaluate(_FOCUSED):
            return
        page.keyboard.press(key)
        assert page.evaluate(_SHOWN), page.evaluate("document.activeElement.outerHTML")
    expect(target).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_from_an_empty_library_to_the_source_and_all_the_way_back(
    page: Page, library: Library, width: int
) -> None:
    """Add a text, ask, open the source, walk its places, judge, find it again, delete, undo."""
    library.clear_conversations()
    page.set_viewport_size({"width": width, "height": 800})
    narrow = width < 900
    page.goto(library.address)
    expect(page.get_by_test_id("library-empty")).to_be_visible()
    page.locator("body").press("Tab")
    if narrow:
        tab_to(page, page.get_by_test_id("library-empty").get_by_role("button", name="Paste text"))
    else:
        tab_to(page, page.get_by_test_id("add-text"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title (optional)")).to_be_focused()
    page.keyboard.type("Harbour")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(f"{HARBOUR}\n\n{'Ferries rest. ' * 120}\n\n{HARBOUR}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, "Harbour")).to_have_count(1)
    if narrow:
        page.keyboard.press("Escape")
        expect(page.locator("#library-toggle")).to_be_focused()
    page.keyboard.press("Escape")
    tab_to(page, page.get_by_test_id("question-input"), "Shift+Tab")
    page.keyboard.type(WHO)
    page.keyboard.press("Enter")
    citation = page.get_by_test_id("citation").first
    expect(page.get_by_test_id("answer-text").first).to_have_text(MAYOR)
    tab_to(page, citation, "Shift+Tab")
    page.keyboard.press("Enter")
    mark = page.locator("[data-testid=source-mark][data-current]")
    expect(mark).to_be_focused()
    expect(mark).to_be_in_viewport()
    if page.get_by_test_id("place-next").is_visible():
        tab_to(page, page.get_by_test_id("place-next"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("place-next")).to_be_focused()
        expect(mark).to_be_in_viewport()
    tab_to(page, page.get_by_test_id("source-copy-link"), "Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("source-panel")).to_be_hidden()
    expect(citation).to_be_focused()
    tab_to(page, page.get_by_test_id("judge-right").first)
    page.keyboard.press("Space")
    expect(page.get_by_test_id("judge-right").first).to_have_attribute("aria-pressed", "true")
    _find_again(page)
    _delete_and_undo(page, narrow)


def _find_again(page: Page) -> None:
    tab_to(page, page.get_by_test_id("new-conversation"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("welcome")).to_be_visible()
    tab_to(page, page.get_by_test_id("conversations-toggle"), "Shift+Tab")
    page.keyboard.press("Enter")
    opening = page.get_by_test_id("conversation-open").first
    expect(opening).to_be_visible()
    tab_to(page, opening)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("message-question")).to_have_text(WHO)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("conversations")).to_be_hidden()


def _delete_and_undo(page: Page, narrow: bool) -> None:
    if narrow:
        tab_to(page, page.locator("#library-toggle"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#library-title")).to_be_focused()
    tab_to(page, page.get_by_test_id("library-remove"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("remove-keep")).to_be_focused()
    tab_to(page, page.get_by_test_id("remove-confirm"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("library-item")).to_have_count(0)
    tab_to(page, page.get_by_test_id("undo"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("library-item")).to_have_count(1)


def test_what_goes_when_it_is_pressed_leaves_the_focus_where_it_was(
    page: Page, library: Library
) -> None:
    """Else the next Tab would begin again at the top of the page."""
    library.add("Harbour", HARBOUR)
    result = page.locator(".turn-result")
    held: list[Route] = []
    page.route("**/api/v1/ask", lambda route: held.append(route))
    page.goto(library.address)
    page.get_by_test_id("question-input").fill(WHO)
    tab_to(page, page.get_by_test_id("send"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("searching")).to_be_visible()
    expect(page.get_by_test_id("question-input")).to_be_focused()
    page.get_by_test_id("cancel").press("Enter")
    expect(page.get_by_test_id("error")).to_be_visible()
    expect(result).to_be_focused()
    tab_to(page, page.get_by_test_id("retry"), most=1)
    # The route before stays: between the two a request could reach the server and its real answer.
    value = answer_set(TEXT, answer(citation("Mayor Lena Brandt", 1)))
    value["suggested_filters"] = [{"date_from": "2022-10-01", "date_to": None, "label": ""}]
    answer_with(page, value)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("answer-text")).to_be_visible()
    expect(result).to_be_focused()
    page.get_by_test_id("suggested-drop").press("Enter")
    expect(page.get_by_test_id("copy")).to_be_focused()
