"""Fine-tune a span model; resumable.

    python -m training.train_reader FILE... --start MODEL_DIR --out MODEL_DIR --minutes 60

Two losses are added up: per passage, over its tokens and [CLS] for no answer (Devlin et al.
2019); and shared over the passages of one question (Clark & Gardner 2018), so that logits
compare across passages. Weights are bfloat16 with float32 master copies.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from pathlib import Path

import click
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from training.groups import Group, groups

CHECKPOINT = "checkpoint.pt"
_TOKENS_PER_BATCH = 6_000
_SHUFFLED_AT_ONCE = 2_000
_SHARED_WEIGHT = 0.5


def batches(stream: Iterator[Group], chance: random.Random) -> Iterator[list[Group]]:
    """Groups of like length, a fixed number of tokens a batch."""
    while chunk := list(itertools.islice(stream, _SHUFFLED_AT_ONCE)):
        chunk.sort(key=_longest)
        ready: list[list[Group]] = []
        batch: list[Group] = []
        for group in chunk:
            rows = sum(len(g) for g in batch) + len(group)
            if batch and rows * _longest(group) > _TOKENS_PER_BATCH:
                ready.append(batch)
                batch = []
            batch.append(group)
        if batch:
            ready.append(batch)
        chance.shuffle(ready)
        yield from ready


def _longest(group: Group) -> int:
    return max(len(window.ids) for window in group)


def loss_of(model: torch.nn.Module, batch: list[Group]) -> tuple[torch.Tensor, int]:
    """The batch's loss and its number of tokens, padding included."""
    windows = [window for group in batch for window in group]
    length = -(-max(len(w.ids) for w in windows) // 32) * 32
    ids = torch.zeros(len(windows), length, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
        types[row, window.passage_at : len(window.ids)] = 1
    out = model(input_ids=ids, attention_mask=mask, token_type_ids=types)
    readable = types.bool()
    readable[:, 0] = True
    golds = torch.tensor([(w.start, w.end) for w in windows])
    total = torch.zeros(())
    for side, logits in enumerate((out.start_logits, out.end_logits)):
        logits = logits.float().masked_fill(~readable, -1e4)
        total = total + cross_entropy(logits, golds[:, side])
        total = total + _SHARED_WEIGHT * _shared(logits, golds[:, side], batch)
    return total / 2, ids.numel()


def _shared(logits: torch.Tensor, golds: torch.Tensor, batch: list[Group]) -> torch.Tensor:
    """Cross entropy over the tokens of all passages of a question, no-answer left out."""
    losses, row = [], 0
    length = logits.shape[1]
    for group in batch:
        rows = slice(row, row + len(group))
        if int(golds[row]) > 0:
            flat = logits[rows].clone()
            flat[:, 0] = -1e4
            losses.append(cross_entropy(flat.reshape(1, -1), golds[row : row + 1]))
        row += len(group)
    return torch.stack(losses).mean() if losses else torch.zeros((), requires_grad=length < 0)


class MasterAdamW:
    """AdamW on float32 copies of bfloat16 weights."""

    def __init__(self, model: torch.nn.Module, rate: float) -> None:
        self.weights = [p for p in model.parameters() if p.requires_grad]
        self.master = [p.detach().float().clone().requires_grad_() for p in self.weights]
        self.optimizer = torch.optim.AdamW(self.master, lr=rate, weight_decay=0.01, fused=True)

    def step(self, rate: float) -> None:
        for copy, weight in zip(self.master, self.weights, strict=True):
            copy.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()
        with torch.no_grad():
            for copy, weight in zip(self.master, self.weights, strict=True):
                weight.copy_(copy)


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--start", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--minutes", type=float, default=60.0, show_default=True)
@click.option("--rate", type=float, default=6e-5, show_default=True, help="Peak learning rate.")
@click.option("--negatives", type=int, default=1, show_default=True, help="Per question.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    files: tuple[Path, ...],
    start: Path,
    out: Path,
    minutes: float,
    rate: float,
    negatives: int,
    seed: int,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    model = AutoModelForQuestionAnswering.from_pretrained(
        start,
        dtype=torch.bfloat16,
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model.train()
    optimizer = MasterAdamW(model, rate)
    used, epoch_done = _resume(out, model, optimizer)
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    budget, tokens, since_save, mean = minutes * 60, 0, time.monotonic(), 0.0
    step = epoch_done
    while used < budget:
        stream = groups(files, tokenizer, seed + step, negatives)
        for batch in batches(stream, random.Random(seed + step)):
            began = time.monotonic()
            share = used / budget
            loss, count = loss_of(model, batch)
            loss.backward()
            optimizer.step(rate * min(1.0, share / 0.05 + 0.02) * max(0.0, 1.0 - share))
            used += time.monotonic() - began
            tokens += count
            step += 1
            mean = 0.98 * mean + 0.02 * loss.item() if mean else loss.item()
            if step % 50 == 0:
                click.echo(f"step {step} minute {used / 60:.1f} loss {mean:.3f} tokens {tokens:,}")
            if time.monotonic() - since_save > 600 or used >= budget:
                _save(out, model, optimizer, used, step)
                since_save = time.monotonic()
            if used >= budget:
                break
    model.float().save_pretrained(out)
    AutoTokenizer.from_pretrained(start).save_pretrained(out)


def _save(
    out: Path, model: torch.nn.Module, optimizer: MasterAdamW, used: float, step: int
) -> None:
    state = {
        "master": [weight.detach() for weight in optimizer.master],
        "optimizer": optimizer.optimizer.state_dict(),
        "used": used,
        "step": step,
    }
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / CHECKPOINT)


def _resume(out: Path, model: torch.nn.Module, optimizer: MasterAdamW) -> tuple[float, int]:
    if not (out / CHECKPOINT).is_file():
        return 0.0, 0
    state = torch.load(out / CHECKPOINT, weights_only=True)
    with torch.no_grad():
        for copy, weight, saved in zip(
            optimizer.master, optimizer.weights, state["master"], strict=True
        ):
            copy.copy_(saved)
            weight.copy_(saved)
    optimizer.optimizer.load_state_dict(state["optimizer"])
    return state["used"], state["step"]


if __name__ == "__main__":
    main()
