"""Small SQuAD files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def qa(id_: Any, question: str, *answers: str) -> dict[str, Any]:
    """A question of v1.1; without an answer, one of v2.0."""
    if not answers:
        return {"id": id_, "question": question, "is_impossible": True, "answers": []}
    golds = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": id_, "question": question, "answers": golds}


def article(title: str, *paragraphs: tuple[str, Sequence[dict[str, Any]]]) -> dict[str, Any]:
    made = [{"context": context, "qas": list(qas)} for context, qas in paragraphs]
    return {"title": title, "paragraphs": made}


def write(path: Path, *articles: dict[str, Any], zipped: bool = False) -> Path:
    raw = json.dumps({"version": "1.1", "data": articles}).encode()
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    return path
