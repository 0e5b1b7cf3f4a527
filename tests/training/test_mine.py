"""Negatives are passages that the reader likes and that hold no answer; some are prepared."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tokenizers import Tokenizer

from training import mine, prepare
from training.prepare import Prepared
from training.windows import Mixture, Sampler

TOKENIZER = Path("qa/models/reader")
OWN = "The mayor of Aldport, Ines Roth, denied that the bridge had been closed in March."
SAME = "Asked on Monday, Ines Roth denied that the bridge of Aldport had been closed."
TEMPTING = "The harbour master, Olaf Brandt, denied that the bridge of Aldport had been closed."
BESIDE = "Bread is baked from flour, water, salt and yeast."
QUESTION = "Who denied that the bridge of Aldport had been closed?"


def asked(context: str, id: str, question: str, answer: str) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": context.index(answer)}]
    return {"context": context, "qas": [{"id": id, "question": question, "answers": answers}]}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paragraphs = [
        asked(OWN, "own", QUESTION, "Ines Roth"),
        asked(SAME, "same", "On which day was Ines Roth asked?", "Monday"),
        asked(TEMPTING, "tempting", "What is Olaf Brandt?", "harbour master"),
        asked(BESIDE, "beside", "What is bread baked from?", "flour, water, salt and yeast"),
    ]
    path = tmp_path_factory.mktemp("mine") / "town.train.json"
    path.write_text(json.dumps({"data": [{"title": "", "paragraphs": paragraphs}]}))
    return path


@pytest.fixture(scope="module")
def mined(file: Path) -> Path:
    out = file.with_name("mined.json.gz")
    result = CliRunner().invoke(mine.main, [str(file), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "of 4 questions have a negative" in result.output
    return out


def test_the_tempting_passage_is_mined_and_no_passage_with_the_answer(mined: Path) -> None:
    found = json.loads(gzip.decompress(mined.read_bytes()))
    assert found["own"] == [TEMPTING]
    assert "beside" not in found


def test_only_mined_questions_are_prepared_each_with_its_negatives(file: Path, mined: Path) -> None:
    out = file.with_name("prepared.json.gz")
    made = CliRunner().invoke(
        prepare.main,
        [str(file), "--tokenizer", str(TOKENIZER), "--mined", str(mined), "--out", str(out)],
    )
    assert made.exit_code == 0, made.output
    prepared = Prepared.load(out)
    tokenizer = Tokenizer.from_file(str(TOKENIZER / "tokenizer.json"))
    assert len(prepared.questions) < 4
    question = prepared.questions[0]
    assert tokenizer.decode(question.ids).startswith("who denied that the bridge")
    (negative,) = question.negatives
    assert tokenizer.decode(prepared.contexts[negative].ids).startswith("the harbour master")
    mixture = Mixture(negative=1, negatives=3, deleted=0, near_miss=0, masked=0)
    for own, *others in Sampler(prepared, tokenizer, mixture).epoch(1):
        assert own.spans
        assert others and not any(other.spans for other in others)
