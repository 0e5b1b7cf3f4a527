"""Resolves a follow-up against the conversation."""

from __future__ import annotations

import re

from qa.answers import Question

_LEANS_ON_HISTORY = re.compile(
    r"\b(?:he|she|they|him|her|them|his|hers|their|it|its|this|that|these|those)\b|^and\b|\belse\b",
    re.IGNORECASE,
)


def resolve(question: Question) -> str:
    """What to search with: the question, preceded by the last one if it leans on it."""
    if question.history and _LEANS_ON_HISTORY.search(question.text):
        last = question.history[-1]
        return " ".join(part for part in (last.question, last.answer, question.text) if part)
    return question.text
