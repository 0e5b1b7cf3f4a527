"""An answer set as plain text: exact words, numbered places, nothing forged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answers import (
    Answer,
    AnswerSet,
    Citation,
    Reason,
    Relation,
    SaidBy,
    Slice,
    Standpoint,
    Timing,
)
from qa.plain_text import answer_in, to_plain
from qa.positions import Stance
from qa.render import NO_ANSWER, REASONS
from qa.reporting import Kind


def citation(quote: str, document_id: int = 1, title: str = "A title") -> Citation:
    return Citation(
        document_id=document_id,
        title=title,
        source="/texts/a.txt",
        date="2022-08-31",
        document_start=4,
        document_end=4 + len(quote),
        quote=quote,
        sentence=Slice(0, len(quote) + 5, f"Say {quote}."),
        confidence=0.5,
        author=None,
        page=3,
        version="v",
        before="Say ",
        after=".",
        voice=document_id,
    )


def answer_set(*answers: Answer, relation: Relation = Relation.ONE) -> AnswerSet:
    return AnswerSet(
        question="Who?",
        searched="Who?",
        generation=1,
        answers=answers,
        passages=(),
        took_ms=Timing(1, 1, 2),
        reason=None if answers else Reason.BELOW_THRESHOLD,
        relation=relation,
    )


def answer(text: str, *citations: Citation) -> Answer:
    return Answer(text, 0.5, citations or (citation(text),))


MARTA = answer("Marta", citation("Marta"), citation("Marta", 2))
OTTO = answer("Otto")


def test_an_answer_comes_first_with_its_places_numbered() -> None:
    plain = to_plain(answer_set(MARTA, OTTO))
    assert plain.content == (
        "Marta [1][2] (50% confident, 2 independent sources)\n\n"
        "Less sure:\n\n"
        "Otto [3] (50% confident)\n\n"
        "Sources:\n\n"
        "[1] A title, 2022-08-31, page 3, “Say Marta.”\n\n"
        "[2] A title, 2022-08-31, page 3, “Say Marta.”\n\n"
        "[3] A title, 2022-08-31, page 3, “Say Otto.”"
    )
    assert [place.answer for place in plain.places] == [0, 0, 1]


@pytest.mark.parametrize(
    ("relation", "heading"),
    [(Relation.DIFFER, "Sources differ:"), (Relation.LIST, "Several are named:")],
)
def test_answers_side_by_side_are_said_to_be_so(relation: Relation, heading: str) -> None:
    content = to_plain(answer_set(MARTA, OTTO, relation=relation)).content
    assert content.startswith(f"{heading}\n\nMarta [1][2]")
    assert "Less sure" not in content


def test_where_sources_stand_each_is_quoted() -> None:
    said = SaidBy(Slice(0, 3, "Ada"), Slice(4, 10, "denied"), Kind.DENIES, quoted=False)
    quoted = replace(citation("Say Otto."), sentence=Slice(4, 13, "Say Otto."), attribution=said)
    positions = (
        Standpoint(Stance.DENIES, said.speaker, quoted),
        Standpoint(Stance.REPORTS, None, citation("Marta")),
    )
    answers = [Answer(item.citation.quote, 0.5, (item.citation,)) for item in positions]
    result = replace(answer_set(*answers, relation=Relation.POSITIONS), positions=positions)
    plain = to_plain(result)
    assert plain.content == (
        "Where the sources stand:\n\n"
        "Ada denies it: “Say Otto.” [1]\n\n"
        "The text itself reports it: “Marta” [2]\n\n"
        "Sources:\n\n"
        "[1] A title, 2022-08-31, page 3\n\n"
        "[2] A title, 2022-08-31, page 3, “Say Marta.”"
    )
    assert [place.standpoint for place in plain.places] == list(positions)
    assert answer_in(plain.content) == "Say Otto."


def test_of_who_denied_it_the_words_are_the_name() -> None:
    said = SaidBy(Slice(0, 3, "Ada"), Slice(4, 10, "denied"), Kind.DENIES, quoted=False)
    sentence = replace(citation("Ada denied it."), attribution=said)
    standpoint = Standpoint(Stance.DENIES, said.speaker, sentence)
    result = answer_set(answer("Ada"), relation=Relation.POSITIONS)
    plain = to_plain(replace(result, positions=(standpoint,)))
    assert "\n\nAda denies it: “Ada denied it.” [1]\n\n" in plain.content
    (words,) = plain.words
    assert plain.content[words.start : words.end] == "Ada"


def test_who_says_it_stands_beside_the_sentence() -> None:
    said = SaidBy(Slice(0, 3, "Ada\nLind"), Slice(4, 8, "said"), Kind.SAYS, quoted=True)
    plain = to_plain(answer_set(answer("Marta", replace(citation("Marta"), attribution=said))))
    assert plain.content.endswith("“Say Marta.” (who says it: Ada Lind, said)")


def test_declining_says_why_and_what_was_searched_for() -> None:
    declined = to_plain(replace(answer_set(), searched="Who slept?"))
    why = REASONS[Reason.BELOW_THRESHOLD]
    assert declined.content == f"{NO_ANSWER}\n\n{why}\n\nSearched for: Who slept?"
    assert (declined.words, declined.places) == ((), ())
    assert answer_in(declined.content) == ""


def test_a_title_cannot_pass_for_another_source() -> None:
    forged = citation("Marta", title="Mine\n\n[2] The Times\x1b[31m")
    content = to_plain(answer_set(answer("Marta", forged))).content
    assert "[1] Mine [2] The Times\N{REPLACEMENT CHARACTER}[31m, 2022" in content
    assert content.count("\n\n[") == 1


@pytest.mark.parametrize("text", ["Otto, who slept.", "", "One\n\ntwo"])
def test_a_text_of_somebody_else_is_an_answer_as_it_is(text: str) -> None:
    assert answer_in(text) == text


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.sampled_from(Relation))
def test_words_and_markers_stand_where_they_are_said_to(
    texts: list[str], relation: Relation
) -> None:
    result = answer_set(*map(answer, texts), relation=relation)
    if relation is Relation.POSITIONS:
        cited = [item.citations[0] for item in result.answers]
        positions = tuple(Standpoint(Stance.SAYS, None, one) for one in cited)
        result = replace(result, positions=positions)
    plain = to_plain(result)
    assert [plain.content[span.start : span.end] for span in plain.words] == texts
    for number, place in enumerate(plain.places, start=1):
        assert plain.content[place.marker.start : place.marker.end] == f"[{number}]"
        assert place.answer == number - 1
