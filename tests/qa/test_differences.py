"""What each source says, asked alone, beside the best answer."""

from __future__ import annotations

from dataclasses import replace

from index.documents import RetrievedPassage
from qa.differences import by_source, differing
from qa.ranking import Candidate
from tests.qa.parts import candidate, margin_calibrator, retrieved

QUESTION = "How many houses burned?"


def told(text: str, voice: int) -> RetrievedPassage:
    item = retrieved(text, document_id=voice)
    return replace(item, passage=replace(item.passage, voice=voice))


WIRE = told("The fire burned 140 houses on Monday.", 1)
BLOG = told("My guess is 400 houses by now.", 2)
LOCAL = told("The bridge cost 9 million crowns.", 3)
REPRINT = retrieved("The fire burned 150 houses on Monday.", document_id=9)
COPY = replace(REPRINT, passage=replace(REPRINT.passage, voice=1))


def quotes_of(best: Candidate, *others: Candidate, question: str = QUESTION) -> list[str]:
    candidates = [best, *others]
    alone = by_source(question, candidates, margin_calibrator())
    first = next(item for item in alone if item.candidate is best)
    found = differing(question, first, candidates, margin_calibrator())
    return [item.candidate.quote for item in found]


def test_another_source_with_another_number_of_the_same_unit_differs() -> None:
    assert quotes_of(candidate(WIRE, "140", 5.0), candidate(BLOG, "400", 3.0)) == ["400"]


def test_the_same_number_a_copy_and_another_unit_do_not() -> None:
    best = candidate(WIRE, "140", 5.0)
    same = candidate(told("It took 140 houses.", 4), "140 houses", 3.0)
    assert quotes_of(best, same, candidate(LOCAL, "9 million crowns", 3.0)) == []
    assert quotes_of(best, candidate(COPY, "150", 3.0)) == []


def test_that_both_are_sums_of_money_does_not_make_them_answers_to_one_question() -> None:
    question = "What does the certification cost?"
    best = candidate(told("The certification costs 74,500 euros.", 1), "74,500 euros", 5.0)
    tool = candidate(told("Kestrel needs a tool for 22,000 euros.", 2), "22,000 euros", 3.0)
    offer = candidate(told("Its certification is 68,000 euros.", 3), "68,000 euros", 3.0)
    assert quotes_of(best, tool, question=question) == []
    assert quotes_of(best, offer, question=question) == ["68,000 euros"]


def test_that_both_are_days_does_not_make_them_answers_to_one_question() -> None:
    question = "How many days of leave are there?"
    best = candidate(told("All are entitled to 27 days of leave.", 1), "27 days", 5.0)
    claims = candidate(told("Submit a claim within 30 days.", 2), "30 days", 3.0)
    weeks = candidate(told("There is leave of 25 days.", 3), "25 days", 3.0)
    assert quotes_of(best, claims, question=question) == []
    assert quotes_of(best, weeks, question=question) == ["25 days"]


def test_what_a_source_hardly_says_is_left_out() -> None:
    assert quotes_of(candidate(WIRE, "140", 5.0), candidate(BLOG, "400", -10.0)) == []


def test_of_each_source_what_answers_likeliest_counts() -> None:
    text = told("My guess is 400 houses, or 90 houses.", 2)
    others = candidate(text, "90 houses", -4.0), candidate(text, "400 houses", 3.0)
    assert quotes_of(candidate(WIRE, "140", 5.0), *others) == ["400 houses"]


def test_what_is_told_of_somebody_else_is_no_difference() -> None:
    question = "How many houses burned in Tarn?"
    best = candidate(told("The fire in Tarn burned 140 houses.", 1), "140 houses", 5.0)
    other = candidate(told("The fire in Oslo burned 400 houses.", 2), "400 houses", 4.0)
    assert quotes_of(best, other, question=question) == []
    near = candidate(told("By now 400 houses in Tarn are gone.", 3), "400 houses", 4.0)
    assert quotes_of(best, near, question=question) == ["400 houses"]


def test_names_differ_where_somebody_is_asked_for_and_not_where_a_number_is() -> None:
    best = candidate(told("The mill in Tarn was sold by Otto Lang.", 1), "Otto Lang", 5.0)
    other = candidate(told("The mill in Tarn was sold by Ada Falk.", 2), "Ada Falk", 5.0)
    same = candidate(told("The mill in Tarn was sold by Lang.", 3), "Lang", 5.0)
    assert quotes_of(best, other, same, question="Who sold the mill in Tarn?") == ["Ada Falk"]
    assert quotes_of(best, other, question=QUESTION) == []


def test_a_sum_that_is_not_asked_for_by_how_much_differs_from_another_sum() -> None:
    question = "What was the fee for Lang?"
    best = candidate(told("The fee for Lang was 42 million euros.", 1), "42 million euros", 5.0)
    other = candidate(told("Tarn paid 39 million euros for Lang.", 2), "39 million euros", 5.0)
    name = candidate(told("The fee for Lang was paid by Otto Berg.", 3), "Otto Berg", 5.0)
    assert quotes_of(best, other, name, question=question) == ["39 million euros"]


def test_a_reason_in_other_words_is_the_same_reason() -> None:
    question = "Why was the mill in Tarn shut?"
    best = candidate(told("The mill in Tarn was shut after a fire.", 1), "after a fire", 5.0)
    other = candidate(
        told("The mill in Tarn was shut because the roof leaked.", 2), "the roof leaked", 5.0
    )
    same = candidate(
        told("The mill in Tarn was shut after the fire in May.", 3), "the fire in May", 5.0
    )
    assert quotes_of(best, other, same, question=question) == ["the roof leaked"]


def test_nothing_is_asked_of_nobody() -> None:
    assert by_source(QUESTION, [], margin_calibrator()) == []


def test_a_name_in_a_text_of_another_matter_is_no_difference() -> None:
    question = "Who closed the harbour of Oster?"
    best = candidate(told("Mayor Lena Brandt closed the harbour of Oster.", 1), "Lena Brandt", 6.0)
    same = told("The harbour of Oster was closed by its master, Ida Falk, not by Brandt.", 2)
    other = told("The mill of Oster burned down while its keeper, Otto Lind, slept.", 3)
    assert quotes_of(best, candidate(same, "Ida Falk", 6.0), question=question) == ["Ida Falk"]
    assert quotes_of(best, candidate(other, "Otto Lind", 6.0), question=question) == []


def test_who_was_hurt_is_no_difference_where_the_dead_are_counted() -> None:
    question = "How many people died in Tarn?"
    best = candidate(told("The fire in Tarn killed 12 people.", 1), "12 people", 5.0)
    hurt = candidate(told("The fire in Tarn injured 40 people.", 2), "40 people", 4.0)
    dead = candidate(told("In Tarn 15 people are dead.", 3), "15 people", 4.0)
    assert quotes_of(best, hurt, dead, question=question) == ["15 people"]


def test_the_day_on_which_a_text_was_written_is_no_difference() -> None:
    question = "When did the bridge in Tarn open?"
    best = candidate(told("The bridge in Tarn opened on 2 May 2031.", 1), "2 May 2031", 5.0)
    text = told("The bridge in Tarn will open. Report of 9 May 2031 on when it opened.", 2)
    written = replace(text, passage=replace(text.passage, date="2031-05-09"))
    assert quotes_of(best, candidate(text, "9 May 2031", 4.0), question=question)
    assert not quotes_of(best, candidate(written, "9 May 2031", 4.0), question=question)
    alone = told("The bridge in Tarn opened.\n\n9 May 2031", 3)
    assert not quotes_of(best, candidate(alone, "9 May 2031", 4.0), question=question)


def test_until_when_a_thing_goes_on_is_no_other_day_on_which_it_was() -> None:
    question = "When did the pump in Tarn fail?"
    best = candidate(told("The pump in Tarn failed on 2 May.", 1), "2 May", 5.0)
    until = candidate(told("The pump in Tarn failed; it stands until 9 June.", 2), "9 June", 4.0)
    other = candidate(told("The pump in Tarn failed on 9 June.", 3), "9 June", 4.0)
    assert quotes_of(best, until, question=question) == []
    assert quotes_of(best, other, question=question) == ["9 June"]


def test_a_year_does_not_differ_from_a_day_of_no_year() -> None:
    question = "Since when has the bridge in Tarn been open?"
    best = candidate(told("The bridge in Tarn has been open since 2031.", 1), "2031", 5.0)
    day = told("The bridge in Tarn has been open since 2 May.", 2)
    year = told("The bridge in Tarn has been open since 2029.", 3)
    assert quotes_of(best, candidate(day, "2 May", 4.0), question=question) == []
    assert quotes_of(best, candidate(year, "2029", 4.0), question=question) == ["2029"]


def test_what_a_source_sets_against_the_same_name_differs() -> None:
    question = "In which street of Tarn did it burn?"
    best = candidate(told("It burned in Tanner Street, Tarn.", 1), "Tanner Street", 5.0)
    text = told("In Tarn it burned in Mill Lane, not in Tanner Street.", 2)
    assert quotes_of(best, candidate(text, "Tanner Street", 4.0), question=question) == [
        "Mill Lane"
    ]


def test_somebody_differs_sooner_than_what_may_be_another_side_of_a_thing() -> None:
    first = candidate(told("Otto Lang was first to open the gate in Tarn.", 1), "Otto Lang", 5.0)
    other = candidate(told("In Tarn it was Ada Falk who went first.", 2), "Ada Falk", -0.5)
    assert quotes_of(first, other, question="Who went first in Tarn?") == ["Ada Falk"]
    assert quotes_of(first, other, question="What went first in Tarn?") == []


WHY = "What caused the fire at the mill?"
LAMP = replace(candidate(told("The fire was caused by a lamp.", 1), "a lamp", 5.0), named=True)


def test_another_cause_that_is_named_as_such_needs_no_words_of_the_question() -> None:
    boys = candidate(told("Boys did it.", 2), "Boys", -1.0)
    assert quotes_of(LAMP, replace(boys, named=True), question=WHY) == ["Boys"]
    assert quotes_of(LAMP, boys, question=WHY) == []


def test_beside_a_named_cause_what_is_only_liked_must_be_liked_more() -> None:
    guard = candidate(told("The guard of the mill saw the fire.", 2), "The guard", 0.5)
    assert quotes_of(replace(LAMP, named=False), guard, question=WHY) == ["The guard"]
    assert quotes_of(LAMP, guard, question=WHY) == []
