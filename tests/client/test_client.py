"""Every call of the client, against a real server over the doubles."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from index.errors import CorruptIndex
from index.jobs import Job, State
from index.store import Store
from qa.answers import AnswerSet, Question, Relation, Turn
from qa.client import (
    Client,
    FileUnreadable,
    InvalidCall,
    JobFailed,
    NotFound,
    Problem,
    Reading,
    Searching,
    Unavailable,
    Unreachable,
)
from qa.pipeline import Pipeline
from qa.render import to_json
from qa.version import VERSION
from tests.qa.parts import BRIDGE, MILL
from tests.web.conftest import FURNITURE, filled

__all__ = ["filled"]  # a fixture

WHO = "Who opened the harbour bridge?"


def alike(result: AnswerSet) -> dict[str, Any]:
    return to_json(result) | {"took_ms": None}


@pytest.mark.usefixtures("filled")
def test_an_answer_is_what_the_library_itself_gives(client: Client, app: Flask) -> None:
    pipeline: Pipeline = app.extensions["pipeline"]
    result = client.ask(WHO)
    assert result.answered
    assert result.relation is Relation.ONE
    [answer] = result.answers
    [citation] = answer.citations
    assert answer.text == citation.quote == "Marta"
    text = client.document(citation.document_id).text
    assert text[citation.document_start : citation.document_end] == "Marta"
    assert client.text(1, citation.document_start, citation.document_end) == "Marta"
    assert alike(result) == alike(pipeline.answer(Question(WHO)))


@pytest.mark.usefixtures("filled")
def test_a_question_can_be_narrowed(client: Client) -> None:
    assert not client.ask(WHO, document_ids=[2]).answered
    assert not client.ask(WHO, sources="/texts/mill.txt").answered
    assert client.ask(WHO, date_from="2022-08-01", date_to="2022-08-31", top_k=1).answered
    assert client.ask(WHO, date_from="2023-01-01").reason == "filtered_out"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", ["document_ids", "sources"])
def test_documents_of_which_there_are_none_are_not_all_documents(client: Client, name: str) -> None:
    none: Any = {name: []}
    for call in (client.ask, client.search):
        with pytest.raises(InvalidCall, match="empty"):
            call(WHO, **none)
    with pytest.raises(InvalidCall, match="empty"):
        list(client.ask_batch([WHO], **none))
    assert client.ask(WHO, **{name: None}).answered


@pytest.mark.usefixtures("filled")
def test_a_follow_up_leans_on_what_was_asked_before(client: Client) -> None:
    first = client.ask(WHO)
    for earlier in (first, Turn(WHO, "Marta"), client.ask(WHO, history=["Who slept?"])):
        assert "Marta" in client.ask("When did she?", history=[earlier]).searched
    assert client.ask("When did she?").searched == "When did she?"


@pytest.mark.usefixtures("filled")
def test_the_stages_end_with_the_same_answer(client: Client) -> None:
    stages = list(client.ask_streamed(WHO))
    assert stages[:2] == [Searching(WHO), Reading(WHO, 2)]
    [result] = stages[2:]
    assert isinstance(result, AnswerSet)
    assert alike(result) == alike(client.ask(WHO))


def test_a_failure_within_the_stages_is_an_error(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> AnswerSet:
        raise CorruptIndex("The index contradicts itself.")

    monkeypatch.setattr(app.extensions["pipeline"], "answer", fail)
    stages = client.ask_streamed(WHO)
    assert next(stages) == Searching(WHO)
    with pytest.raises(Unavailable, match="contradicts itself") as failed:
        next(stages)
    assert failed.value.problem.kind == "library-damaged"


@pytest.mark.usefixtures("filled")
def test_a_batch_answers_all_in_order(client: Client) -> None:
    questions = [WHO, " ", *["Who slept?"] * 60]
    results = list(client.ask_batch(questions, top_k=2))
    assert len(results) == len(questions)
    first, refused, *rest = results
    assert isinstance(first, AnswerSet)
    assert first.answers[0].text == "Marta"
    assert isinstance(refused, Problem)
    assert (refused.status, refused.kind) == (422, "invalid-request")
    assert all(isinstance(result, AnswerSet) for result in rest)


@pytest.mark.usefixtures("filled")
def test_a_search_tells_where_to_look(client: Client) -> None:
    found = client.search("harbour bridge", top_k=1)
    assert (found.searched, found.indexed, found.searchable) == ("harbour bridge", 2, 2)
    [item] = found.passages
    passage = item.passage
    text = client.document(passage.document_id).text
    assert text[passage.document_start : passage.document_end] == passage.text
    assert (passage.title, passage.date) == ("Bridges", "2022-08-31")
    assert -1 <= item.cosine <= 1


@pytest.mark.usefixtures("filled")
def test_the_library_is_listed_as_it_lists_itself(client: Client, store: Store) -> None:
    assert list(client.documents()) == store.documents()
    stored, served = store.document(1), client.document(1)
    for name in ("text", "title", "source", "date", "media_type", "furniture", "pages"):
        assert getattr(served, name) == getattr(stored, name), name
    assert served.version == stored.content_hash
    assert FURNITURE in served.text
    status = client.status()
    assert (status.version, status.documents) == (VERSION, 2)
    assert status.reader.name == "capital"
    assert client.verify().sound


def test_a_list_of_many_pages_is_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.client.client._PAGE", 2)
    for number in range(5):
        client.add_text(f"Number {number}.", title=f"Text {number}")
        client.begin_conversation(f"Talk {number}")
    assert [one.title for one in client.documents()] == [f"Text {n}" for n in range(5)]
    assert [one.title for one in client.conversations()] == [f"Talk {n}" for n in (4, 3, 2, 1, 0)]
    assert [one.title for one in client.conversations("talk 3")] == ["Talk 3"]


def test_a_text_is_added_updated_and_deleted(client: Client) -> None:
    job = client.add_text(BRIDGE, title="Bridge", date="2022-08-31", source="notes")
    assert isinstance(job, Job)
    assert (job.state, job.counts) == (State.DONE, {"added": 1})
    [item] = job.items
    [document_id] = item.document_ids
    assert client.document(document_id).date == "2022-08-31"
    assert client.ask(WHO).answered
    again = client.add_text(BRIDGE, title="Bridge", date="2022-08-31", source="notes")
    assert again.counts == {"unchanged": 1}
    assert client.add_text(MILL, source="notes").counts == {"updated": 1}
    client.delete(document_id)
    assert list(client.documents()) == []
    with pytest.raises(NotFound, match=f"id {document_id}"):
        client.delete(document_id)


def test_a_citation_of_an_earlier_day_is_found_again(client: Client) -> None:
    client.add_text(BRIDGE, source="notes")
    citation = client.ask(WHO).answers[0].citations[0]
    assert client.find_again(citation).state == "same"
    client.add_text(f"It rained. {BRIDGE}", source="notes")
    moved = client.find_again(citation)
    assert (moved.state, moved.start) == ("moved", citation.document_start + len("It rained. "))
    client.delete(citation.document_id)
    assert client.find_again(citation).state == "gone"


def test_several_are_deleted_in_one_step(client: Client) -> None:
    for number in range(3):
        client.add_text(f"Number {number}.")
    ids = [document.id for document in client.documents()]
    assert client.delete_all([*ids[:2], 999]) == ids[:2]
    assert [document.id for document in client.documents()] == ids[2:]


def test_files_are_sent_byte_for_byte_under_their_names(client: Client, tmp_path: Path) -> None:
    odd = tmp_path / 'quo"ted\nnäme.txt'
    odd.write_text(BRIDGE)
    long = tmp_path / "long.txt"
    long.write_text(f"{MILL}\n" * 5_000)  # of several pieces
    job = client.add_files([odd, str(long)])
    assert job.counts == {"added": 2}
    by_source = {document.source: document for document in client.documents()}
    assert client.document(by_source["upload:long.txt"].id).text == long.read_text()
    [other] = by_source.keys() - {"upload:long.txt"}
    assert "quo" in other and "näme.txt" in other
    assert client.document(by_source[other].id).text == BRIDGE


def test_what_cannot_be_read_is_said_and_the_others_are_added(
    client: Client, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 and nothing else")
    good = tmp_path / "good.txt"
    good.write_text(BRIDGE)
    with pytest.raises(JobFailed, match=r"bad\.pdf: ") as failed:
        client.add_files([bad])
    assert failed.value.job.counts == {"failed": 1}
    job = client.add_files([bad, good])
    assert job.counts == {"added": 1, "failed": 1}
    assert {item.name: bool(item.reason) for item in job.items} == {
        "bad.pdf": True,
        "good.txt": False,
    }
    with pytest.raises(FileUnreadable, match=r"missing\.txt cannot be read"):
        client.add_files([tmp_path / "missing.txt"])


def test_a_page_of_this_machine_is_not_fetched(client: Client, address: str) -> None:
    with pytest.raises(JobFailed, match=r"127\.0\.0\.1"):
        client.add_url(f"{address}/healthz")


def test_jobs_are_listed_told_and_waited_for(client: Client) -> None:
    job = client.add_text(BRIDGE)
    assert [one.id for one in client.jobs()] == [job.id]
    assert client.job(job.id) == job == client.wait_for(job.id)
    assert client.cancel(job.id).state is State.DONE
    for unknown in ("nobody", "../../status"):
        with pytest.raises(NotFound):
            client.job(unknown)


def test_a_job_that_takes_too_long_goes_on(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["runner"].stop()
    with pytest.raises(Unreachable, match=r"not ended within 0\.2 s; it goes on"):
        client.add_text(BRIDGE, within=0.2)
    [job] = client.jobs()
    assert job.state is State.QUEUED


@pytest.mark.usefixtures("filled")
def test_a_conversation_keeps_its_turns(client: Client) -> None:
    begun = client.begin_conversation("Bridges")
    client.ask(WHO, conversation=begun.id)
    assert list(client.ask_streamed("When did she?", conversation=begun.id))
    [kept] = client.conversations()
    assert kept == dataclasses.replace(begun, turns=2, updated_at=kept.updated_at)
    client.delete_conversation(begun.id)
    assert list(client.conversations()) == []
    with pytest.raises(NotFound):
        client.ask(WHO, conversation=begun.id)


@pytest.mark.usefixtures("filled")
def test_an_answer_is_judged(client: Client, app: Flask) -> None:
    client.judge(client.ask(WHO), right=True)
    client.judge(client.ask("zebra?"), right=False)
    lines = list(app.extensions["feedback"].lines())
    assert [(line["answer"], line["right"]) for line in lines] == [("Marta", True), ("", False)]
    client.judge(client.ask(WHO), right=None)
    assert len(list(app.extensions["feedback"].lines())) == 1


@pytest.mark.parametrize(
    ("question", "narrowed"),
    [
        (" ", {}),
        ("x" * 1001, {}),
        ("Who?", {"top_k": "many"}),
        ("Who?", {"date_from": "soon"}),
    ],
)
def test_what_cannot_be_asked_is_told(client: Client, question: str, narrowed: Any) -> None:
    with pytest.raises(InvalidCall) as refused:
        client.ask(question, **narrowed)
    problem = refused.value.problem
    assert problem.status == 422
    assert str(refused.value) == problem.detail != ""
    for name in narrowed:
        assert name in problem.detail


def test_the_fields_at_fault_are_told(client: Client) -> None:
    with pytest.raises(InvalidCall) as refused:
        client.ask("Who?", top_k="many")  # type: ignore[typeddict-item]
    [(where, what)] = refused.value.problem.errors
    assert where == "top_k"
    assert what == 'Must be a whole number (got "many")'


def test_one_client_serves_many_threads(client: Client) -> None:
    client.add_text(BRIDGE)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: client.ask(WHO), range(12)))
    assert {result.answers[0].text for result in results} == {"Marta"}
