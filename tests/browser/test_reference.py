"""The pages of the API's reference in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = ("docs", "problems/", "problems/unknown-document")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_console_stays_silent(
    page: Page, server: str, path: str, scheme: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(server + path)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert said == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_it_without_scrolling_sideways(page: Page, server: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(server + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_is_asked_of_another_host_and_every_place_is_there(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server + "docs")
    assert [url for url in asked if not url.startswith(server)] == []
    missing = page.evaluate(
        """() => [...document.querySelectorAll('a[href^="#"]')]
            .map((link) => decodeURIComponent(link.getAttribute("href").slice(1)))
            .filter((id) => !document.getElementById(id))"""
    )
    assert missing == []


def test_a_problem_leads_to_its_page(page: Page, server: str) -> None:
    kind = page.request.get(server + "api/v1/documents/999").json()["type"]
    page.goto(server.rstrip("/") + kind)
    expect(page.get_by_role("heading", name="There is no such document")).to_be_visible()
    page.get_by_role("link", name="All problems").click()
    expect(page.get_by_role("heading", name="Problems", exact=True)).to_be_visible()
