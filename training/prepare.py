"""Tokenise the training files once: contexts, questions, retrieved negatives, near misses.

    python -m training.prepare FILE... --tokenizer MODEL_DIR --out DATA.json.gz

A negative is a context that lexical search returns for the question from all training contexts
and that does not hold its answer: what the reader meets in use. Contexts of single sentences
(QAMR) get none, their questions mean nothing elsewhere; training mixes them into paragraphs.
"""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
from tokenizers import Encoding, Tokenizer

from benchmarks.squad import normalise
from index.retrieval import match_expression
from index.sentences import sentence_spans
from training.near_misses import near_misses

_SHORT = 250  # characters; a file whose contexts are shorter on average holds single sentences
_NEGATIVES = 6


@dataclass(frozen=True, slots=True)
class Context:
    """Token ids, the tokens that open a sentence, the file, whether it is a single sentence."""

    ids: list[int]
    sentences: list[int]
    source: str
    short: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Token ids; gold spans, first and last token, one per annotator, none if unanswerable.

    Attributes:
        negatives: numbers of contexts that do not hold the answer.
        near_misses: by kind, the ids of changed questions that the context does not answer.
    """

    ids: list[int]
    context: int
    spans: list[tuple[int, int]]
    negatives: list[int] = field(default_factory=list)
    near_misses: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    contexts: list[Context]
    questions: list[Question]

    @classmethod
    def load(cls, path: Path) -> Prepared:
        stored = json.loads(gzip.decompress(path.read_bytes()))
        return cls(
            [Context(**c) for c in stored["contexts"]], [Question(**q) for q in stored["questions"]]
        )

    def save(self, path: Path) -> None:
        path.write_bytes(gzip.compress(json.dumps(asdict(self)).encode(), 5))


class Pool:
    """Contexts in an FTS5 table in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.normalised = [normalise(text) for text in texts]
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE pool USING fts5(text, tokenize='porter unicode61')"
        )
        self._database.executemany("INSERT INTO pool (rowid, text) VALUES (?, ?)", enumerate(texts))

    def negatives(self, question: str, own: int, answers: Sequence[str], count: int) -> list[int]:
        """Up to ``count`` contexts like the question that hold none of its answers."""
        rows = self._database.execute(
            "SELECT rowid FROM pool WHERE pool MATCH ? ORDER BY rank LIMIT ?",
            (match_expression(question), count + 8),
        )
        golds = [gold for answer in answers if (gold := normalise(answer))]
        return [
            number
            for (number,) in rows
            if number != own and not any(gold in self.normalised[number] for gold in golds)
        ][:count]


def prepare(files: Sequence[Path], tokenizer: Tokenizer, seed: int) -> Prepared:
    chance = random.Random(seed)
    texts: list[str] = []
    contexts: list[Context] = []
    asked: list[tuple[Question, str, list[str], bool]] = []
    for file in files:
        paragraphs = [p for a in _load(file) for p in a["paragraphs"]]
        short = sum(len(p["context"]) for p in paragraphs) < _SHORT * len(paragraphs)
        for paragraph in paragraphs:
            text = paragraph["context"]
            encoding = tokenizer.encode(text, add_special_tokens=False)
            texts.append(text)
            contexts.append(
                Context(encoding.ids, _openings(text, encoding), file.name.split(".")[0], short)
            )
            for qa in paragraph["qas"]:
                golds = [] if qa.get("is_impossible") else qa["answers"]
                spans = [s for g in golds if (s := _token_span(encoding, g))]
                if golds and not spans:
                    continue
                question = Question(_ids(tokenizer, qa["question"]), len(contexts) - 1, spans)
                asked.append((question, qa["question"], [g["text"] for g in golds], short))
    pool = Pool(texts)
    for question, text, answers, short in asked:
        if answers:
            for kind, changed in near_misses(
                text, texts[question.context], answers, chance
            ).items():
                question.near_misses[kind] = _ids(tokenizer, changed)
        if not short:
            question.negatives.extend(pool.negatives(text, question.context, answers, _NEGATIVES))
    return Prepared(contexts, [question for question, *_ in asked])


def _load(path: Path) -> list[dict]:
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)["data"]


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False).ids


def _token_span(encoding: Encoding, gold: dict) -> tuple[int, int] | None:
    start, end = gold["answer_start"], gold["answer_start"] + len(gold["text"])
    inside = [i for i, (a, b) in enumerate(encoding.offsets) if a < end and b > start]
    return (inside[0], inside[-1]) if inside else None


def _openings(text: str, encoding: Encoding) -> list[int]:
    """Numbers of the tokens that open a sentence."""
    return sorted(set(_first_tokens(text, encoding)))


def _first_tokens(text: str, encoding: Encoding) -> Iterator[int]:
    starts = [start for start, _ in encoding.offsets]
    token = 0
    for sentence in sentence_spans(text):
        while token < len(starts) and starts[token] < sentence.start:
            token += 1
        if token < len(starts):
            yield token


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--tokenizer", "folder", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(files: tuple[Path, ...], folder: Path, out: Path, seed: int) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    prepared = prepare(files, tokenizer, seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    prepared.save(out)
    click.echo(f"{len(prepared.contexts):,} contexts, {len(prepared.questions):,} questions")


if __name__ == "__main__":
    main()
