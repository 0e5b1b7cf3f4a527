"""Questions asked of pooled contexts: recall, answers, deletion, and the files that are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks import open_domain_figures as figures
from benchmarks.asking import (
    Asked,
    Rank,
    Result,
    Said,
    ask,
    ask_after_deletion,
    ask_set,
    rank,
    rankings,
    with_deletions,
)
from benchmarks.open_domain import main
from benchmarks.pooled import Library, ReadOnce, build, sampled, source_of, spelled_out
from benchmarks.risk_coverage import can_draw
from benchmarks.squad import Example
from index.documents import Document, Passage, RetrievedPassage
from index.store import Store
from qa.settings import Settings
from tests.benchmarks.squad_files import article, qa, write
from tests.doubles import CapitalReader
from tests.qa.parts import double_pipeline

# In lower case but for the answer: the double of the reader answers with a capitalised word.
BRIDGE = "the harbour bridge was opened by Marta in the spring."
MILL = "the old mill was burned down by Otto at night."
PARK = "the city park was planted by Petra last year."
FAIR = "the winter fair was cancelled by nobody at all."

EXAMPLES = [
    Example("a", "Who opened the harbour bridge?", BRIDGE, ("Marta",), "The_bridge"),
    Example("b", "Who burned down the old mill?", MILL, ("Otto", "Otto at night")),
    Example("c", "Who planted the city park?", PARK, ("Petra",)),
    Example("d", "Who opened the winter fair?", FAIR, ()),
]


@pytest.fixture
def library(store: Store, settings: Settings) -> Library:
    return build(EXAMPLES, store, double_pipeline(settings, store))


def passage(source: str, text: str) -> RetrievedPassage:
    return RetrievedPassage(Passage(1, 1, "", source, None, 0, len(text), text), 0.1, 0.5, None)


def result(
    answers: tuple[str, ...],
    text: str,
    confidence: float,
    *,
    given: bool = True,
    deleted: Asked | None = None,
    name: str = "one",
    own: int | None = 1,
) -> Result:
    said = Said(text, confidence)
    ranks = dict.fromkeys(("dense", "BM25", "fused"), Rank(own, own))
    asked = Asked((said, Said("Marta", 0.1)), said if given else None)
    example = Example("x", "Who?", BRIDGE, answers)
    return Result(name, example, asked, "Marta", ranks, 0.2, deleted)


def test_each_context_is_one_document_under_its_title(library: Library) -> None:
    titles = {item.source: item.title for item in library.store.documents()}
    assert library.documents == len(titles) == 4
    assert titles[source_of(BRIDGE)] == "The bridge"


def test_titles_are_spelled_out() -> None:
    assert spelled_out("Marxism%E2%80%93Leninism_(party)") == "Marxism–Leninism (party)"


def test_a_kept_library_holds_the_contexts_and_nothing_else(
    store: Store, settings: Settings
) -> None:
    pipeline = double_pipeline(settings, store)
    build(EXAMPLES, store, pipeline)
    library = build(EXAMPLES[:2], store, pipeline)
    assert {d.source for d in library.store.documents()} == {source_of(BRIDGE), source_of(MILL)}


def test_a_library_with_somebodys_documents_is_left_alone(store: Store, settings: Settings) -> None:
    pipeline = double_pipeline(settings, store)
    list(build(EXAMPLES[:1], store, pipeline).indexer.bring([]))
    build(EXAMPLES[:1], store, pipeline).indexer.add_document(
        Document("/texts/own.txt", "Own", "something of mine.", "text/plain")
    )
    with pytest.raises(click.UsageError, match=r"/texts/own\.txt"):
        build(EXAMPLES, store, pipeline)
    assert store.find("/texts/own.txt") is not None


def test_an_empty_context_is_told_and_stops_nothing(store: Store, settings: Settings) -> None:
    examples = [*EXAMPLES, Example("e", "Who?", " ", ("Marta",))]
    library = build(examples, store, double_pipeline(settings, store))
    assert (library.documents, library.failed) == (4, (source_of(" "),))


def test_a_passage_counts_if_it_holds_an_answer_in_whole_words() -> None:
    own = source_of(BRIDGE)
    found = [
        passage("squad/other.txt", "it was said that Martas came."),
        passage("squad/other.txt", "later, the marta sank."),
        passage(own, "the harbour bridge was opened."),
        passage(own, BRIDGE),
    ]
    assert rank(EXAMPLES[0], found) == Rank(own=4, any=2)
    assert rank(EXAMPLES[0], found[:3]) == Rank(own=None, any=2)


def test_a_passage_counts_among_the_first_twenty_only() -> None:
    found = [passage("squad/other.txt", "nothing.")] * 20 + [passage(source_of(BRIDGE), BRIDGE)]
    assert rank(EXAMPLES[0], found) == Rank(None, None)
    assert rank(EXAMPLES[0], found[1:]) == Rank(20, 20)


def test_rankings_are_those_of_each_search(library: Library) -> None:
    found = rankings(library, EXAMPLES[0].question)
    assert [item.cosine for item in found["dense"]] == sorted(
        (item.cosine for item in found["fused"]), reverse=True
    )
    scores = [item.bm25 for item in found["BM25"]]
    assert None not in scores
    assert scores == sorted(scores, reverse=True)
    assert found["fused"] == list(
        library.pipeline.retriever.search(EXAMPLES[0].question, 100).passages
    )


def test_what_is_declined_still_has_a_first_answer(library: Library) -> None:
    sure, _ = ask(library, "Who opened the harbour bridge?")
    assert sure.given == sure.forced[0]
    assert sure.text == "Marta"
    unsure, _ = ask(library, "Who spoke?")
    assert unsure.given is None
    assert unsure.forced
    assert unsure.confidence < library.settings.min_confidence


def test_asking_in_two_ways_reads_once(library: Library) -> None:
    reader = CapitalReader()
    once = ReadOnce(reader)  # type: ignore[arg-type]
    first = once.read("Who came?", [BRIDGE, MILL, BRIDGE])
    assert once.read("Who came?", [MILL]) == first[1:2]
    assert first[0] == first[2] == reader.read("Who came?", [BRIDGE])[0]
    assert once.read("Who opened it?", [MILL]) == reader.read("Who opened it?", [MILL])
    assert once.name == reader.name
    assert library.forced.reader is library.pipeline.reader


@pytest.mark.parametrize("question", ["", " ", "why " * 400])
def test_a_question_that_is_refused_is_one_without_an_answer(
    library: Library, question: str
) -> None:
    asked = list(ask_set(library, "one", [Example("a", question, BRIDGE, ("Marta",))]))
    assert asked[0].asked == Asked((), None)


def test_deleted_documents_answer_nothing_and_come_back(library: Library) -> None:
    results = list(ask_set(library, "one", EXAMPLES))
    assert [item.asked.text for item in results[:3]] == ["Marta", "Otto", "Petra"]
    asked = ask_after_deletion(library, results, 9, seed=0)
    assert set(asked) == {"a", "b", "c"}  # the unanswerable one is not asked again
    for example in EXAMPLES[:3]:
        assert all(said.text not in example.answers for said in asked[example.id].forced)
    assert library.store.count()[0] == 4
    assert [ask(library, e.question)[0].text for e in EXAMPLES[:3]] == ["Marta", "Otto", "Petra"]


def test_at_most_a_tenth_of_the_documents_is_gone_at_a_time(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    put_back = Library.put_back

    def counted(self: Library, examples: Any) -> None:
        left.append(self.store.count()[0])
        put_back(self, examples)

    monkeypatch.setattr(Library, "put_back", counted)
    ask_after_deletion(library, list(ask_set(library, "one", EXAMPLES)), 3, seed=0)
    assert left == [3, 3, 3]


def test_as_many_questions_are_asked_after_deletion_as_told(library: Library) -> None:
    results = list(ask_set(library, "one", EXAMPLES))
    assert len(ask_after_deletion(library, results, 1, seed=0)) == 1
    assert ask_after_deletion(library, results, 0, seed=0) == {}
    kept = with_deletions(results, {"a": Asked((), None)})
    assert [item.deleted for item in kept] == [Asked((), None), None, None, None]


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    chosen = sampled(EXAMPLES, 2, seed=1)
    assert len(chosen) == 2
    assert chosen == sampled(EXAMPLES, 2, seed=1)
    assert sampled(EXAMPLES, 9, seed=1) == sampled(EXAMPLES, None, seed=1) == EXAMPLES


def test_half_of_f1_is_right_and_nothing_is_right_where_there_is_no_answer() -> None:
    assert figures.right_by_f1("Marta Berg Lind", ("Marta",))  # precision 1/3, recall 1
    assert not figures.right_by_f1("Marta Berg Lind Holm", ("Marta",))
    assert not figures.right_by_f1("", ())
    assert not figures.right_by_exact("", ())


def test_figures_are_those_worked_out_by_hand() -> None:
    wrong_elsewhere = Asked((Said("Otto", 0.6),), Said("Otto", 0.6))
    right_elsewhere = Asked((Said("Marta", 0.6),), Said("Marta", 0.6))
    results = [
        result(("Marta",), "Marta", 0.9, deleted=wrong_elsewhere, own=1),
        result(("Marta",), "Marta Berg", 0.8, deleted=right_elsewhere, own=5),
        result(("Marta",), "Otto", 0.2, given=False, deleted=Asked((), None), own=None),
        result((), "Otto", 0.7),
        result((), "Otto", 0.1, given=False),
    ]
    found = figures.of(results, 0.3, 4)
    assert (found["answerable"], found["unanswerable"]) == (3, 2)
    assert found["recall"]["fused"]["own"] == {"1": 0.3333, "5": 0.6667, "10": 0.6667, "20": 0.6667}
    said = found["answers"]
    assert (said["EM rank 1"], said["EM top 5"]) == (33.33, 100.0)
    assert said["F1 rank 1"] == round(100 * (1 + 2 / 3 + 0) / 3, 2)
    assert said["F1 rank 1 / with context"] == round((1 + 2 / 3) / 3, 4)
    # the first question's own passage is first, the second's fifth
    assert found["own passage read"] == 0.3333
    assert found["answers, own passage read"]["F1 rank 1"] == 100.0
    assert found["default"] == {
        "min_confidence": 0.3,
        "answered": 0.6667,
        "right by F1, of those answered": 1.0,
        "right by EM, of those answered": 0.5,
    }
    assert found["confidence"]["F1"]["coverage at"]["0.8"] == 0.6667
    assert found["confidence"]["EM"]["coverage at"]["0.8"] == 0.3333
    # of all five: right, right, wrong (unanswerable), wrong, wrong
    assert found["confidence with unanswerable"]["F1"]["coverage at"]["0.8"] == 0.4
    assert found["unanswerable declined"] == 0.5
    assert found["after deletion"] == {
        "questions": 3,
        "answered": 0.6667,
        "answered, right by F1": 0.3333,
    }
    at = {item["threshold"]: item for item in found["thresholds"]}
    assert at[0.55] == {
        "threshold": 0.55,
        "answered": 0.6667,
        "right by F1": 1.0,
        "unanswerable declined": 0.5,
        "answered after deletion": 0.6667,
    }
    assert (at[0.75]["unanswerable declined"], at[0.75]["answered after deletion"]) == (1.0, 0.0)
    assert (at[0.85]["answered"], at[0.15]["right by F1"]) == (0.3333, 0.6667)


def test_figures_are_of_each_set_and_of_all() -> None:
    results = [result(("Marta",), "Marta", 0.9), result(("Otto",), "Marta", 0.4, name="two")]
    assert list(figures.by_set(results, 0.3, 12)) == ["one", "two", "all"]
    assert list(figures.by_set(results[:1], 0.3, 12)) == ["one"]
    assert list(figures.curves([*results, result((), "Otto", 0.1)])) == [
        *("one", "two", "all"),
        "all, and unanswerable",
    ]


def test_a_set_of_unanswerable_questions_has_no_recall() -> None:
    found = figures.of([result((), "Otto", 0.7)], 0.3, 12)
    assert found["recall"]["fused"]["own"]["1"] is None
    assert (found["confidence"], found["answers"]["F1 rank 1"]) == (None, None)
    assert found["unanswerable declined"] == 0.0


@pytest.mark.models
def test_the_command_asks_several_files_with_the_real_models(tmp_path: Path) -> None:
    bridge = "The harbour bridge was opened by the mayor, Anna Berg, on a Tuesday in 1987."
    mill = "The old mill at Kelford burned down in March. The fire brigade came an hour late."
    one = article(
        "Harbour_bridge", (bridge, [qa("a", "Who opened the harbour bridge?", "Anna Berg")])
    )
    two = article(
        "Mill", (mill, [qa("b", "When did the mill burn down?", "March"), qa("c", "Who sank it?")])
    )
    other = article("Ferry", ("The ferry to Sandholm leaves at noon.", [qa("a", "When?", "noon")]))
    files = [
        write(tmp_path / "one.json", one),
        write(tmp_path / "two.json.gz", two, zipped=True),
        write(tmp_path / "more.json", other),
    ]
    out = tmp_path / "out"
    command = [*map(str, files[:2]), "--contexts", str(files[2]), "--out", str(out)]
    command += ["--predictions", str(tmp_path / "p.json"), "--library", str(tmp_path / "library")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    report = json.loads((out / "open_domain.json").read_text("utf-8"))
    assert (report["about"]["documents"], report["about"]["contexts"]) == (3, ["more.json"])
    assert set(report["sets"]) == {"one", "two", "all"}
    for search in ("dense", "BM25", "fused"):
        assert report["sets"]["all"]["recall"][search]["own"]["1"] == 1.0
    assert report["sets"]["all"]["after deletion"]["questions"] == 2
    texts = json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert set(texts) == {"a", "b", "c"}
    assert "Anna Berg" in texts["a"]
    assert "March" in texts["b"]
    doubts = json.loads((tmp_path / "p.na_prob.json").read_text("utf-8"))
    assert all(0 <= doubt <= 1 for doubt in doubts.values())
    rows = [json.loads(line) for line in (out / "questions.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["after_deletion"] is not None
    assert (out / "risk_coverage.png").exists() == can_draw()
    assert "recall" in done.output
