"""Invented documents in which order matters: copies, furniture that repeats, files that fail."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

_WORDS = tuple(
    line.strip()
    for line in """harbour council ferry bridge orchard winter archive lantern meadow railway
    quarry violin teacher baker engine letter river market island glacier painter senate
    copper thunder""".replace(" ", "\n").splitlines()
    if line.strip()
)
_MASTHEAD = "The Harbour Gazette keeps its readers informed of all that happens by the sea"
_FOOT = "Printed and published by the Harbour Gazette of Mole Street, all letters are welcome"


def write(folder: Path, documents: int) -> list[Path]:
    """That many text files in three folders, and a page, an archive and three that fail."""
    chance = random.Random(3)
    stories = [_story(chance) for _ in range(documents)]
    for number in range(0, documents, 11):  # some are printed twice, a little shorter
        if number + 5 < documents:
            stories[number + 5] = stories[number].rpartition("\n\n")[0] or stories[number]
    files = []
    for number, story in enumerate(stories):
        of = folder / ("gazette", "gazette", "plain", "later")[number % 4]
        if of.name != "plain":
            story = f"{_MASTHEAD}\n\n{story}\n\n{_FOOT}"
        files.append(_written(of / f"{number:03}.txt", story.encode()))
    files.append(_written(folder / "plain" / "page.html", _page(chance)))
    files.append(_archive(folder / "plain" / "more.zip", chance))
    files.append(_written(folder / "plain" / "broken.pdf", b"%PDF-1.7 and no more"))
    files.append(_written(folder / "plain" / "empty.txt", b""))
    files.append(_written(folder / "plain" / "large.txt", b"much " * 40_000))
    return sorted(files)


def _story(chance: random.Random) -> str:
    return "\n\n".join(
        " ".join(_sentence(chance) for _ in range(chance.randint(1, 4)))
        for _ in range(chance.randint(2, 5))
    )


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(6, 14))).capitalize() + "."


def _page(chance: random.Random) -> bytes:
    story = "".join(f"<p>{part}</p>" for part in _story(chance).split("\n\n"))
    return f"<html><title>A page</title><body><article>{story}</article></body></html>".encode()


def _archive(path: Path, chance: random.Random) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", _story(chance))
        archive.writestr("broken.pdf", b"%PDF-1.7 and no more")
    return path


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
