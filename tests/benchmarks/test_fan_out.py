"""The simulation of many machines, against what can be computed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import fan_out
from benchmarks.scaling import losses, tail

TIMES = np.random.default_rng(3).lognormal(2, 0.5, 300)
DISTRIBUTION = tail.Distribution.of(TIMES)


def chance() -> np.random.Generator:
    return np.random.default_rng(5)


def test_a_distribution_is_the_measured_one_up_to_its_tail() -> None:
    for share in (0.1, 0.5, 0.89):
        assert DISTRIBUTION.quantile(share) == pytest.approx(np.quantile(TIMES, share))
    drawn = DISTRIBUTION.draw(chance(), (200_000,))
    assert np.quantile(drawn, 0.95) == pytest.approx(float(DISTRIBUTION.quantile(0.95)), rel=0.01)
    assert drawn.mean() == pytest.approx(TIMES.mean(), rel=0.01)
    assert drawn.max() > TIMES.max()  # the largest of 300 is not the largest there is


@pytest.mark.parametrize("shards", [1, 10, 100])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_slowest_of_n_is_below_t_with_the_nth_power(shards: int, share: float) -> None:
    slowest = tail.fan_out(DISTRIBUTION, shards, 1, questions=4_000, chance=chance(), delay=0.0)
    expected = tail.quantile_of_slowest(DISTRIBUTION, shards, share)
    assert (slowest <= expected).mean() == pytest.approx(share, abs=0.02)


def test_one_slow_server_in_a_hundred_makes_most_questions_of_a_hundred_slow() -> None:
    stalling = replace(DISTRIBUTION, stalls=0.01, stalled=1_000.0)
    slowest = tail.fan_out(stalling, 100, 1, questions=4_000, chance=chance(), delay=1e9)
    assert (slowest > 1_000).mean() == pytest.approx(1 - 0.99**100, abs=0.02)  # 63 %


def test_a_second_replica_answers_as_its_own_distribution_says() -> None:
    delay = float(DISTRIBUTION.quantile(0.95))
    times = DISTRIBUTION.draw(chance(), (2, 400_000))
    at = delay * 1.2
    late = (times[0] > at).mean() * (times[1] > at - delay).mean()
    assert (tail.waited(times, delay) > at).mean() == pytest.approx(late, rel=0.05)
    assert tail.sent(times, delay) == pytest.approx(1.05, abs=0.002)
    assert tail.sent(times[:1], delay) == 1


@pytest.mark.parametrize(("replicas", "lost"), [(1, 1), (2, 4), (3, 6)])
def test_what_lost_nodes_leave_is_what_combinations_say(replicas: int, lost: int) -> None:
    fixed = (12, 30, replicas, lost)
    share, every = losses.simulated(*fixed, in_groups=False, rounds=1_500, chance=chance())
    assert share == pytest.approx(losses.share_left(12, replicas, lost), abs=0.02)
    assert every == pytest.approx(losses.chance_of_all(*fixed), abs=0.04)
    share, every = losses.simulated(*fixed, in_groups=True, rounds=1_500, chance=chance())
    assert share == pytest.approx(losses.share_left(12, replicas, lost), abs=0.02)
    assert every == pytest.approx(losses.chance_of_all_in_groups(12, replicas, lost), abs=0.04)


def test_replicas_of_a_shard_are_on_different_nodes() -> None:
    for place in (losses.scattered, losses.grouped):
        placement = place(9, 40, 3, chance())
        assert placement.shape == (40, 3)
        assert all(len(set(nodes)) == 3 for nodes in placement.tolist())


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_shard_is_down_while_all_its_replicas_are(replicas: int) -> None:
    found = losses.down_simulated(replicas, 0.1, failures=60_000, chance=chance())
    assert found == pytest.approx(losses.down(replicas, 0.1), rel=0.06)


def test_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "QUESTIONS", 50)
    monkeypatch.setattr(fan_out, "ROUNDS", 20)
    monkeypatch.setattr(fan_out, "FAILURES", 1_000)
    times = {
        "processor": TIMES.reshape(-1, 3).tolist(),
        "wall": (2 * TIMES).reshape(-1, 3).tolist(),
    }
    measured = tmp_path / "scale.json"
    measured.write_text(
        json.dumps({"sizes": {"1000000": {"query": {"search_ms": times, "load_average": 3.0}}}})
    )
    plot, out = tmp_path / "plot.svg", tmp_path / "out.json"
    options = ["--measured", str(measured), "--plot", str(plot), "--out", str(out)]
    done = CliRunner().invoke(fan_out.main, options, catch_exceptions=False)
    assert done.exit_code == 0
    found = json.loads(out.read_text())
    one, two = (found["tail"]["stalls"]["replicas"][n]["p99"] for n in "12")
    assert max(two) < max(one)
    assert found["losses"]["replicas"]["3"]["left"][0] == 1
    assert "<svg" in plot.read_text()
    missing = CliRunner().invoke(fan_out.main, [*options, "--passages", "5"])
    assert missing.exit_code == 1
    assert "has no times of 5 passages, only of 1000000" in missing.output
