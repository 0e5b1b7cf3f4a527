"""Tokenise the training files once: contexts, questions, retrieved negatives, near misses.

    python -m training.prepare FILE... --tokenizer MODEL_DIR --out DATA.json.gz

A negative is a context that lexical search returns for the question from all training contexts
and that does not hold its answer: what the reader meets in use. Contexts of single sentences
(QAMR) get none, their questions mean nothing elsewhere; training mixes them into paragraphs.
With ``--mined`` the negatives are those that `training.mine` found, for its questions alone.
"""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from tokenizers import Encoding, Tokenizer

from benchmarks.squad import normalise
from index.retrieval import match_expression
from index.sentences import sentence_spans
from training.near_misses import near_misses

_SHORT = 250  # characters; a file whose contexts are shorter on average holds single sentences
_NEGATIVES = 6
_MINED = Path("mined")  # in place of a file, for passages as the index cut them


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what its negatives and near misses are made from."""

    question: Question
    id: str
    text: str
    answers: list[str]
    short: bool


def prepare(
    files: Sequence[Path],
    tokenizer: Tokenizer,
    seed: int,
    mined: Mapping[str, Sequence[str]] | None = None,
) -> Prepared:
    """Contexts and questions as tokens.

    Args:
        mined: texts of negatives by a question's id; questions that it lacks are left out, and
            those that are there get no near misses.
    """
    texts: list[str] = []
    contexts: list[Context] = []
    asked: list[_Asked] = []
    for file in files:
        paragraphs = [p for a in _load(file) for p in a["paragraphs"]]
        short = sum(len(p["context"]) for p in paragraphs) < _SHORT * len(paragraphs)
        for paragraph in paragraphs:
            encoding = tokenizer.encode(paragraph["context"], add_special_tokens=False)
            texts.append(paragraph["context"])
            contexts.append(_context(texts[-1], encoding, file, short))
            asked += _asked(paragraph, encoding, tokenizer, len(contexts) - 1, short)
    if mined is None:
        _put_beside(asked, texts, tokenizer, random.Random(seed))
    else:
        asked = [each for each in asked if each.id in mined]
        numbers: dict[str, int] = {}
        for each in asked:
            for text in mined[each.id]:
                if text not in numbers:
                    numbers[text] = len(contexts)
                    encoding = tokenizer.encode(text, add_special_tokens=False)
                    contexts.append(_context(text, encoding, _MINED, short=False))
                each.question.negatives.append(numbers[text])
    return Prepared(contexts, [each.question for each in asked])


def _asked(
    paragraph: Mapping[str, Any], encoding: Encoding, tokenizer: Tokenizer, own: int, short: bool
) -> Iterator[_Asked]:
    for qa in paragraph["qas"]:
        golds = [] if qa.get("is_impossible") else qa["answers"]
        spans = [s for g in golds if (s := _token_span(encoding, g))]
        if golds and not spans:
            continue
        question = Question(_ids(tokenizer, qa["question"]), own, spans)
        answers = [gold["text"] for gold in golds]
        yield _Asked(question, str(qa["id"]), qa["question"], answers, short)


def _put_beside(
    asked: Sequence[_Asked], texts: Sequence[str], tokenizer: Tokenizer, chance: random.Random
) -> None:
    """Near misses by rules, negatives by lexical search."""
    pool = Pool(texts)
    for each in asked:
        question = each.question
        if each.answers:
            changes = near_misses(each.text, texts[question.context], each.answers, chance)
            for kind, changed in changes.items():
                question.near_misses[kind] = _ids(tokenizer, changed)
        if not each.short:
            found = pool.negatives(each.text, question.context, each.answers, _NEGATIVES)
            question.negatives.extend(found)


def _context(text: str, encoding: Encoding, file: Path, short: bool) -> Context:
    return Context(encoding.ids, _openings(text, encoding), file.name.split(".")[0], short)


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
@click.option("--mined", type=click.Path(exists=True, path_type=Path), help="Negatives by id.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(files: tuple[Path, ...], folder: Path, out: Path, mined: Path | None, seed: int) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found = json.loads(gzip.decompress(mined.read_bytes())) if mined else None
    prepared = prepare(files, tokenizer, seed, found)
    out.parent.mkdir(parents=True, exist_ok=True)
    prepared.save(out)
    click.echo(f"{len(prepared.contexts):,} contexts, {len(prepared.questions):,} questions")


if __name__ == "__main__":
    main()
