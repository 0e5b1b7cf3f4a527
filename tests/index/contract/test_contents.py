"""What a store of either engine holds: hostile texts, copies, repeated blocks; and damage."""

from __future__ import annotations

import pytest

from index.documents import Document, Span
from index.errors import CorruptIndex
from index.indexing import Indexer
from index.linking import link_copies
from index.records import passage_key
from index.repair import repair
from index.verify import content_findings, findings
from tests.index.libraries import EMBEDDER, MODEL, document, indexer_of, put

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."
COPY = " ".join(f"The harbour of town {n} was closed on day {n} of the strike." for n in range(12))

STRANGE = (
    "zero \0 byte",
    "\ufdd0\ufdd1\ufdd2 \0\ufdd0",
    "%s %(p1)s ? ?1 :name '' \" \\ $1 $$ ; -- /* {}",
    "\ufeff e\u0301 \U0001f469\u200d\U0001f467 \u202e \U0010ffff \x7f",
)


@pytest.mark.parametrize("strange", STRANGE)
def test_any_text_comes_back_as_it_was(store, strange):
    """Zero bytes do not come from any loader; a backup of an older version may hold them."""
    source, title = f"/{strange}.txt", f"Title {strange}"
    text = f"{strange} and more."
    whole = Document(source, title, text, "text/plain", author=strange, pages=(0, 3))
    stored_id = store.put(whole, [Span(0, len(text))], EMBEDDER.embed([text]), MODEL)
    stored = store.document(stored_id)
    assert (stored.source, stored.title, stored.text) == (source, title, text)
    assert (stored.author, stored.pages) == (strange, (0, 3))
    assert store.find(source) == (stored_id, stored.content_hash)
    assert store.find(source + "x") is None
    assert store.has_file(f"{strange}.txt") or "\0" in strange  # SQLite measures up to that
    assert [p.text for p in store.passages([1]).values()] == [text]
    assert list(store.of_origin(source)) == [source]
    assert list(store.known_vectors([passage_key(text)])) == [passage_key(text)]
    assert list(content_findings(store)) == []


def test_half_a_surrogate_pair_is_refused_and_changes_nothing(store):
    put(store, RIVERS)
    for strange in (document("half \ud800 pair.", "/b.txt"), document("A text.", "/\udfff.txt")):
        with pytest.raises(UnicodeEncodeError):
            store.put(strange, [Span(0, 4)], EMBEDDER.embed(["half"]), MODEL)
    assert store.find("\ud800") is None
    assert (store.count(), store.generation()) == ((1, 2), 1)
    put(store, LAKES)


def test_a_source_may_be_longer_than_an_index_takes(store):
    """Of 40,000 characters that do not repeat: a B-tree of PostgreSQL takes 2,700 bytes."""
    name = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(40_000))
    source = f"/{name}/x.txt"
    stored = put(store, RIVERS, source)
    assert store.find(source) == (stored, store.document(stored).content_hash)
    assert put(store, LAKES, source) == stored
    assert list(store.origins_under(f"/{name}")) == [source]


def test_copies_have_one_voice_and_others_their_own(store):
    indexer = indexer_of(store)
    first = indexer.add_document(document(COPY, "/a.txt")).ids[0]
    other = indexer.add_document(document(LAKES, "/b.txt")).ids[0]
    copy = indexer.add_document(document(f"By our reporter. {COPY}", "/c.txt")).ids[0]
    voices = {summary.id: summary.voice for summary in store.documents()}
    assert voices[first] == voices[copy] != voices[other]
    assert store.sharing_bands(copy, 5) == [first]
    assert link_copies(store, copy) == voices[first]
    assert len(store.bands_of(first)) > 10
    store.remove(first)
    assert store.sharing_bands(copy, 5) == []


def test_what_repeats_on_a_site_is_found_to_be_furniture(store):
    """Three documents of one site begin alike; the fourth's first line is not searched."""
    indexer: Indexer = indexer_of(store)
    for number, story in enumerate(("Rhine", "Elbe", "Po", "Rhone")):
        text = f"Subscribe to our newsletter today\n\nThe {story} rose by {number} metres.\n"
        indexer.add_document(document(text, f"https://example.org/{number}"))
    marked = [bool(store.document(summary.id).furniture) for summary in store.documents()]
    assert marked == [True] * 4
    assert list(content_findings(store)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET text = 'The Rhine was long. The Danube is longer.'",
        "UPDATE documents SET title = 'Lakes'",
        "UPDATE documents SET author = 'Otto'",
        "UPDATE documents SET pages = '{'",
        "UPDATE documents SET furniture = '[[3, 0]]'",
    ],
)
def test_a_damaged_document_is_not_believed(place, store, change):
    rivers = put(store, RIVERS)
    place.damage(change)
    with pytest.raises(CorruptIndex, match=f"Document {rivers} is damaged.*verify --repair"):
        store.document(rivers)
    assert {finding.document_id for finding in content_findings(store)} == {rivers}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE passages SET text = 'The Rhine was long.' WHERE id = 1",
        "UPDATE passages SET start_at = 1 WHERE id = 1",
        "UPDATE passages SET checksum = 1 WHERE id = 1",
        "UPDATE passages SET document_id = 2 WHERE id = 1",
        "UPDATE passages SET vector = text_key WHERE id = 1",
    ],
)
def test_a_damaged_passage_is_not_believed(place, store, change):
    put(store, RIVERS)
    put(store, LAKES, "/b.txt")
    place.damage(change)
    assert store.passages([2, 3])
    with pytest.raises(CorruptIndex, match=r"A passage of document [12] is damaged"):
        store.passages([1, 2, 3])
    assert list(content_findings(store))


def test_what_is_damaged_is_mended_or_kept_out_of_all_answers(place, store, tmp_path):
    """A file that is still as it was is read again; what has none is silenced."""
    file = tmp_path / "rivers.txt"
    file.write_text(RIVERS)
    indexer = indexer_of(store)
    (rivers,) = [indexed.ids[0] for indexed in indexer.add([file])]
    lakes = put(store, LAKES, "/lakes.txt")
    gulls = put(store, "Gulls cry. Terns dive.", "/gulls.txt")
    place.damage(f"UPDATE documents SET title = 'Wrong' WHERE id <> {gulls}")
    place.damage(f"UPDATE passages SET checksum = 1 WHERE document_id = {gulls}")
    place.damage("DELETE FROM history WHERE generation = 3")
    told = list(repair(indexer, list(findings(store, list, lambda: None))))
    assert any(f"read again from {file}" in line for line in told)
    assert any("/lakes.txt) cannot be mended" in line for line in told)
    assert store.document(rivers).text == RIVERS
    owners = {row[0] for row in store.rows("SELECT DISTINCT document_id FROM passages")}
    assert owners == {rivers, gulls}
    assert {finding.document_id for finding in content_findings(store)} == {lakes}


def test_verify_finds_passages_that_belong_to_nothing(place, store):
    put(store, RIVERS)
    assert list(findings(store, list, lambda: None)) == []
    place.damage("DELETE FROM documents")
    assert [f.part.value for f in findings(store, list, lambda: None)][:1] == ["database"]
