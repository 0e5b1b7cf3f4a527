"""The box in pages of other sites: real servers on other ports, which makes them other origins."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import free_port, qa, serve
from tests.browser.holding import held_back
from tests.browser.test_library import HARBOUR
from tests.browser.test_library import WHO as WHO_CLOSED
from tests.conftest import ROOT

pytestmark = pytest.mark.first_visit

DEMO = ROOT / "docs" / "embed" / "index.html"
WHO = "who is the deputy director of the information and press department?"
UNANSWERABLE = "Which king won the chess tournament in Madrid?"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Another site's server; gives its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def listed(pages: Path) -> Iterator[str]:
    with site(pages) as origin:
        yield origin


@pytest.fixture
def unlisted(pages: Path) -> Iterator[str]:
    with site(pages) as origin:
        yield origin


@pytest.fixture(scope="session")
def seeded(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("embedded") / "data"
    shutil.copytree(seed_library, data)
    far = tmp_path_factory.mktemp("far") / "harbour.txt"
    filling = "The ferries 🚢 rest. " * 200
    far.write_text(f"{filling}\n\n👩‍👧 {HARBOUR} 🎈\n\n{filling}", "utf-8")
    subprocess.run([*qa(data), "index", "add", str(far)], check=True, cwd=ROOT)
    return data


@pytest.fixture(scope="session")
def answering(seeded: Path, listed: str, pages: Path) -> Iterator[str]:
    """A server on this machine that lets one site ask; the site has the demo page."""
    port = free_port()
    demo = DEMO.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    (pages / "index.html").write_text(demo, "utf-8")
    (pages / "gazette.css").write_bytes((DEMO.parent / "gazette.css").read_bytes())
    with serve(seeded, port=port, QA_ALLOWED_ORIGINS=listed) as address:
        yield address


def embed(pages: Path, name: str, address: str, attributes: str = "", head: str = "") -> None:
    """A page of the site with the box of the server at this address."""
    script = f'<script src="{address}static/embed.js" {attributes}></script>'
    start = f"<!doctype html><html lang=en><title>A site</title>{head}<main><h1>A site</h1>"
    page = f"{start}{script}</main>"
    (pages / name).write_text(page, "utf-8")


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".answer, .abstention, .failure")).to_be_visible()


def key(data: Path, name: str, *options: str) -> str:
    command = [*qa(data), "keys", "create", name, *options]
    made = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    return made.stdout.strip()


def test_the_demo_page_asks_across_origins_and_shows_the_source(
    page: Page, answering: str, listed: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto(listed)
    ask(page, WHO)
    answer = page.get_by_test_id("answer-text").first
    expect(answer).to_contain_text("Nechaev")
    citation = page.get_by_test_id("citation").first
    citation.click()
    expect(citation).to_have_attribute("aria-expanded", "true")
    mark = page.locator("[data-testid=source-mark][data-current]")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == answer.text_content()
    words = page.get_by_test_id("source-text").text_content() or ""
    assert len(words) > 500 and answer.text_content() in words  # type: ignore[operator]
    whole = page.get_by_test_id("source-whole")
    with page.context.expect_page() as opened:
        whole.click()
    full = opened.value
    expect(full.locator("[data-testid=source-mark][data-current]")).to_be_in_viewport()
    assert full.url.startswith(f"{answering}#document=")
    citation.click()
    expect(page.get_by_test_id("source-panel")).to_have_count(0)
    assert said == []
    assert {"POST"} == {r.method for r in asked if r.url == f"{answering}api/v1/ask"}
    assert not any("cookie" in r.headers or "v1/conversations" in r.url for r in asked)


def test_the_quote_is_exact_in_the_middle_of_a_long_text(
    page: Page, answering: str, listed: str
) -> None:
    page.goto(listed)
    ask(page, WHO_CLOSED)
    answer = page.get_by_test_id("answer-text").first.text_content()
    page.get_by_test_id("citation").first.click()
    mark = page.locator("[data-testid=source-mark][data-current]")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == answer
    words = page.get_by_test_id("source-text").text_content() or ""
    assert words.startswith("… ") and words.endswith(" …") and len(words) < 2_000
    assert "\ufffd" not in words and f"👩‍👧 {HARBOUR} 🎈" in words
    with page.context.expect_page() as opened:
        page.get_by_test_id("source-whole").click()
    full = opened.value.locator("[data-testid=source-mark][data-current]")
    expect(full).to_be_in_viewport()
    assert full.text_content() == answer


def test_nothing_of_the_page_comes_in_and_nothing_of_the_box_gets_out(
    page: Page, answering: str, listed: str
) -> None:
    page.goto(listed)
    ask(page, WHO)
    style = """node => {
        const { color, textTransform, fontStyle } = getComputedStyle(node);
        return [color, textTransform, fontStyle];
    }"""
    inside = page.get_by_test_id("answer-mark").first.evaluate(style)
    assert inside == ["rgb(28, 32, 35)", "none", "normal"]
    outside = page.locator("main > p").first.evaluate(style)
    assert outside == ["rgb(138, 28, 28)", "none", "italic"]
    left = page.evaluate(
        """() => [document.adoptedStyleSheets.length, document.styleSheets.length,
                  Object.keys(window).filter((name) => /verbatim/i.test(name)).length,
                  document.head.querySelectorAll("style").length]"""
    )
    assert left == [0, 1, 0, 0]


def test_a_follow_up_leans_on_what_was_asked_in_the_box_and_nothing_is_kept(
    page: Page, answering: str, listed: str, seeded: Path
) -> None:
    page.goto(listed)
    ask(page, "Who is Igor Korotchenko?")
    with page.expect_request("**/api/v1/ask") as request:
        ask(page, "What did he say about North Korean builders?")
    body = request.value.post_data_json
    assert [turn["question"] for turn in body["history"]] == ["Who is Igor Korotchenko?"]
    assert "conversation" not in body
    page.reload()
    expect(page.get_by_test_id("question-input")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    assert (
        page.evaluate("Object.keys(sessionStorage).length + Object.keys(localStorage).length") == 0
    )


def test_what_the_documents_do_not_say_is_said_in_the_box(
    page: Page, answering: str, listed: str
) -> None:
    page.goto(listed)
    ask(page, UNANSWERABLE)
    expect(page.get_by_test_id("abstention")).to_contain_text("These documents do not say")
    place = page.get_by_test_id("closest-place").first
    place.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("source-text")).to_be_visible()
    page.get_by_test_id("source-text").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("source-panel")).to_have_count(0)
    expect(place).to_be_focused()


def test_a_site_that_is_not_listed_is_told_so(page: Page, answering: str, unlisted: str) -> None:
    page.goto(unlisted)
    box = page.locator("verbatim-box")
    expect(box).to_contain_text(f"This site, {unlisted}, may not ask 127.0.0.1")
    expect(box).to_contain_text("allowed_origins")
    refused = page.evaluate(
        """(url) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json" },
               body: JSON.stringify({ question: "who?" }) })
             .then((response) => response.status, () => "refused")""",
        f"{answering}api/v1/ask",
    )
    assert refused == "refused"


@pytest.mark.parametrize("write", ["text", "delete", "conversation", "judgement", "rebuild"])
@pytest.mark.parametrize("with_key", [False, True])
def test_the_box_cannot_write(
    page: Page, answering: str, listed: str, seeded: Path, write: str, with_key: bool
) -> None:
    token = key(seeded, f"box {write}") if with_key else None
    method, path, body = {
        "text": ("POST", "documents", {"text": "Forged."}),
        "delete": ("DELETE", "documents/1", None),
        "conversation": ("POST", "conversations", {}),
        "judgement": ("POST", "feedback", {"question": "x", "answer": None, "right": True}),
        "rebuild": ("POST", "rebuild", None),
    }[write]
    page.goto(listed)
    status = page.evaluate(
        """([url, method, body, token]) => fetch(url, { method, body: body && JSON.stringify(body),
               headers: { "Content-Type": "application/json",
                          ...(token ? { Authorization: `Bearer ${token}` } : {}) } })
             .then((response) => response.status, () => 0)""",
        [f"{answering}api/v1/{path}", method, body, token],
    )
    assert status == 403
    page.goto(answering)
    expect(page.get_by_test_id("library-status")).to_contain_text("6 documents")


def test_a_key_opens_the_box_until_it_is_revoked(
    page: Page, listed: str, pages: Path, seeded: Path
) -> None:
    token = key(seeded, "a box with a key", "--days", "9")
    settings = {"QA_ALLOWED_ORIGINS": listed, "QA_ALLOW_ANONYMOUS": "none"}
    with serve(seeded, **settings) as address:
        embed(pages, "without.html", address)
        page.goto(f"{listed}/without.html")
        ask(page, WHO)
        expect(page.get_by_test_id("error")).to_contain_text("answers only with a key")
        embed(pages, "with.html", address, f'data-key="{token}"')
        page.goto(f"{listed}/with.html")
        ask(page, WHO)
        expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")
        page.get_by_test_id("citation").first.click()
        expect(page.get_by_test_id("source-mark").first).to_be_visible()
        subprocess.run([*qa(seeded), "keys", "revoke", "a box with a key"], check=True, cwd=ROOT)
        ask(page, WHO)
        expect(page.get_by_test_id("error")).to_contain_text("no longer valid")
        expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")


def test_the_box_is_as_its_script_element_says(
    page: Page, answering: str, listed: str, pages: Path
) -> None:
    attributes = 'data-target="#here" data-title="Ask <b>us</b>" data-language="de"'
    head = "<style>html { font-size: 10px; color-scheme: dark; }</style><div id=here></div>"
    embed(pages, "told.html", answering, attributes, head)
    page.goto(f"{listed}/told.html")
    expect(page.locator("#here > verbatim-box")).to_be_visible()
    expect(page.locator("verbatim-box h2")).to_have_text("Ask <b>us</b>")
    expect(page.get_by_test_id("send")).to_have_text("Fragen")
    send = page.get_by_test_id("send").bounding_box()
    assert send and send["height"] >= 36  # as on a page with letters of the usual size
    ground = page.locator(".box").evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == "rgb(21, 24, 26)"
    ask(page, UNANSWERABLE)
    expect(page.get_by_test_id("abstention")).to_contain_text("Diese Dokumente sagen es nicht.")


def test_the_box_shows_only_once_it_listens(page: Page, answering: str, listed: str) -> None:
    """An Enter before would be lost."""
    held: list[Route] = []
    page.route("**/js/composer.js", lambda route: held.append(route))
    page.goto(listed)
    composer = held_back(page, held)
    page.wait_for_timeout(500)  # for whatever else the box fetches
    expect(page.get_by_test_id("question-input")).to_have_count(0)
    composer.continue_()
    ask(page, WHO)
    expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")


def test_a_lost_server_is_said_in_the_box(page: Page, answering: str, listed: str) -> None:
    page.goto(listed)
    expect(page.get_by_test_id("question-input")).to_be_visible()
    page.route("**/api/v1/ask", lambda route: route.abort())
    ask(page, WHO)
    expect(page.get_by_test_id("error")).to_contain_text("did not answer")
    page.unroute("**/api/v1/ask")
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_box(
    page: Page, answering: str, listed: str, pages: Path, scheme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    head = '<meta name="color-scheme" content="light dark">'
    embed(pages, "plain.html", answering, head=head)
    page.goto(f"{listed}/plain.html")
    ask(page, UNANSWERABLE)
    ask(page, WHO)
    page.get_by_test_id("citation").first.click()
    expect(page.get_by_test_id("source-mark").first).to_be_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
