"""The collection of a library: its names, fields, rows and filters.

The schema is fixed. Another one gets another number, which is part of a collection's name, so
that a collection of an earlier program is never taken for one of this: it is built anew from the
store beside the old one, and an alias is turned to it once it is whole.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from index.documents import MEMBER, Filters
from index.milvus.words import stems, terms_of
from index.reads import SearchEntry
from index.records import members_of

if TYPE_CHECKING:
    from pymilvus import CollectionSchema, MilvusClient
    from pymilvus.milvus_client import IndexParams

VERSION = 1
_BYTES_AT_MOST = 60_000  # Milvus takes 65,535
_DATE_BYTES = 32
_HNSW = {"M": 32, "efConstruction": 256}
EF = 256  # candidates that a search of the graph keeps, where no more are asked for
_BM25 = {"bm25_k1": 1.2, "bm25_b": 0.75}  # as FTS5 has them
_LEAST_PRINTABLE = 0x20
_DELETE = 0x7F

MAKING_SECONDS = 60.0  # to make a collection, or to load one


def alias_of(library_id: str) -> str:
    """What a library's collection is searched by."""
    return f"verbatim_{library_id}"


def new_name(library_id: str) -> str:
    return f"{alias_of(library_id)}_v{VERSION}_{secrets.token_hex(3)}"


def is_of_this_version(collection: str, library_id: str) -> bool:
    return collection.startswith(f"{alias_of(library_id)}_v{VERSION}_")


def state_name(library_id: str) -> str:
    """The small collection that says of which generation the library's collection is."""
    return f"{alias_of(library_id)}_state"


def create(client: MilvusClient, name: str, dimension: int, seconds: float) -> None:
    """Make a library's collection, or finish making it."""
    _create(client, name, passages_schema(dimension), passages_indexes(), seconds)


def create_state(client: MilvusClient, name: str, seconds: float) -> None:
    _create(client, name, state_schema(), state_indexes(), seconds)


def _create(
    client: MilvusClient,
    name: str,
    fields: CollectionSchema,
    indexes: IndexParams,
    seconds: float,
) -> None:
    if not client.has_collection(name, timeout=seconds):
        client.create_collection(name, schema=fields, consistency_level="Strong", timeout=seconds)
    if len(client.list_indexes(name, timeout=seconds)) < len(indexes):
        # There is nothing to index yet: not waited for, half a second each.
        client.create_index(name, indexes, timeout=seconds, sync=False)
    client.load_collection(name, timeout=seconds)


def passages_schema(dimension: int) -> CollectionSchema:
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("document_id", DataType.INT64)
    schema.add_field("source", DataType.VARCHAR, max_length=65_535)
    schema.add_field("date", DataType.VARCHAR, max_length=_DATE_BYTES, nullable=True)
    schema.add_field(
        "lex",
        DataType.VARCHAR,
        max_length=65_535,
        enable_analyzer=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field("words", DataType.INT32)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["lex"],
            output_field_names=["sparse"],
        )
    )
    return schema


def passages_indexes() -> IndexParams:
    from pymilvus import MilvusClient

    indexes = MilvusClient.prepare_index_params()
    for name, kind, metric, values in (
        ("dense", "HNSW", "IP", _HNSW),
        ("sparse", "SPARSE_INVERTED_INDEX", "BM25", _BM25),
    ):
        # Nested, since Milvus Lite overlooks them where this client would put them.
        indexes.add_index(name, index_type=kind, metric_type=metric, params={"params": values})
    return indexes


def state_schema() -> CollectionSchema:
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("name", DataType.VARCHAR, max_length=64, is_primary=True)
    schema.add_field("value", DataType.VARCHAR, max_length=65_535)
    schema.add_field("unused", DataType.FLOAT_VECTOR, dim=2)  # Milvus wants a vector
    return schema


def state_indexes() -> IndexParams:
    from pymilvus import MilvusClient

    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("unused", index_type="FLAT", metric_type="L2")
    return indexes


def row(entry: SearchEntry) -> dict[str, Any]:
    """What Milvus has of a passage, but for what it computes itself."""
    return {
        "id": entry.id,
        "document_id": entry.document_id,
        "source": plain(entry.source),
        "date": entry.date and plain(entry.date, _DATE_BYTES),
        "lex": _clipped(terms_of(entry.title, entry.text), _BYTES_AT_MOST),
        "words": len(stems(entry.title)) + len(stems(entry.text)),
        "dense": entry.vector,
    }


def expression(filters: Filters) -> str:
    """The filters in Milvus' language; it lets pass all that the store lets pass.

    What only one control character or what lies beyond 60,000 bytes tells apart is the same
    here: the store has the last word.
    """
    conditions = []
    if filters.document_ids:
        conditions.append(f"document_id in {_numbers(filters.document_ids)}")
    if filters.sources:
        conditions.append(_of_sources(filters.sources))
    if filters.date_from is not None:
        conditions.append(f"date >= {_quoted(filters.date_from)}")
    if filters.date_to is not None:
        conditions.append(f"date <= {_quoted(filters.date_to)}")
    return " and ".join(conditions)


def _of_sources(sources: Sequence[str]) -> str:
    """Documents of these sources, and the members of the files that they name."""
    named = [plain(source) for source in sources]
    # Where the mark of a member is clipped, too, a member's source is the same as its file's.
    named += [plain(source + MEMBER) for source in sources]
    ranges = [
        f"(source >= {_quoted(first)} and source < {_quoted(end)})"
        for first, end in (members_of(plain(source)) for source in sources)
    ]
    return f"(source in [{', '.join(map(_quoted, named))}] or {_any(ranges)})"


def _any(conditions: Sequence[str]) -> str:
    """One of them, as a tree: Milvus takes no long chain of ORs, but reads it one in the other."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({_any(conditions[:half])} or {_any(conditions[half:])})"


def plain(text: str, at_most: int = _BYTES_AT_MOST) -> str:
    """A string that every part of Milvus takes: no control characters, no halves of characters."""
    printable = "".join(
        c if ord(c) >= _LEAST_PRINTABLE and ord(c) != _DELETE else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )
    return _clipped(printable.encode("utf-8", "replace").decode(), at_most)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbers(numbers: Iterable[int]) -> str:
    return json.dumps([int(number) for number in numbers])


def ids_expression(ids: Sequence[int]) -> str:
    return f"id in {_numbers(ids)}"


def _clipped(text: str, at_most: int) -> str:
    encoded = text.encode()
    return text if len(encoded) <= at_most else encoded[:at_most].decode("utf-8", "ignore")
