"""Builds the parts from the settings: the only place that knows which class does what."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from index.embedding import DEFAULT_MODEL, Embedder, SentenceTransformerEmbedder
from index.onnx_embedding import OnnxEmbedder
from index.retrieval import Retriever
from index.store import Store
from qa.confidence import FILE_NAME, Calibrator
from qa.pipeline import Pipeline
from qa.reader import MODEL_FILE, OnnxReader, Reader
from qa.settings import Settings

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from index.indexing import Indexer, Source
    from index.loaders import Limits
    from index.syncing import Syncer


def make_embedder(settings: Settings) -> Embedder:
    """The default model in int8 ONNX; any other through sentence-transformers."""
    if settings.embedder == DEFAULT_MODEL:
        return OnnxEmbedder(threads=settings.threads)
    return SentenceTransformerEmbedder(settings.embedder, batch_size=settings.embed_batch)


def make_reader(settings: Settings, *, model_file: str = MODEL_FILE) -> Reader:
    return OnnxReader(
        settings.reader,
        max_tokens=settings.reader_max_tokens,
        max_question_tokens=settings.max_question_tokens,
        stride_tokens=settings.reader_stride,
        max_answer_tokens=settings.max_answer_tokens,
        spans_per_passage=settings.spans_per_passage,
        threads=settings.threads,
        model_file=model_file,
    )


def make_indexer(settings: Settings, store: Store, embedder: Embedder) -> Indexer:
    from index.indexing import Indexer  # loaders and splitter: half a second that a server saves

    return Indexer(
        store,
        embedder,
        passage_tokens=settings.passage_tokens,
        overlap_tokens=settings.overlap_tokens,
        limits=make_limits(settings),
        mark_furniture=settings.mark_furniture,
    )


def make_limits(settings: Settings) -> Limits:
    from index.loaders import Limits

    return Limits(
        max_file_bytes=settings.max_file_bytes,
        max_text_characters=settings.max_text_characters,
        max_pages=settings.max_pages,
        max_members=settings.max_members,
        max_expanded_bytes=settings.max_expanded_bytes,
        max_seconds=settings.max_load_seconds,
        max_memory_bytes=settings.max_load_memory_bytes,
    )


def url_source(settings: Settings, url: str) -> Source:
    """A URL as something that `Indexer.bring` takes."""
    from index.indexing import Source
    from index.urls import load_url

    limits = make_limits(settings)
    return Source(
        url,
        lambda: load_url(
            url,
            limits,
            max_seconds=settings.max_fetch_seconds,
            max_redirects=settings.max_redirects,
        ),
    )


def make_syncer(settings: Settings, store: Store, embedder: Embedder, folder: Path) -> Syncer:
    from index.syncing import Syncer

    return Syncer(make_indexer(settings, store, embedder), folder)


def make_retriever(settings: Settings, store: Store, embedder: Embedder) -> Retriever:
    return Retriever(
        store,
        embedder,
        candidates=settings.candidates,
        dense_weight=settings.dense_weight,
        lexical_rows=settings.lexical_rows,
        exact_passages=settings.exact_passages,
        recall=settings.recall,
    )


def make_pipeline(settings: Settings) -> Pipeline:
    """A pipeline over the library in ``settings.data``; raises `LibraryMissing` without one."""
    store = Store(settings.data)
    retriever = make_retriever(settings, store, make_embedder(settings))
    reader = make_reader(settings)
    return Pipeline(store, retriever, reader, make_calibrator(settings, reader), settings)


def make_calibrator(settings: Settings, reader: Reader) -> Calibrator:
    """The library's own, if `qa calibrate` made one for this reader; else the packaged one."""
    if (settings.data / FILE_NAME).is_file():
        own = Calibrator.load(settings.data)
        if own.reader == reader.version:
            return own
        log.warning(
            "%s was fitted to another reader and is left out; fit it again: python -m qa calibrate",
            settings.data / FILE_NAME,
        )
    return Calibrator.load(settings.reader)
