"""Makes the file of `index.approximate` from what the store holds, in two passes over it.

The first pass takes a sample, on which k-means finds the lists' centroids. The second puts each
vector's bytes into a list near to it. Memory: the file's size, and a fifth of it for the sample.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index import approximate, native
from index.approximate import Codes, Origin
from index.embedding import Vectors
from index.id_bits import Ids
from index.vector_files import replacing

if TYPE_CHECKING:
    from index.store import Store

log = logging.getLogger(__name__)

_BATCH = 4_096
# Lists for the square root of the number of vectors. FAISS's guidelines say 4 to 16: with more,
# a search reads less for the same recall, and comparing the centroids, in bytes, costs little.
_LISTS_PER_ROOT = 16
_SAMPLED_PER_LIST = 16
_SAMPLED_PER_GROUP = 256
_GROUPS_SEARCHED = 4
_ROUNDS = 10  # of k-means
_QUESTIONS = 600
_WORDS = 6
_NEIGHBOURS = 10
_SEED = 1
_PORTION = 65_536

Halves = NDArray[np.float16]
Embed = Callable[[Sequence[str]], Vectors]


class Abandoned(Exception):
    """Lists are no longer wanted: the process ends."""


def build(store: Store, path: Path, dimension: int, embed: Embed, *, recall: float) -> None:
    """Write the file for the store's present generation.

    Args:
        embed: makes the vectors of questions, which are tried out.
        recall: how many of the ten passages nearest to a question are to be in the lists that a
            search reads, 0 to 1.

    Raises:
        Abandoned: the main thread has ended meanwhile.
    """
    native.use_one_thread()
    sample, questions = _sample(store, dimension)
    scale, centroids = approximate.scale_for(sample), _Centroids(sample, dimension)
    del sample
    native.return_freed_memory()
    queries = embed(questions)
    with store.snapshot():
        passages = store.passage_count()
        origin = Origin(store.library_id(), store.generation(), store.history(), passages)
        lists = _Lists(centroids, scale, queries, passages)
        for ids, vectors in store.each_vector(_BATCH):
            _go_on()
            lists.add(ids, vectors)
    lists.finish()
    probes = lists.probes(recall)
    log.info(
        "Vectors of %s passages are in %s lists, of which a search reads %s.",
        f"{passages:,}",
        f"{len(lists.centroids):,}",
        f"{probes:,}",
    )
    with replacing(path) as file:
        file.line(approximate.header(origin, lists.centroids, scale, probes))
        for array in lists.arrays():
            _go_on()
            file.array(array)


def _go_on() -> None:
    """Without this a process could not end before the lists are done."""
    if not threading.main_thread().is_alive():
        raise Abandoned


def _sample(store: Store, dimension: int) -> tuple[Halves, list[str]]:
    """As many vectors as k-means needs, in the precision in which they are stored; questions."""
    chance = np.random.default_rng(_SEED)
    with store.snapshot():
        count = store.passage_count()
        wanted = min(count, _lists_for(count) * _SAMPLED_PER_LIST)
        places = np.sort(chance.choice(count, wanted, replace=False))
        sample, picked = np.empty((wanted, dimension), np.float16), np.empty(wanted, np.int64)
        seen = 0
        for ids, vectors in store.each_vector(_BATCH):
            _go_on()
            first, end = np.searchsorted(places, (seen, seen + len(ids)))
            here = places[first:end] - seen
            sample[first:end], picked[first:end] = vectors[here], ids[here]
            seen += len(ids)
        asked = chance.permutation(picked)[:_QUESTIONS]
        return sample, [_question(store, int(passage_id), chance) for passage_id in asked]


def _question(store: Store, passage_id: int, chance: np.random.Generator) -> str:
    """A stand-in for one: six words of a passage.

    Such are as near to passages, and need as many lists, as real questions do; random vectors,
    and passages' own, do not (measured on questions of SQuAD's kind, 20,000 to 100,000 passages).
    """
    ((text,),) = store.rows("SELECT text FROM passages WHERE id = ?", (passage_id,))
    words = text.split()
    first = int(chance.integers(0, max(1, len(words) - _WORDS + 1)))
    return " ".join(words[first : first + _WORDS])


def _lists_for(count: int) -> int:
    return max(1, min(int(_LISTS_PER_ROOT * count**0.5), count // _SAMPLED_PER_LIST))


class _Centroids:
    """Centroids in groups, by k-means of k-means: thousands are found, and compared, in seconds.

    Attributes:
        all: shape (centroids, dimension).
    """

    def __init__(self, sample: Halves, dimension: int) -> None:
        lists = max(1, len(sample) // _SAMPLED_PER_LIST)
        groups = max(1, int(lists**0.5))
        chance = np.random.default_rng(_SEED)
        some = chance.permutation(len(sample))[: groups * _SAMPLED_PER_GROUP]
        coarse = faiss.IndexFlatIP(dimension)
        coarse.add(_k_means(sample[some], groups))
        group = np.concatenate(
            [
                _nearest(coarse, sample[first : first + _BATCH].astype(np.float32))
                for first in range(0, len(sample), _BATCH)
            ]
        )
        self.all = np.concatenate(
            [
                _k_means(members, len(members) // _SAMPLED_PER_LIST)
                for number in range(groups)
                if len(members := sample[group == number])
            ]
        )
        self._index = faiss.IndexIVFFlat(coarse, dimension, groups, faiss.METRIC_INNER_PRODUCT)
        self._index.nprobe = _GROUPS_SEARCHED
        self._index.is_trained = True
        self._index.add(self.all)

    def nearest(self, vectors: Vectors) -> NDArray[np.int64]:
        """For each vector the number of a centroid that is among its nearest."""
        return _nearest(self._index, vectors)


def _nearest(index: faiss.Index, vectors: Vectors) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = index.search(vectors, 1)[1][:, 0]
    return numbers


def _k_means(vectors: Halves, count: int) -> Vectors:
    """Centroids of length one, shape (count or 1, dimension)."""
    _go_on()
    parameters = faiss.ClusteringParameters()
    parameters.niter = _ROUNDS
    parameters.spherical = True
    parameters.seed = _SEED
    parameters.min_points_per_centroid = 1
    parameters.max_points_per_centroid = len(vectors)
    clustering = faiss.Clustering(vectors.shape[1], max(1, count), parameters)
    clustering.train(vectors.astype(np.float32), faiss.IndexFlatIP(vectors.shape[1]))
    found: Vectors = faiss.vector_to_array(clustering.centroids).reshape(-1, vectors.shape[1])
    return found


class _Lists:
    """Collects each vector's bytes and list, and the nearest neighbours of some queries.

    Attributes:
        centroids: those of the lists, after `finish`.
    """

    def __init__(self, centroids: _Centroids, scale: float, queries: Vectors, count: int) -> None:
        self.centroids = centroids.all
        self._nearest = centroids.nearest
        self._scale = scale
        self._queries = queries
        self._ids = np.empty(count, np.int64)
        self._lists = np.empty(count, np.int32)
        self._codes: Codes = np.empty((count, queries.shape[1]), np.uint8)
        self._cosines = np.full((len(queries), _NEIGHBOURS), -np.inf, np.float32)
        self._places = np.full((len(queries), _NEIGHBOURS), -1)
        self._filled = 0

    def add(self, ids: Ids, vectors: Vectors) -> None:
        first, end = self._filled, self._filled + len(ids)
        self._ids[first:end] = ids
        self._lists[first:end] = self._nearest(vectors)
        self._codes[first:end] = approximate.encode(vectors, self._scale)
        self._note_neighbours(vectors)
        self._filled = end

    def _note_neighbours(self, vectors: Vectors) -> None:
        count = min(_NEIGHBOURS, len(vectors))
        cosines, places = faiss.knn(
            self._queries, vectors, count, metric=faiss.METRIC_INNER_PRODUCT
        )
        cosines = np.hstack([self._cosines, cosines])
        places = np.hstack([self._places, places + self._filled])
        best = np.argsort(-cosines, axis=1)[:, :_NEIGHBOURS]
        self._cosines = np.take_along_axis(cosines, best, axis=1)
        self._places = np.take_along_axis(places, best, axis=1)

    def finish(self) -> None:
        """Leave out lists that stayed empty: reading them would be reading nothing."""
        used, numbers = np.unique(self._lists, return_inverse=True)
        self._lists, self.centroids = numbers.astype(np.int32), self.centroids[used]

    def probes(self, recall: float) -> int:
        """How many lists hold that share of the queries' nearest neighbours."""
        ranks = list[int]()
        for query, places in zip(self._queries, self._places, strict=True):
            nearness = self.centroids @ query
            of_neighbours = nearness[self._lists[places[places >= 0]]]
            ranks += (nearness > of_neighbours[:, None]).sum(axis=1).tolist()
        return sorted(ranks)[max(0, math.ceil(recall * len(ranks)) - 1)] + 1

    def arrays(self) -> Iterator[NDArray[Any]]:
        """What the file holds, in its order."""
        order = np.argsort(self._lists, kind="stable")
        yield self.centroids
        yield np.bincount(self._lists).astype(np.int64)
        yield self._ids[order]
        for first in range(0, len(order), _PORTION):
            yield self._codes[order[first : first + _PORTION]]
