"""SQuAD files and scores: reading the official JSON, EM and F1 as the official script has them.

Rajpurkar et al. 2016 (v1.1) and 2018 (v2.0): answers are compared in lower case, without
punctuation, articles and extra white space; F1 is over the bags of words that remain.
"""

from __future__ import annotations

import gzip
import json
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its context; ``answers`` is empty when the context holds none."""

    id: str
    question: str
    context: str
    answers: tuple[str, ...]


def load(path: Path) -> list[Example]:
    """Read a SQuAD v1.1 or v2.0 JSON file, plain or gzipped."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(_examples(json.loads(raw)))


def _examples(dataset: dict[str, list[dict[str, list[dict[str, object]]]]]) -> Iterator[Example]:
    for article in dataset["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:  # type: ignore[attr-defined]
                answers = [] if qa.get("is_impossible") else qa["answers"]
                texts = tuple(dict.fromkeys(answer["text"] for answer in answers))
                yield Example(qa["id"], qa["question"], str(paragraph["context"]), texts)


def normalise(answer: str) -> str:
    """The official normalisation of an answer before comparison."""
    plain = answer.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def exact(predicted: str, golds: Sequence[str]) -> float:
    """1.0 if the prediction equals a gold answer; an empty prediction equals no answer."""
    return float(any(normalise(predicted) == normalise(gold) for gold in golds or ("",)))


def f1(predicted: str, golds: Sequence[str]) -> float:
    """The best bag-of-words F1 over the gold answers, 0 to 1."""
    return max(
        _f1(normalise(predicted).split(), normalise(gold).split()) for gold in golds or ("",)
    )


def _f1(predicted: list[str], gold: list[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    common = sum((Counter(predicted) & Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(predicted), common / len(gold)
    return 2 * precision * recall / (precision + recall)
