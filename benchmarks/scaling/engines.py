"""The engines that a library can move to, as far as one machine can tell what they cost."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.index_scale import NEIGHBOURS, nearest, resident_mb
from index.embedding import Vectors
from index.store import Store

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
    """The passages, their texts and float16 vectors as one compressed Parquet file."""
    import pyarrow as arrow
    from pyarrow import parquet as files

    schema = arrow.schema(
        [
            ("id", arrow.int64()),
            ("document_id", arrow.int64()),
            ("start_at", arrow.int64()),
            ("end_at", arrow.int64()),
            ("text", arrow.string()),
            ("vector", arrow.binary(768)),
        ]
    )
    names = ", ".join(schema.names)
    store = Store(folder)
    began = time.process_time()
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        path = Path(scratch, "passages.parquet")
        with store.snapshot(), files.ParquetWriter(path, schema, compression="zstd") as writer:
            last, count = -1, 0
            while rows := store.rows(
                f"SELECT {names} FROM passages WHERE id > ? ORDER BY id LIMIT ?",
                (last, _ROWS_AT_ONCE),
            ):
                last, count = rows[-1][0], count + len(rows)
                columns = [
                    arrow.array(c, f.type)
                    for c, f in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                writer.write_table(arrow.Table.from_arrays(columns, schema=schema))
        size = path.stat().st_size
    taken = time.process_time() - began
    store.close()
    return {"bytes_per_passage": size / count, "write_ms_per_passage": 1e3 * taken / count}


def milvus_lite(folder: Path) -> dict[str, float]:
    """Milvus Lite with a dense HNSW and a BM25 index; disk, memory, and the time of inserting.

    It runs in this process, so its memory is seen here, what is imported included.
    """
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    store = Store(folder)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        path = Path(scratch, "passages.db")
        before = resident_mb("VmRSS")
        client = MilvusClient(str(path))
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=384)
        schema.add_field("lex", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                "bm25", FunctionType.BM25, input_field_names=["lex"], output_field_names=["sparse"]
            )
        )
        wanted = client.prepare_index_params()
        wanted.add_index(
            "dense",
            index_type="HNSW",
            metric_type="IP",
            params={"M": LINKS, "efConstruction": BUILD_WIDTH},
        )
        wanted.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        client.create_collection("passages", schema=schema, index_params=wanted)
        count, began = 0, _processor_seconds()
        for ids, vectors in store.each_vector(1_000):
            texts = store.rows(
                "SELECT text FROM passages WHERE id BETWEEN ? AND ? ORDER BY id",
                (int(ids[0]), int(ids[-1])),
            )
            client.insert(
                "passages",
                [
                    {"id": int(i), "dense": vector, "lex": text}
                    for i, vector, (text,) in zip(ids, vectors, texts, strict=True)
                ],
            )
            count += len(ids)
        client.flush("passages")
        client.load_collection("passages")
        client.search("passages", vectors[:1], anns_field="dense", limit=10)
        taken = _processor_seconds() - began
        memory = resident_mb("VmRSS") - before
        client.close()
        size = sum(file.stat().st_size for file in Path(scratch).rglob("*") if file.is_file())
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
