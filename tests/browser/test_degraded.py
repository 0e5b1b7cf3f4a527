"""The page while the engine that searches is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serve
from tests.browser.test_chat import ask


@pytest.fixture
def without_milvus(seed_library: Path, tmp_path: Path) -> Iterator[str]:
    data = tmp_path / "data"
    shutil.copytree(seed_library, data)
    gone = {"QA_MILVUS_URI": "http://127.0.0.1:1", "QA_MILVUS_SECONDS": "1"}
    with serve(data, QA_STORE="milvus", **gone) as address:
        yield address


def test_the_page_answers_and_says_that_it_may_have_missed_something(
    page: Page, without_milvus: str
) -> None:
    page.goto(without_milvus)
    ask(page, "who is the deputy director of the information and press department?")
    answer = page.get_by_test_id("answer")
    expect(answer.get_by_test_id("answer-text").first).to_contain_text("Ivan Nechaev")
    note = answer.get_by_test_id("degraded")
    expect(note).to_contain_text("This search may have missed something. It used full-text search")
    expect(note).to_contain_text("Milvus did not answer")
    expect(note).not_to_contain_text("127.0.0.1")
