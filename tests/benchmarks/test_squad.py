"""EM and F1 against cases worked out by hand from the official definition."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.squad import exact, f1, load, normalise

DATASET = {
    "data": [
        {
            "paragraphs": [
                {
                    "context": "Nechaev denied it.",
                    "qas": [
                        {
                            "id": "a",
                            "question": "Who?",
                            "answers": [{"text": "Nechaev", "answer_start": 0}] * 2,
                        },
                        {"id": "b", "question": "When?", "is_impossible": True, "answers": []},
                    ],
                }
            ]
        }
    ]
}


def test_normalisation_drops_case_punctuation_and_articles() -> None:
    assert normalise('The  "Foreign" Ministry, an office.') == "foreign ministry office"


def test_f1_is_over_bags_of_words() -> None:
    # two of three predicted words are right, two of four gold words are found
    assert f1("deputy director Nechaev", ["Ivan Nechaev deputy head"]) == pytest.approx(4 / 7)


def test_best_gold_answer_counts() -> None:
    assert f1("Nechaev", ["the ministry", "Nechaev"]) == 1.0
    assert exact("nechaev.", ["the ministry", "Nechaev"]) == 1.0


def test_no_answer_is_only_equal_to_no_answer() -> None:
    assert (exact("", []), f1("", [])) == (1.0, 1.0)
    assert (exact("Nechaev", []), f1("Nechaev", [])) == (0.0, 0.0)
    assert f1("", ["Nechaev"]) == 0.0


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_files_are_read_plain_and_gzipped(tmp_path: Path, suffix: str) -> None:
    raw = json.dumps(DATASET).encode()
    file = tmp_path / f"set{suffix}"
    file.write_bytes(gzip.compress(raw) if suffix.endswith("gz") else raw)
    answerable, unanswerable = load(file)
    assert (answerable.id, answerable.answers) == ("a", ("Nechaev",))
    assert (unanswerable.context, unanswerable.answers) == ("Nechaev denied it.", ())
