"""Near copies have one voice."""

from __future__ import annotations

import random

import pytest

from index.documents import Document
from index.indexing import Indexer
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.libraries import indexer_of

WORDS = [f"{a}{b}{c}" for a in "bdfgkl" for b in "aeiou" for c in "mnrst"]


def story(seed: int, sentences: int = 12) -> str:
    chance = random.Random(seed)
    return " ".join(
        " ".join(chance.choices(WORDS, k=9)).capitalize() + "." for _ in range(sentences)
    )


@pytest.fixture
def indexer(store: Store, embedder: HashingEmbedder) -> Indexer:
    return indexer_of(store, embedder)


def add(indexer: Indexer, name: str, text: str) -> None:
    indexer.add_document(Document(f"/{name}/story.txt", name, text, "text/plain"))


def voices(store: Store) -> dict[str, int]:
    return {summary.title: summary.voice for summary in store.documents()}


def test_different_texts_have_different_voices(indexer, store):
    for seed in range(4):
        add(indexer, str(seed), story(seed))
    assert len(set(voices(store).values())) == 4


@pytest.mark.parametrize(
    "edited",
    [
        story(1),
        f"HALCYRA (Agency): {story(1)} Reporting by Otto.",
        story(1)[: len(story(1)) // 2],
        " ".join([*story(1).split()[:40], "and", "later", *story(1).split()[40:]]),
    ],
    ids=["the same", "with its outlet", "shortened", "with words put in"],
)
def test_a_near_copy_has_its_originals_voice(indexer, store, edited):
    add(indexer, "other", story(2))
    add(indexer, "original", story(1))
    add(indexer, "copy", edited)
    found = voices(store)
    assert found["copy"] == found["original"] != found["other"]


def test_a_short_text_is_a_copy_of_its_equal_only(indexer, store):
    for name, text in (
        ("original", "The harbour was closed on Monday."),
        ("copy", "The harbour was closed on Monday!"),
        ("other", "The harbour was closed on Tuesday."),
    ):
        add(indexer, name, text)
    found = voices(store)
    assert found["copy"] == found["original"] != found["other"]


def test_copies_that_come_in_one_batch_are_linked(indexer, store, tmp_path):
    paths = []
    for name in ("one", "two", "three"):
        path = tmp_path / name / "story.txt"
        path.parent.mkdir()
        path.write_text(f"{story(1)}\n\nPrinted by {name}.")
        paths.append(path)
    list(indexer.add(paths))
    assert store.generation() == 1
    assert len({summary.voice for summary in store.documents()}) == 1


def test_a_document_that_becomes_another_text_gets_a_voice_of_its_own(indexer, store):
    add(indexer, "original", story(1))
    add(indexer, "copy", story(1))
    before = voices(store)["original"]
    add(indexer, "copy", story(3))
    found = voices(store)
    assert found["original"] == before
    assert found["copy"] not in {before, None}
    add(indexer, "late", story(1))
    assert voices(store)["late"] == before


def test_a_document_that_becomes_a_copy_takes_the_voice(indexer, store):
    add(indexer, "original", story(1))
    add(indexer, "copy", story(2))
    add(indexer, "copy", story(1))
    assert len(set(voices(store).values())) == 1


def test_no_voice_is_used_again(indexer, store):
    seen = set[int]()
    for seed in range(4):
        add(indexer, "a", story(seed))
        (voice,) = voices(store).values()
        assert voice not in seen
        seen.add(voice)
    indexer.remove("/a/story.txt")
    add(indexer, "b", story(1))
    assert not set(voices(store).values()) & seen


def test_a_removed_document_lends_its_voice_no_more(indexer, store):
    add(indexer, "original", story(1))
    indexer.remove("/original/story.txt")
    assert store.rows("SELECT * FROM copy_bands") == []
    add(indexer, "copy", story(1))
    assert voices(store) == {"copy": 2}


def test_the_voice_is_the_nearest_ones(indexer, store):
    words = story(1, 20).split()
    half = " ".join(words[: len(words) // 2])
    add(indexer, "half", f"{half} {story(5, 10)}")
    add(indexer, "whole", " ".join([*words[:-20], *story(6, 3).split()]))
    add(indexer, "copy", " ".join(words))
    found = voices(store)
    assert found["copy"] == found["whole"]


def test_a_renamed_copy_keeps_its_voice(indexer, store, tmp_path):
    add(indexer, "original", story(1))
    path = tmp_path / "a.txt"
    path.write_text(story(1))
    list(indexer.add([path]))
    new = path.rename(tmp_path / "b.txt")
    (done,) = indexer.bring([indexer.file(new, str(path))])
    assert done.outcome == "renamed"
    assert len({summary.voice for summary in store.documents()}) == 1


def test_passages_know_their_voice(indexer, store):
    add(indexer, "original", story(1, 1))
    add(indexer, "copy", story(1, 1))
    assert {p.voice for p in store.passages([1, 2]).values()} == {1}
