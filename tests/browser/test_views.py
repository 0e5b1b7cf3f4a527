"""Every view is accessible, in light and dark, on a desk and on a phone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import qa, serve
from tests.browser.tour import tour
from tests.conftest import ROOT, SEEDS

VIEWS = {
    *("welcome", "searching", "answer", "source", "positions", "abstention", "why"),
    *("closest place", "differ", "list", "filters", "conversations", "renaming"),
    *("conversation deleted", "library", "adding", "pages of a PDF", "deleting", "about"),
    *("failure", "key"),
}


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("toured")
    subprocess.run([*qa(data), "index", "add", str(SEEDS)], check=True, cwd=ROOT)
    with serve(data) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_axe_finds_nothing_on_any_view(
    page: Page, toured: str, scheme: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    seen, found = set(), []
    for view in tour(page, toured):
        seen.add(view)
        results = Axe().run(page)
        if results.violations_count:
            found.append(f"{view}: {results.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{view}: it scrolls sideways")
    assert found == []
    assert seen == VIEWS
