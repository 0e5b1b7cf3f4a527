"""From what was measured at some sizes to sizes that were not, with how far it may be off.

Each figure grows in a way that is known (linear, with the logarithm, or a power): the slope is that
between the two largest sizes, and the range is what the slopes between all neighbouring sizes would
give. Where they agree, the way it grows was right; where not, the range is wide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Points = Sequence[tuple[float, float]]  # (passages, value), by passages
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Range:
    low: float
    middle: float
    high: float

    def times(self, factor: float) -> Range:
        return Range(self.low * factor, self.middle * factor, self.high * factor)

    def plus(self, other: Range) -> Range:
        return Range(self.low + other.low, self.middle + other.middle, self.high + other.high)


def linear(points: Points, at: float) -> Range:
    return _along(points, at, _same, _same, _same)


def logarithmic(points: Points, at: float) -> Range:
    return _along(points, at, math.log, _same, _same)


def power(points: Points, at: float) -> Range:
    return _along(points, at, math.log, math.log, math.exp)


def constant(points: Points, at: float = 0) -> Range:
    values = [value for _, value in points]
    return Range(min(values), values[-1], max(values))


def _same(value: float) -> float:
    return value


def _along(points: Points, at: float, x: Scale, y: Scale, back: Scale) -> Range:
    """On from the last point, by the slope between the last two, and by all slopes."""
    slopes = [(y(b[1]) - y(a[1])) / (x(b[0]) - x(a[0])) for a, b in pairwise(points)]
    size, value = points[-1]
    step = x(at) - x(size)
    reached = [back(y(value) + slope * step) for slope in slopes]
    return Range(min(reached), reached[-1], max(reached))


def size_at(grows: Callable[[float], float], limit: float, most: float = 1e13) -> float:
    """Passages at which a figure that grows reaches ``limit``; ``most`` where it never does."""
    low, high = 1.0, most
    if grows(high) < limit:
        return most
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if grows(middle) < limit else (low, middle)
    return high
