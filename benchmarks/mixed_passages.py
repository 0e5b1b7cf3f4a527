"""Libraries of any size from some real texts, with vectors that spread as real ones do.

Passages beyond the real ones are mixed: half the words of one and half of another, and as vector a
mixture of the two plus a quarter of the difference of two more.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.squad import load
from index.documents import Document, Span
from index.embedding import Vectors
from index.sentences import sentence_spans
from index.store import Prepared, Store
from qa.assembly import make_embedder
from qa.settings import Settings

SEED = 1
DIMENSION = 384
MODEL = ("all-MiniLM-L6-v2", DIMENSION)
PASSAGES_PER_DOCUMENT = 10
DOCUMENTS_PER_CHANGE = 100
NOISE = np.float32(0.25)


@dataclass(frozen=True)
class Real:
    """Texts with their vectors, and questions with theirs; or such as were invented."""

    texts: list[str]
    vectors: Vectors
    questions: list[str]
    question_vectors: Vectors
    invented: bool


def read_real(files: Sequence[Path], count: int, questions: int, settings: Settings) -> Real:
    """Embed texts and questions of SQuAD files."""
    examples = [example for file in files for example in load(file)]
    contexts = list(dict.fromkeys(example.context for example in examples))
    sentences = [c[span.start : span.end] for c in contexts for span in sentence_spans(c)]
    chance = random.Random(SEED)
    chance.shuffle(sentences)
    texts = list(dict.fromkeys([*contexts, *sentences]))[:count]
    asked = list(dict.fromkeys(example.question for example in examples))
    asked = chance.sample(asked, min(questions, len(asked)))
    embedder = make_embedder(settings)
    return Real(texts, embedder.embed(texts), asked, embedder.embed(asked), False)


def invent_real(count: int, questions: int) -> Real:
    """Random texts and vectors, for a look at speed alone."""
    chance = np.random.default_rng(SEED)
    words = np.array([f"word{number}" for number in range(20_000)])

    def texts(many: int, length: int) -> list[str]:
        picked = np.minimum(chance.zipf(1.3, (many, length)), len(words)) - 1
        return [" ".join(row) for row in words[picked]]

    given, asked = texts(count, 90), texts(questions, 9)
    return Real(given, invented(given), asked, invented(asked), True)


def invented(texts: Sequence[str]) -> Vectors:
    """The same for the same texts."""
    chance = np.random.default_rng([zlib.crc32(text.encode()) for text in texts])
    spectrum = 1 / np.sqrt(np.arange(1, DIMENSION + 1))
    return unit((chance.standard_normal((len(texts), DIMENSION)) * spectrum).astype(np.float32))


def unit(vectors: Vectors) -> Vectors:
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def passages(real: Real, seed: int) -> Iterator[tuple[str, Vectors]]:
    """Each real text once, then mixtures without end."""
    if seed == SEED:
        yield from zip(real.texts, real.vectors, strict=True)
    chance = np.random.default_rng(seed)
    while True:
        one, other, more, less = chance.integers(0, len(real.texts), (4, 1_000))
        share = chance.uniform(0.5, 1, (1_000, 1)).astype(np.float32)
        mixed = share * real.vectors[one] + (1 - share) * real.vectors[other]
        mixed = unit(mixed + NOISE * (real.vectors[more] - real.vectors[less]))
        for row, (a, b) in enumerate(zip(one, other, strict=True)):
            yield half(real.texts[a], 0) + " " + half(real.texts[b], 1), mixed[row]


def half(text: str, which: int) -> str:
    words = text.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[middle:] if which else words[:middle])


def documents(real: Real, seed: int) -> Iterator[Prepared]:
    """Documents of ten passages each; no two seeds have a source in common."""
    source = passages(real, seed)
    number = 0
    while True:
        parts, spans, text = [], [], ""
        for _ in range(PASSAGES_PER_DOCUMENT):
            words, vector = next(source)
            spans.append(Span(len(text), len(text) + len(words)))
            text += words + "\n\n"
            parts.append(vector)
        title = f"{seed}-{number}"
        yield Prepared(
            Document(f"/scale/{title}.txt", title, text, "text/plain"), spans, np.stack(parts)
        )
        number += 1


def fill(store: Store, real: Real, count: int) -> float:
    """Bring the library to ``count`` passages; seconds per 100,000."""
    source = documents(real, SEED)
    began = time.perf_counter()
    for _ in range(count // (PASSAGES_PER_DOCUMENT * DOCUMENTS_PER_CHANGE)):
        store.apply([next(source) for _ in range(DOCUMENTS_PER_CHANGE)], [], MODEL)
    store.settle()
    return (time.perf_counter() - began) / count * 100_000


def remembered(folder: Path, files: Sequence[Path], count: int, questions: int) -> Real:
    """The real texts and vectors, embedded once for a folder that is kept."""
    path = folder / "real.npz"
    if path.exists():
        with np.load(path) as kept:
            texts, asked = kept["texts"].tolist(), kept["questions"].tolist()
            of_kind = bool(kept["invented"])
            return Real(texts, kept["vectors"], asked, kept["question_vectors"], of_kind)
    if files:
        real = read_real(files, count, questions, Settings())
    else:
        real = invent_real(count, questions)
    np.savez(
        path,
        texts=np.array(real.texts),
        vectors=real.vectors,
        questions=np.array(real.questions),
        question_vectors=real.question_vectors,
        invented=np.array(real.invented),
    )
    return real
