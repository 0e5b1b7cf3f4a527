"""The benchmark of large libraries, on libraries that are small."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import index_scale, mixed_passages
from benchmarks.index_scale import nearest
from benchmarks.mixed_passages import (
    PASSAGES_PER_DOCUMENT,
    SEED,
    documents,
    fill,
    half,
    invent_real,
    passages,
    remembered,
)
from index.store import Store

REAL = invent_real(50, 4)


def test_the_same_texts_and_vectors_are_invented_each_time():
    again = invent_real(50, 4)
    assert (again.texts, again.questions) == (REAL.texts, REAL.questions)
    np.testing.assert_array_equal(again.vectors, REAL.vectors)
    np.testing.assert_allclose(np.linalg.norm(REAL.vectors, axis=1), 1, atol=1e-5)


def test_real_passages_come_first_and_mixtures_after():
    found = list(islice(passages(REAL, SEED), 80))
    assert [text for text, _ in found[:50]] == REAL.texts
    np.testing.assert_array_equal(np.stack([v for _, v in found[:50]]), REAL.vectors)
    mixed = np.stack([vector for _, vector in found[50:]])
    np.testing.assert_allclose(np.linalg.norm(mixed, axis=1), 1, atol=1e-5)
    nearest_real = (mixed @ REAL.vectors.T).max(axis=1)
    assert ((nearest_real > 0.4) & (nearest_real < 0.9999)).all()
    assert not set(REAL.texts) & {text for text, _ in islice(passages(REAL, SEED + 1), 50)}


@pytest.mark.parametrize(
    ("text", "halves"), [("a b c", ("a b", "c")), ("a", ("a", "")), ("", ("", ""))]
)
def test_halves_of_a_text(text, halves):
    assert (half(text, 0), half(text, 1)) == halves


def test_passages_are_slices_of_their_documents():
    made = list(islice(documents(REAL, 9), 7))
    assert len({item.document.source for item in made}) == 7
    for item, other in zip(made, islice(documents(REAL, 10), 7), strict=True):
        assert item.document.source != other.document.source
        words = [item.document.text[span.start : span.end] for span in item.passages]
        assert len(words) == PASSAGES_PER_DOCUMENT == len(item.vectors)
        assert "\n\n".join(words) == item.document.text.removesuffix("\n\n")


def test_a_library_is_filled_to_its_size_and_its_neighbours_are_true(tmp_path):
    store = Store(tmp_path, create=True)
    fill(store, REAL, 2_000)
    assert store.count() == (200, 2_000)
    found = nearest(store, REAL.question_vectors)
    ids, vectors = store.vectors(range(1, 2_001))
    for row, query in zip(found, REAL.question_vectors, strict=True):
        assert row.tolist() == ids[np.argsort(-(vectors @ query))[:10]].tolist()
    store.close()


def test_what_was_embedded_is_kept(tmp_path):
    first = remembered(tmp_path, [], 20, 3)
    again = remembered(tmp_path, [], 99, 9)
    assert (again.texts, again.questions) == (first.texts, first.questions)
    np.testing.assert_array_equal(again.question_vectors, first.question_vectors)


def test_all_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(index_scale, "in_child", index_scale.child)
    monkeypatch.setattr(index_scale, "CHANGES", 2)
    for module in (index_scale, mixed_passages):
        monkeypatch.setattr(module, "DOCUMENTS_PER_CHANGE", 5)
    options = ["--passages", "150", "--real", "40", "--questions", "3", "--keep", str(tmp_path)]
    for _ in range(2):  # the second finds what the first has filled
        result = CliRunner().invoke(index_scale.main, [*options, "--json"], catch_exceptions=False)
        (figures,) = json.loads(result.stdout)["sizes"]
        assert figures["passages"] == 150
        assert figures["recall"] == 1.0
        assert figures["lists"] == "none"
        assert figures["add"] > 0 < figures["add_on_empty"]
    result = CliRunner().invoke(index_scale.main, options, catch_exceptions=False)
    assert "recall@10 against exact" in result.stdout
