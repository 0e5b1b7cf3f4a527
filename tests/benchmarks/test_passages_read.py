"""What reading more passages does, as counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.passages_read import NUMBERS, first_answers, largest_fall, main, means, score
from benchmarks.pooled import build
from benchmarks.squad import Example
from index.store import Store
from qa.answers import AnswerSet, Question
from qa.settings import Settings
from tests.benchmarks.squad_files import article, qa, write
from tests.qa.parts import double_pipeline

BRIDGE = "the harbour bridge was opened by Marta in the spring."
MILL = "the old mill was burned down by Otto at night."


def test_a_fall_is_measured_from_the_highest_value_before() -> None:
    assert largest_fall([1.0, 3.0, 2.5, 4.0, 2.75]) == 1.25
    assert largest_fall([1.0, 2.0]) == 0.0


def test_means_are_percentages() -> None:
    scored = [dict.fromkeys(NUMBERS, (1.0, 1.0)), dict.fromkeys(NUMBERS, (0.0, 0.5))]
    assert means(scored) == dict.fromkeys(NUMBERS, (50.0, 75.0))


def test_each_number_of_passages_gets_its_own_first_answer(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [Example("a", "Who came?", BRIDGE, ("Marta",)), Example("b", "Who?", MILL, ())]
    pipeline = double_pipeline(settings, store)
    library = build(examples, store, pipeline)
    read = []
    answer = library.forced.answer

    def counted(question: Question, top_k: int) -> AnswerSet:
        read.append(top_k)
        return answer(question, top_k)

    monkeypatch.setattr(library.forced, "answer", counted)
    found = first_answers(library, "Who burned down the old mill?")
    assert found == dict.fromkeys(NUMBERS, "Otto")
    assert read == sorted(NUMBERS, reverse=True)
    assert first_answers(library, "") == dict.fromkeys(NUMBERS, "")


def test_a_question_is_scored_at_each_number(store: Store, settings: Settings) -> None:
    asked = Example("a", "Who opened the harbour bridge?", BRIDGE, ("Marta",))
    library = build([asked], store, double_pipeline(settings, store))
    assert score(library, "one", [asked]) == [dict.fromkeys(NUMBERS, (1.0, 1.0))]


@pytest.mark.models
def test_the_command_reads_with_the_real_models(tmp_path: Path) -> None:
    bridge = "The harbour bridge was opened by the mayor, Anna Berg, on a Tuesday in 1987."
    asked = [qa("a", "Who opened the harbour bridge?", "Anna Berg"), qa("b", "Who sank it?")]
    file = write(tmp_path / "one.json", article("Bridge", (bridge, asked)))
    out = tmp_path / "figures.json"
    done = CliRunner().invoke(main, [str(file), "--out", str(out)])
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text("utf-8"))
    assert set(found["one"]) == {str(number) for number in NUMBERS}
    assert found["one"]["50"]["F1"] > 0
