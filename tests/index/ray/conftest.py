"""One corpus, and the library that the plain path makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.indexing import Indexer
from index.ray_loading.recipe import Recipe
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.libraries import LIMITS, query
from tests.index.ray import corpus

DOCUMENTS = 48
RECIPE = Recipe(
    embedder="tests.doubles:HashingEmbedder",
    options={},
    passage_tokens=40,
    overlap_tokens=10,
    limits=replace(LIMITS, max_file_bytes=100_000),
    mark_furniture=True,
)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return corpus.write(tmp_path_factory.mktemp("corpus"), DOCUMENTS)


@pytest.fixture(scope="session")
def plain(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    return plain_rows(files, tmp_path_factory.mktemp("plain"))


def plain_rows(files: list[Path], folder: Path) -> dict[str, list[tuple]]:
    """The rows of the library that the plain path makes of the files."""
    store = Store(folder, create=True)
    indexer = Indexer(
        store,
        HashingEmbedder(),
        passage_tokens=RECIPE.passage_tokens,
        overlap_tokens=RECIPE.overlap_tokens,
        limits=RECIPE.limits,
        mark_furniture=True,
    )
    for _ in indexer.add(files):
        pass
    store.close()
    return rows(folder)


def rows(folder: Path) -> dict[str, list[tuple]]:
    """All that a library holds of documents, but the numbers of ids and generations.

    Passages are in the order of their ids, that is, as they were stored.
    """
    return {
        "documents": query(
            folder,
            "SELECT source, title, text, media_type, date, furniture, content_hash, author, pages,"
            " origin, origin_hash, voice, bands FROM documents ORDER BY id",
        ),
        "passages": query(
            folder,
            "SELECT d.source, p.start_at, p.end_at, p.text, p.vector, p.text_key FROM passages p"
            " JOIN documents d ON d.id = p.document_id ORDER BY d.id, p.id",
        ),
        "blocks": query(
            folder,
            "SELECT b.site, b.block, d.source FROM blocks b JOIN documents d"
            " ON d.id = b.document_id ORDER BY 1, 2, 3",
        ),
        "copies": query(
            folder,
            "SELECT c.band, d.source FROM copy_bands c JOIN documents d"
            " ON d.id = c.document_id ORDER BY 1, 2",
        ),
    }
