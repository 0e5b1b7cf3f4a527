"""What every engine promises of a search, whatever keeps the documents."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from index.documents import Filters
from index.embedded_search import EmbeddedSearch
from index.errors import EmbedderMismatch
from index.rebuilding import rebuild
from index.retrieval import Retriever
from index.store import Store
from tests.conftest import ROOT, SEEDS
from tests.doubles import HashingEmbedder
from tests.index.contract.searched import Searched, texts
from tests.index.libraries import EMBEDDER, indexer_of, put

RIVERS = "The Rhine flows north. The Danube flows east."
LAKES = "Lake Garda is deep. Lake Como is deeper."


def test_every_change_is_seen_by_the_next_search(searched, retriever):
    assert retriever.search("Rhine", 5).passages == ()
    rivers = put(retriever.store, RIVERS)
    retrieval = retriever.search("Where does the Danube flow", 5)
    assert (retrieval.generation, retrieval.indexed, retrieval.searchable) == (1, 2, 2)
    best = retrieval.passages[0]
    assert best.passage.text == "The Danube flows east."
    other = searched.retriever()
    put(other.store, LAKES, "/lakes.txt")
    assert texts(retriever, "which lake is deep")[0] == "Lake Garda is deep."
    put(retriever.store, "The Elbe flows north.")  # the same source
    assert sorted(texts(other, "danube elbe")) == [
        "Lake Como is deeper.",
        "Lake Garda is deep.",
        "The Elbe flows north.",
    ]
    other.store.remove(rivers)
    assert not [text for text in texts(retriever, "the Elbe flows north") if "Elbe" in text]
    assert retriever.check() == []
    assert other.check() == []


SOURCES = (
    "/plain.txt",
    '/quo"te.txt',
    "/apo'strophe.txt",
    "/back\\slash.txt",
    "/two\nlines.txt",
    '/"] or id > 0 or source in ["',
    "/Café \N{WAVING WHITE FLAG}.txt",
)


def test_filters(retriever):
    ids = {
        source: put(retriever.store, f"River number {n} flows.", source, f"2022-08-{10 + n}")
        for n, source in enumerate(SOURCES)
    }
    put(retriever.store, "Undated river flows.", "/undated.txt")
    for n, source in enumerate(SOURCES):
        assert texts(retriever, "river", Filters(sources=(source,))) == [f"River number {n} flows."]
    chosen = Filters(document_ids=(ids[SOURCES[1]], ids[SOURCES[3]]))
    assert sorted(texts(retriever, "river", chosen)) == [
        "River number 1 flows.",
        "River number 3 flows.",
    ]
    assert retriever.search("river", 5, chosen).searchable == 2
    dated = Filters(date_from="2022-08-15")
    assert sorted(texts(retriever, "river", dated)) == [
        "River number 5 flows.",
        "River number 6 flows.",
    ]
    assert len(texts(retriever, "river", Filters(date_to="2022-08-12"))) == 3
    both = replace(dated, sources=(SOURCES[5], SOURCES[0]))
    assert texts(retriever, "river", both) == ["River number 5 flows."]
    assert retriever.search("river", 5, Filters(sources=("/none.txt",))).searchable == 0


MEMBERS = (
    "/al\"l's\n.zip!/a.txt",
    "/al\"l's\n.zip!/sub/b.txt",
    "/al\"l's\n.zip!/inner.zip!/c.txt",
    "/al\"l's\n.zip!/inner.zip!/Café \U0010ffff.txt",
    "/al\"l's\n.zip!/inner.zipped.txt",
    "/al\"l's\n.zip",
    "/al\"l's\n.zip!",
    "/al\"l's\n.zip!0",
    "/al\"l's\n.zip2!/a.txt",
    "/other/al\"l's\n.zip!/a.txt",
)


def test_the_name_of_a_container_stands_for_all_of_its_members(retriever):
    for n, source in enumerate(MEMBERS):
        put(retriever.store, f"River {n}.", source, f"2022-08-{10 + n}")

    def found(*names: str, **dates: str) -> str:
        chosen = Filters(sources=names, **dates)
        rivers = texts(retriever, "river", chosen)
        assert retriever.search("river", 20, chosen).searchable == len(rivers)
        assert len(rivers) == sum(chosen.has_source(source) for source in MEMBERS) or dates
        return "".join(sorted(river.strip("River .") for river in rivers))

    whole = MEMBERS[5]
    assert found(whole) == "012345"
    assert found(whole + "!/inner.zip") == "23"
    assert found(MEMBERS[1], MEMBERS[8].removesuffix("!/a.txt")) == "18"
    assert found(whole, date_from="2022-08-12", date_to="2022-08-14") == "234"
    assert found(whole + "!/sub") == found("", "/") == found('/al"l') == ""
    many = [f"/{n}.zip" for n in range(2_000)]
    assert found(*many, whole + "!/inner.zip", *many) == "23"


@pytest.mark.parametrize("searched", ["sqlite+faiss", "sqlite+milvus"], indirect=True)
@pytest.mark.parametrize("length", [59_997, 59_999, 60_000, 60_002])
def test_a_member_of_a_name_that_is_too_long_for_an_engine(retriever, length):
    source = "é" * (length // 2) + "." * (length % 2)
    put(retriever.store, "River one.", source + "!/a")
    put(retriever.store, "River two.", source + ".")
    assert texts(retriever, "river", Filters(sources=(source,))) == ["River one."]


@pytest.mark.parametrize("searched", ["sqlite+faiss", "sqlite+milvus"], indirect=True)
def test_no_query_breaks_a_search(retriever):
    put(retriever.store, RIVERS)
    for query in ('" OR NEAR( * - : ^', "'; DROP TABLE passages; --", "_", "a\x00b", "", "ſ İ 河"):
        assert len(texts(retriever, query)) == 2


def test_a_long_document_and_letters_of_all_kinds(retriever):
    sentences = [f"Mill number {n} grinds by the river." for n in range(300)]
    put(retriever.store, " ".join(sentences), "/mills.txt")
    put(retriever.store, "Ağrı Dağı is high. 東京は大きい。 Ærø är grön.", "/letters.txt")
    assert texts(retriever, "mill number 123")[0] == "Mill number 123 grinds by the river."
    assert texts(retriever, "Dagi Agri")[0] == "Ağrı Dağı is high."
    assert "Ærø är grön" in texts(retriever, "ÆRØ gron")[0]
    assert retriever.check() == []


def test_another_embedder_is_refused_until_all_is_embedded_anew(searched, retriever):
    indexer = indexer_of(retriever.store)
    list(
        indexer.add(
            [SEEDS / "1.txt"] if (SEEDS / "1.txt").exists() else sorted(SEEDS.iterdir())[:1]
        )
    )
    assert texts(retriever, "people")
    other = HashingEmbedder("other", 32)
    changed = searched.retriever(other)
    with pytest.raises(EmbedderMismatch, match="hashing"):
        changed.search("people", 5)
    list(rebuild(indexer_of(changed.store, other)))
    assert texts(changed, "people")
    assert changed.check() == []
    with pytest.raises(EmbedderMismatch, match="other"):
        retriever.search("people", 5)


def test_damage_is_found_and_mended(searched, retriever):
    put(retriever.store, RIVERS + " " + LAKES)
    assert retriever.check() == []
    lose_and_invent(searched, retriever)
    assert "The Rhine flows north." in texts(retriever, "rhine north"), "its words are found still"
    found = " ".join(retriever.check())
    assert "99" in found
    retriever.build_anew()
    assert retriever.check() == []
    assert texts(retriever, "rhine")[0] == "The Rhine flows north."


def lose_and_invent(searched: Searched, retriever: Retriever) -> None:
    """A passage that the library does not have comes in, and one of its own has another vector."""
    import numpy as np

    vectors = EMBEDDER.embed(["rhine", "nothing"])
    engine = retriever.passage_search
    if isinstance(engine, EmbeddedSearch):
        assert engine._vectors is not None
        engine._vectors.remove(np.array([2]))
        engine._vectors.add(np.array([99, 2]), vectors)
        return
    from index.milvus import schema
    from index.reads import SearchEntry

    rows = [
        schema.row(SearchEntry(number, 1, "/a.txt", None, "t", "rhine", vector))
        for number, vector in zip((99, 2), vectors, strict=True)
    ]
    alias = schema.alias_of(retriever.store.library_id())
    engine._connection.call(lambda client, _: client.upsert(alias, rows))
    engine._connection.call(lambda client, _: client.delete(alias, ids=[3]))


def test_the_same_passages_in_the_same_order_as_the_embedded_engine(searched, tmp_path):
    retriever = searched.retriever(candidates=100)
    plain = Store(tmp_path / "plain", create=True)
    search = EmbeddedSearch(plain, EMBEDDER, exact_passages=1_000, recall=1.0, lexical_rows=10_000)
    embedded = Retriever(plain, EMBEDDER, search, candidates=100, dense_weight=0.45)
    for store in (plain, retriever.store):
        list(indexer_of(store).add(sorted(SEEDS.iterdir())))
    questions = (ROOT / "tests" / "data" / "seed_questions.jsonl").read_text("utf-8").splitlines()
    for question in [json.loads(line)["question"] for line in questions[::4]]:
        expected = embedded.search(question, 10).passages
        found = retriever.search(question, 10).passages
        assert [item.passage.text for item in found] == [item.passage.text for item in expected]
        assert [item.score for item in found] == pytest.approx(
            [item.score for item in expected], abs=2e-3
        )
    plain.close()


PROCESS = """
import sys, json
from pathlib import Path
from tests.index.contract.places import Place
from tests.index.contract.searched import Searched, texts
from tests.index.libraries import put

folder, url, uri = sys.argv[1:]
retriever = Searched(Place(Path(folder), url), uri).retriever()
print("ready", flush=True)
for line in sys.stdin:
    order, value = json.loads(line)
    if order == "put":
        print(put(retriever.store, value, "/" + value), flush=True)
    elif order == "remove":
        retriever.store.remove(value)
        print("done", flush=True)
    else:
        print(json.dumps(texts(retriever, value)), flush=True)
"""


def test_what_one_process_deletes_no_other_finds(searched, retriever):
    place = searched.place
    command = [sys.executable, "-c", PROCESS, str(place.folder), place.url, searched.milvus_uri]
    put(retriever.store, LAKES, "/lakes.txt")
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def tell(order: str, value: object) -> str:
            print(json.dumps([order, value]), file=process.stdin, flush=True)
            return process.stdout.readline()

        assert process.stdout.readline() == "ready\n"
        for n in range(3):
            river = f"River {n} flows."
            document_id = int(tell("put", river))
            assert texts(retriever, river)[0] == river
            assert json.loads(tell("search", river))[0] == river
            retriever.store.remove(document_id)
            assert river not in json.loads(tell("search", river))
            mine = put(retriever.store, f"Mountain {n} stands.", "/mountain.txt")
            assert json.loads(tell("search", "mountain stands"))[0] == f"Mountain {n} stands."
            assert tell("remove", mine) == "done\n"
            assert not [text for text in texts(retriever, "mountain stands") if "Mountain" in text]
        process.stdin.close()
    assert retriever.check() == []


def test_whether_a_word_stands_anywhere(searched, retriever):
    put(retriever.store, RIVERS, "/rivers.txt")
    lakes = put(retriever.store, LAKES, "/lakes.txt")
    rivers = Filters(sources=("/rivers.txt",))
    with retriever.searching("lake", 5):
        known = [retriever.holds(word) for word in ("Danube", "GARDA", "Elbe", "flow")]
        assert known == [True, True, False, True]
        assert (retriever.holds("Garda", rivers), retriever.holds("Rhine", rivers)) == (False, True)
        # What another has added meanwhile is not what this search saw.
        other = searched.retriever()
        other.store.discard([lakes])
        put(other.store, "The Elbe flows north.", "/elbe.txt")
        assert texts(other, "elbe")[0] == "The Elbe flows north."
        assert not retriever.holds("Elbe")
    with retriever.searching("lake", 5):
        assert (retriever.holds("Garda"), retriever.holds("Elbe")) == (False, True)
