"""From a question to an answer set, with the doubles in place of the models."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.documents import Filters, Origin, Span
from index.indexing import Indexer, Source
from index.loaders import LoadedFile
from index.rebuilding import rebuild
from index.retrieval import Retrieval
from index.store import Store
from qa.answers import Question, Reason, Relation, SuggestedFilter, Turn
from qa.assembly import make_indexer, make_pipeline
from qa.errors import InvalidQuestion, QuestionTooLong
from qa.pipeline import Pipeline
from qa.positions import Stance
from qa.reader import Reading
from qa.reporting import Kind
from qa.settings import Settings
from tests.doubles import CapitalReader, HashingEmbedder
from tests.qa.parts import (
    BRIDGE,
    MILL,
    assert_verbatim,
    document,
    double_pipeline,
)

WHO = Question("Who opened the harbour bridge?")


def test_an_answer_is_a_cited_span(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE, title="Bridges", date="2022-08-31"))
    result = pipeline.answer(WHO)
    assert result.answered and result.reason is None
    assert [answer.text for answer in result.answers] == ["Marta"]
    (citation,) = result.answers[0].citations
    start = BRIDGE.index("Marta")
    assert (citation.document_start, citation.document_end) == (start, start + 5)
    assert (citation.quote, citation.sentence.text) == ("Marta", BRIDGE)
    assert (citation.title, citation.source) == ("Bridges", "/texts/bridge.txt")
    assert citation.date == "2022-08-31"
    assert result.answers[0].confidence == citation.confidence > 0.5
    assert_verbatim(result, pipeline.store)


def test_every_citation_is_verbatim_where_passages_overlap_and_texts_are_odd(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    sentences = [f"😀 Zoë{n} saw the harbour bridge opened in year {n}. " for n in range(40)]
    indexer.add_document(document("".join(sentences), "/texts/long.txt"))
    indexer.add_document(document("\n\n".join(sentences), "/texts/lines.txt"))
    result = pipeline.answer(WHO, top_k=50)
    assert sum(len(answer.citations) for answer in result.answers) > 3
    assert_verbatim(result, pipeline.store)
    for answer in result.answers:
        places = [(c.document_id, c.document_start) for c in answer.citations]
        assert len(set(places)) == len(places)


def test_an_empty_library_answers_nothing(pipeline: Pipeline) -> None:
    result = pipeline.answer(WHO)
    assert (result.answered, result.reason) == (False, Reason.LIBRARY_EMPTY)
    assert (result.answers, result.passages, result.generation) == ((), (), 0)


def test_an_empty_library_is_the_reason_whatever_the_filters(pipeline: Pipeline) -> None:
    filters = Filters(document_ids=(99,))
    assert pipeline.answer(WHO, filters=filters).reason is Reason.LIBRARY_EMPTY


def test_half_a_character_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(InvalidQuestion, match="half a character"):
        pipeline.answer(Question("who opened it \ud83d?"))


def test_filters_that_nothing_passes_are_the_reason(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE, date="2022-08-31"))
    for filters in (
        Filters(document_ids=(99,)),
        Filters(sources=("/texts/none.txt",)),
        Filters(date_from="2022-09-01"),
    ):
        assert pipeline.answer(WHO, filters=filters).reason is Reason.FILTERED_OUT
    assert pipeline.answer(WHO, filters=Filters(date_to="2022-08-31")).answered


def test_below_the_threshold_the_closest_passages_are_shown(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document(MILL))
    result = pipeline.answer(WHO)
    assert (result.answered, result.reason) == (False, Reason.BELOW_THRESHOLD)
    assert [item.passage.text for item in result.passages] == [MILL]


def test_a_search_that_returns_nothing_is_the_reason(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dense search always returns something; a retriever with a floor would not."""
    indexer.add_document(document(BRIDGE))

    @contextmanager
    def nothing(*_: object) -> Iterator[Retrieval]:
        yield Retrieval((), 1, 5, 5)

    monkeypatch.setattr(pipeline.retriever, "searching", nothing)
    assert pipeline.answer(WHO).reason is Reason.NOTHING_RETRIEVED


def test_the_threshold_is_the_settings(settings: Settings, store: Store, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    confidence = double_pipeline(settings, store).answer(WHO).answers[0].confidence
    for least, answered in ((confidence, True), (confidence + 1e-6, False)):
        stricter = dataclasses.replace(settings, min_confidence=least)
        assert double_pipeline(stricter, store).answer(WHO).answered is answered


def test_the_same_answer_of_two_documents_is_one_answer_with_two_citations(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    again = "they say: the harbour bridge was opened by MARTA!"
    indexer.add_document(document(BRIDGE, "/texts/one.txt"))
    indexer.add_document(document(again, "/texts/two.txt"))
    result = pipeline.answer(WHO)
    (answer,) = result.answers
    assert {citation.quote for citation in answer.citations} == {"Marta", "MARTA"}
    assert {Path(citation.source).name for citation in answer.citations} == {"one.txt", "two.txt"}
    confidences = [citation.confidence for citation in answer.citations]
    assert confidences == sorted(confidences, reverse=True)
    assert (answer.text, answer.confidence) == (answer.citations[0].quote, confidences[0])


def test_contradicting_answers_stand_side_by_side_surest_first(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE, "/texts/one.txt"))
    indexer.add_document(document("the bridge in the harbour: built by Otto.", "/texts/two.txt"))
    result = pipeline.answer(WHO)
    assert [answer.text for answer in result.answers] == ["Marta", "Otto"]
    assert result.answers[0].confidence > result.answers[1].confidence


def test_no_more_answers_and_passages_are_shown_than_set(
    settings: Settings, store: Store, indexer: Indexer
) -> None:
    for number, name in enumerate(("Anna", "Bert", "Carl", "Dora")):
        indexer.add_document(document(BRIDGE.replace("Marta", name), f"/texts/{number}.txt"))
    fewer = dataclasses.replace(settings, answers_shown=2, passages_shown=3)
    result = double_pipeline(fewer, store).answer(WHO)
    assert (len(result.answers), len(result.passages)) == (2, 3)


def test_the_generation_is_the_librarys(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    assert pipeline.answer(WHO).generation == 1
    indexer.add_document(document(MILL, "/texts/mill.txt"))
    assert pipeline.answer(WHO).generation == 2 == pipeline.store.generation()


def test_a_removed_document_answers_no_more(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE, "/texts/one.txt"))
    indexer.add_document(document(MILL, "/texts/two.txt"))
    assert pipeline.answer(WHO).answered
    indexer.remove("/texts/one.txt")
    result = pipeline.answer(WHO)
    assert not result.answered
    assert [item.passage.source for item in result.passages] == ["/texts/two.txt"]
    indexer.remove("/texts/two.txt")
    assert pipeline.answer(WHO).reason is Reason.LIBRARY_EMPTY


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, change: Callable[[Indexer], object]
) -> None:
    """Let another process change the library while the reader reads."""
    read = CapitalReader.read

    def work() -> None:
        store = Store(settings.data)
        change(make_indexer(settings, store, HashingEmbedder()))
        store.close()

    def reading(self: CapitalReader, question: str, passages: list[str]) -> object:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()
        return read(self, question, passages)

    monkeypatch.setattr(CapitalReader, "read", reading)


def test_an_answer_under_way_is_wholly_of_the_generation_that_was_searched(
    pipeline: Pipeline, indexer: Indexer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document(BRIDGE, title="Before"))
    version = pipeline.store.document(1).content_hash
    after = document("Otherwise, " + BRIDGE.replace("Marta", "Anna"), title="After")
    with monkeypatch.context() as patch:
        meanwhile(patch, settings, lambda other: other.add_document(after))
        result = pipeline.answer(WHO)
    (citation,) = result.answers[0].citations
    assert (result.generation, citation.quote, citation.title) == (1, "Marta", "Before")
    assert citation.version == version
    assert citation.sentence.text == BRIDGE
    later = pipeline.answer(WHO)
    assert (later.generation, later.answers[0].citations[0].title) == (2, "After")


@pytest.mark.parametrize("way", ["delete", "rename", "rebuild"])
def test_a_change_under_way_does_not_reach_an_answer(
    pipeline: Pipeline,
    indexer: Indexer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    indexer.add_document(document(BRIDGE))
    indexer.add_document(document(MILL, "/texts/mill.txt"))

    def change(other: Indexer) -> None:
        if way == "delete":
            other.remove("/texts/bridge.txt")
        elif way == "rename":
            again = document(BRIDGE, "/texts/new.txt")
            loaded = LoadedFile(Origin(again.source, ""), (again,), ())
            list(other.bring([Source(again.source, lambda: loaded, "/texts/bridge.txt")]))
        else:
            list(rebuild(other))

    with monkeypatch.context() as patch:
        meanwhile(patch, settings, change)
        result = pipeline.answer(WHO)
    assert (result.generation, result.answers[0].text) == (2, "Marta")
    assert result.answers[0].citations[0].source == "/texts/bridge.txt"
    later = pipeline.answer(WHO)
    assert later.generation == 3
    assert later.answered == (way != "delete")
    if way == "rename":
        assert later.answers[0].citations[0].source == "/texts/new.txt"


def test_a_delete_holds_in_every_process(
    settings: Settings, store: Store, embedder: HashingEmbedder
) -> None:
    """Two processes have answered from it before, and hold its vectors."""
    stores = [Store(settings.data) for _ in range(2)]
    pipelines = [double_pipeline(settings, each, embedder) for each in stores]
    indexer = make_indexer(settings, store, embedder)
    for turn in range(3):
        indexer.add_document(document(BRIDGE))
        indexer.add_document(document(MILL, f"/texts/{turn}.txt"))
        assert all(each.answer(WHO).answered for each in pipelines)
        indexer.remove("/texts/bridge.txt")
        for each in pipelines:
            result = each.answer(WHO)
            assert not result.answered
            assert all(p.passage.source != "/texts/bridge.txt" for p in result.passages)
            assert result.generation == store.generation()
    for each in stores:
        each.close()


def test_what_is_not_in_a_passage_answers_nothing(
    pipeline: Pipeline, store: Store, embedder: HashingEmbedder
) -> None:
    """Furniture yields no passages."""
    text = f"{BRIDGE}\n\n{MILL}"
    mark = Span(0, len(BRIDGE))
    store.put(
        document(text, furniture=(mark,)),
        [Span(len(BRIDGE) + 2, len(text))],
        embedder.embed([MILL]),
        (embedder.name, embedder.dimension),
    )
    assert not pipeline.answer(WHO).answered


def test_a_follow_up_is_searched_as_asked_and_as_meant_and_read_as_meant(
    pipeline: Pipeline,
    indexer: Indexer,
    embedder: HashingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    indexer.add_document(document(BRIDGE))
    read: list[str] = []

    def reading(question: str, passages: Sequence[str]) -> list[Reading]:
        read.append(question)
        return CapitalReader().read(question, passages)

    embedder.embedded.clear()
    monkeypatch.setattr(pipeline.reader, "read", reading)
    result = pipeline.answer(Question("When was it opened?", (Turn("Is the bridge old?"),)))
    assert result.question == "When was it opened?"
    assert result.searched == "When was the bridge opened?"
    assert embedder.embedded == ["When was it opened?", "When was the bridge opened?"]
    assert read == ["When was the bridge opened?"]


def test_a_follow_up_that_grew_too_long_for_the_reader_is_read_as_it_was_asked(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document(BRIDGE))
    read: list[str] = []

    def reading(question: str, passages: Sequence[str]) -> list[Reading]:
        read.append(question)
        if len(question) > 25:
            raise QuestionTooLong("too long")
        return CapitalReader().read(question, passages)

    monkeypatch.setattr(pipeline.reader, "read", reading)
    pipeline.answer(Question("When was it opened?", (Turn("Is the harbour bridge old?"),)))
    assert read[-1] == "When was it opened?"
    with pytest.raises(QuestionTooLong):
        pipeline.answer(Question("When was the harbour bridge opened?"))


def test_who_else_is_not_answered_with_what_was_answered(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE, "/texts/one.txt"))
    indexer.add_document(document(BRIDGE.replace("Marta", "Otto"), "/texts/two.txt"))
    result = pipeline.answer(Question("Who else?", (Turn(WHO.text, "Marta"),)))
    assert result.searched == "Who else opened the harbour bridge?"
    assert [answer.text for answer in result.answers] == ["Otto"]


def test_what_was_found_is_told_before_it_is_read(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    told: list[tuple[str, int]] = []
    pipeline.answer(WHO, on_retrieved=lambda q, found: told.append((q, len(found.passages))))
    assert told == [(WHO.text, 1)]


def test_a_citation_tells_who_says_so(pipeline: Pipeline, indexer: Indexer) -> None:
    text = "anna said that the harbour bridge was opened by Marta in the spring."
    indexer.add_document(document(text))
    (citation,) = pipeline.answer(WHO).answers[0].citations
    assert citation.attribution is not None
    assert (citation.attribution.speaker.text, citation.attribution.verb.text) == ("anna", "said")
    assert citation.attribution.kind is Kind.SAYS and not citation.attribution.quoted
    assert_verbatim(pipeline.answer(WHO), pipeline.store)


def test_near_copies_are_one_source_and_dates_span_all(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    long = BRIDGE + " it was raining all day, and the crowd went home wet but content with it."
    indexer.add_document(document(long, "/texts/one.txt", date="2022-08-31"))
    indexer.add_document(document(long + " so it was.", "/texts/copy.txt", date="2022-09-02"))
    (answer,) = pipeline.answer(WHO).answers
    assert (len(answer.citations), answer.sources) == (2, 1)
    indexer.add_document(
        document(
            "people say the harbour bridge was opened by Marta.",
            "/texts/two.txt",
            date="2021-01-01",
        )
    )
    (answer,) = pipeline.answer(WHO).answers
    assert (len(answer.citations), answer.sources) == (3, 2)
    assert (answer.first_date, answer.last_date) == ("2021-01-01", "2022-09-02")


def test_whether_something_is_so_is_answered_with_who_says_what(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(
        document("The mayor denied that the harbour bridge is closed.", "/texts/one.txt")
    )
    indexer.add_document(document("Ada Lind said the harbour bridge is closed.", "/texts/two.txt"))
    result = pipeline.answer(Question("Is it true that the harbour bridge is closed?"))
    assert result.relation is Relation.POSITIONS
    assert {(s.stance, s.who.text if s.who else None) for s in result.positions} == {
        (Stance.DENIES, "The mayor"),
        (Stance.SAYS, "Ada Lind"),
    }
    assert [a.citations[0] for a in result.answers] == [s.citation for s in result.positions]
    assert_verbatim(result, pipeline.store)


def test_times_in_the_question_are_offered_and_not_applied(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE, date="2022-08-31"))
    result = pipeline.answer(Question("Who opened the harbour bridge in May?"))
    assert result.answered
    assert result.suggested_filters == (SuggestedFilter("2022-05-01", "2022-05-31", "in May"),)


def test_white_space_of_a_question_does_not_count(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    result = pipeline.answer(Question("  Who opened\n\tthe harbour bridge? "))
    assert result.question == WHO.text
    assert result.answered


def test_questions_are_answered_in_their_order(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    asked = [Question("Where is the moon?"), WHO]
    assert [r.question for r in pipeline.answer_batch(asked)] == [q.text for q in asked]


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u2003"])
def test_an_empty_question_is_refused(pipeline: Pipeline, text: str) -> None:
    with pytest.raises(InvalidQuestion, match="The question is empty"):
        pipeline.answer(Question(text))


def test_a_question_of_too_many_characters_is_refused_with_both_counts(pipeline: Pipeline) -> None:
    assert pipeline.answer(Question("x" * 1_000))
    with pytest.raises(QuestionTooLong, match=r"1,001 characters.*1,000"):
        pipeline.answer(Question("x" * 1_001))


def test_a_history_of_too_many_turns_is_refused_with_both_counts(pipeline: Pipeline) -> None:
    turn = Turn("Who?", "Otto")
    assert pipeline.answer(Question("Who?", (turn,) * 200))
    with pytest.raises(InvalidQuestion, match=r"201 turns.*200"):
        pipeline.answer(Question("Who?", (turn,) * 201))


@pytest.mark.parametrize("top_k", [0, -1, 101])
def test_a_top_k_out_of_range_is_refused_with_the_range(pipeline: Pipeline, top_k: int) -> None:
    with pytest.raises(InvalidQuestion, match=f"top_k is {top_k}; .*between 1 and 100"):
        pipeline.answer(WHO, top_k)


def test_top_k_says_how_many_passages_are_read(pipeline: Pipeline, indexer: Indexer) -> None:
    for number in range(5):
        indexer.add_document(document(f"{BRIDGE} {number}", f"/texts/{number}.txt"))
    for top_k in (1, 3, 100):
        result = pipeline.answer(WHO, top_k)
        assert sum(len(answer.citations) for answer in result.answers) == min(top_k, 5)


def test_a_pipeline_is_made_without_loading_a_model(settings: Settings, store: Store) -> None:
    made = make_pipeline(settings)
    assert made.store.folder == settings.data
    assert made.reader.name == "reader"
