"""Takes the pictures of the page: those of the docs, or of every view to be looked at.

    python -m tests.browser.screenshots
    python -m tests.browser.screenshots --all FOLDER

Serves a fresh library of a copy of seeds/ with the real models. The first form writes docs/images/.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import free_port, launch_arguments, qa, serve
from tests.browser.test_embed import DEMO, site
from tests.browser.tour import tour
from tests.conftest import ROOT, SEEDS

IMAGES = ROOT / "docs" / "images"
KEPT = {"source": "chat", "positions": "positions", "why": "why"}
_TALL = 1_560  # pixels: all positions at once
_NEWS = Path("/tmp/news")  # what the pictures show as the place of the texts
_WHO = "who denied the volunteer reports?"
_DESK = (1280, 860)
_PHONE = (390, 844)


@click.command(help=__doc__)
@click.option("--all", "folder", type=click.Path(path_type=Path), help="Every view, four ways.")
def main(folder: Path | None) -> None:
    with _library() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments({}))
        port, pages = free_port(), data.parent / "site"
        shutil.copytree(DEMO.parent, pages)
        demo = DEMO.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        (pages / DEMO.name).write_text(demo, "utf-8")
        listed = site(pages)
        with listed as origin, serve(data, port=port, QA_ALLOWED_ORIGINS=origin) as address:
            if folder:
                _all(browser, address, folder)
            else:
                _kept(browser, address)
                _embedded(browser, origin)
        browser.close()


@contextmanager
def _library() -> Iterator[Path]:
    shutil.copytree(SEEDS, _NEWS)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            data = Path(temporary) / "data"
            subprocess.run([*qa(data), "index", "add", str(_NEWS)], check=True, cwd=ROOT)
            yield data
    finally:
        shutil.rmtree(_NEWS)


def _kept(browser: Browser, address: str) -> None:
    page = _page(browser, _DESK, "light")
    for view in tour(page, address):
        if view in KEPT:
            page.set_viewport_size({"width": _DESK[0], "height": _height(view)})
            _take(page, KEPT[view])
            page.set_viewport_size({"width": _DESK[0], "height": _DESK[1]})


def _embedded(browser: Browser, origin: str) -> None:
    page = _page(browser, (900, 960), "light")
    page.goto(origin)
    page.get_by_test_id("question-input").fill(_WHO)
    page.keyboard.press("Enter")
    page.get_by_test_id("citation").first.click()
    expect(page.get_by_test_id("source-mark").first).to_be_visible()
    _take(page, "embed")


def _height(view: str) -> int:
    return _TALL if view == "positions" else _DESK[1]


def _take(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    click.echo(path.relative_to(ROOT))


def _all(browser: Browser, address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in (("desk", _DESK), ("phone", _PHONE)):
        for scheme in ("light", "dark"):
            page = _page(browser, size, scheme)
            for number, view in enumerate(tour(page, address), start=1):
                path = folder / f"{name}-{scheme}-{number:02}-{view.replace(' ', '-')}.png"
                page.mouse.move(0, 0)
                page.screenshot(path=path)
                click.echo(path)


def _page(browser: Browser, size: tuple[int, int], scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    return context.new_page()


if __name__ == "__main__":
    main()
