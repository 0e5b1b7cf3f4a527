"""The engines that a library can move to, as far as one machine can tell what they cost."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.index_scale import NEIGHBOURS, nearest
from benchmarks.memory import resident_mb
from index.embedding import Vectors
from index.store import Store
from qa.assembly import make_embedder, make_search
from qa.settings import Settings
from qa.version import VERSION

# As `index.milvus` asks for it: M, efConstruction.
LINKS, BUILD_WIDTH = 32, 256
SEARCH_WIDTHS = (64, 128, 256)  # ef; the first with which recall reaches the least is reported
LEAST_RECALL = 0.99
_ROWS_AT_ONCE = 20_000
_RERANKED = 50


def hnsw(folder: Path, queries: Vectors) -> dict[str, float]:
    """FAISS' HNSW on the library's vectors, one thread: what Milvus' index of that name does.

    Malkov & Yashunin 2018, "Efficient and robust approximate nearest neighbor search using
    Hierarchical Navigable Small World graphs".
    """
    faiss.omp_set_num_threads(1)
    store = Store(folder)
    made = faiss.IndexIDMap2(faiss.IndexHNSWFlat(384, LINKS, faiss.METRIC_INNER_PRODUCT))
    graph = faiss.downcast_index(made.index)
    graph.hnsw.efConstruction = BUILD_WIDTH
    began = time.thread_time()
    with store.snapshot():
        for ids, vectors in store.each_vector(_ROWS_AT_ONCE):
            made.add_with_ids(vectors, ids)
    build = time.thread_time() - began
    truth = nearest(store, queries)
    store.close()
    found: dict[str, float] = {}
    for width in SEARCH_WIDTHS:
        graph.hnsw.efSearch = width
        found = _searched(made, queries, truth) | {"width": width}
        if found["recall"] >= LEAST_RECALL:
            break
    return found | {
        "build_ms_per_passage": 1e3 * build / made.ntotal,
        "bytes_per_passage": len(faiss.serialize_index(made)) / made.ntotal,
    }


def _searched(made: Any, queries: Vectors, truth: np.ndarray) -> dict[str, float]:
    taken, right = [], 0
    for row, query in enumerate(queries):
        began = time.thread_time()
        _, ids = made.search(query[None], _RERANKED)
        taken.append(1e3 * (time.thread_time() - began))
        right += len({*ids[0, :NEIGHBOURS].tolist()} & {*truth[row].tolist()})
    return {"search_ms": float(np.median(taken)), "recall": right / truth.size}


def parquet(folder: Path) -> dict[str, float]:
    """What `qa index export` writes: documents and passages, with their vectors."""
    from index.parquet.exporting import export
    from index.parquet.manifest import Chunking

    settings = Settings()
    chunking = Chunking(settings.passage_tokens, settings.overlap_tokens, settings.mark_furniture)
    store = Store(folder)
    began = time.process_time()
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        manifest = export(store, Path(scratch, "export"), version=VERSION, chunking=chunking)
    taken = time.process_time() - began
    store.close()
    size = sum(file.size for file in manifest.files)
    return {
        "bytes_per_passage": size / manifest.passages,
        "write_ms_per_passage": 1e3 * taken / manifest.passages,
    }


def milvus_lite(folder: Path) -> dict[str, float]:
    """Milvus Lite, filled as `index.milvus` fills any Milvus; disk, and the time of filling.

    It runs in this process, so its memory is seen here, what is imported included.
    """
    store = Store(folder)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        settings = Settings(data=folder, store="milvus", milvus_uri=str(Path(scratch, "lite.db")))
        search = make_search(settings, store, make_embedder(settings))
        before, began = resident_mb("VmRSS"), _processor_seconds()
        with search.held(), store.snapshot():
            search.bring_up()
        taken, memory = _processor_seconds() - began, resident_mb("VmRSS") - before
        search.close()
        size = sum(file.stat().st_size for file in Path(scratch).rglob("*") if file.is_file())
        count = store.passage_count()
    store.close()
    return {
        "bytes_per_passage": size / count,
        "insert_ms_per_passage": 1e3 * taken / count,
        "memory_mb": memory,
    }


def _processor_seconds() -> float:
    """Of this process and its children, those that go on included."""
    return sum(_ticks(process) for process in _family(os.getpid())) / os.sysconf("SC_CLK_TCK")


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(p for child in children for p in _family(int(child)))]


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
