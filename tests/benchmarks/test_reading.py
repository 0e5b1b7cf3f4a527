"""Scores of reading with the context given, against cases worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.no_answer import best_threshold
from benchmarks.no_answer import score as score_declining
from benchmarks.reading import Read, main, read, save, score
from benchmarks.squad import Example
from qa.errors import QuestionTooLong
from qa.reader import PassageSpan, Reading
from tests.benchmarks.squad_files import article, qa, write

CONTEXT = "Harbour master Anna Berg opened the bridge on Tuesday."


def example(id_: str, *answers: str) -> Example:
    return Example(id_, "Who opened it?", CONTEXT, answers)


class OneSpanReader:
    """Answers every question with the same slice of the passage, or as told."""

    name = "one span"

    def __init__(self, reading: Reading | None = None) -> None:
        self.reading = reading or Reading((PassageSpan(0, 24, 3.0),), 1.0)

    def warm_up(self) -> None:
        pass

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        if len(question) > 50:
            raise QuestionTooLong("too long")
        return [self.reading for _ in passages]


def test_the_best_gold_answer_counts_and_the_mean_is_over_the_questions() -> None:
    reader = OneSpanReader()
    # "Harbour master Anna Berg": two of four words, all of either gold: 2 * 0.5 / 1.5
    first = read(reader, example("a", "the harbour master", "Anna Berg"))
    second = read(reader, example("b", "harbour master Anna Berg"))
    third = read(reader, example("c", "Tuesday"))
    assert (first.text, first.margin) == ("Harbour master Anna Berg", 2.0)
    found = score([first, second, third])
    assert found.exact == pytest.approx(100 / 3)
    assert found.f1 == pytest.approx(100 * (2 / 3 + 1 + 0) / 3)
    assert (found.questions, found.no_answer) == (3, None)


def test_where_no_span_was_found_nothing_is_answered() -> None:
    item = read(OneSpanReader(Reading((), 1.0)), example("a", "Anna Berg"))
    assert (item.text, item.margin, item.no_answer) == ("", -np.inf, 1.0)
    assert score([item]).f1 == 0.0


def test_a_question_that_the_reader_refuses_is_one_without_an_answer() -> None:
    asked = Example("a", "Who " * 50, CONTEXT, ("Anna Berg",))
    assert read(OneSpanReader(), asked).text == ""


def test_declining_is_scored_as_by_evaluate_v2() -> None:
    """Four questions from the surest answer to the least sure: right, none, half right, none.

    Answering k of them is worth, of 4: 0 -> 2, 1 -> 3, 2 -> 2, 3 -> 2.5, 4 -> 1.5 in F1,
    and for EM 2, 3, 2, 2, 1: best is to answer the first alone.
    """
    found = score_declining(
        [5.0, 1.0, -1.0, -2.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.5, 0.0], [True, False] * 2
    )
    assert (found.answerable, found.unanswerable) == (2, 2)
    assert found.best_f1.threshold == found.best_exact.threshold == -5.0
    assert (found.best_f1.exact, found.best_f1.f1) == (75.0, 75.0)
    assert (found.best_f1.has_f1, found.best_f1.no) == (50.0, 100.0)
    # at a margin of 0 the second question is answered too, though it has no answer
    assert (found.at_zero.exact, found.at_zero.f1) == (50.0, 50.0)
    assert (found.at_zero.has_exact, found.at_zero.has_f1, found.at_zero.no) == (50.0, 50.0, 50.0)
    # of the four pairs of an answerable and an unanswerable one, three are in order
    assert found.auroc == 0.75


def test_declining_all_is_best_where_every_answer_is_wrong() -> None:
    found = score_declining([1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [True, False])
    assert found.best_f1.f1 == 50.0
    assert found.best_f1.no == 100.0


def test_questions_of_one_score_are_answered_together() -> None:
    scores = np.array([0.0, 0.0, 1.0])
    threshold = best_threshold(scores, np.array([1.0, 0.0, 1.0]), np.array([True, False, True]))
    assert threshold == 1.0


def test_a_question_without_a_span_does_not_upset_the_score() -> None:
    found = score_declining([2.0, -np.inf], [1.0, 0.0], [1.0, 0.0], [True, False])
    assert (found.auroc, found.best_f1.f1) == (1.0, 100.0)


def test_predictions_are_forced_and_probabilities_tell_what_to_decline(tmp_path: Path) -> None:
    path = tmp_path / "new" / "predictions.json"
    save(path, [Read(example("a", "Berg"), "Bérg", 2.0), Read(example("b"), "Tuesday", -2.0)])
    assert json.loads(path.read_text("utf-8")) == {"a": "Bérg", "b": "Tuesday"}
    assert "Bérg" in path.read_text("utf-8")
    declined = json.loads((tmp_path / "new" / "predictions.na_prob.json").read_text("utf-8"))
    assert declined["a"] < 0.5 < declined["b"]


def test_without_unanswerable_questions_there_are_no_probabilities(tmp_path: Path) -> None:
    save(tmp_path / "predictions.json", [Read(example("a", "Berg"), "Berg", 2.0)])
    assert [path.name for path in tmp_path.iterdir()] == ["predictions.json"]


@pytest.mark.models
def test_the_command_reads_several_files_with_the_real_reader(tmp_path: Path) -> None:
    context = "The harbour bridge was opened by the mayor, Anna Berg, on a Tuesday in 1987."
    answerable = [qa("a", "Who opened the harbour bridge?", "Anna Berg", "the mayor, Anna Berg")]
    both = [qa("b", "In which year was the bridge opened?", "1987"), qa("c", "Who sank the ship?")]
    files = [
        write(tmp_path / "one.json", article("Bridge", (context, answerable))),
        write(tmp_path / "two.json.gz", article("Bridge", (context, both)), zipped=True),
    ]
    out = tmp_path / "predictions.json"
    done = CliRunner().invoke(main, [*map(str, files), "--predictions", str(out)])
    assert done.exit_code == 0, done.output
    texts = json.loads(out.read_text("utf-8"))
    assert set(texts) == {"a", "b", "c"}
    assert "Anna Berg" in texts["a"]
    assert "1987" in texts["b"]
    assert all(text in context for text in texts.values())
    assert "mean of the sets" in done.stdout
    assert "HasAns" in done.stdout


def test_the_command_says_which_file_is_no_squad_file(tmp_path: Path) -> None:
    file = tmp_path / "set.json"
    file.write_text('{"questions": []}')
    done = CliRunner().invoke(main, [str(file)])
    assert done.exit_code == 1
    assert f"{file} is not SQuAD" in done.output
    assert "has no 'data'" in done.output
