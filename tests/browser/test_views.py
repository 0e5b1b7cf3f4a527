"""Every view is accessible, in light and dark, on a desk and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

from tests.browser.conftest import serve
from tests.browser.tour import tour

VIEWS = {
    *("welcome", "searching", "answer", "source", "positions", "abstention", "why"),
    *("closest place", "differ", "list", "filters", "conversations", "renaming"),
    *("conversation deleted", "library", "adding", "pages of a PDF", "deleting", "about"),
    *("failure", "key"),
}


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def toured(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("toured") / "data"
    shutil.copytree(seed_library, data)
    with serve(data) as address:
        yield address


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_axe_finds_nothing_on_any_view(page: Page, toured: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    seen, found = set(), []
    for view in tour(page, toured):
        seen.add(view)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found += [f"{view}, {scheme}: {what}" for what in complaints(page)]
    assert found == []
    assert seen == VIEWS


def complaints(page: Page) -> Iterator[str]:
    if page.evaluate("typeof axe") == "undefined":  # a page that was loaded anew
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate("axe.run({ resultTypes: ['violations'] })"))
    if results.violations_count:
        yield results.generate_report()
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "it scrolls sideways"
