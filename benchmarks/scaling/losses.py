"""What is left when nodes are lost: shards that no replica is left of, and how often."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

Placement = NDArray[np.int64]  # shape (shards, replicas): the nodes of each shard


def scattered(nodes: int, shards: int, replicas: int, chance: np.random.Generator) -> Placement:
    """Each shard on nodes of its own choice."""
    order = np.argsort(chance.random((shards, nodes)), axis=1)
    return order[:, :replicas]


def grouped(nodes: int, shards: int, replicas: int, chance: np.random.Generator) -> Placement:
    """Nodes in groups that hold the same shards: fewer sets of nodes whose loss loses a shard.

    Cidon et al. 2013, "Copysets: Reducing the Frequency of Data Loss in Cloud Storage".
    """
    order = chance.permutation(nodes)[: nodes // replicas * replicas].reshape(-1, replicas)
    return np.asarray(order[np.arange(shards) % len(order)])


def left(placement: Placement, lost: NDArray[np.int64]) -> float:
    """The share of the shards that have a replica left."""
    return float(1 - np.isin(placement, lost).all(axis=1).mean())


def simulated(
    nodes: int,
    shards: int,
    replicas: int,
    lost: int,
    *,
    in_groups: bool,
    rounds: int,
    chance: np.random.Generator,
) -> tuple[float, float]:
    """The share of the passages that can be found, and of the losses that leave all of them."""
    place = grouped if in_groups else scattered
    found = np.array(
        [
            left(place(nodes, shards, replicas, chance), chance.choice(nodes, lost, replace=False))
            for _ in range(rounds)
        ]
    )
    return float(found.mean()), float((found == 1).mean())


def share_left(nodes: int, replicas: int, lost: int) -> float:
    """The closed form of the first, of either placement."""
    return 1 - comb(lost, replicas) / comb(nodes, replicas)


def chance_of_all(nodes: int, shards: int, replicas: int, lost: int) -> float:
    """The closed form of the second for shards that are scattered."""
    return share_left(nodes, replicas, lost) ** shards


def chance_of_all_in_groups(nodes: int, replicas: int, lost: int) -> float:
    """For groups: by inclusion and exclusion over those that are lost as a whole."""
    groups = nodes // replicas
    ways = sum(
        (-1) ** whole
        * comb(groups, whole)
        * comb(nodes - whole * replicas, lost - whole * replicas)
        for whole in range(min(groups, lost // replicas) + 1)
    )
    return ways / comb(nodes, lost)


def down(replicas: int, rebuild_share: float) -> float:
    """The share of the time in which a shard has no replica, by how long a rebuild takes.

    Args:
        rebuild_share: time to rebuild a node's replica, by the time between its failures.
    """
    return (rebuild_share / (1 + rebuild_share)) ** replicas


def down_simulated(
    replicas: int, rebuild_share: float, *, failures: int, chance: np.random.Generator
) -> float:
    """The same by letting replicas fail at random, each rebuilt in a fixed time."""
    starts, ends = [], []
    whole = failures * (1 + rebuild_share)
    for _ in range(replicas):
        working = chance.exponential(1.0, failures)
        failed = np.cumsum(working + rebuild_share) - rebuild_share
        starts.append(failed)
        ends.append(failed + rebuild_share)
    moments = np.concatenate([*starts, *ends])
    steps = np.concatenate([np.ones(replicas * failures), -np.ones(replicas * failures)])
    order = np.argsort(moments, kind="stable")
    missing = np.cumsum(steps[order])
    lasting = np.diff(moments[order], append=moments.max())
    before = moments[order] < whole
    return float(lasting[(missing == replicas) & before].sum() / whole)
