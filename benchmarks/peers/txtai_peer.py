"""txtai's extractive pipeline, as its documentation sets it up.

    python -m benchmarks.peers.txtai_peer EMBEDDER READER READ [--each]

It reads the best passages joined into one text, of which its model sees the first 512 tokens. Where
the reader would rather not answer it fails, which counts as no answer. With --each it reads them
one by one, as the others do, and takes the likeliest answer.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Any

import torch
from txtai import Embeddings
from txtai.pipeline import RAG
from txtai.pipeline.text.questions import Questions

from benchmarks.peers.narrowing import cut
from benchmarks.peers.protocol import serve


class Scored(Questions):
    """The likeliest span of each context, and how likely; txtai tells the span alone."""

    def likeliest(self, question: str, contexts: Sequence[str]) -> str:
        best, text = -1.0, ""
        for context in contexts:
            tokens = self.tokenizer(
                question, context, truncation="only_second", return_tensors="pt"
            )
            with torch.no_grad():
                found = self.model(**tokens)
            inside = torch.tensor([number == 1 for number in tokens.sequence_ids(0)])
            start, end = (
                each[0].masked_fill(~inside, -torch.inf)
                for each in (found.start_logits, found.end_logits)
            )
            first, last = int(start.argmax()), int(end.argmax())
            chance = float(start.softmax(-1)[first] * end.softmax(-1)[last])
            if last >= first and chance > best:
                best, text = chance, self.answer(context, tokens, first, last)
        return text


class Txtai:
    def __init__(self, embedder: str, reader: str, read: int, each: bool) -> None:
        self.embeddings = Embeddings(path=embedder, content=True)
        self.read = read
        self.lock = threading.Lock()  # its store takes one question at a time
        self.questions = Scored(reader, gpu=False) if each else None
        self.rag: Any = (
            None
            if each
            else RAG(self.embeddings, reader, context=read, task="question-answering", gpu=False)
        )
        cut((self.questions or self.rag.model).model)

    def index(self, passages: Sequence[dict[str, str]]) -> None:
        self.embeddings.index(each["text"] for each in passages)

    def ask(self, question: str) -> str:
        with self.lock:
            return self.answer(question)

    def answer(self, question: str) -> str:
        if self.questions is not None:
            found = self.embeddings.search(question, self.read)
            return self.questions.likeliest(question, [each["text"] for each in found])
        try:
            answered = self.rag(question)
        except TypeError:  # where the likeliest span is the reader's sign for no answer
            return ""
        return answered.get("answer") or ""


if __name__ == "__main__":
    serve(Txtai(sys.argv[1], sys.argv[2], int(sys.argv[3]), "--each" in sys.argv[4:]))
