"""Requests of a page that a test holds back."""

from __future__ import annotations

from playwright.sync_api import Page, Route

_WAITS = 1_000  # of ten milliseconds


def held_back(page: Page, held: list[Route], number: int = 0) -> Route:
    """The request of this number; the page is heard of it a moment before its handler is."""
    for _ in range(_WAITS):
        if len(held) > number:
            break
        page.wait_for_timeout(10)
    return held[number]
