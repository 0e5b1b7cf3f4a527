"""Questions of the training sets, changed twice by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from training import contrasts
from training.contrasts import CONTRASTS, main

CONTEXT = "Ivan Nechaev denied the reports on Monday."
NECHAEV = [{"text": "Ivan Nechaev", "answer_start": 0}]
PAIR = ["Who confirmed the reports?", "Who said that the reports were untrue?"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "pairs.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"news-1": PAIR}).encode()))
    monkeypatch.setattr(contrasts, "CONTRASTS", file)
    return tmp_path


def asking(folder: Path, *ids: str) -> str:
    """A training set of one paragraph with these questions."""
    qas = [{"id": each, "question": "Who denied the reports?", "answers": NECHAEV} for each in ids]
    told = {"data": [{"title": "t", "paragraphs": [{"context": CONTEXT, "qas": qas}]}]}
    file = folder / "news.train.json.gz"
    file.write_bytes(gzip.compress(json.dumps(told).encode()))
    return str(file)


def test_a_question_becomes_one_that_is_not_answered_and_one_that_is(folder: Path) -> None:
    out = folder / "out.json.gz"
    result = CliRunner().invoke(main, [asking(folder, "news-1", "news-2"), "--out", str(out)])
    assert result.output == "2 questions, 1 unanswerable\n"
    [article] = json.loads(gzip.decompress(out.read_bytes()))["data"]
    [paragraph] = article["paragraphs"]
    unanswered, same = paragraph["qas"]
    assert paragraph["context"] == CONTEXT
    assert (unanswered["question"], same["question"]) == tuple(PAIR)
    assert unanswered["is_impossible"] and unanswered["answers"] == []
    assert unanswered["plausible_answers"] == same["answers"] == NECHAEV
    assert [unanswered["id"], same["id"]] == ["news-1-u", "news-1-s"]


def test_a_question_that_is_missing_is_an_error(folder: Path) -> None:
    out = folder / "out.json.gz"
    result = CliRunner().invoke(main, [asking(folder, "news-2"), "--out", str(out)])
    assert result.exit_code == 1 and "1 of 1 questions are in none of the files" in result.output
    assert not out.exists()


def test_the_pairs_that_are_kept_differ_from_each_other() -> None:
    kept = json.loads(gzip.decompress(CONTRASTS.read_bytes()))
    assert len(kept) > 10_000
    assert all(a.strip() and b.strip() and a.lower() != b.lower() for a, b in kept.values())
