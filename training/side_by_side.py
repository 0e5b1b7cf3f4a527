"""Write texts in which figures or names stand side by side, with questions after one of them.

    python -m training.side_by_side --out FILE.json.gz [--kept-aside]

"Nitrate was 31 mg/l at tap A, 28 mg/l at tap B and 44 mg/l at tap C": asked for tap B, a reader
that takes the first number after "nitrate" is wrong. The words are in ``data/side_by_side.json``;
the same seed gives the same file, in SQuAD 2.0's format. Every answer is the slice that it claims.
Some questions are after what does not stand there ("tap D") and have no answer. With --kept-aside
the topics are those that are never trained on.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from training.squad_file import save

WORDS = Path(__file__).parent / "data" / "side_by_side.json"

_HOLE = re.compile(r"\{([lvn])\}")
_SCALE = re.compile(r" (?:million|thousand|percent)\b")  # belongs to the number before it
_ENDS = (", {}", " and {}"), (", {}", ", and {}"), ("; {}", "; {}"), (", {}", " against {}")
_TWO = (" and {}", ", {}", ", while {}", "; {}", " against {}", ", compared with {}")
_MOVED = ("rose", "fell", "grew", "dropped", "went", "changed", "climbed", "declined")
_ORDERED = frozenset({"years", "months", "days", "quarters"})


@dataclass(frozen=True, slots=True)
class Item:
    """What stands beside what: a label, and a value in its long and its short form."""

    label: str
    long: str
    short: str


@dataclass(slots=True)
class Text:
    """A text as it grows, with the questions asked of it."""

    tag: str
    words: str = ""
    qas: list[dict[str, Any]] = field(default_factory=list)

    def fill(self, template: str, item: Item, places: dict[str, tuple[int, int]]) -> None:
        """Append ``template``; where label and value come to stand is noted in ``places``."""
        at = 0
        for hole in _HOLE.finditer(template):
            self.words += template[at : hole.start()]
            start = len(self.words)
            self.words += {"l": item.label, "v": item.long, "n": item.short}[hole[1]]
            scale = _SCALE.match(template, hole.end()) if hole[1] == "n" else None
            end = len(self.words) + (len(scale.group()) if scale else 0)
            places["label" if hole[1] == "l" else "value"] = (start, end)
            at = hole.end()
        self.words += template[at:]

    def ask(self, question: str, place: tuple[int, int] | None) -> None:
        answers = []
        if place is not None:
            start, end = place
            answers = [{"text": self.words[start:end], "answer_start": start}]
        name = f"{self.tag}-{len(self.qas)}"
        asked = question if question[0].islower() else question[0].upper() + question[1:]
        self.qas.append(
            {"id": name, "question": asked, "answers": answers, "is_impossible": place is None}
        )

    def close(self, start: int) -> None:
        """End the sentence that begins at ``start``: a capital, a full stop."""
        self.words = (
            self.words[:start]
            + self.words[start : start + 1].upper()
            + (self.words[start + 1 :] + ". ")
        )


def _values(kind: Sequence[Any], count: int, pools: Any, chance: random.Random) -> list[Any]:
    """``count`` different values as (long, short)."""
    name, low, high, unit = kind
    if name == "pool":
        return [(value, value) for value in chance.sample(pools[low], count)]
    numbers = chance.sample(range(low, high + 1), count)
    unit = unit if unit in {"", "%"} else f" {unit}"
    grouped = chance.random() < 0.85
    found = []
    for number in numbers:
        if name == "decimal":
            short = f"{number / 10:.1f}"
        elif name == "money":
            short = f"{number}.{chance.choice(('50', '80', '20', '90'))}"
        elif name == "time":
            short = f"{number}:{chance.choice(('00', '15', '30', '45'))}"
        else:
            short = f"{number:,}" if grouped and name == "int" else str(number)
        found.append((short + unit, short + (unit if unit == "%" else "")))
    return found


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: what stands above it, what a row begins with, a cell, its end."""

    head: str
    row: str
    cell: str
    end: str = "\n"


_TABLES = 0.3  # share of the texts
_LAYOUTS = (
    Layout("", "{key}: {l}", "; {name}: {v}"),
    Layout("{key} | {names}\n", "{l}", " | {v}"),
    Layout("", "{l}\n", "- {name}: {v}\n", "\n"),
    Layout("", "{l}", ", {name} {v}"),
)


class Writer:
    """Writes one text after the other from the words of ``data/side_by_side.json``."""

    def __init__(self, words: Any, topics: Sequence[Any], seed: int) -> None:
        self.words = words
        self.pools = words["pools"]
        self.topics = topics
        self.chance = random.Random(seed)

    def text(self, number: int) -> Text:
        chance = self.chance
        topic = self.topics[number % len(self.topics)]
        made = Text(f"side-{number}")
        lead = chance.sample(topic["lead"], chance.choice([1, 2, 2, 3]))
        told = chance.sample(topic["series"], chance.randint(1, min(2, len(topic["series"]))))
        if len(topic["series"]) > 2 and chance.random() < 0.5:
            told = chance.sample(topic["series"], 3)
        pool = self.pools[topic["labels"]]
        labels = chance.sample(pool, min(len(pool) - 1, chance.choice([2, 3, 3, 3, 4, 5])))
        if topic["labels"] in _ORDERED and chance.random() < 0.8:
            labels.sort(key=pool.index)
        made.words = lead[0] + " "
        if chance.random() < _TABLES:
            self._table(made, topic, told, labels, [s for s in pool if s not in labels])
            return made
        for series, more in zip(told, [*lead[1:], "", "", ""], strict=False):
            self._series(made, series, labels, [s for s in pool if s not in labels])
            made.words += f"{more} " if more else ""
        if chance.random() < 0.35:
            self._change(made)
        for series in topic["series"]:
            if series not in told and chance.random() < 0.4:
                made.ask(self._asked(series["ask"], chance.choice(labels)), None)
        made.words = made.words.rstrip()
        return made

    def _series(self, made: Text, series: Any, labels: Sequence[str], absent: list[str]) -> None:
        chance = self.chance
        values = _values(series["value"], len(labels), self.pools, chance)
        items = [Item(label, *value) for label, value in zip(labels, values, strict=True)]
        if "respectively" in series and chance.random() < 0.2:
            places = self._respectively(made, series["respectively"], items)
        else:
            places = self._side_by_side(made, chance.choice(series["shapes"]), items)
        self._ask(made, series, items, places, absent)

    def _ask(
        self, made: Text, series: Any, items: Sequence[Item], places: list[Any], absent: list[str]
    ) -> None:
        chance = self.chance
        asked = chance.sample(range(len(items)), min(len(items), chance.choice([2, 2, 3])))
        for at in asked:
            made.ask(self._asked(series["ask"], items[at].label), places[at]["value"])
        if "which" in series and chance.random() < 0.35:
            at = chance.choice(asked)
            question = chance.choice(series["which"]).replace("{v}", items[at].long)
            made.ask(question, places[at]["label"])
        if absent and chance.random() < 0.4:
            made.ask(self._asked(series["ask"], chance.choice(absent)), None)

    def _table(
        self, made: Text, topic: Any, told: Sequence[Any], labels: Sequence[str], absent: list[str]
    ) -> None:
        """Rows as the loaders write those of tables, or a block of lines for each label."""
        chance = self.chance
        series = list(told)
        values = [_values(each["value"], len(labels), self.pools, chance) for each in series]
        items = [
            [Item(label, *value) for label, value in zip(labels, column, strict=True)]
            for column in values
        ]
        found: list[list[dict[str, tuple[int, int]]]] = [[{} for _ in labels] for _ in series]
        layout = chance.choice(_LAYOUTS)
        short = layout.cell == " | {v}" and chance.random() < 0.5
        names = [each["name"] for each in series]
        made.words += "\n" + layout.head.format(key=topic["key"], names=" | ".join(names))
        for row in range(len(labels)):
            places: dict[str, tuple[int, int]] = {}
            begin = layout.row.replace("{key}", topic["key"])
            made.fill(begin, items[0][row], places)
            for column, name in enumerate(names):
                cell = layout.cell.replace("{name}", name)
                own = found[column][row]
                made.fill(cell.replace("{v}", "{n}") if short else cell, items[column][row], own)
                own["label"] = places["label"]
            made.words += layout.end
        made.words = made.words.rstrip()
        for column, each in enumerate(series):
            self._ask(made, each, items[column], found[column], absent)

    def _side_by_side(self, made: Text, shape: Sequence[str], items: Sequence[Item]) -> list[Any]:
        chance = self.chance
        start, first, others = len(made.words), *shape
        if len(items) == 2:
            joints = [chance.choice(_TWO)]
        else:
            middle, last = chance.choice(_ENDS)
            joints = [middle] * (len(items) - 2) + [last]
        found: list[dict[str, tuple[int, int]]] = [{} for _ in items]
        made.fill(first, items[0], found[0])
        for item, joint, places in zip(items[1:], joints, found[1:], strict=True):
            made.words += joint.removesuffix("{}")
            made.fill(others, item, places)
        made.close(start)
        return found

    def _respectively(self, made: Text, template: str, items: Sequence[Item]) -> list[Any]:
        start = len(made.words)
        found: list[dict[str, tuple[int, int]]] = [{} for _ in items]
        for piece in re.split(r"(\{ls\}|\{vs\})", template):
            if piece not in {"{ls}", "{vs}"}:
                made.words += piece
                continue
            for at, item in enumerate(items):
                joint = "" if at == 0 else " and " if at == len(items) - 1 else ", "
                made.words += joint
                made.fill("{l}" if piece == "{ls}" else "{n}", item, found[at])
        made.close(start)
        return found

    def _change(self, made: Text) -> None:
        """ "The budget rose from 3 million euros in 2019 to 4 million in 2021"."""
        chance = self.chance
        subject, kind, asked = chance.choice(self.words["changes"])
        years = chance.sample(self.pools["years"], 3)
        if "in 20" in made.words:
            return
        before, after = sorted(years[:2])
        values = _values(kind, 2, self.pools, chance)
        start = len(made.words)
        made.words += f"{subject} {chance.choice(_MOVED)} from "
        found: list[dict[str, tuple[int, int]]] = [{}, {}]
        made.fill("{v} in {l} to ", Item(before, *values[0]), found[0])
        made.fill(chance.choice(["{v} in {l}", "{n} in {l}"]), Item(after, *values[1]), found[1])
        made.close(start)
        for year, places in zip((before, after), found, strict=True):
            made.ask(self._asked(asked, year), places["value"])
        if chance.random() < 0.4:
            made.ask(self._asked(asked, years[2]), None)

    def _asked(self, questions: Sequence[str], label: str) -> str:
        return self.chance.choice(questions).replace("{l}", label)


def write(texts: int, seed: int, kept_aside: bool) -> dict[str, Any]:
    """A SQuAD 2.0 data set, a text an entry."""
    words = json.loads(WORDS.read_text("utf-8"))
    writer = Writer(words, words["kept_aside" if kept_aside else "topics"], seed)
    made = [writer.text(number) for number in range(texts)]
    return {
        "version": "side-by-side-1",
        "data": [{"title": "", "paragraphs": [{"context": t.words, "qas": t.qas}]} for t in made],
    }


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--texts", type=int, default=1_500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--kept-aside", is_flag=True, help="The topics that are never trained on.")
def main(out: Path, texts: int, seed: int, kept_aside: bool) -> None:
    made = write(texts, seed, kept_aside)
    save(out, made)
    qas = [qa for text in made["data"] for p in text["paragraphs"] for qa in p["qas"]]
    never = sum(qa["is_impossible"] for qa in qas)
    click.echo(f"{texts} texts, {len(qas)} questions, {never} of them unanswerable")


if __name__ == "__main__":
    main()
