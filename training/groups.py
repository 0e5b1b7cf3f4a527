"""Training groups: a question with the passage that answers it and passages that do not.

The negatives are what lexical search returns for the question from all training contexts and
what does not hold its answer: the near misses that the reader meets in use.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from benchmarks.squad import normalise
from index.retrieval import match_expression
from training.squad_train import TrainingExample, load_training

PASSAGE_TOKENS = 200
QUESTION_TOKENS = 64
NO_ANSWER = (0, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of one input, and the gold span's first and last token, (0, 0) for none."""

    ids: list[int]
    passage_at: int
    start: int
    end: int


Group = list[Window]


class Pool:
    """All training contexts in an FTS5 table in memory."""

    def __init__(self, contexts: Sequence[str]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE pool USING fts5(text, tokenize='porter unicode61')"
        )
        self._database.executemany("INSERT INTO pool VALUES (?)", ((c,) for c in contexts))

    def near_misses(self, example: TrainingExample, count: int) -> list[str]:
        """Up to ``count`` contexts like the question that hold none of its answers."""
        rows = self._database.execute(
            "SELECT text FROM pool WHERE pool MATCH ? ORDER BY rank LIMIT ?",
            (match_expression(example.question), count + 6),
        )
        golds = [normalise(answer) for answer in example.answers]
        return [
            text
            for (text,) in rows
            if text != example.context
            and not any(gold and gold in normalise(text) for gold in golds)
        ][:count]


def groups(
    files: Sequence[Path], tokenizer: Tokenizer, seed: int, negatives: int
) -> Iterator[Group]:
    """Groups of all files, shuffled, forever repeatable by ``seed``."""
    chance = random.Random(seed)
    examples = [e for file in files for e in load_training(file, chance)]
    pool = Pool(list(dict.fromkeys(e.context for e in examples)))
    chance.shuffle(examples)
    for example in examples:
        question = _as_typed(example.question, chance)
        ids = tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        group = [_window(tokenizer, ids, example.context, example.answer_start, example, chance)]
        for text in pool.near_misses(example, negatives):
            group.append(_window(tokenizer, ids, text, None, example, chance))
        yield group


def _as_typed(question: str, chance: random.Random) -> str:
    """Three questions in ten lose their question mark."""
    return question.rstrip("? ") if chance.random() < 0.3 else question


def _window(
    tokenizer: Tokenizer,
    question: list[int],
    context: str,
    answer_start: int | None,
    example: TrainingExample,
    chance: random.Random,
) -> Window:
    """At most `PASSAGE_TOKENS` of the context, around the answer where there is one."""
    encoding = tokenizer.encode(context, add_special_tokens=False)
    first = last = None
    if answer_start is not None:
        answer_end = answer_start + len(example.answers[0])
        inside = [
            i for i, (a, b) in enumerate(encoding.offsets) if a < answer_end and b > answer_start
        ]
        first, last = (inside[0], inside[-1]) if inside else (None, None)
    begin = 0
    if len(encoding.ids) > PASSAGE_TOKENS:
        lowest = 0 if last is None else max(0, last + 1 - PASSAGE_TOKENS)
        highest = len(encoding.ids) - PASSAGE_TOKENS
        begin = (
            chance.randint(lowest, min(highest, first) if first is not None else highest)
            if (first is None or lowest <= min(highest, first))
            else lowest
        )
    piece = encoding.ids[begin : begin + PASSAGE_TOKENS]
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    head = [cls, *question, sep]
    start, end = NO_ANSWER
    if first is not None and last is not None and last < begin + PASSAGE_TOKENS:
        start, end = len(head) + first - begin, len(head) + last - begin
    return Window([*head, *piece, sep], len(head), start, end)
