"""Recall of the passages that are read, on small files whose ranks are known."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks.retrieval import AT, Found, chosen, holds, main, reciprocal_ranks
from benchmarks.squad import Example
from tests.benchmarks.squad_files import article, qa, write


def test_recall_counts_the_first_right_passage():
    found = Found()
    for search in ("dense", "BM25", "fused"):
        found.note(search, [7, 8, 9], {9, 8}, 0.001)
        found.note(search, [7, 8, 9], {4}, 0.003)
    assert found.places["dense"] == [1, 10**6]
    assert found.recall("dense") == [0.0] + [50.0] * (len(AT) - 1)
    assert found.lead() == [0.0] * len(AT)
    assert found.milliseconds("dense") == pytest.approx(2.0)


def test_fused_leads_the_better_of_the_two():
    found = Found()
    for search, ranking in (("dense", [1, 2]), ("BM25", [2, 1]), ("fused", [1, 2])):
        found.note(search, ranking, {1}, 0.0)
    assert found.lead()[:2] == [0.0, 0.0]
    found.places["dense"] = [1]
    assert found.lead()[:2] == [100.0, 0.0]


def test_reciprocal_ranks():
    assert reciprocal_ranks([[1, 2], [2, 3]]) == [2, 1, 3]
    assert reciprocal_ranks([[9], [4]]) == [4, 9]
    assert reciprocal_ranks([[], []]) == []


@pytest.mark.parametrize(
    ("text", "answers", "held"),
    [
        ("in the 1920s.[8] Then", ["1920s"], True),
        ("The Rhine flows.", ["a rhine"], True),
        ("The Rhine flows.", ["Elbe", "Rhine"], True),
        ("The Rhine flows.", ["Rhin e", "a", ""], False),
    ],
)
def test_a_passage_holds_an_answer(text, answers, held):
    assert holds(text, answers) is held


def test_every_tenth_question_of_a_set_is_asked():
    examples = [Example(str(n), "q", "c", ("a",)) for n in range(40)]
    examples += [Example(str(n), "q", "c", ()) for n in range(40, 80)]
    asked = chosen({"dev": examples, "train": examples}, ["train"], None, 0)
    assert [len(asked["dev"]), len(asked["train"])] == [40, 4]
    assert asked["train"] != chosen({"train": examples}, ["train"], None, 1)["train"]
    assert len(chosen({"dev": examples}, [], 7, 0)["dev"]) == 7


@pytest.mark.models
def test_the_whole_of_it(tmp_path):
    rivers = article(
        "Rivers",
        ("The Rhine flows north.", [qa("1", "Where does the Rhine flow?", "north")]),
        ("The Danube flows east.", [qa("2", "Where does the Danube flow?", "east")]),
    )
    lakes = article("Lakes", ("Lake Garda is deep.", [qa("3", "Is Lake Garda deep?", "deep")]))
    files = write(tmp_path / "a.json", rivers), write(tmp_path / "b.json.gz", lakes, zipped=True)
    command = [str(files[0]), "--contexts", str(files[1]), "--keep", str(tmp_path / "kept")]
    for _ in range(2):
        done = CliRunner().invoke(main, [*command, "--json"])
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert (found["documents"], found["passages"]) == (3, 3)
        assert found["sets"]["a"]["questions"] == 2
        assert found["sets"]["a"]["recall"] == {
            search: [100.0] * len(AT) for search in ("dense", "BM25", "RRF", "fused")
        }
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0
    assert "least lead" in shown.stdout
