"""A library with a bit of everything that can be moved, and what is in a library, row by row."""

from __future__ import annotations

from pathlib import Path

from index.documents import Document, Origin, Span
from index.linking import link_copies
from index.parquet.manifest import Chunking
from index.store import Prepared, Store
from tests.index.libraries import EMBEDDER, indexer_of, query

MODEL = (EMBEDDER.name, EMBEDDER.dimension)
CHUNKING = Chunking(passage_tokens=40, overlap_tokens=0, mark_furniture=True)
_STORY = (
    "The old mill at the river burned down in the night while the miller Otto slept in the house "
    "beside it. Nobody was hurt, and the firemen from the next village came too late to save the "
    "wheel, which had turned since the days of his grandfather. "
)


def library(folder: Path) -> Store:
    """Files with copies and furniture; a document with pages, author and strange text; gaps."""
    texts = folder.parent / f"{folder.name}-texts"
    texts.mkdir()
    for number in range(12):
        story = _STORY + f"Witness {number} saw a light. " * (number % 3)
        body = f"Home | Sport | Contact\n\n{story}\n\nStory {number} ends. It was cold.\n"
        (texts / f"{number}.txt").write_text(body if number % 4 else f"Number {number} is alone.")
    store = Store(folder, create=True)
    list(indexer_of(store).add(sorted(texts.iterdir())))
    store.apply([_strange()], [], MODEL, link_copies)
    store.apply([_plain(n) for n in range(3)], [], MODEL, link_copies)
    store.remove(store.find("/plain/1.txt")[0])
    store.remove(store.find("/plain/2.txt")[0])  # the highest ids, which must not come again
    return store


def _strange() -> Prepared:
    text = "Füße 𝔘𝔫𝔦 \u0301 'quoted' \"and\" \\ back.\nPage two says: nothing.\x00 End."
    spans = [Span(0, 32), Span(32, len(text))]
    document = Document(
        "https://example.org/a?b='c'&d=\"e\"",
        "Strange 'title' \\ \U0001f600",
        text,
        "application/pdf",
        "2022-08-11",
        (),
        "A. Author",
        (0, 32),
    )
    vectors = EMBEDDER.embed([text[span.start : span.end] for span in spans])
    return Prepared(
        document,
        spans,
        vectors,
        Origin("https://example.org/a", "ab" * 32),
        bands=[b"12345678", b"\x00\xff345678"],
        site="example.org",
        blocks=[b"87654321"],
    )


def _plain(number: int) -> Prepared:
    text = f"Plain text number {number}."
    document = Document(f"/plain/{number}.txt", f"Plain {number}", text, "text/plain")
    return Prepared(document, [Span(0, len(text))], EMBEDDER.embed([text]))


_TABLES = {
    "documents": "id, source, title, date, media_type, text, furniture, content_hash, author,"
    " pages, origin, origin_hash, voice, bands",
    "passages": "id, document_id, start_at, end_at, text, vector, text_key, checksum",
    "copy_bands": "band, document_id",
    "blocks": "site, block, document_id",
}


def rows(folder: Path) -> dict[str, list[tuple]]:
    """All that answers depend on; generations are each library's own."""
    found = {
        table: query(folder, f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3")
        for table, columns in _TABLES.items()
        if table != "copy_bands"
    }
    found["copy_bands"] = query(folder, "SELECT band, document_id FROM copy_bands ORDER BY 1, 2")
    found["settings"] = query(
        folder,
        "SELECT name, value FROM settings WHERE name IN ('embedder', 'dimension', 'voices')"
        " ORDER BY name",
    )
    found["ids"] = query(
        folder, "SELECT name, seq FROM sqlite_sequence WHERE name <> 'jobs' ORDER BY name"
    )
    return found
