"""Invented news: repeatable, its answers slices, its questions unlike the development set's."""

from __future__ import annotations

import json
from pathlib import Path

from training.invent_news import invent

NEWS = Path("training/data/news")
MADE = invent(events=24, outlets=3, seed=5)
PARAGRAPHS = [p for event in MADE["data"] for p in event["paragraphs"]]


def test_every_answer_is_the_slice_that_it_claims() -> None:
    answers = [(p["context"], a) for p in PARAGRAPHS for qa in p["qas"] for a in qa["answers"]]
    assert len(answers) > 300
    for context, answer in answers:
        start = answer["answer_start"]
        assert context[start : start + len(answer["text"])] == answer["text"]
        assert answer["text"].strip()


def test_the_same_seed_gives_the_same_news() -> None:
    assert invent(events=24, outlets=3, seed=5) == MADE
    assert invent(events=24, outlets=3, seed=6) != MADE


def test_a_third_or_so_has_no_answer_and_ids_are_unique() -> None:
    qas = [qa for p in PARAGRAPHS for qa in p["qas"]]
    assert len({qa["id"] for qa in qas}) == len(qas)
    assert 0.2 < sum(qa["is_impossible"] for qa in qas) / len(qas) < 0.5
    assert all(qa["is_impossible"] == (not qa["answers"]) for qa in qas)


def test_an_unanswerable_question_is_not_also_answered_in_its_article() -> None:
    for paragraph in PARAGRAPHS:
        answered = {qa["question"].rstrip("?").lower() for qa in paragraph["qas"] if qa["answers"]}
        never = {
            qa["question"].rstrip("?").lower() for qa in paragraph["qas"] if qa["is_impossible"]
        }
        assert not answered & never


def test_nothing_of_the_development_news_is_in_it() -> None:
    development = {
        json.loads(line)["question"]
        for line in (NEWS / "questions.jsonl").read_text("utf-8").splitlines()
    }
    assert not development & {qa["question"] for p in PARAGRAPHS for qa in p["qas"]}
    texts = " ".join(file.read_text("utf-8") for file in NEWS.rglob("*.txt"))
    assert not any(p["context"][:80] in texts for p in PARAGRAPHS)
