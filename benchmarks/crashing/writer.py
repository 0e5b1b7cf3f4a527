"""The process that is killed: it changes the library and tells what it acknowledged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from benchmarks.crashing.library import NAMES, State, contents, open_library, story
from index.documents import Document, Origin
from index.indexing import Source
from index.loaders import LoadedFile
from index.rebuilding import rebuild
from index.syncing import Syncer


class Writer:
    """Changes the library at random; tells before and after each change what it leads to."""

    def __init__(self, folder: Path, tree: Path, seed: int, tell: Callable[[str], None]) -> None:
        self.parts = open_library(folder)
        self.tree = tree
        self.chance = random.Random(seed)
        self.tell = tell
        self.state = contents(self.parts.store)

    def run(self) -> None:
        steps = (self.add, self.add, self.remove, self.batch, self.sync, self.save, self.rebuild)
        while True:
            self.chance.choice(steps)()

    def change(self, after: State, carry_out: Callable[[], object]) -> None:
        self.tell(json.dumps({"begin": after}))
        carry_out()
        self.state = after
        self.tell(json.dumps({"done": True}))

    def add(self) -> None:
        document = story(self.chance.choice(NAMES), self.chance)
        after = self.state | {document.source: document.text}
        self.change(after, lambda: self.parts.indexer.add_document(document))

    def remove(self) -> None:
        own = [name for name in self.state if name in NAMES]
        if own:
            gone = self.chance.choice(own)
            after = {name: text for name, text in self.state.items() if name != gone}
            self.change(after, lambda: self.parts.indexer.remove(gone))

    def batch(self) -> None:
        """Several files in one transaction."""
        documents = [story(name, self.chance) for name in self.chance.sample(NAMES, 3)]
        after = self.state | {d.source: d.text for d in documents}
        self.change(after, lambda: list(self.parts.indexer.bring(map(_as_source, documents))))

    def sync(self) -> None:
        """A folder whose files change."""
        path = self.tree / f"{self.chance.randrange(4)}.txt"
        document = story(str(path), self.chance)
        aside = self.tree / ".aside"
        aside.write_text(document.text)
        aside.rename(path)
        # A writer that was killed may have left files that were never synced.
        after = self.state | {str(p): p.read_text() for p in self.tree.glob("[0-9]*")}
        self.change(after, lambda: list(Syncer(self.parts.indexer, self.tree).sync()))

    def save(self) -> None:
        self.change(self.state, self.parts.retriever.warm_up)
        self.change(self.state, self.parts.retriever.settle)
        self.change(self.state, self.parts.store.settle)

    def rebuild(self) -> None:
        self.change(self.state, lambda: list(rebuild(self.parts.indexer)))


def _as_source(document: Document) -> Source:
    loaded = LoadedFile(Origin(document.source, ""), (document,), ())
    return Source(document.source, lambda: loaded)
