"""A library whose documents are the contexts of SQuAD files, asked without the context.

Each distinct context is a document, under its article's title, brought in as a text file would be.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import click
import numpy as np
from rich.progress import track

from benchmarks.squad import Example, load
from benchmarks.tables import progress_output
from index.documents import Origin
from index.indexing import Indexer, Source
from index.loaders import LoadedFile
from index.loaders.documents import to_document
from index.loaders.loaded import Loaded
from index.outcomes import Outcome
from index.store import Store
from index.text import printable
from qa.assembly import make_indexer, make_limits, make_pipeline
from qa.pipeline import Pipeline
from qa.reader import Reader, Reading
from qa.settings import Settings

_PREFIX = "squad/"


class ReadOnce:
    """A reader that remembers what it read for the last question, so that asking it again in
    another way costs no reading. Passages are read one by one, whatever stands beside them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._question = ""
        self._readings: dict[str, Reading] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        if question != self._question:
            self._question, self._readings = question, {}
        new = [text for text in dict.fromkeys(passages) if text not in self._readings]
        self._readings |= dict(zip(new, self._reader.read(question, new), strict=True))
        return [self._readings[text] for text in passages]


@dataclass(frozen=True, slots=True)
class Library:
    """Pipelines over pooled contexts, and what changes their documents.

    Attributes:
        pipeline: as it is set, declining what it is not sure of.
        forced: the same but never declining; both share the reader's work.
        failed: sources of contexts that could not be indexed.
    """

    settings: Settings
    pipeline: Pipeline
    forced: Pipeline
    indexer: Indexer
    documents: int
    passages: int
    failed: tuple[str, ...]

    @property
    def store(self) -> Store:
        return self.indexer.store

    def delete(self, contexts: Iterable[str]) -> None:
        """Remove the documents of these contexts from the index."""
        found = (self.store.find(source_of(context)) for context in contexts)
        self.store.discard([known[0] for known in found if known is not None])

    def put_back(self, examples: Sequence[Example]) -> None:
        """Bring the documents of these examples in again."""
        list(self.indexer.bring(sources(examples, self.settings)))


def source_of(context: str) -> str:
    """The source of a context's document, the same in every run."""
    digest = hashlib.sha256(context.encode()).hexdigest()
    return f"{_PREFIX}{digest[:24]}.txt"


@contextmanager
def library_of(
    sets: Mapping[str, Sequence[Example]],
    contexts: Sequence[Path],
    folder: Path | None,
    reader: Path | None,
) -> Iterator[Library]:
    """The library of all contexts of the sets and of further SQuAD files.

    Args:
        folder: where it is kept; None for one that is gone in the end.
        reader: the reader's folder; None for the default one.
    """
    pooled = [example for examples in sets.values() for example in examples]
    pooled += [example for file in contexts for example in load(file)]
    with ExitStack() as stack:
        data = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings.from_environment(data=data, reader=reader)
        store = Store(settings.data, create=True)
        stack.callback(store.close)
        pipeline = make_pipeline(settings)
        stack.callback(pipeline.store.close)
        yield build(pooled, store, pipeline)


def build(examples: Sequence[Example], store: Store, pipeline: Pipeline) -> Library:
    """Make the library of the pipeline hold the examples' contexts and nothing else.

    What it holds already is not embedded again. Raises `click.UsageError` if it holds documents
    that are no contexts: they are somebody's own.
    """
    settings = pipeline.settings
    indexer = make_indexer(settings, store, pipeline.retriever.embedder)
    reader = cast(Reader, ReadOnce(pipeline.reader))
    ready, forced = (
        Pipeline(pipeline.store, pipeline.retriever, reader, pipeline.calibrator, each)
        for each in (settings, replace(settings, min_confidence=0.0))
    )
    wanted = list(sources(examples, settings))
    _clear(store, {source.name for source in wanted})
    console = progress_output()
    outcomes = track(indexer.bring(wanted), "Indexing", total=len(wanted), console=console)
    failed = tuple(o.name for o in outcomes if o.outcome is Outcome.FAILED)
    ready.warm_up()
    return Library(settings, ready, forced, indexer, *store.count(), failed)


def _clear(store: Store, wanted: Collection[str]) -> None:
    held = store.documents()
    strange = next((item.source for item in held if not item.source.startswith(_PREFIX)), None)
    if strange is not None:
        raise click.UsageError(
            f"{store.folder} holds {strange}, which is no context of a SQuAD file; "
            "give a folder of its own to --library."
        )
    store.discard([item.id for item in held if item.source not in wanted])


def sources(examples: Sequence[Example], settings: Settings) -> Iterator[Source]:
    """One for each distinct context; the first title that it comes with is its title."""
    titles: dict[str, str] = {}
    for example in examples:
        titles.setdefault(example.context, example.title)
    for context, title in titles.items():
        yield _source(context, title, settings)


def _source(context: str, title: str, settings: Settings) -> Source:
    name = source_of(context)

    def load() -> LoadedFile:
        loaded = Loaded(printable(context), "text/plain", title=spelled_out(title))
        document = to_document(loaded, name, [name], make_limits(settings))
        return LoadedFile(Origin(name, ""), (document,), ())

    return Source(name, load)


def spelled_out(title: str) -> str:
    """Wikipedia's page names ("Marxism%E2%80%93Leninism", "Yuan_dynasty") as titles are read."""
    return unquote(title).replace("_", " ")


def sampled(examples: Sequence[Example], count: int | None, seed: int) -> list[Example]:
    """``count`` of them at random, in their order; all if there are no more."""
    if count is None or count >= len(examples):
        return list(examples)
    chosen = np.random.default_rng(seed).choice(len(examples), count, replace=False)
    return [examples[i] for i in sorted(chosen)]
