"""Texts with figures side by side: repeatable, their answers slices beside the label asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

from training.side_by_side import WORDS, write

MADE = write(texts=140, seed=5, kept_aside=False)
ASIDE = write(texts=20, seed=5, kept_aside=True)
PARAGRAPHS = [p for entry in MADE["data"] + ASIDE["data"] for p in entry["paragraphs"]]
ASKED = [(p["context"], qa) for p in PARAGRAPHS for qa in p["qas"]]


def test_every_answer_is_the_slice_that_it_claims() -> None:
    answers = [(text, answer) for text, qa in ASKED for answer in qa["answers"]]
    assert len(answers) > 500
    for text, answer in answers:
        start = answer["answer_start"]
        assert text[start : start + len(answer["text"])] == answer["text"]
        assert answer["text"] == answer["text"].strip() != ""


def test_the_same_seed_gives_the_same_texts() -> None:
    assert write(texts=140, seed=5, kept_aside=False) == MADE
    assert write(texts=140, seed=6, kept_aside=False) != MADE


def test_some_have_no_answer_and_these_are_not_answered_in_their_text() -> None:
    shares = [qa["is_impossible"] for _, qa in ASKED]
    assert 0.1 < sum(shares) / len(shares) < 0.35
    for paragraph in PARAGRAPHS:
        answered = {qa["question"] for qa in paragraph["qas"] if qa["answers"]}
        assert not answered & {qa["question"] for qa in paragraph["qas"] if qa["is_impossible"]}


def test_no_hole_is_left_open() -> None:
    assert not any(re.search(r"[{}]|  ", text + qa["question"]) for text, qa in ASKED)


def test_values_stand_in_sentences_and_in_every_kind_of_table() -> None:
    texts = [p["context"] for p in PARAGRAPHS]
    rows = (r"\w: [^;\n]+; \w+: ", r"\n- \w+: ", r" \| ")
    for kind in (r" and [^.\n]+\.", r"respectively\.", *rows):
        assert any(re.search(kind, text) for text in texts), kind


def test_the_topics_kept_aside_are_others() -> None:
    words = json.loads(Path(WORDS).read_text("utf-8"))
    trained, aside = (
        {question for topic in words[part] for s in topic["series"] for question in s["ask"]}
        for part in ("topics", "kept_aside")
    )
    assert len(aside) > 10
    assert not trained & aside
