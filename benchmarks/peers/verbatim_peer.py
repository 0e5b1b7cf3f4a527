"""This project, as `qa` sets it up, never declining: python -m benchmarks.peers.verbatim_peer."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.protocol import serve
from benchmarks.pooled import sources
from benchmarks.squad import Example
from index.store import Store
from qa.answers import Question
from qa.assembly import make_indexer, make_pipeline
from qa.settings import Settings


class Verbatim:
    def __init__(self, folder: Path, read: int) -> None:
        self.settings = Settings.from_environment(
            data=folder, passages_read=read, min_confidence=0.0, answers_kept=0
        )
        self.store = Store(folder, create=True)
        self.pipeline = make_pipeline(self.settings)
        self.pipeline.warm_up()

    def index(self, passages: Sequence[dict[str, str]]) -> None:
        examples = [Example("", "", each["text"], (), each["title"]) for each in passages]
        indexer = make_indexer(self.settings, self.store, self.pipeline.retriever.embedder)
        for _ in indexer.bring(sources(examples, self.settings)):
            pass

    def ask(self, question: str) -> str:
        answers = self.pipeline.answer(Question(question)).answers
        return answers[0].text if answers else ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        serve(Verbatim(Path(folder), int(sys.argv[1])))
