"""Flip one bit of a library, then see whether it was noticed, and mended."""

from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.crashing.library import WORDS, Parts, State, contents, open_library, story
from benchmarks.crashing.processes import Tally, in_child, listen
from index.repair import repair
from index.verify import findings

Answer = list[list[str | float]]  # source, passage and cosine of each that is found

QUESTIONS = [" ".join(random.Random(seed).sample(WORDS, 3)) for seed in range(10)]


def answers(parts: Parts) -> list[Answer]:
    """What ten searches return."""
    return [
        [
            [item.passage.source, item.passage.text, round(item.cosine, 5)]
            for item in parts.retriever.search(question, 8).passages
        ]
        for question in QUESTIONS
    ]


def _in(found: Answer, *right: Answer) -> bool:
    return found in right


def answers_of(folder: Path) -> list[Answer]:
    parts = open_library(folder)
    found = answers(parts)
    parts.store.close()
    return found


def exact_answers(folder: Path) -> list[Answer]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch, "copy")))
        for path in copy.glob("vectors.*"):
            path.unlink()
        return answers_of(copy)


def flip(folder: Path, chance: random.Random) -> tuple[Path, int]:
    """Flip one bit of one file: each file, and in it each bit, is as likely as any other.

    A lock is left as it is: what stands in it tells who holds it, and nothing else reads it.
    """
    path = chance.choice(
        sorted(
            p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock" and p.stat().st_size
        )
    )
    place = chance.randrange(8 * path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(place // 8)
        byte = file.read(1)[0]
        file.seek(place // 8)
        file.write(bytes([byte ^ 1 << place % 8]))
    return path, place


def examine_flipped(folder: Path, expected: list[list[Answer]], held: State) -> dict[str, object]:
    """What was noticed on opening, how it then answers, and what verify and repair make of it."""
    logged = listen()
    result: dict[str, object] = {"wrong": False, "refused": False}
    try:
        parts = open_library(folder)
        found = list(findings(parts.store, parts.retriever.check, lambda: None))
        try:
            result["wrong"] = not all(map(_in, answers(parts), *expected))
        except Exception as error:
            result["refused"] = repr(error)
        result["found"] = [*logged, *(f"{f.part}: {f.message}" for f in found)]
        if found:
            list(parts.store.mend_file())
            list(repair(parts.indexer, found))
            parts = open_library(folder)
            parts.retriever.build_anew()
        left = list(findings(parts.store, parts.retriever.check, lambda: None))
        result["left"] = [f"{f.part}: {f.message}" for f in left]
        result["restored"] = contents(parts.store) == held
    except Exception as error:
        result.setdefault("found", [repr(error)])
        result["left"] = [repr(error)]
        result["restored"] = False
    return result


def flip_bits(flips: int, seed: int, tally: Tally) -> Counter[str]:
    """Flip single bits of copies of one library; returns how many by file."""
    by_file: Counter[str] = Counter()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch, "sound")
        held = in_child(lambda: make_sound(sound, chance))
        # Without the approximate index's file, vectors are searched exactly: that is right too.
        expected = [in_child(lambda: answers_of(sound)), in_child(lambda: exact_answers(sound))]
        for _ in range(flips):
            folder = Path(scratch, "flipped")
            shutil.copytree(sound, folder)
            path, place = flip(folder, chance)
            name = str(path.relative_to(folder))
            by_file[re.sub(r"[0-9a-f]{6,}[-0-9a-f]*", "…", name)] += 1
            report = in_child(lambda at=folder: examine_flipped(at, expected, held)) or {
                "crashed": True
            }
            where = f"{name} bit {place}"
            if "crashed" in report:
                tally.note("crashed", where)
            else:
                if not report["found"]:
                    tally.note("not found", where)
                if report["wrong"]:
                    tally.note("answered wrongly", where)
                if report["left"]:
                    tally.note("not mended", f"{where}: {report['left'][0]}")
                if not report["restored"]:
                    tally.note("content lost", where)
            shutil.rmtree(folder)
    return by_file


def make_sound(folder: Path, chance: random.Random) -> State:
    """A library with every kind of file, closed in good order."""
    parts = open_library(folder)
    for number in range(60):
        parts.indexer.add_document(story(f"/sound/{number}.txt", chance))
    for number in range(0, 60, 7):
        parts.indexer.remove(f"/sound/{number}.txt")
    parts.retriever.warm_up()
    parts.retriever.settle()
    parts.store.settle()
    held = contents(parts.store)
    parts.store.close()
    return held
