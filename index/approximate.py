"""Vectors in bytes, in lists of neighbours, of which a search reads the most promising.

This is FAISS's inverted file (Jégou, Douze and Schmid 2011) over 8-bit numbers. It is made by
`index.approximate_build`, and never changes: what comes later or goes is its owner's to know.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.id_bits import IdBits, Ids
from index.vector_files import DamagedFile, Header, Reader

FILE_NAME = "vectors.lists"
FORMAT = 1
_LARGEST_CODE = 127
_ZERO_CODE = 128  # the byte that stands for 0
_READ_BYTES = 8_000_000

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what the vectors are a copy: of this library, as it was in this generation.

    Attributes:
        history: the generation's token, see `index.connection`.
        passages: how many there were.
    """

    library: str
    generation: int
    history: str
    passages: int


class ApproximateVectors:
    """Search over the vectors of the lists whose centroids are nearest to the query.

    Args:
        centroids: shape (lists, dimension).
        scale: what vectors were multiplied by before they were rounded to bytes.
        probes: how many lists a search reads.
    """

    def __init__(self, origin: Origin, centroids: Vectors, scale: float, probes: int) -> None:
        self.origin = origin
        self.probes = probes
        self.lists, self.dimension = centroids.shape
        self._scale = scale
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        coarse = faiss.IndexScalarQuantizer(self.dimension, *kind)
        coarse.add(np.rint(centroids * scale_for(centroids)))
        self._index = faiss.IndexIVFScalarQuantizer(
            coarse, self.dimension, self.lists, *kind, False
        )
        self._index.is_trained = True

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def put(self, number: int, ids: Ids, codes: Codes) -> None:
        """Fill a list that is empty so far."""
        if len(ids):
            self._index.invlists.add_entries(
                number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes)
            )
            self._index.ntotal += len(ids)

    def search(self, query: Vectors, limit: int, among: IdBits | None, share: float) -> Ids:
        """About the ``limit`` ids whose vectors are nearest to ``query``, of shape (dimension,).

        Args:
            among: if given, only these are searched.
            share: how much of all that is, 0 to 1: of a smaller share, more lists are read.
        """
        limit = min(limit, len(self))
        if not limit or share <= 0:
            return np.empty(0, np.int64)
        # FAISS takes the query's whole numbers, and multiplies bytes with bytes.
        whole = np.rint(query * (_LARGEST_CODE / max(float(np.abs(query).max()), 1e-30)))
        probes = min(self.lists, math.ceil(self.probes / share))
        found = self._search(whole, limit, among, probes)
        if len(found) < limit and probes < self.lists:
            return self._search(whole, limit, among, self.lists)
        return found

    def _search(self, whole: Vectors, limit: int, among: IdBits | None, probes: int) -> Ids:
        selector = among and among.selector()
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        ids = self._index.search(whole[None, :], limit, params=parameters)[1][0]
        return np.asarray(ids[ids >= 0], dtype=np.int64)

    def ids(self) -> Ids:
        """All passage ids, list by list."""
        return np.concatenate([ids for ids, _ in self.rows()] or [np.empty(0, np.int64)])

    def rows(self) -> Iterator[tuple[Ids, Codes]]:
        """All ids and their vectors' bytes, list by list."""
        lists = self._index.invlists
        for number in range(self.lists):
            if size := int(lists.list_size(number)):
                ids = faiss.rev_swig_ptr(lists.get_ids(number), size)
                codes: Codes = faiss.rev_swig_ptr(lists.get_codes(number), size * self.dimension)
                yield ids, codes.reshape(size, self.dimension)

    def encode(self, vectors: Vectors) -> Codes:
        """The bytes of vectors, in the same shape."""
        return encode(vectors, self._scale)


def encode(vectors: Vectors, scale: float) -> Codes:
    """Vectors as bytes, in the same shape."""
    whole = np.clip(np.rint(vectors * np.float32(scale)), -_LARGEST_CODE, _LARGEST_CODE)
    codes: Codes = (whole + _ZERO_CODE).astype(np.uint8)
    return codes


def scale_for(vectors: NDArray[np.floating[Any]]) -> float:
    """The scale at which the largest of the numbers just fits."""
    return _LARGEST_CODE / max(float(np.abs(vectors).max()), 1e-30)


def header(origin: Origin, centroids: Vectors, scale: float, probes: int) -> Header:
    """The first line of a file; `load` says what follows it."""
    lists, dimension = centroids.shape
    return {
        "format": FORMAT,
        **asdict(origin),
        "dimension": dimension,
        "lists": lists,
        "scale": scale,
        "probes": probes,
    }


def origin_of(header: Header) -> Origin | None:
    """What a header says that its file is a copy of; None if it does not say so."""
    if header.get("format") != FORMAT:
        return None
    match [header.get(name) for name in ("library", "generation", "history", "passages")]:
        case str(library), int(generation), str(history), int(passages):
            return Origin(library, generation, history, passages)
    return None


def load(path: Path) -> ApproximateVectors:
    """Read a file that `index.approximate_build` wrote.

    Raises:
        DamagedFile: it is not what was written.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        reader = Reader(file)
        try:
            loaded = _load(reader, reader.line())
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise DamagedFile("its header makes no sense") from error
        reader.finish()
    return loaded


def _load(reader: Reader, header: Header) -> ApproximateVectors:
    origin = origin_of(header)
    if origin is None:
        raise DamagedFile("its header says not of what it is a copy")
    lists, dimension = int(header["lists"]), int(header["dimension"])
    centroids = reader.array(np.float32, lists, dimension)
    sizes = reader.array(np.int64, lists)
    if sizes.min(initial=0) < 0 or sizes.sum() != origin.passages:
        raise DamagedFile("its lists do not hold what its header says")
    ids = reader.array(np.int64, origin.passages)
    loaded = ApproximateVectors(origin, centroids, float(header["scale"]), int(header["probes"]))
    first = 0
    for numbers in _portions(sizes * dimension):
        count = int(sizes[numbers].sum())
        codes = reader.array(np.uint8, count, dimension)
        place = 0
        for number in numbers:
            end = place + int(sizes[number])
            loaded.put(number, ids[first + place : first + end], codes[place:end])
            place = end
        first += count
    return loaded


def _portions(sizes: NDArray[Any]) -> Iterator[list[int]]:
    """Numbers of lists that follow each other, as many as are read at once."""
    portion = np.cumsum(sizes) // _READ_BYTES
    for _, numbers in groupby(range(len(sizes)), key=lambda number: int(portion[number])):
        yield list(numbers)
