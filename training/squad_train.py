"""Training examples from SQuAD files: like `benchmarks.squad`, with where the answer stands."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

_SENTENCES_PER_PARAGRAPH = 5
_SHORT = 250  # characters; contexts of single sentences are mixed into paragraphs


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """``answer_start`` is None for an unanswerable question."""

    question: str
    context: str
    answers: tuple[str, ...]
    answer_start: int | None


def load_training(path: Path, chance: random.Random) -> list[TrainingExample]:
    """All questions of a file, in order; short contexts are joined with others of the file."""
    data = json.loads(gzip.decompress(path.read_bytes()))["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    contexts = [paragraph["context"] for paragraph in paragraphs]
    mixed = sum(map(len, contexts)) / len(contexts) < _SHORT
    examples = []
    for paragraph in paragraphs:
        context, shift = paragraph["context"], 0
        if mixed:
            context, shift = _mix(context, contexts, chance)
        for qa in paragraph["qas"]:
            golds = [] if qa.get("is_impossible") else qa["answers"]
            start = golds[0]["answer_start"] + shift if golds else None
            texts = tuple(gold["text"] for gold in golds)
            examples.append(TrainingExample(qa["question"], context, texts, start))
    return examples


def _mix(context: str, others: list[str], chance: random.Random) -> tuple[str, int]:
    """The context among a few others, and how far it moved."""
    around = chance.sample(others, _SENTENCES_PER_PARAGRAPH - 1)
    place = chance.randint(0, len(around))
    before = " ".join(around[:place])
    shift = len(before) + 1 if before else 0
    return " ".join([*around[:place], context, *around[place:]]), shift
