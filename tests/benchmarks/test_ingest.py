"""What the ingest benchmark counts, on cases worked out by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.ingest import add_files, pool, recall, take_turns
from benchmarks.squad import Example
from tests.doubles import HashingEmbedder


def example(context: str, answers: tuple[str, ...] = ("a",)) -> Example:
    return Example("id", f"What of {context}?", context, answers)


def test_passages_are_taken_evenly_with_their_own_questions() -> None:
    examples = [example(f"c{i}") for i in (0, 0, 1, 2, 3)] + [example("c2", answers=())]
    chosen = pool(examples, 2)
    assert chosen.passages == ("c0", "c2")
    assert chosen.questions == ("What of c0?", "What of c0?", "What of c2?")
    assert chosen.own.tolist() == [0, 0, 1]


def test_all_contexts_are_passages_where_there_are_fewer_than_asked_for() -> None:
    assert pool([example("c0"), example("c1", answers=())], 9).passages == ("c0", "c1")


def test_a_passage_counts_as_found_up_to_the_tenth_place() -> None:
    passages = np.sqrt(np.linspace(0.9, 0.1, 12, dtype=np.float32))[:, None]
    question = np.ones((3, 1), dtype=np.float32)
    assert recall(question, passages, np.array([0, 9, 10])) == 2 / 3


def test_questions_are_compared_in_their_own_rows_beyond_the_first_thousand() -> None:
    passages = np.eye(11, dtype=np.float32)
    own = np.arange(1_001) % 11
    assert recall(passages[own], passages, own) == 1.0
    assert recall(-passages[own], passages, own) == 0.0


def test_each_embeds_all_passages_in_turn() -> None:
    order = []

    def embed_as(name):
        return lambda texts: order.append((name, len(texts))) or np.zeros((len(texts), 1))

    turns = take_turns({"a": embed_as("a"), "b": embed_as("b")}, ["x", "y"], 2)
    assert order == [("a", 2), ("b", 2)] * 2
    assert [len(taken.seconds) for taken in turns] == [2, 2]


def test_every_text_is_among_the_files_that_are_added() -> None:
    embedder = HashingEmbedder()
    texts = [f"Story {i} tells of the river Number{i}." for i in range(20)]
    count, seconds = add_files(embedder, texts)
    assert seconds > 0
    assert count >= 3
    assert all(any(text in passage for passage in embedder.embedded) for text in texts)
