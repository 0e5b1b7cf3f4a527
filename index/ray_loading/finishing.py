"""From a file's bytes to all that is stored of it but ids: what a worker does.

What is furniture by repetition depends on what the library holds when a document is stored, which
no worker knows. It guesses from the files that it has before it, cuts and embeds by the guess, and
the writer uses a cut only if its furniture is what it finds itself. A wrong guess costs time, and
changes nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from index.boilerplate import block_keys, furniture
from index.chunking import cut
from index.documents import Document, Origin, Span
from index.embedding import Embedder, Vectors
from index.errors import UnreadableDocument
from index.indexing import REPEATED_AT_LEAST, site
from index.loaders import LoadedFile, load_bytes
from index.ray_loading.recipe import Recipe
from index.records import KEY_BYTES, passage_key

_HALF = "<f2"  # as vectors are stored

_Repeated = Mapping[str, set[bytes]]  # by site


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as the writer sends it.

    Attributes:
        number: its place among all files of the run.
        name: a hint for the format and for a title; never a path.
        early: whether it is one of the first of its folder. Such a document is stored before its
            furniture has proved to be that, and is cut in both ways.
    """

    number: int
    name: str
    origin: str
    declared: str | None
    early: bool
    data: bytes

    def header(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "origin": self.origin,
            "declared": self.declared,
            "early": self.early,
        }


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut a document."""

    furniture: tuple[Span, ...]
    passages: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a file.

    Attributes:
        failure: why nothing could be read of it; there is no ``loaded`` then.
        cuts: of each document, one or two.
        vectors: of passages of these cuts, by `index.records.passage_key`; not of all of them.
    """

    number: int
    failure: str | None
    loaded: LoadedFile | None
    cuts: tuple[tuple[Cut, ...], ...]
    vectors: Mapping[bytes, Vectors]

    def passages(self) -> int:
        return sum(len(way.passages) for ways in self.cuts for way in ways)


def finish(raws: Sequence[Raw], recipe: Recipe, embedder: Embedder) -> list[Finished]:
    """Load, mark, cut and embed files that came together."""
    read = [_read(raw, recipe) for raw in raws]
    repeated = _repeated([loaded for loaded in read if isinstance(loaded, LoadedFile)])
    done: list[Finished] = []
    for raw, loaded in zip(raws, read, strict=True):
        if isinstance(loaded, str):
            done.append(Finished(raw.number, loaded, None, (), {}))
            continue
        cuts = tuple(_cuts(document, repeated, recipe, embedder) for document in loaded.documents)
        texts = _texts(loaded, cuts, every_way=raw.early)
        vectors = dict(zip(texts, embedder.embed(list(texts.values())), strict=True))
        done.append(Finished(raw.number, None, loaded, cuts, vectors))
    return done


def encoded(finished: Finished) -> tuple[bytes, bytes]:
    """A JSON object, and the vectors with their keys."""
    header: dict[str, Any] = {"number": finished.number}
    if finished.loaded is None:
        header["failure"] = finished.failure
    else:
        header["origin"] = asdict(finished.loaded.origin)
        header["documents"] = [asdict(document) for document in finished.loaded.documents]
        header["failures"] = finished.loaded.failures
        header["cuts"] = [[asdict(way) for way in ways] for ways in finished.cuts]
    keys = b"".join(finished.vectors)
    rows = [vector.astype(_HALF).tobytes() for vector in finished.vectors.values()]
    return json.dumps(header).encode(), keys + b"".join(rows)


def decoded(text: bytes, data: bytes, dimension: int) -> Finished:
    """What `encoded` made; raises `ValueError` or `KeyError` if it is not that."""
    header = json.loads(text)
    if "failure" in header:
        return Finished(header["number"], str(header["failure"]), None, (), {})
    loaded = LoadedFile(
        Origin(**header["origin"]),
        tuple(_document(values) for values in header["documents"]),
        tuple((name, reason) for name, reason in header["failures"]),
    )
    cuts = tuple(
        tuple(Cut(_spans(way["furniture"]), _spans(way["passages"])) for way in ways)
        for ways in header["cuts"]
    )
    for document, ways in zip(loaded.documents, cuts, strict=True):
        if any(span.end > len(document.text) for way in ways for span in way.passages):
            raise ValueError(f"a passage that ends beyond the text of {document.source}")
    return Finished(header["number"], None, loaded, cuts, _vectors(data, dimension))


def _read(raw: Raw, recipe: Recipe) -> LoadedFile | str:
    """Its documents, or why there are none, without the name of the file."""
    try:
        return load_bytes(raw.data, raw.name, raw.origin, recipe.limits, raw.declared)
    except UnreadableDocument as error:
        return str(error).removeprefix(f"{raw.origin}: ")


def _repeated(files: Sequence[LoadedFile]) -> _Repeated:
    """What these documents tell of their sites' furniture; the library may know more, or less."""
    counts: dict[str, Counter[bytes]] = defaultdict(Counter)
    for loaded in files:
        for document in loaded.documents:
            if where := site(document.source):
                counts[where].update(block_keys(document.text))
    return {
        where: {block for block, count in own.items() if count >= REPEATED_AT_LEAST}
        for where, own in counts.items()
    }


def _cuts(
    document: Document, repeated: _Repeated, recipe: Recipe, embedder: Embedder
) -> tuple[Cut, ...]:
    """The likely way last; it is the only one where both are the same."""
    ways: dict[tuple[Span, ...], None] = {(): None}
    if recipe.mark_furniture:
        guess = repeated.get(site(document.source), set())
        ways = dict.fromkeys((furniture(document.text), furniture(document.text, guess)))
    cuts = []
    for marks in ways:
        passages = cut(
            document.text,
            marks,
            count_tokens=embedder.count_tokens,
            passage_tokens=recipe.passage_tokens,
            overlap_tokens=recipe.overlap_tokens,
        )
        cuts.append(Cut(marks, tuple(passages)))
    return tuple(cuts)


def _texts(
    loaded: LoadedFile, cuts: Sequence[Sequence[Cut]], *, every_way: bool
) -> dict[bytes, str]:
    """What is to be embedded, each text once."""
    texts: dict[bytes, str] = {}
    for document, ways in zip(loaded.documents, cuts, strict=True):
        for way in ways if every_way else ways[-1:]:
            for span in way.passages:
                words = document.text[span.start : span.end]
                texts[passage_key(words)] = words
    return texts


def _document(values: dict[str, Any]) -> Document:
    return Document(
        **{
            **values,
            "furniture": tuple(Span(**mark) for mark in values["furniture"]),
            "pages": tuple(values["pages"]),
        }
    )


def _spans(values: Sequence[Mapping[str, int]]) -> tuple[Span, ...]:
    return tuple(Span(**value) for value in values)


def _vectors(data: bytes, dimension: int) -> dict[bytes, Vectors]:
    row = KEY_BYTES + dimension * np.dtype(_HALF).itemsize
    count, rest = divmod(len(data), row)
    if rest:
        raise ValueError(f"{len(data):,} bytes are no vectors of {dimension} numbers")
    keys = [data[at * KEY_BYTES : (at + 1) * KEY_BYTES] for at in range(count)]
    numbers = np.frombuffer(data[count * KEY_BYTES :], _HALF).astype(np.float32)
    return dict(zip(keys, numbers.reshape(count, dimension), strict=True))
