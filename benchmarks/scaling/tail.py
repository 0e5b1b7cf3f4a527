"""How long the slowest of many shards takes, and what sending a request again helps.

A question that every shard has a part of waits for the slowest: Dean & Barroso 2013, "The Tail at
Scale". Each shard's time is drawn from times that were measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

_BODY = 0.9  # above this share of the measured times the tail is exponential
_AT_ONCE = 500  # questions whose times are held in memory


@dataclass(frozen=True)
class Distribution:
    """The measured times up to their 90th percentile, and an exponential tail beyond.

    Of some hundred times the largest says nothing about one in 100,000, so the tail goes on with
    the mean excess of those that are there: the peaks over a threshold, with a shape of nothing.
    """

    body: Times
    threshold: float
    excess: float
    stalls: float = 0.0  # share of the requests that take ``stalled`` longer
    stalled: float = 0.0

    @classmethod
    def of(cls, measured: Times) -> Distribution:
        ordered = np.sort(np.asarray(measured, np.float64).ravel())
        threshold = float(np.quantile(ordered, _BODY))
        excess = float(np.mean(ordered[ordered > threshold] - threshold))
        return cls(ordered, threshold, excess)

    def quantile(self, share: Times | float) -> Times:
        """The time that this share of the requests does not exceed; without stalls."""
        share = np.asarray(share, np.float64)
        beyond = np.maximum(1 - share, 1e-300) / (1 - _BODY)
        tail = self.threshold - self.excess * np.log(np.minimum(beyond, 1))
        body = np.interp(share, np.linspace(0, 1, len(self.body)), self.body)
        return np.where(share < _BODY, body, tail)

    def draw(self, chance: np.random.Generator, shape: tuple[int, ...]) -> Times:
        times = self.quantile(chance.random(shape))
        if self.stalls:
            times = times + self.stalled * (chance.random(shape) < self.stalls)
        return times


def waited(times: Times, delay: float) -> Times:
    """The first answer of replicas that are asked one after the other.

    Args:
        times: shape (replicas, ...); the second is asked when the first has not answered after
            ``delay``, the third when the second has not after as long again.
    """
    starts = delay * np.arange(len(times)).reshape(-1, *[1] * (times.ndim - 1))
    return np.asarray((times + starts).min(axis=0))


def sent(times: Times, delay: float) -> float:
    """Requests per request: 1, and those that were sent again."""
    late, count = np.ones(times.shape[1:], bool), 1.0
    for number in range(1, len(times)):
        late = late & (waited(times[:number], delay) > number * delay)
        count += float(late.mean())
    return count


def fan_out(
    distribution: Distribution,
    shards: int,
    replicas: int,
    *,
    questions: int,
    chance: np.random.Generator,
    delay: float,
) -> Times:
    """What each question waits for its slowest shard, all shards' times drawn for themselves."""
    found = []
    for first in range(0, questions, _AT_ONCE):
        some = min(_AT_ONCE, questions - first)
        times = distribution.draw(chance, (replicas, some, shards))
        found.append(waited(times, delay).max(axis=1))
    return np.concatenate(found)


def quantile_of_slowest(distribution: Distribution, shards: int, share: float) -> float:
    """The closed form without replicas: P(max of N <= t) = F(t) ** N."""
    return float(distribution.quantile(share ** (1 / shards)))
