"""What a request may hold, and what it is told when it holds something else."""

from __future__ import annotations

from typing import Any

import pytest

from index.anchors import Anchor
from index.documents import Filters
from index.errors import InvalidFilter
from qa.additions import AddRequest
from qa.answers import Question, Turn
from qa.errors import InvalidQuestion
from qa.requests import AskRequest, BatchRequest, CitationRequest, parse


def test_a_question_alone_is_a_request() -> None:
    request = parse(AskRequest, {"question": "Who?"})
    assert request.to_question() == Question("Who?")
    assert request.top_k is None
    assert not request.to_filters()


def test_all_fields_arrive() -> None:
    request = parse(
        AskRequest,
        {
            "question": "Who?",
            "top_k": 3,
            "document_ids": [1, 2],
            "sources": ["/a.txt"],
            "date_from": "2022-08-01",
            "date_to": "2022-08-31",
        },
    )
    assert request.top_k == 3
    assert request.to_filters() == Filters((1, 2), ("/a.txt",), "2022-08-01", "2022-08-31")


@pytest.mark.parametrize(
    ("history", "turns"),
    [
        (None, ()),
        ([], ()),
        (["Who?", "Where?"], (Turn("Who?"), Turn("Where?"))),
        ([{"question": "Who?"}], (Turn("Who?"),)),
        ([{"question": "Who?", "answer": "Otto"}], (Turn("Who?", "Otto"),)),
        ([{"question": "Who?", "answer": None}], (Turn("Who?"),)),
        (["Why?", {"question": "Who?", "answer": "Otto"}], (Turn("Why?"), Turn("Who?", "Otto"))),
        ([{"question": "Who?", "role": "user"}], (Turn("Who?"),)),
        ([{"question": "Who?", "citations": []}], (Turn("Who?"),)),
    ],
)
def test_history_takes_bare_questions_and_turns(history: Any, turns: tuple[Turn, ...]) -> None:
    assert parse(AskRequest, {"question": "x", "history": history}).to_question().history == turns


def test_a_turn_brings_the_names_of_what_it_cited() -> None:
    """As an answer gave it; what has become of the document does not matter."""
    cited = {
        "document_id": 99,
        "start": 130,
        "sentence": {"start": 100, "end": 160, "text": "Ada Lind left Oslo before Otto Lang came."},
        "attribution": {"speaker": {"start": 5, "end": 14, "text": "Karl Berg"}, "verb": None},
    }
    pronoun = {"attribution": {"speaker": {"text": "she"}}}
    history = [{"question": "Who?", "citations": [pronoun, cited, {}]}]
    (turn,) = parse(AskRequest, {"question": "x", "history": history}).to_question().history
    assert turn.names == ("Karl Berg", "Otto Lang", "Ada Lind")


@pytest.mark.parametrize(
    ("value", "field", "got"),
    [
        ({"question": 3}, "question", "3"),
        ({"question": None}, "question", "null"),
        ({"question": "x", "top_k": "5"}, "top_k", '"5"'),
        ({"question": "x", "top_k": 2.5}, "top_k", "2.5"),
        ({"question": "x", "top_k": True}, "top_k", "true"),
        ({"question": "x", "history": "Who?"}, "history", '"Who?"'),
        ({"question": "x", "history": ["Who?", 4]}, "history.1", "4"),
        ({"question": "x", "history": [{"question": 5}]}, "history.0.question", "5"),
        ({"question": "x", "document_ids": ["1"]}, "document_ids.0", '"1"'),
        ({"question": "x", "sources": "/a.txt"}, "sources", '"/a.txt"'),
        ({"question": "x", "date_from": 2022}, "date_from", "2022"),
        ({"question": "x", "top": 1}, "top", "1"),
        ({"question": "x\ud800"}, "question", '"x\\ud800"'),
        ({"question": "x", "history": ["x\ud800"]}, "history.0.question", '"x\\ud800"'),
        ({"question": "x", "document_ids": [2**63]}, "document_ids.0", str(2**63)),
        ({"question": "x", "document_ids": [-1]}, "document_ids.0", "-1"),
        ({"question": "x", "\ud800": 1}, "the request", '"\\ud800"'),
        ([], "the request", "[]"),
        (None, "the request", "null"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(value: Any, field: str, got: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        parse(AskRequest, value)
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert message.endswith(f"(got {got})")


def test_a_missing_question_is_named() -> None:
    with pytest.raises(InvalidQuestion, match=r"^question: Field required$"):
        parse(AskRequest, {})


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(InvalidQuestion, match=r"top_k: .*; question: "):
        parse(AskRequest, {"question": 1, "top_k": "x"})


def test_a_long_wrong_value_is_shortened() -> None:
    with pytest.raises(InvalidQuestion) as caught:
        parse(AskRequest, {"question": ["x" * 10_000]})
    assert len(str(caught.value)) < 200


def test_a_wrong_date_is_refused_and_so_is_a_range_that_ends_before_it_begins() -> None:
    with pytest.raises(InvalidQuestion, match=r"^date_to: .*2022-08-31 \(got \"31.8.2022\"\)$"):
        parse(AskRequest, {"question": "x", "date_to": "31.8.2022"})
    dates = {"date_from": "2022-02-01", "date_to": "2022-01-01"}
    request = parse(AskRequest, {"question": "x"} | dates)
    with pytest.raises(InvalidFilter, match="after date_to"):
        request.to_filters()


@pytest.mark.parametrize("identifier", ["q1", 7, None])
def test_a_line_of_a_batch_has_an_id_and_may_hold_more(identifier: Any) -> None:
    row = {"id": identifier, "question": "Who?", "answers": ["Otto"]}
    assert parse(BatchRequest, row).id == identifier


def test_an_id_that_is_a_list_is_refused() -> None:
    with pytest.raises(InvalidQuestion, match=r"^id"):
        parse(BatchRequest, {"id": [1], "question": "Who?"})


SOUND = {"document_id": 1, "version": "0f", "start": 3, "end": 8, "quote": "Marta"}


def test_a_text_or_a_url_is_added() -> None:
    text = parse(AddRequest, {"text": "Marta.", "title": "A", "date": "2022-08-31", "source": "a"})
    assert (text.text, text.title, text.date, text.source) == ("Marta.", "A", "2022-08-31", "a")
    url = parse(AddRequest, {"url": "HTTPS://example.org/a", "text": None})
    assert (url.url, url.text) == ("HTTPS://example.org/a", None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "the request: Give either a text or a url (got {})"),
        ({"text": ""}, 'the request: The text is empty (got {"text": ""})'),
        (
            {"text": "x", "date": "2022-8-31"},
            'date: Must be a day, such as 2022-08-31 (got "2022-8-31")',
        ),
        ({"url": "example.org"}, "the request: A url begins with http:// or https://"),
    ],
)
def test_what_cannot_be_added_is_named(value: Any, message: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        parse(AddRequest, value)
    assert str(caught.value).startswith(message)


def test_a_citation_becomes_an_anchor() -> None:
    extra = {"title": "Bridges", "confidence": 0.5, "sentence": {"start": 0}, "page": 3}
    bare = parse(CitationRequest, SOUND | extra).to_anchor()
    assert bare == Anchor(1, "0f", 3, 8, "Marta", "", "", None)
    full = parse(CitationRequest, SOUND | {"before": "by ", "after": " in", "source": "/a.txt"})
    assert full.to_anchor() == Anchor(1, "0f", 3, 8, "Marta", "by ", " in", "/a.txt")


@pytest.mark.parametrize("field", SOUND)
def test_a_citation_without_what_it_is_found_by_is_refused(field: str) -> None:
    lacking = {name: value for name, value in SOUND.items() if name != field}
    with pytest.raises(InvalidQuestion, match=rf"^{field}: Field required$"):
        parse(CitationRequest, lacking)
