"""Asking a library of pooled contexts: what is found, what is answered, what after deletion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from rich.progress import track

from benchmarks.pooled import Library, source_of
from benchmarks.reading import read
from benchmarks.squad import Example, normalise
from benchmarks.tables import progress_output
from index.documents import RetrievedPassage
from qa.answers import AnswerSet, Question
from qa.errors import InvalidQuestion
from qa.pipeline import Pipeline

RECALL_AT = (1, 5, 10, 20)
SEARCHES = ("dense", "BM25", "fused")
TOP = 5  # answers of which the best counts, too
_DELETED_AT_ONCE = 0.1  # of the documents
_WORDS_CACHED = 50_000


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's text and confidence."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a search has the first passage that counts, from 1; None: not among the first 20."""

    own: int | None
    any: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question got.

    Attributes:
        forced: the first answers when nothing is declined, best first.
        given: the first answer with the default settings; None if the question was declined.
    """

    forced: tuple[Said, ...]
    given: Said | None

    @property
    def text(self) -> str:
        return self.forced[0].text if self.forced else ""

    @property
    def confidence(self) -> float:
        return self.forced[0].confidence if self.forced else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A question of a set: what it got, and what the reader says with the context given.

    Attributes:
        ranks: by search: dense, BM25, fused.
        seconds: of one answer, retrieval and reading.
        deleted: what it got after its context's document was deleted, if that was tried.
    """

    set: str
    example: Example
    asked: Asked
    with_context: str
    ranks: Mapping[str, Rank]
    seconds: float
    deleted: Asked | None = None


def ask(library: Library, question: str) -> tuple[Asked, float]:
    """Ask once, and see what is given, and what would be if nothing were declined."""
    forced, seconds = _answers(library.forced, question)
    given, _ = _answers(library.pipeline, question)
    return Asked(forced[:TOP], given[0] if given else None), seconds


def _answers(pipeline: Pipeline, question: str) -> tuple[tuple[Said, ...], float]:
    try:
        found: AnswerSet = pipeline.answer(Question(question))
    except InvalidQuestion:  # somebody's data may hold an empty one
        return (), 0.0
    said = tuple(Said(answer.text, answer.confidence) for answer in found.answers)
    return said, found.took_ms.total / 1000


def rankings(library: Library, question: str) -> dict[str, list[RetrievedPassage]]:
    """The passages that dense search, BM25 and both fused return, best first.

    One search that returns all that either proposes tells all three.
    """
    retriever = library.pipeline.retriever
    if not question.strip():
        return {search: [] for search in SEARCHES}
    fused = list(retriever.search(question, 2 * retriever.candidates).passages)
    lexical = [item for item in fused if item.bm25 is not None]
    return {
        "dense": sorted(fused, key=lambda item: -item.cosine),
        "BM25": sorted(lexical, key=lambda item: -(item.bm25 or 0.0)),
        "fused": fused,
    }


def rank(example: Example, passages: Sequence[RetrievedPassage]) -> Rank:
    """Where the first passage is that counts, among the first 20."""
    own = source_of(example.context)
    golds = [f" {said} " for gold in example.answers if (said := normalise(gold))]
    found: dict[str, int] = {}
    for place, item in enumerate(passages[: max(RECALL_AT)], start=1):
        if any(gold in _words(item.passage.text) for gold in golds):
            found.setdefault("any", place)
            if item.passage.source == own:
                return Rank(place, found["any"])
    return Rank(None, found.get("any"))


@lru_cache(_WORDS_CACHED)
def _words(text: str) -> str:
    return f" {normalise(text)} "


def ask_set(library: Library, name: str, examples: Sequence[Example]) -> Iterator[Result]:
    """Ask every question of a set."""
    for example in track(examples, f"Asking {name}", console=progress_output()):
        found = rankings(library, example.question)
        asked, seconds = ask(library, example.question)
        with_context = read(library.pipeline.reader, example).text
        ranks = {search: rank(example, passages) for search, passages in found.items()}
        yield Result(name, example, asked, with_context, ranks, seconds)


def ask_after_deletion(
    library: Library, results: Sequence[Result], count: int, seed: int
) -> dict[str, Asked]:
    """What at least ``count`` questions get once the documents of their contexts are deleted.

    Args:
        count: contexts are drawn at random until they have so many answerable questions.

    Returns:
        By question id.
    """
    rounds = list(_rounds(results, count, seed, int(_DELETED_AT_ONCE * library.documents)))
    asked: dict[str, Asked] = {}
    console = progress_output()
    for examples in track(rounds, "Asking after deletion", console=console):
        library.delete({example.context for example in examples})
        for example in examples:
            asked[example.id] = ask(library, example.question)[0]
        library.put_back(examples)
    return asked


def _rounds(
    results: Sequence[Result], count: int, seed: int, at_once: int
) -> Iterator[list[Example]]:
    by_context: dict[str, list[Example]] = {}
    for result in results:
        if result.example.answers:
            by_context.setdefault(result.example.context, []).append(result.example)
    found = list(by_context.values())
    contexts = [found[i] for i in np.random.default_rng(seed).permutation(len(found))]
    sizes = np.cumsum([len(examples) for examples in contexts])
    needed = int(np.searchsorted(sizes, count)) + 1 if count else 0
    chosen = contexts[:needed]
    step = max(1, at_once)
    for first in range(0, len(chosen), step):
        yield [example for examples in chosen[first : first + step] for example in examples]


def with_deletions(results: Iterable[Result], asked: Mapping[str, Asked]) -> list[Result]:
    """The results with what came of asking again."""
    return [replace(result, deleted=asked.get(result.example.id)) for result in results]
