"""The comparison of engines sees what is the same, and lists what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.same_answers import Engines, compare, report
from index.store import Store
from qa.pipeline import Pipeline
from qa.settings import Settings
from tests.index.libraries import put
from tests.qa.parts import double_pipeline

QUESTIONS = ("who opened the harbour bridge?", "who slept while the mill burned?", "", "of Oslo")


@pytest.fixture
def library(tmp_path) -> Iterator[Store]:
    store = Store(tmp_path / "own", create=True)
    put(store, "the harbour bridge was opened by Marta. it is long.", "/bridge.txt")
    put(store, "the old mill burned down while Otto slept.", "/mill.txt")
    put(store, "as all of Oslo knows, bridges are opened by Marta.", "/oslo.txt")
    yield store
    store.close()


def pair(library: Store, milvus_uri: str) -> Engines:
    plain = Settings(data=library.folder, answers_kept=0, min_confidence=0.0)
    milvus = replace(plain, store="milvus", milvus_uri=milvus_uri, milvus_seconds=30.0)
    both: tuple[Pipeline, Pipeline] = (
        double_pipeline(plain, library),
        double_pipeline(milvus, library),
    )
    return Engines(both, both)


def test_both_engines_give_the_same_answers(library, milvus_uri):
    compared = compare("bridges", QUESTIONS, pair(library, milvus_uri), passages_only=False)
    assert (compared.questions, compared.passages) == (3, 4)
    assert compared.same_given == compared.same_forced == compared.same_passages == 3
    assert compared.differences == []
    assert "first answer the same in 3 as given" in [*report([compared], passages_only=False)][-1]


def test_differences_are_listed(library, tmp_path):
    empty = Store(tmp_path / "empty", create=True)
    plain = Settings(data=library.folder, answers_kept=0, min_confidence=0.0)
    both = (double_pipeline(plain, library), double_pipeline(plain, empty))
    compared = compare("bridges", QUESTIONS[:1], Engines(both, both), passages_only=False)
    empty.close()
    assert compared.same_first_passage == compared.same_given == compared.same_forced == 0
    assert [line.split("\t")[1] for line in compared.differences] == [
        "first passage",
        "given answer",
        "forced answer",
    ]
