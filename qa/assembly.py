"""Builds the parts from the settings: the only place that knows which class does what."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from index.document_store import DocumentStore
from index.embedding import DEFAULT_MODEL, Embedder, SentenceTransformerEmbedder
from index.onnx_embedding import OnnxEmbedder
from index.opening import open_store
from index.passage_search import PassageSearch
from index.retrieval import Retriever
from qa.confidence import FILE_NAME, Calibrator
from qa.pipeline import Pipeline
from qa.reader import MODEL_FILE, OnnxReader, Reader
from qa.settings import Settings

log = logging.getLogger(__name__)

_RAY_OBJECT_STORE_BYTES = 200_000_000  # of a cluster started here: files and results under way

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.indexing import Indexer, Source
    from index.loaders import Limits
    from index.milvus.connection import Server
    from index.ray_loading.bringing import RawSource, RayIndexer
    from index.ray_loading.recipe import Recipe
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


def make_store(settings: Settings, *, create: bool = False) -> DocumentStore:
    """The library's documents; raises `LibraryMissing` if there is none, unless ``create``."""
    return open_store(
        settings.data,
        database_url=settings.database_url,
        database_seconds=settings.database_seconds,
        create=create,
    )


def make_indexer(settings: Settings, store: DocumentStore, embedder: Embedder) -> Indexer:
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


def make_ray_indexer(settings: Settings, store: DocumentStore, address: str) -> RayIndexer:
    """An indexer whose files are loaded, cut and embedded by the Ray cluster at ``address``."""
    from index.ray_loading.bringing import RayIndexer
    from index.ray_loading.session import Session

    recipe = make_recipe(settings)

    def connect() -> Session:
        return Session(
            address,
            recipe,
            object_store_bytes=_RAY_OBJECT_STORE_BYTES,
            processors=settings.threads,
        )

    return RayIndexer(store, make_embedder(settings), recipe, connect)


def make_recipe(settings: Settings) -> Recipe:
    """What Ray's workers are told; each embeds on one thread, as there are many of them."""
    from index.ray_loading.recipe import Recipe

    if settings.embedder == DEFAULT_MODEL:
        made_by = "index.onnx_embedding:OnnxEmbedder"
        options: dict[str, object] = {"threads": 1}
    else:
        made_by = "index.embedding:SentenceTransformerEmbedder"
        options = {"model": settings.embedder, "batch_size": settings.embed_batch}
    return Recipe(
        embedder=made_by,
        options=options,
        passage_tokens=settings.passage_tokens,
        overlap_tokens=settings.overlap_tokens,
        limits=make_limits(settings),
        mark_furniture=settings.mark_furniture,
    )


def raw_url_source(settings: Settings, url: str) -> RawSource:
    """A URL as something that `RayIndexer.bring_raw` takes; it is fetched here."""
    from index.ray_loading.bringing import RawSource
    from index.urls import get_url

    return RawSource(
        url,
        url,
        lambda: get_url(
            url,
            make_limits(settings),
            max_seconds=settings.max_fetch_seconds,
            max_redirects=settings.max_redirects,
        ),
    )


def make_syncer(
    settings: Settings, store: DocumentStore, embedder: Embedder, folder: Path
) -> Syncer:
    from index.syncing import Syncer

    return Syncer(make_indexer(settings, store, embedder), folder)


def make_retriever(settings: Settings, store: DocumentStore, embedder: Embedder) -> Retriever:
    return Retriever(
        store,
        embedder,
        make_search(settings, store, embedder),
        fallback=_fallback(settings, store),
        candidates=settings.candidates,
        dense_weight=settings.dense_weight,
    )


def make_search(
    settings: Settings,
    store: DocumentStore,
    embedder: Embedder,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> PassageSearch:
    """What searches the library's passages.

    Args:
        on_progress: told, while many passages are put into Milvus, how many of how many are.
    """
    from index.store import Store

    if settings.store == "milvus":
        from index.milvus.search import MilvusSearch

        return MilvusSearch(
            store,
            embedder,
            _milvus(settings),
            holding=store.holding if isinstance(store, Store) else None,
            on_progress=on_progress,
        )
    from index.embedded_search import EmbeddedSearch

    assert isinstance(store, Store)  # `qa.settings` sees to it
    return EmbeddedSearch(
        store,
        embedder,
        lexical_rows=settings.lexical_rows,
        exact_passages=settings.exact_passages,
        recall=settings.recall,
    )


def _milvus(settings: Settings) -> Server:
    from index.milvus.connection import Server

    return Server(
        settings.milvus_uri,
        token=settings.milvus_token,
        database=settings.milvus_database,
        certificate=settings.milvus_certificate,
        seconds=settings.milvus_seconds,
    )


def _fallback(settings: Settings, store: DocumentStore) -> PassageSearch | None:
    """Full-text search, where the library has it, for when Milvus cannot be used."""
    from index.full_text import FullTextSearch
    from index.store import Store

    if settings.store == "sqlite" or not isinstance(store, Store):
        return None
    return FullTextSearch(store, lexical_rows=settings.lexical_rows)


def make_pipeline(settings: Settings) -> Pipeline:
    """A pipeline over the library in ``settings.data``; raises `LibraryMissing` without one."""
    store = make_store(settings)
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
