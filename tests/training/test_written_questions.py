"""Questions written over paragraphs that are not here."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from training import written_questions
from training.written_questions import main, name_of, paragraph, places

CONTEXT = "Ivan Nechaev denied\nthe reports on Monday. On Monday, too, Berg confirmed 1932."


def test_words_are_found_whatever_space_is_between_them() -> None:
    [place] = places(CONTEXT, "denied the reports")
    assert place == {"text": "denied\nthe reports", "answer_start": CONTEXT.index("denied")}


def test_words_that_stand_there_twice_are_both_right() -> None:
    found = places(CONTEXT, "Monday")
    assert [CONTEXT[f["answer_start"] :].startswith("Monday") for f in found] == [True, True]


@pytest.mark.parametrize("words", ["Mon", "932", "Tuesday"])
def test_a_part_of_a_word_is_no_answer(words: str) -> None:
    assert places(CONTEXT, words) == []


def test_what_the_paragraph_does_not_answer_has_no_answers() -> None:
    asked = [
        {"q": "Who denied it?", "a": "Ivan Nechaev"},
        {"q": "Who denied 1932?", "p": "Berg"},
        {"q": "Who?", "a": "Anna"},
    ]
    made = paragraph("abc", CONTEXT, asked)["qas"]
    assert [qa["id"] for qa in made] == ["written-abc-0", "written-abc-1"]
    assert made[0]["answers"] == [{"text": "Ivan Nechaev", "answer_start": 0}]
    assert made[1]["answers"] == [] and made[1]["is_impossible"]
    assert made[1]["plausible_answers"][0]["text"] == "Berg"


@pytest.fixture
def written(tmp_path, monkeypatch):
    file = tmp_path / "written.json.gz"
    asked = {name_of(CONTEXT): [{"q": "Who denied it?", "a": "Ivan Nechaev"}]}
    file.write_bytes(gzip.compress(json.dumps(asked).encode()))
    monkeypatch.setattr(written_questions, "WRITTEN", file)
    return tmp_path


def of_context(folder, context: str):
    file = folder / "a.train.json.gz"
    told = {"data": [{"title": "t", "paragraphs": [{"context": context, "qas": []}]}]}
    file.write_bytes(gzip.compress(json.dumps(told).encode()))
    return str(file)


def test_paragraphs_are_put_back(written) -> None:
    out = written / "out.json.gz"
    result = CliRunner().invoke(main, [of_context(written, CONTEXT), "--out", str(out)])
    assert result.output == "1 questions, 0 unanswerable\n"
    [article] = json.loads(gzip.decompress(out.read_bytes()))["data"]
    [qa] = article["paragraphs"][0]["qas"]
    assert article["paragraphs"][0]["context"] == CONTEXT and qa["question"] == "Who denied it?"


def test_a_paragraph_that_is_missing_is_an_error(written) -> None:
    out = written / "out.json.gz"
    result = CliRunner().invoke(main, [of_context(written, "Another."), "--out", str(out)])
    assert result.exit_code == 1 and "1 of 1 paragraphs are in none of the files" in result.output
    assert not out.exists()
