"""Every language says everything, and the page speaks the one that is asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import ROOT
from web.languages import DEFAULT, words
from web.modules import FOLDER, first_modules
from web.problems import KINDS

_PLURAL = {"zero", "one", "two", "few", "many", "other"}


def messages(value: dict[str, Any], path: str = "") -> dict[str, str | dict[str, str]]:
    """Each message by its path; one with plural forms is a dictionary of them."""
    found: dict[str, str | dict[str, str]] = {}
    for name, part in value.items():
        if isinstance(part, dict) and "other" not in part:
            found |= messages(part, f"{path}{name}.")
        else:
            found[path + name] = part
    return found


def holes(message: str | dict[str, str]) -> set[str]:
    forms = message.values() if isinstance(message, dict) else [message]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


def test_there_are_two_languages_at_least() -> None:
    assert next(iter(words())) == DEFAULT
    assert {"en", "de"} <= set(words())


@pytest.mark.parametrize("code", [code for code in words() if code != DEFAULT])
def test_a_language_says_all_that_the_default_says(code: str) -> None:
    default, other = messages(words()[DEFAULT]), messages(words()[code])
    assert set(default) == set(other)
    for name, message in default.items():
        assert holes(message) == holes(other[name]), name
        assert isinstance(message, dict) == isinstance(other[name], dict), name
        forms = other[name]
        if isinstance(forms, dict):
            assert set(forms) <= _PLURAL


def test_every_message_is_used_and_every_one_used_is_there() -> None:
    scripts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.js"))
    used = set(re.findall(r"strings\.([a-zA-Z]+)", scripts)) - {"js"}
    used |= set(re.findall(r'strings\[kind === "rebuild" \? "(\w+)" : "(\w+)"\]', scripts)[0])
    box = set(words()[DEFAULT]["embed"])
    assert used - box == set(words()[DEFAULT]["script"])
    embedded = "".join(path.read_text("utf-8") for path in FOLDER.glob("embed*.js"))
    assert box <= set(re.findall(r"\b(?:strings|words)\.([a-zA-Z]+)", embedded))
    template = (ROOT / "web" / "templates" / "index.html").read_text("utf-8")
    assert set(re.findall(r"\bt\.(\w+)", template)) == set(words()[DEFAULT]["page"])


def test_every_kind_of_problem_is_said() -> None:
    assert set(words()[DEFAULT]["script"]["problems"]) == set(KINDS)


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_no_script_holds_words_of_its_own(script: Path) -> None:
    code = re.sub(r"//.*|/\*.*?\*/", "", script.read_text("utf-8"), flags=re.DOTALL)
    shown = re.findall(r'(?:textContent = |"aria-label": |title: )"([^"]*)"', code)
    assert [text for text in shown if text] == []


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [
        ({}, "", "en"),
        ({"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}, "", "de"),
        ({"Accept-Language": "fr,de;q=0.3"}, "", "de"),
        ({"Accept-Language": "fr"}, "", "en"),
        ({"Accept-Language": "en"}, "?language=de", "de"),
        ({"Accept-Language": "de"}, "?language=xx", "de"),
        ({"Accept-Language": '"><script>'}, "?language=%22%3E%3Cscript%3E", "en"),
    ],
    ids=str,
)
def test_the_page_speaks_as_asked(
    client: FlaskClient, headers: dict[str, str], query: str, expected: str
) -> None:
    response = client.get("/" + query, headers=headers)
    assert f'<html lang="{expected}">' in response.text
    assert response.headers["Content-Language"] == expected
    assert "Accept-Language" in response.headers["Vary"]
    [block] = re.findall(r'<template id="words">(.*?)</template>', response.text)
    assert json.loads(block) == words()[expected]["script"]


def test_a_choice_is_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers
    assert "SameSite=Strict" in client.get("/?language=de").headers["Set-Cookie"]
    assert '<html lang="de">' in client.get("/").text


def test_first_modules_are_announced(client: FlaskClient) -> None:
    page = client.get("/").text
    announced = re.findall(r'rel="modulepreload" href="/static/js/([\w.-]+)"', page)
    assert announced == list(first_modules())
    assert {"api.js", "strings.js", "dom.js"} <= set(announced)
    assert "source-panel.js" not in announced  # loaded when it is wanted
