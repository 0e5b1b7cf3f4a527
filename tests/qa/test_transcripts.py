"""Turns of transcripts, chats and tickets; no turns in lists of keys and values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span
from qa.attribution import attribute
from qa.transcripts import turn_at

INTERVIEW = """Interview no. 31: a glassblower

Sand: When did you start?

Jurczak: In 1961. I was sixteen.

Sand: And the fire?

Jurczak: Some say it was a cable. It was the stove. "I saw it," the foreman told me.
I said so then.

## Notes

The recording is kept in the archive.
"""
TICKET = """Ticket 20871: wrong rate
Customer: Brightwater Dental
Opened: 8 May

[8 May 09:12] Aoife Brennan (customer): All invoices show 21%. It should be 13.5%.
[8 May 10:03] Marcus (support): Which template do you use?
[8 May 10:20] Aoife Brennan (customer): The blue one.
[8 May 14:47] Marcus (support): Thanks. It is fixed in June.
"""
PODCAST = """**HOST (Mira Castellan):** Welcome.

**EKWUEME:** She came in 2021.

**HOST:** She opens doors.

**EKWUEME:** She does. The hatch was open.
"""
RECORDS = """Name: Hydromat AS
City: Oslo
Opened: in May.

Name: Idro Systems
City: Rome
Opened: in June.
"""
CHAT = """Élodie: When did you start?
Łukasz Żak: In 1961.
Élodie: And the fire?
Łukasz Żak: It was the stove.
"""
MINUTES = """Decision: The budget is approved.
Action: Lind writes to the bank.
Decision: The roof is mended.
Action: Berg asks three firms.
"""


def speaker(text: str, words: str) -> str | None:
    turn = turn_at(text, text.index(words))
    return text[turn.who.start : turn.who.end] if turn else None


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        (INTERVIEW, "1961", "Jurczak"),
        (INTERVIEW, "the fire", "Sand"),
        (INTERVIEW, "so then", "Jurczak"),
        (INTERVIEW, "The recording", None),
        (INTERVIEW, "glassblower", None),
        (TICKET, "13.5%", "Aoife Brennan (customer)"),
        (TICKET, "June", "Marcus (support)"),
        (TICKET, "Brightwater", None),
        (PODCAST, "Welcome", "HOST (Mira Castellan)"),
        (PODCAST, "The hatch", "EKWUEME"),
        (CHAT, "the fire", "Élodie"),
        (CHAT, "1961", "Łukasz Żak"),
        (RECORDS, "Rome", None),
        (MINUTES, "the bank", None),
        ("Note: It is late. Lind: Yes, it is.", "late", None),
    ],
)
def test_who_speaks(text: str, words: str, who: str | None) -> None:
    assert speaker(text, words) == who


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("the stove", "Jurczak"),
        ("a cable", "Some"),
        ("saw it", "the foreman"),
        ("so then", "Jurczak"),
        ("the archive", None),
    ],
)
def test_what_nobody_else_is_said_to_have_said_is_said_by_whoever_speaks(
    words: str, who: str | None
) -> None:
    start = INTERVIEW.index(words)
    found = attribute(INTERVIEW, Span(start, start + len(words)))
    assert (INTERVIEW[found.who.start : found.who.end] if found else None) == who


def test_in_a_long_text_too_the_turn_is_a_slice_of_it() -> None:
    text = (
        "It rained.\n" * 9_000
    ) + "Sand: When did you start?\nLind: In 1961. I was young.\n" * 40
    turn = turn_at(text, text.rindex("1961"))
    assert turn is not None
    assert text[turn.who.start : turn.who.end] == "Lind"
    assert text[turn.colon.start : turn.colon.end] == ":"
    assert turn_at(text, 50_000) is None


LINES = st.sampled_from(
    ["Sand: Yes.", "**Lind:** No.", "[9 May] Ada (x): I?", "# Notes", "", "It rained.", "A: b", ":"]
)


@given(st.lists(LINES, max_size=12).map("\n".join), st.integers(0, 120))
def test_turns_lie_in_the_text_whatever_it_is(text: str, at: int) -> None:
    turn = turn_at(text, at)
    if turn is not None:
        assert turn.who.start < turn.who.end <= turn.colon.start < turn.colon.end <= at < turn.end
        assert turn.end <= len(text)
        assert text[turn.colon.start : turn.colon.end] == ":"
