"""The number of a clause is no answer."""

from __future__ import annotations

import pytest

from index.documents import Span
from qa.labels import after_label
from qa.ranking import candidates
from qa.reader import PassageSpan, Reading
from tests.qa.parts import retrieved

LEASE = (
    "4. DEPOSIT\n\n4.3 When the Landlord draws on it.\n\n4.4 The Deposit of £12,150 is returned."
)


@pytest.mark.parametrize(
    ("text", "quote", "kept"),
    [
        (LEASE, "4.4", ""),
        (LEASE, "4.4 The Deposit", "The Deposit"),
        (LEASE, "£12,150", "£12,150"),
        ("84/23 Grants\nThe Band got £450.", "84/23", ""),
        ("66/23 20 mph limit\nIt was lost.", "66/23", ""),
        ("4.50 Fish and chips", "4.50", "4.50"),
        ("14.03.23 Meeting of the board", "14.03.23", "14.03.23"),
        ("7.30 Breakfast", "7.30", "7.30"),
        ("### 6.2 Limits", "6.2", ""),
        ('1.2 "Rent" means £5.', "1.2", ""),
        ("6.1. A tenant insures.", "6.1", ""),
        ("6. INSURANCE", "6", ""),
        ("3) Switch on", "3", ""),
        ("(3) Switch on", "3", ""),
        ("Halls\n\n5. In the hall a list was shown.", "5.", ""),
        ("12. August 2022", "12", "12"),
        ("It ends under clauses 6.5 and 13.", "13", ""),
        ("It ends under clause 12.1 at once.", "12.1", ""),
        ("The section 12 miles long", "12 miles", "12 miles"),
        ("2.5 litres of water are put in.", "2.5", "2.5"),
        ("14.2 kg", "14.2", "14.2"),
        ("2.1 MW were added.", "2.1", "2.1"),
        ("The fee rose by 4.4 The Deposit", "4.4", "4.4"),
        ("24/7 Support is offered.", "24/7", "24/7"),
    ],
)
def test_the_number_of_a_clause_is_left_out(text: str, quote: str, kept: str) -> None:
    start = text.rindex(quote)
    end = start + len(quote)
    assert text[after_label("How much is the deposit?", text, start, end) : end] == kept


def test_a_figure_in_a_line_that_goes_on_is_none() -> None:
    text = (
        "The council has told the paper that the dam will cost it some\n"
        "3.5 Million pounds and that work on it is to begin as soon as the\n"
        "summer has ended and the water is low."
    )
    start = text.index("3.5")
    assert after_label("What will it cost?", text, start, start + 3) == start


@pytest.mark.parametrize(
    "question", ["Which clause deals with it?", "Where is the deposit dealt with?"]
)
def test_it_is_one_where_a_clause_is_asked_for(question: str) -> None:
    start = LEASE.index("4.4")
    assert after_label(question, LEASE, start, start + 3) == start


def test_it_is_no_candidate() -> None:
    start = LEASE.index("4.4")
    spans = PassageSpan(start, start + 3, 5.0), PassageSpan(start, start + 15, 4.0)
    found = candidates("How much is it?", [retrieved(LEASE)], [Reading(spans, 0.0)])
    assert [(c.span, c.quote) for c in found] == [(Span(start + 4, start + 15), "The Deposit")]
