"""The page in a browser: bytes of the first load, and seconds to open and move about large things.

python -m benchmarks.page [--runs 5]

A real server over 5,000 documents, the last of which has 5 MB, and Chromium. Times are from the
user's act until the browser has painted what was asked for; medians of the runs.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.answer_sets import answer, answer_set, answer_with, citation
from tests.browser.big_library import LONG_TITLE, make
from tests.browser.conftest import launch_arguments, serve
from tests.browser.library import Library

# From the act until its outcome is in sight and two frames have passed, in milliseconds.
_TIMED = """async ([act, selector, words, count]) => {
    const isThere = () => {
        if (count && document.querySelector("#place-count").textContent !== count) return false;
        const found = document.querySelector(selector);
        if (!found || !found.textContent.includes(words)) return false;
        const { top, bottom } = found.getBoundingClientRect();
        return bottom > 0 && top < innerHeight && found.checkVisibility();
    };
    const frame = () => new Promise(requestAnimationFrame);
    const began = performance.now();
    new Function(act)();
    while (!isThere()) await frame();
    await frame();
    await frame();
    return performance.now() - began;
}"""
_MARK = "[data-testid=source-mark][data-current]"


def timed(page: Page, act: str, selector: str, words: str, count: str = "") -> float:
    """Until the element is in sight with these words, and the panel counts so many places."""
    return float(page.evaluate(_TIMED, [act, selector, words, count]))


def first_load(page: Page, address: str) -> float:
    """Bytes over the wire, headers included, until nothing more is asked for."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    network.detach()
    return sum(received)


def places(text: str, document_id: int) -> list[dict[str, Any]]:
    """A citation of each needle."""
    found, at = [], -1
    while (at := text.find("needle", at + 1)) >= 0:
        line = {"start": at - 9, "end": at + 6, "text": text[at - 9 : at + 6]}
        more = {"start": at, "end": at + 6, "title": LONG_TITLE, "document_id": document_id}
        found.append(citation("quay", document_id) | more | {"quote": "needle", "sentence": line})
    return found


def one_run(page: Page, library: Library, long_id: int, text: str) -> dict[str, float]:
    page.goto(library.address)
    expect(page.get_by_test_id("library-item")).to_have_count(5_000)
    cited = places(text, long_id)
    answer_with(page, answer_set("Where is it?", answer(*cited)))
    page.get_by_test_id("question-input").fill("Where is it?")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("citation")).to_have_count(len(cited))
    click_on = "document.querySelectorAll('[data-testid=citation]')[1].click()"
    opened = timed(page, click_on, _MARK, "needle", "2 of 3")
    next_place = "document.querySelector('#place-next').click()"
    moved = timed(page, next_place, _MARK, "needle", "3 of 3")
    click_first = click_on.replace("[1]", "[0]")
    again = timed(page, click_first, _MARK, "needle", "1 of 3")
    page.keyboard.press("Escape")
    find = (
        "const box = document.querySelector('#library-filter-input'); box.value = 'Report 4321';"
        "box.dispatchEvent(new Event('input'))"
    )
    filtered = timed(page, find, ".library-row:not([hidden]) .library-item-title", "Report 4321")
    return {
        "open a 5 MB document at a place": opened,
        "go to its next place": moved,
        "go to a place by its citation": again,
        "filter 5,000 documents": filtered,
    }


def listed(page: Page, address: str) -> float:
    """Milliseconds from navigating to the whole list."""
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_test_id("library-item")).to_have_count(5_000)
    return float(page.evaluate("window.listedAt"))


_WATCH = """new MutationObserver((_, observer) => {
    if (document.querySelectorAll("[data-testid=library-item]").length < 5000) return;
    window.listedAt = performance.now();
    observer.disconnect();
}).observe(document, { childList: true, subtree: true });"""


@contextmanager
def served(folder: str) -> Iterator[tuple[Library, Library]]:
    """A library of seeds/ and a large one."""
    small, large = Path(folder) / "small", Path(folder) / "large"
    make(small, documents=5, long_bytes=1_000)
    make(large)
    with serve(small) as first, serve(large) as second:
        yield Library(first), Library(second)


@click.command(help=__doc__)
@click.option("--runs", default=5, show_default=True)
def main(runs: int) -> None:
    arguments = launch_arguments({})
    with (
        tempfile.TemporaryDirectory() as folder,
        served(folder) as (small, large),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**arguments)
        size = first_load(browser.new_page(), small.address)
        click.echo(f"first load  {size / 1_000:.1f} kB")
        long_id = dict(zip(large.titles(), large.ids(), strict=True))[LONG_TITLE]
        text = large.text(long_id)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(_WATCH)
        taken = []
        for _ in range(runs):
            taken.append({"list 5,000 documents": listed(page, large.address)})
            page.evaluate("sessionStorage.clear()")
            taken[-1] |= one_run(page, large, long_id, text)
        for name in taken[0]:
            times = sorted(run[name] for run in taken)
            click.echo(f"{name}  {statistics.median(times):.0f} ms (worst {times[-1]:.0f})")
        browser.close()


if __name__ == "__main__":
    main()
