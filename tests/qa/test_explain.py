"""Why not: how far the expected text came, in each of the ways to get lost."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import pytest

from index.documents import Filters, Span
from index.indexing import Indexer
from qa.answers import Question
from qa.errors import InvalidQuestion
from qa.explain import ANSWERED, NOT_IN_LIBRARY, Explanation, Stage, explain
from qa.pipeline import Pipeline
from qa.reader import PassageSpan, Reading
from qa.render_explanation import message, to_json
from tests.qa.cli_runner import Run
from tests.qa.parts import BRIDGE, MILL, document

WHO = Question("Who opened the harbour bridge?")


@pytest.fixture
def filled(pipeline: Pipeline, indexer: Indexer) -> Pipeline:
    indexer.add_document(document(BRIDGE, "/texts/bridge.txt", date="2022-08-31"))
    indexer.add_document(document(MILL, "/texts/mill.txt"))
    return pipeline


def stage_of(found: Explanation) -> Stage:
    """Of the first place, which the verdict and the JSON have as well."""
    value = json.loads(json.dumps(to_json(found)))
    place = found.places[0]
    assert value["verdict"] == found.verdict == place.stage
    assert value["places"][0]["message"] == value["message"]
    text, span = place.document.text, place.span
    assert value["places"][0]["text"] == text[span.start : span.end]
    return place.stage


def reads(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, **logits: float) -> None:
    """Let the reader find these words, wherever they are."""

    def read(_: str, passages: Sequence[str]) -> list[Reading]:
        return [
            Reading(
                tuple(
                    PassageSpan(text.index(word), text.index(word) + len(word), logit)
                    for word, logit in logits.items()
                    if word in text
                ),
                0.0,
            )
            for text in passages
        ]

    monkeypatch.setattr(pipeline.reader, "read", read)


def test_an_answer_that_was_expected_is_shown(filled: Pipeline) -> None:
    found = explain(filled, WHO, "Marta")
    assert stage_of(found) is Stage.SHOWN
    (place,) = found.places
    assert place.ranks is not None and place.found is not None
    assert (place.ranks.fused, place.ranks.read) == (1, True)
    assert place.found.candidate.quote == "Marta"
    assert found.shown(found.candidates[0])


def test_case_quotation_marks_and_white_space_do_not_count(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document("Otto said: “The harbour\nbridge isn’t Marta's.”"))
    for expect in ("the harbour bridge", "\"THE  harbour bridge isn't", "MARTA’S"):
        assert explain(pipeline, WHO, expect).places


def test_what_no_document_holds_is_not_in_the_library(filled: Pipeline) -> None:
    found = explain(filled, WHO, "Zebedee")
    assert (found.verdict, found.places) == (NOT_IN_LIBRARY, ())
    assert message(found) == "No document of the library holds these words."


def test_what_is_marked_as_furniture_is_not_searched(pipeline: Pipeline, indexer: Indexer) -> None:
    text = f"{BRIDGE}\n\nShare this Zebedee"
    start = text.index("Share")
    indexer.add_document(document(text, furniture=(Span(start, len(text)),)))
    assert stage_of(explain(pipeline, WHO, "Zebedee")) is Stage.MARKED


@pytest.mark.parametrize(
    "filters",
    [
        Filters(document_ids=(2,)),
        Filters(sources=("/texts/mill.txt",)),
        Filters(date_from="2022-09-01"),
        Filters(date_to="2022-08-30"),
    ],
)
def test_what_the_filters_leave_out_is_told(filled: Pipeline, filters: Filters) -> None:
    found = explain(filled, WHO, "Marta", filters=filters)
    assert stage_of(found) is Stage.FILTERED_OUT
    same_day = Filters(date_from="2022-08-31", date_to="2022-08-31")
    assert stage_of(explain(filled, WHO, "Marta", filters=same_day)) is Stage.SHOWN


def test_a_passage_that_was_not_read_is_told_with_its_rank(filled: Pipeline) -> None:
    found = explain(filled, WHO, "Otto slept", top_k=1)
    assert stage_of(found) is Stage.NOT_READ
    (place,) = found.places
    assert place.ranks is not None and place.ranks.fused == 2
    assert "ranked 2; the reader read 1" in message(found)


def test_a_passage_that_no_search_proposed_is_told(
    filled: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled.retriever, "candidates", 1)
    monkeypatch.setattr(filled, "settings", dataclasses.replace(filled.settings, candidates=1))
    for number in range(3):
        indexer.add_document(document(f"{BRIDGE} {number}", f"/texts/{number}.txt"))
    assert stage_of(explain(filled, WHO, "Otto slept")) is Stage.NOT_RETRIEVED


def test_words_that_the_reader_passed_over_are_told_with_what_it_preferred(
    filled: Pipeline,
) -> None:
    found = explain(filled, WHO, "in the spring")
    assert stage_of(found) is Stage.NOT_EXTRACTED
    (place,) = found.places
    assert place.lost_to is not None and place.lost_to.candidate.quote == "Marta"


def test_what_was_not_sure_enough_is_told_with_both_numbers(
    filled: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(filled, monkeypatch, Marta=-2.0)
    found = explain(filled, WHO, "Marta")
    assert stage_of(found) is Stage.BELOW_THRESHOLD
    assert message(found).endswith(f"confidence of 0.12; {found.threshold:.2f} is needed.")
    assert not found.shown(found.candidates[0])


def test_what_lost_to_surer_words_is_told(
    filled: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(filled, monkeypatch, Marta=3.0, Otto=2.0)
    monkeypatch.setattr(filled, "settings", dataclasses.replace(filled.settings, answers_shown=1))
    found = explain(filled, WHO, "Otto")
    assert stage_of(found) is Stage.OUTSCORED
    (place,) = found.places
    assert place.lost_to is not None and place.lost_to.candidate.quote == "Marta"


def test_the_place_that_came_farthest_is_first(filled: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document("at the mill, Marta slept.", "/texts/other.txt"))
    stages = [place.stage for place in explain(filled, WHO, "Marta").places]
    assert stages[0] is Stage.SHOWN and len(stages) == 2
    order = list(Stage)
    assert [order.index(stage) for stage in stages] == sorted(map(order.index, stages))[::-1]


def test_without_an_expectation_the_verdict_is_that_of_the_answer(
    filled: Pipeline, indexer: Indexer
) -> None:
    assert explain(filled, WHO).verdict == ANSWERED
    declined = explain(filled, Question("Where is the moon?"), "  ")
    assert (declined.verdict, declined.expect) == ("below_threshold", None)
    assert declined.candidates
    assert to_json(declined)["message"].startswith("No passage that was read")
    empty = explain(filled, WHO, filters=Filters(document_ids=(99,)))
    assert empty.verdict == "filtered_out"


def test_too_long_an_expectation_is_refused_with_both_counts(filled: Pipeline) -> None:
    with pytest.raises(InvalidQuestion, match=r"1,001 characters.*1,000"):
        explain(filled, WHO, "x" * 1_001)


def test_the_json_has_the_documented_keys_and_no_others(filled: Pipeline) -> None:
    value = to_json(explain(filled, WHO, "in the spring"))
    assert set(value) == {
        *("question", "searched", "expect", "generation", "threshold", "verdict", "message"),
        *("places", "candidates"),
    }
    (place,) = value["places"]
    assert set(place) == {
        *("document_id", "title", "source", "date", "start", "end", "text", "stage", "message"),
        *("passage", "span", "lost_to"),
    }
    assert set(place["passage"]) == {
        *("start", "end", "fused_rank", "dense_rank", "lexical_rank", "cosine", "bm25", "read")
    }
    assert set(place["lost_to"]) == {
        *("document_id", "title", "start", "end", "text", "confidence")
    }
    (shown,) = to_json(explain(filled, WHO, "Marta"))["places"]
    assert set(shown["span"]) == {"start", "end", "text", "confidence", "margin"}
    assert set(value["candidates"][0]) == {*place["lost_to"], "margin", "shown"}


def test_the_command_tells_it_as_text_and_as_json(run: Run, texts: object) -> None:
    assert run("index", "add", texts).exit_code == 0
    told = run("explain", WHO.text, "--expect", "in the spring")
    assert told.exit_code == 0
    assert "preferred other words" in told.stdout and "preferred: Marta" in told.stdout
    value = json.loads(run("explain", WHO.text, "--json", "--document", "2").stdout)
    assert value["question"] == WHO.text and value["places"] == []
    refused = run("explain", " ")
    assert refused.exit_code == 1 and "The question is empty" in refused.stderr
