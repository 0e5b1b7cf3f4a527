"""The training loop: bfloat16 weights with float32 master copies, their average, checkpoints.

Training counts tokens, not time: a warm-up, then a linear decay to nothing. Beside the weights
runs an average of the master copies (Polyak & Juditsky 1992), which is what is written as the
model, with a checkpoint from which the same command goes on. A SIGTERM saves and ends.
"""

from __future__ import annotations

import itertools
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click
import torch
from safetensors.torch import save_file

from training.losses import Batch
from training.windows import Group

CHECKPOINT = "checkpoint.pt"
_SHUFFLED_AT_ONCE = 3_000
_WARM_UP = 0.03
_HEAD = "qa_outputs."

Packed = TypeVar("Packed", bound=Sized)


def packed(
    groups: Iterable[Packed], longest: Callable[[Packed], int], size: int
) -> Iterator[list[Packed]]:
    """Runs of groups, shortest first, each of at most ``size`` tokens once padded."""
    batch: list[Packed] = []
    for group in groups:
        rows = sum(len(g) for g in batch) + len(group)
        if batch and rows * longest(group) > size:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def batches(stream: Iterator[Group], chance: random.Random, size: int) -> Iterator[list[Group]]:
    """Groups of like length, a fixed number of tokens a batch."""
    while chunk := list(itertools.islice(stream, _SHUFFLED_AT_ONCE)):
        chunk.sort(key=lambda group: (_longest(group), chance.random()))
        ready = list(packed(chunk, _longest, size))
        chance.shuffle(ready)
        yield from ready


def _longest(group: Group) -> int:
    return max(len(window.ids) for window in group)


class MasterAdamW:
    """AdamW on float32 copies of bfloat16 weights, and a running average of the copies."""

    def __init__(
        self, model: torch.nn.Module, decay: float, averaged: float, head: float = 1.0
    ) -> None:
        self.names = [name for name, _ in model.named_parameters()]
        self.weights = list(model.parameters())
        self.master = [p.detach().float().clone().requires_grad_() for p in self.weights]
        self.average = [p.detach().clone() for p in self.master]
        self.averaged = averaged
        named = list(zip(self.names, self.master, strict=True))
        heads = [p for name, p in named if name.startswith(_HEAD)]
        plain = [p for name, p in named if not name.startswith(_HEAD) and p.ndim < 2]
        decayed = [p for name, p in named if not name.startswith(_HEAD) and p.ndim >= 2]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": decay, "factor": 1.0},
                {"params": plain, "weight_decay": 0.0, "factor": 1.0},
                {"params": heads, "weight_decay": 0.0, "factor": head},
            ],
            betas=(0.9, 0.99),
            fused=True,
        )
        self.steps = 0

    def step(self, rate: float) -> None:
        for copy, weight in zip(self.master, self.weights, strict=True):
            copy.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimizer.step()
        self.steps += 1
        keep = min(self.averaged, self.steps / (self.steps + 10))
        with torch.no_grad():
            for copy, weight, mean in zip(self.master, self.weights, self.average, strict=True):
                weight.copy_(copy)
                mean.lerp_(copy, 1 - keep)

    def state(self) -> dict:
        return {
            "master": [weight.detach() for weight in self.master],
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "steps": self.steps,
        }

    def restore(self, state: dict) -> None:
        with torch.no_grad():
            for copy, weight, mean, saved, saved_mean in zip(
                self.master,
                self.weights,
                self.average,
                state["master"],
                state["average"],
                strict=True,
            ):
                copy.copy_(saved)
                weight.copy_(saved)
                mean.copy_(saved_mean)
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]


@dataclass(slots=True)
class Progress:
    """How far a run has come; an epoch broken off is begun anew with another seed."""

    tokens: int = 0
    epoch: int = 0


@dataclass(slots=True)
class Watch:
    """Prints the mean loss and the speed now and then."""

    losses: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    tokens: int = 0

    def add(self, loss: float, count: int, progress: Progress, rate: float, steps: int) -> None:
        self.losses.append(loss)
        self.tokens += count
        if len(self.losses) == 50:
            took = time.monotonic() - self.began
            click.echo(
                f"step {steps} epoch {progress.epoch} tokens {progress.tokens:,} rate {rate:.1e} "
                f"loss {sum(self.losses) / 50:.3f} {self.tokens / took:,.0f} tokens/s"
            )
            self.losses, self.began, self.tokens = [], time.monotonic(), 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Tokens, padding included; the peak learning rate; the share of tokens that it holds for."""

    tokens: float
    rate: float
    decay_from: float
    save_every: float


Epoch = Callable[[int], Iterator[Batch]]
Loss = Callable[[Batch], torch.Tensor]


def run(
    epoch: Epoch, loss_of: Loss, optimizer: MasterAdamW, schedule: Schedule, start: Path, out: Path
) -> None:
    """Train until the tokens are seen or a SIGTERM comes; writes the model to ``out``.

    Args:
        epoch: the batches of an epoch, by its number, counted from 1.
        start: its configuration and tokenizer go with the model.
    """
    out.mkdir(parents=True, exist_ok=True)
    progress = _resume(out, optimizer)
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ending.append(number))
    watch, saved = Watch(), progress.tokens
    while progress.tokens < schedule.tokens and not ending:
        progress.epoch += 1
        for batch in epoch(progress.epoch):
            share = progress.tokens / schedule.tokens
            rate = rate_at(share, schedule.rate, schedule.decay_from)
            loss = loss_of(batch)
            loss.backward()
            optimizer.step(rate)
            progress.tokens += batch.ids.numel()
            watch.add(loss.item(), batch.ids.numel(), progress, rate, optimizer.steps)
            if progress.tokens - saved > schedule.save_every:
                _save(out, start, optimizer, progress)
                saved = progress.tokens
            if ending or progress.tokens >= schedule.tokens:
                break
    _save(out, start, optimizer, progress)


def rate_at(share: float, peak: float, decay_from: float) -> float:
    """The learning rate when this share of the tokens is done."""
    if share < _WARM_UP:
        return peak * (0.02 + 0.98 * share / _WARM_UP)
    return peak * min(1.0, max(0.0, 1 - share) / (1 - decay_from))


def _save(out: Path, start: Path, optimizer: MasterAdamW, progress: Progress) -> None:
    """The checkpoint, and the averaged weights as a model that can be loaded."""
    state = {**optimizer.state(), "tokens": progress.tokens, "epoch": progress.epoch}
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / CHECKPOINT)
    save_file(
        dict(zip(optimizer.names, optimizer.average, strict=True)),
        out / "model.new",
        metadata={"format": "pt"},
    )
    (out / "model.new").replace(out / "model.safetensors")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(start / name, out / name)
    click.echo(f"saved at {progress.tokens:,} tokens")


def _resume(out: Path, optimizer: MasterAdamW) -> Progress:
    if not (out / CHECKPOINT).is_file():
        return Progress()
    state = torch.load(out / CHECKPOINT, weights_only=True)
    optimizer.restore(state)
    click.echo(f"going on at {state['tokens']:,} tokens")
    return Progress(state["tokens"], state["epoch"])
