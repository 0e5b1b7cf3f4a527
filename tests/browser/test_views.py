"""Every view is accessible, in light and dark, on a desk and on a phone."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, expect

from tests.browser.conftest import serve
from tests.browser.tour import tour

VIEWS = {
    *("welcome", "searching", "answer", "source", "positions", "abstention", "why"),
    *("closest place", "differ", "list", "filters", "conversations", "renaming"),
    *("conversation deleted", "library", "adding", "pages of a PDF", "deleting", "about"),
    *("failure", "key"),
}


# Of the elements themselves and of the words that they hold.
_BOXES = """nodes => nodes.map((node) => {
    const boxes = [node, ...node.children].map((part) => part.getBoundingClientRect());
    const seen = boxes.filter(({ width, height }) => width > 1 && height > 1);
    return [Math.min(...seen.map(({ left }) => left)), Math.max(...seen.map(({ right }) => right))];
})"""
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


@pytest.mark.parametrize("width", [320, 360, 420, 440, 520, 577])
@pytest.mark.parametrize("refused", [False, True], ids=["counts", "not available"])
def test_the_parts_of_the_header_stand_beside_each_other(
    page: Page, toured: str, width: int, refused: bool
) -> None:
    counts = {"documents": 12_345, "passages": 234_567, "generation": 1}
    problem = {"type": "/problems/library-busy", "status": 503, "detail": "Busy."}
    told = {"status": 503, "json": problem} if refused else {"status": 200, "json": counts}
    page.route("**/api/v1/status", lambda route: route.fulfill(**told))
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(toured)
    expect(page.get_by_test_id("library-status")).to_contain_text(
        "not available" if refused else "12,345"
    )
    boxes = page.locator(".brand, .header-actions > button").evaluate_all(_BOXES)
    assert len(boxes) == 4
    for (_, right), (left, _) in itertools.pairwise([(0, 0), *boxes, (width, width)]):
        assert right <= left
