"""Work spread over threads."""

from __future__ import annotations

import threading

import pytest

from index.parallel import Presence, processors, run_each


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_each_piece_is_done_once(count, threads) -> None:
    done: list[int] = []
    run_each(done.append, count, threads)
    assert sorted(done) == list(range(count))


def test_as_many_at_a_time_as_there_are_threads() -> None:
    together = threading.Barrier(3, timeout=10)
    met: list[int] = []
    run_each(lambda _: met.append(together.wait()), 6, 3)
    assert sorted(met) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_comes_out_and_ends_the_rest(threads) -> None:
    done: list[int] = []

    def work(place: int) -> None:
        if place == 2:
            raise ValueError("the third")
        done.append(place)

    with pytest.raises(ValueError, match="the third"):
        run_each(work, 10_000, threads)
    assert len(done) < 10_000


def test_an_error_in_another_thread_ends_the_callers_work() -> None:
    done: list[int] = []
    caller = threading.get_ident()

    def work(place: int) -> None:
        if threading.get_ident() != caller:
            raise ValueError("in the other")
        done.append(place)
        threading.Event().wait(0.001)

    with pytest.raises(ValueError, match="in the other"):
        run_each(work, 10_000, 2)
    assert len(done) < 10_000


def test_there_is_a_processor() -> None:
    assert processors() >= 1


def test_those_present_are_counted_until_they_leave() -> None:
    presence = Presence()
    with presence as first, presence as second:
        assert (first, second) == (1, 2)
    with pytest.raises(ValueError, match="left by an error"), presence:
        raise ValueError("left by an error")
    with presence as present:
        assert present == 1
