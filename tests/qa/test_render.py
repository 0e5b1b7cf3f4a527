"""The two forms an answer set takes: JSON and text for the terminal."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

from index.anchors import Anchor
from qa.answers import (
    Answer,
    AnswerSet,
    Citation,
    Reason,
    Relation,
    SaidBy,
    Slice,
    Standpoint,
    SuggestedFilter,
    Timing,
)
from qa.positions import Stance
from qa.render import HEADINGS, NO_ANSWER, REASONS, json_text, printable, to_json, to_terminal
from qa.reporting import Kind
from qa.requests import AskRequest, CitationRequest, parse
from tests.qa.parts import retrieved

CITATION = Citation(
    document_id=3,
    title="Bridges",
    source="/texts/bridges.txt",
    date="2022-08-31",
    document_start=14,
    document_end=19,
    quote="Marta",
    sentence=Slice(0, 20, "It was built by Marta"[:20]),
    confidence=0.123456,
    author="Otto Lind",
    page=7,
    version="0f" * 32,
    before="It was built ",
    after="by",
    voice=3,
    attribution=SaidBy(Slice(40, 49, "Anna Falk"), Slice(50, 54, "said"), Kind.SAYS, quoted=True),
)
ANSWER = Answer("Marta", 0.987654, (CITATION,))
RESULT = AnswerSet(
    question="Who built it?",
    searched="Who built it?",
    generation=4,
    answers=(ANSWER,),
    passages=(retrieved("It was built by Marta.", document_id=3, score=0.0123456789),),
    took_ms=Timing(1.0, 2.0, 3.0),
)
DECLINED = dataclasses.replace(RESULT, answers=(), reason=Reason.BELOW_THRESHOLD)

# Escape, C1 control sequence introducer, backspace, bell, carriage return, right-to-left override.
HOSTILE = "\x1b[2J\x9b31m\x08\x07\r\u202e"


def shown(result: AnswerSet) -> str:
    out = io.StringIO()
    Console(file=out, width=200, highlight=False).print(to_terminal(result))
    return out.getvalue()


def test_json_has_the_documented_keys_and_no_others() -> None:
    value = to_json(RESULT)
    assert set(value) == {
        "question",
        "searched",
        "answered",
        "reason",
        "generation",
        "took_ms",
        "relation",
        "answers",
        "positions",
        "suggested_filters",
        "passages",
    }
    assert set(value["took_ms"]) == {"retrieve", "read", "total"}
    (answer,) = value["answers"]
    assert set(answer) == {
        "text",
        "confidence",
        "sources",
        "first_date",
        "last_date",
        "members",
        "citations",
    }
    (citation,) = answer["citations"]
    assert set(citation) == {
        "document_id",
        "title",
        "source",
        "date",
        "author",
        "page",
        "version",
        "voice",
        "start",
        "end",
        "quote",
        "before",
        "after",
        "sentence",
        "confidence",
        "attribution",
    }
    assert set(citation["attribution"]) == {"speaker", "verb", "kind", "quoted"}
    assert set(citation["attribution"]["speaker"]) == {"start", "end", "text"}
    assert set(citation["sentence"]) == {"start", "end", "text"}
    (passage,) = value["passages"]
    assert set(passage) == {
        "document_id",
        "title",
        "source",
        "date",
        "start",
        "end",
        "text",
        "score",
        "cosine",
        "bm25",
    }


def test_json_holds_what_the_answer_set_holds() -> None:
    value = json.loads(json.dumps(to_json(RESULT)))
    assert (value["answered"], value["reason"], value["generation"]) == (True, None, 4)
    assert value["took_ms"] == {"retrieve": 1.0, "read": 2.0, "total": 3.0}
    assert (value["answers"][0]["text"], value["answers"][0]["confidence"]) == ("Marta", 0.9877)
    citation = value["answers"][0]["citations"][0]
    assert (citation["start"], citation["end"], citation["quote"]) == (14, 19, "Marta")
    assert (citation["document_id"], citation["date"]) == (3, "2022-08-31")
    assert citation["sentence"] == {"start": 0, "end": 20, "text": "It was built by Mart"}
    assert citation["confidence"] == 0.1235
    assert (citation["author"], citation["page"]) == ("Otto Lind", 7)
    assert (citation["version"], citation["before"]) == ("0f" * 32, "It was built ")


def test_a_citation_as_it_was_given_can_be_found_again() -> None:
    """What the JSON says of a citation is what `citations/resolve` takes."""
    citation = to_json(RESULT)["answers"][0]["citations"][0]
    anchor = parse(CitationRequest, citation).to_anchor()
    assert anchor == Anchor(
        3, "0f" * 32, 14, 19, "Marta", "It was built ", "by", "/texts/bridges.txt"
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_a_declined_question_says_why(reason: Reason) -> None:
    declined = dataclasses.replace(DECLINED, reason=reason)
    value = json.loads(json.dumps(to_json(declined)))
    assert (value["answered"], value["reason"], value["answers"]) == (False, reason.value, [])
    assert NO_ANSWER in shown(declined)
    assert REASONS[reason] in shown(declined)


def test_the_terminal_shows_answer_confidence_sentence_and_place() -> None:
    text = shown(RESULT)
    assert "1. Marta  (99% confident)" in text
    assert CITATION.sentence.text in text
    assert "Bridges — bridges.txt, 2022-08-31, page 7 [14:19]" in text
    pageless = dataclasses.replace(CITATION, page=None, date=None)
    answered = dataclasses.replace(RESULT, answers=(Answer("Marta", 0.9, (pageless,)),))
    assert "Bridges — bridges.txt [14:19]" in shown(answered)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/texts/complaints.csv!/2", "complaints.csv, 2"),
        ("all.zip!/a/tips.csv!/line 2", "all.zip, a/tips.csv, line 2"),
        ("https://example.org/old/all.zip!/a.txt", "all.zip, a.txt"),
        ("/texts/\x1b.zip!/b\x07", "\N{REPLACEMENT CHARACTER}.zip, b\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_member_is_shown_with_the_file_that_holds_it(source: str, name: str) -> None:
    member = dataclasses.replace(CITATION, source=source, page=None, date=None)
    answered = dataclasses.replace(RESULT, answers=(Answer("Marta", 0.9, (member,)),))
    assert f"Bridges — {name} [14:19]" in shown(answered)


def test_the_closest_places_are_shown_when_declining_and_called_no_answer() -> None:
    text = shown(DECLINED)
    assert "not an answer" in text
    assert "It was built by Marta. — 3.txt [0:22]" in text
    assert "Marta" not in shown(dataclasses.replace(DECLINED, passages=()))


def test_a_long_passage_is_shortened_at_a_word() -> None:
    long = retrieved("word " * 200)
    text = shown(dataclasses.replace(DECLINED, passages=(long,)))
    (line,) = (line for line in text.splitlines() if "…" in line)
    assert line.split("…")[0].endswith("word")
    assert line.count("word") < 40


def test_markup_in_a_document_is_text_to_the_terminal() -> None:
    sentence = Slice(0, 30, "[red]Marta[/red] [/nonsense] x"[:30])
    citation = dataclasses.replace(
        CITATION, title="[bold]x[/y]", sentence=sentence, document_start=5, document_end=10
    )
    text = shown(dataclasses.replace(RESULT, answers=(Answer("[u]M", 0.5, (citation,)),)))
    assert "[red]Marta[/red] [/nonsense] x" in text
    assert "[bold]x[/y]" in text and "[u]M" in text


@pytest.mark.parametrize("place", ["title", "source", "quote", "passage", "passage source"])
def test_no_control_character_of_a_document_reaches_the_terminal(place: str) -> None:
    words = f"by {HOSTILE} Marta"
    citation = dataclasses.replace(
        CITATION,
        title=words if place == "title" else "Bridges",
        source=f"/texts/{words}.txt" if place == "source" else "/texts/b.txt",
        sentence=Slice(10, 10 + len(words), words) if place == "quote" else CITATION.sentence,
    )
    item = retrieved(words if place == "passage" else "plain words")
    if place == "passage source":
        item = dataclasses.replace(
            item, passage=dataclasses.replace(item.passage, source=f"/x/{words}.txt")
        )
    quote = words if place == "quote" else "Marta"
    answered = dataclasses.replace(RESULT, answers=(Answer(quote, 0.5, (citation,)),))
    for text in (shown(answered), shown(dataclasses.replace(DECLINED, passages=(item,)))):
        assert not set(text) & set(HOSTILE) - set("[]0123456789Jm")


def test_printable_keeps_what_text_is_made_of() -> None:
    kept = "Zoë\tmet\nOtto: 東京, می‌خواهم, 👩‍👧, 100\N{NO-BREAK SPACE}000\N{THIN SPACE}km"
    assert printable(kept) == kept
    assert printable("a\x1b[0m\x00b") == "a\N{REPLACEMENT CHARACTER}[0m\N{REPLACEMENT CHARACTER}b"


def test_json_text_escapes_what_would_steer_a_terminal() -> None:
    text = json_text({"quote": "a\x9b31mb\x1b\x7f", "name": "Bogotá"})
    assert text == '{"quote": "a\\u009b31mb\\u001b\\u007f", "name": "Bogotá"}'
    assert json.loads(text)["quote"] == "a\x9b31mb\x1b\x7f"


def test_the_terminal_says_what_the_answers_are_to_each_other() -> None:
    for relation, heading in HEADINGS.items():
        assert heading in shown(dataclasses.replace(RESULT, relation=relation))
    assert not any(heading in shown(RESULT) for heading in HEADINGS.values())


def test_the_terminal_tells_who_says_so_and_how_many_sources_there_are() -> None:
    text = shown(RESULT)
    assert "who says it: Anna Falk (said)" in text
    assert "independent" not in text
    other = dataclasses.replace(CITATION, voice=9)
    both = dataclasses.replace(ANSWER, citations=(CITATION, CITATION, other))
    assert "2 independent sources" in shown(dataclasses.replace(RESULT, answers=(both,)))


def test_the_colon_of_a_transcript_is_no_verb_to_show() -> None:
    said = CITATION.attribution
    assert said is not None
    colon = dataclasses.replace(said, verb=dataclasses.replace(said.verb, text=":"))
    citation = dataclasses.replace(CITATION, attribution=colon)
    text = shown(dataclasses.replace(RESULT, answers=(Answer("Marta", 0.5, (citation,)),)))
    assert "who says it: Anna Falk " in text
    assert "who says it: Anna Falk (" not in text


def test_positions_are_shown_with_who_takes_them() -> None:
    taken = tuple(
        Standpoint(stance, who, CITATION)
        for stance, who in ((Stance.DENIES, Slice(40, 49, "Anna Falk")), (Stance.REPORTS, None))
    )
    result = dataclasses.replace(RESULT, relation=Relation.POSITIONS, positions=taken)
    assert "1. Anna Falk denies it" in shown(result)
    assert "2. The text itself reports it" in shown(result)
    first, second = to_json(result)["positions"]
    assert set(first) == {"stance", "who", "citation"}
    assert (first["stance"], first["who"]) == (
        "denies",
        {"start": 40, "end": 49, "text": "Anna Falk"},
    )
    assert (second["who"], second["citation"]) == (
        None,
        to_json(RESULT)["answers"][0]["citations"][0],
    )


def test_what_was_searched_for_is_shown_where_it_differs() -> None:
    assert "Searched for: Who built the mill?" in shown(
        dataclasses.replace(DECLINED, searched="Who built the mill?")
    )
    assert "Searched for" not in shown(DECLINED)


def test_suggested_filters_have_the_names_that_a_request_has() -> None:
    suggested = (SuggestedFilter(None, "2022-07-31", "before August 2022"),)
    value = to_json(dataclasses.replace(RESULT, suggested_filters=suggested))
    (given,) = value["suggested_filters"]
    assert given == {"date_from": None, "date_to": "2022-07-31", "label": "before August 2022"}
    del given["label"]
    filters = parse(AskRequest, {"question": "Who?"} | given).to_filters()
    assert filters.date_to == "2022-07-31"
