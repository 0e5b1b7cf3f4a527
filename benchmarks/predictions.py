"""Predictions as the official SQuAD scripts read them.

``OUT.json`` holds ``{id: text}``, always an answer where one was found; ``OUT.na_prob.json`` beside
it holds ``{id: probability that there is no answer}``, what evaluate-v2.0 takes as --na-prob-file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def no_answer_path(path: Path) -> Path:
    """``predictions.json`` has its probabilities in ``predictions.na_prob.json``."""
    return path.with_name(path.name.removesuffix(".json") + ".na_prob.json")


def write_predictions(
    path: Path, texts: Mapping[str, str], no_answer: Mapping[str, float] | None
) -> None:
    """Write the texts and, where there are any, the probabilities; both by question id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(texts, ensure_ascii=False, indent=0) + "\n", "utf-8")
    if no_answer is not None:
        no_answer_path(path).write_text(json.dumps(no_answer, indent=0) + "\n", "utf-8")
