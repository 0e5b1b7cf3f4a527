"""A server that does not answer everybody: the page asks for a key, and says what becomes of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import qa, serve
from tests.conftest import ROOT, SEEDS

WHO = "who is the deputy director of the information and press department?"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("closed")
    [seed] = SEEDS.glob("000_*.txt")
    subprocess.run([*qa(data), "index", "add", str(seed)], check=True, cwd=ROOT)
    return data


@pytest.fixture(scope="module")
def closed(data: Path) -> Iterator[str]:
    key(data, "the first")  # without any, the server does not start
    with serve(data, QA_ALLOW_ANONYMOUS="none") as address:
        yield address


def key(data: Path, name: str, *options: str) -> str:
    command = [*qa(data), "keys", "create", name, *options]
    made = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    return made.stdout.strip()


def enter(page: Page, value: str) -> None:
    page.get_by_test_id("key-input").fill(value)
    page.keyboard.press("Enter")


def ask(page: Page, question: str = WHO) -> None:
    page.get_by_test_id("question-input").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".answer, .failure")).to_be_visible()


def test_the_page_asks_for_a_key_and_goes_on_with_it(page: Page, closed: str, data: Path) -> None:
    page.goto(closed)
    expect(page.get_by_test_id("key-input")).to_be_focused()
    for wrong, words in (
        ("", "Enter the key first."),
        ("vb_ 123", "no spaces"),
        ("schlüssel", "no letters beyond"),
        ("vb_0123456789abcdef", "answers only with a key"),
    ):
        enter(page, wrong)
        expect(page.get_by_test_id("key-failure")).to_contain_text(words)
        expect(page.get_by_test_id("key-input")).to_be_focused()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    enter(page, key(data, "reader"))
    expect(page.get_by_test_id("key-form")).to_have_count(0)
    expect(page.get_by_test_id("library-status")).to_contain_text("1 document")
    expect(page.get_by_test_id("question-input")).to_be_focused()
    ask(page)
    expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")
    page.get_by_test_id("citation").first.click()
    with page.expect_download() as download:
        page.get_by_test_id("source-original").click()
    assert download.value.suggested_filename.startswith("000_")
    assert Path(download.value.path()).stat().st_size > 1_000
    page.reload()
    expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")
    expect(page.get_by_test_id("library-status")).to_contain_text("1 document")


def test_a_key_that_is_revoked_meanwhile_loses_nothing(page: Page, closed: str, data: Path) -> None:
    page.goto(closed)
    enter(page, key(data, "short-lived"))
    expect(page.get_by_test_id("library-status")).to_contain_text("1 document")
    ask(page)
    subprocess.run([*qa(data), "keys", "revoke", "short-lived"], check=True, cwd=ROOT)
    ask(page, "who denied the volunteer reports?")
    expect(page.get_by_test_id("error")).to_contain_text("no longer valid")
    expect(page.get_by_test_id("answer-text").first).to_contain_text("Nechaev")
    enter(page, key(data, "next"))
    page.get_by_test_id("retry").click()
    expect(page.locator(".turn").last.get_by_test_id("citation").first).to_be_visible()
    expect(page.get_by_test_id("message-question")).to_have_count(2)


def test_a_key_that_may_only_read_is_told_so(page: Page, closed: str, data: Path) -> None:
    page.goto(closed)
    enter(page, key(data, "only reads"))
    expect(page.get_by_test_id("library-item")).to_have_count(1)
    page.get_by_test_id("library-remove").click()
    page.get_by_test_id("remove-confirm").click()
    expect(page.locator(".library-row [role=alert]")).to_contain_text("not allowed")
    expect(page.get_by_test_id("library-item")).to_have_count(1)


def test_too_many_questions_are_told_with_how_long_to_wait(
    page: Page, closed: str, data: Path
) -> None:
    page.goto(closed)
    enter(page, key(data, "slow", "--per-minute", "20"))
    expect(page.get_by_test_id("library-item")).to_have_count(1)
    asked = 0
    while page.get_by_test_id("error").count() == 0 and asked < 30:
        ask(page)
        asked += 1
    expect(page.get_by_test_id("error")).to_contain_text("Ask again in")
    expect(page.get_by_test_id("message-question")).to_have_count(asked)
    assert page.get_by_test_id("key-form").count() == 0
