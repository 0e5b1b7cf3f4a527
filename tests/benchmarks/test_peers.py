"""What drives the peers, without the peers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from benchmarks.peers.__main__ import Process, corpus
from benchmarks.peers.protocol import obey, peak_mb
from benchmarks.peers.venvs import HERE, PEERS
from qa.assembly import make_reader
from qa.settings import Settings
from tests.conftest import ROOT


class Echo:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def index(self, passages: Sequence[dict[str, str]]) -> None:
        self.texts = [each["text"] for each in passages]

    def ask(self, question: str) -> str:
        return f"{question} {len(self.texts)}"


def test_orders_are_obeyed() -> None:
    peer = Echo()
    assert obey(peer, {"do": "index", "passages": [{"text": "a", "title": "t"}]}) == {}
    assert obey(peer, {"do": "ask", "question": "Who?"}) == {"answer": "Who? 1"}
    answered = obey(peer, {"do": "clients", "clients": 3, "questions": ["a", "b", "c", "d"]})
    assert answered == {"answers": ["a 1", "b 1", "c 1", "d 1"]}
    assert obey(peer, {"do": "memory"})["peak_mb"] == pytest.approx(peak_mb(), rel=0.5)
    with pytest.raises(ValueError, match="'sing' is no order"):
        obey(peer, {"do": "sing"})


def test_a_process_answers_line_by_line_whatever_else_is_printed() -> None:
    script = (
        "from benchmarks.peers.protocol import serve\n"
        "class Peer:\n"
        "    def index(self, passages): print('noise')\n"
        "    def ask(self, question): print('noise'); return question.upper()\n"
        "serve(Peer())\n"
    )
    process = Process([sys.executable, "-c", script])
    try:
        process.order(do="index", passages=[])
        done = process.order(do="ask", question="who?")
    finally:
        process.close()
    assert done["answer"] == "WHO?"
    assert done["seconds"] >= 0


def test_the_protocol_needs_nothing_but_the_standard_library() -> None:
    """It runs in environments that have nothing of this project."""
    command = [sys.executable, "-I", "-S", "-c"]
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import benchmarks.peers.protocol; "
        "print(*sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    done = subprocess.run([*command, code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert set(done.stdout.split()) <= {"__main__", "benchmarks"}


def test_questions_are_those_that_the_corpus_answers(tmp_path: Path) -> None:
    paragraphs = [
        {
            "context": f"text {n}",
            "qas": [
                {"id": f"{n}a", "question": f"q{n}", "answers": [{"text": "text"}]},
                {"id": f"{n}b", "question": f"none{n}", "answers": [], "is_impossible": True},
            ],
        }
        for n in range(4)
    ]
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"data": [{"title": "A_title", "paragraphs": paragraphs}]}))
    texts, asked = corpus([file], 2, 10)
    assert texts == [{"text": f"text {n}", "title": "A title"} for n in range(2)]
    assert [example.question for example in asked] == ["q0", "q1"]


@pytest.mark.parametrize("peer", PEERS)
def test_every_version_is_pinned(peer: str) -> None:
    lines = (HERE / f"requirements-{peer}.txt").read_text().splitlines()
    assert lines
    assert all(line.startswith("#") or "==" in line for line in lines)


@pytest.mark.models
def test_the_weights_that_peers_read_with_are_the_packaged_ones(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering

    from benchmarks.peers.narrowing import cut
    from benchmarks.peers.weights import write_reader

    settings = Settings(threads=1)
    write_reader(settings.reader, tmp_path)
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path).eval()
    filled = sum(weight.numel() for weight in model.parameters())
    cut(model)
    assert sum(weight.numel() for weight in model.parameters()) < filled - 3_000_000
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    tokenizer.no_padding()
    question, text = "Who built the bridge?", "The bridge was built in 1932 by Anna Berg."
    encoding = tokenizer.encode(question, text)
    ids, types = torch.tensor([encoding.ids]), torch.tensor([encoding.type_ids])
    with torch.no_grad():
        said = model(input_ids=ids, token_type_ids=types)
    reader = make_reader(settings)
    reader.warm_up()
    session = reader._loaded().session
    starts, ends = session.run(
        ["start_logits", "end_logits"],
        {"input_ids": ids.numpy(), "token_type_ids": types.numpy()},
    )
    assert np.abs(starts - said.start_logits.numpy()).mean() < 0.3
    assert np.abs(ends - said.end_logits.numpy()).mean() < 0.3
    assert int(said.start_logits.argmax()) == int(starts.argmax())
