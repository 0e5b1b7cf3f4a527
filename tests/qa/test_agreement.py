"""Places that say the same are one answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.agreement import group, same_answer
from qa.ranking import Scored
from tests.qa.parts import quotes, retrieved, scored

TEXT = retrieved("Otto, the Otto Lang; THE OTTO! otto lang. Ötto")


def groups_of(*spans: str, text: str | None = None) -> list[list[str]]:
    passage = retrieved(text or " / ".join(spans))
    return [quotes(places) for places in group([scored(passage, span, 0.9) for span in spans])]


def test_the_same_answer_is_one_group_with_all_its_places() -> None:
    elsewhere = retrieved("It was Otto.", document_id=2)
    groups = group([scored(TEXT, "Otto", 0.9), scored(elsewhere, "Otto", 0.8)])
    assert [quotes(places) for places in groups] == [["Otto", "Otto"]]
    assert [p.candidate.retrieved.passage.document_id for p in groups[0]] == [1, 2]


def test_case_accents_articles_and_punctuation_do_not_make_two_answers() -> None:
    same = [scored(TEXT, quote, 0.9) for quote in ("Otto", "THE OTTO!", "Ötto")]
    assert [quotes(places) for places in group(same)] == [["Otto", "THE OTTO!", "Ötto"]]


def test_groups_keep_the_order_of_their_best_place() -> None:
    assert groups_of("Ada Falk", "Otto Lang", "Falk", "Lang") == [
        ["Ada Falk", "Falk"],
        ["Otto Lang", "Lang"],
    ]


def test_nothing_makes_no_groups() -> None:
    assert group([]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100,000", "a hundred thousand labourers"),
        ("$500", "500"),
        ("a week", "seven days"),
        ("an hour", "one hour"),
        ("about an hour and a half", "90 minutes"),
        ("a year and a half", "18 months"),
        ("€1.250,00", "€1,250.00"),
        ("5 %", "5"),
        ("<5%", "less than 5 per cent"),
        ("11 August", "August 11, 2022"),
        ("August 11, 2022", "11\u00a0August\u00a02022"),
        ("October 14, 1893", "14\nOctober 1893"),
        ("Nechaev", "Ivan Nechaev, deputy director of the press department"),
        ("because the reservoir will be too low", "the reservoir will be too low"),
        ("an insult", "an insult with a decimal point"),
        ("the economy some 300 million crowns", "300 million crowns"),
        ("denied the report", "denying the reports"),
        ("a game of chess", "chess game"),
        ("2:08 p.m.", "14:08"),
        ("otto lang", "Otto Lang"),
        ("The Ministry", "the ministry"),
    ],
)
def test_two_wordings_of_one_answer_are_one(one: str, other: str) -> None:
    assert same_answer(one, other)
    assert same_answer(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("500", "more than 500"),
        ("$500", "€500"),
        ("more than a week", "seven days"),
        ("an hour", "an hour and a half"),
        ("an hour a day", "24 hours"),
        ("$40,000", "£40,000"),
        ("<5%", ">5%"),
        ("<5%", "5%"),
        ("−12 °C", "12 °C"),
        ("minus 12 degrees", "12 degrees"),
        ("the ministry", "the Russian Foreign Ministry"),
        ("the ministry", "the ministry of finance"),
        ("the foreign ministry of Karst", "Karst"),
        ("a letter from the mayor", "a letter from the union"),
        ("it was repaired", "it was not repaired"),
        ("214 passengers and 19 crew", "214"),
        ("1987", "11 August"),
        ("!", "?"),
        ("東京", "京都"),
        ("C++", "C"),
    ],
)
def test_two_answers_stay_two(one: str, other: str) -> None:
    assert not same_answer(one, other)
    assert not same_answer(other, one)


def test_a_name_that_fits_two_people_makes_no_chain_of_them() -> None:
    groups = groups_of("Lang", "Otto Lang", "Anna Lang")
    assert len(groups) == 2
    assert not any({"Otto Lang", "Anna Lang"} <= set(places) for places in groups)


def test_members_of_a_list_are_not_the_list() -> None:
    assert groups_of("Donetsk and Luhansk", "Luhansk", "Donetsk") == [
        ["Donetsk and Luhansk"],
        ["Luhansk"],
        ["Donetsk"],
    ]


def test_the_bound_of_a_number_counts_though_the_quote_leaves_it_out() -> None:
    passage = retrieved("More than 400 people came, 400 stayed.")
    cut, plain = scored(passage, "400 people", 0.9), scored(passage, "400 stayed", 0.8)
    assert len(group([cut, plain])) == 2
    whole = scored(passage, "More than 400 people", 0.7)
    assert len(group([cut, whole])) == 1


def test_a_town_is_not_the_company_named_after_it() -> None:
    town, firm = retrieved("A strike in Calder."), retrieved("It was Calder Lines.", document_id=2)
    assert len(group([scored(town, "Calder", 0.9), scored(firm, "Calder Lines", 0.8)])) == 2
    short = retrieved("Calder denied it.", document_id=3)
    assert len(group([scored(short, "Calder", 0.9), scored(firm, "Calder Lines", 0.8)])) == 1


SPANS = [
    "Otto Lang",
    "Lang",
    "Anna Lang",
    "Otto",
    "500",
    "about 500",
    "more than 500",
    "five hundred",
]
SPANS += ["August 2022", "11 August", "12 August 2022", "2022", "the ministry", "Foreign Ministry"]
SPANS += [
    "the Russian Foreign Ministry",
    "an insult",
    "an insult with a point",
    "Donetsk and Luhansk",
]

SPANS += ["Ada Falk", "Falk", "Ada"]


def _places() -> list[Scored]:
    return [
        scored(retrieved(f"{span}.", document_id=number), span, 0.9)
        for number, span in enumerate(SPANS, start=1)
    ]


@given(st.permutations(_places()))
def test_which_places_are_together_does_not_depend_on_their_order(order: list[Scored]) -> None:
    def partition(items: list[Scored]) -> set[frozenset[str]]:
        return {frozenset(quotes(places)) for places in group(items)}

    assert partition(order) == partition(_places())


@given(st.permutations(_places()))
def test_all_places_of_a_group_say_the_same_in_pairs(order: list[Scored]) -> None:
    for places in group(order):
        for one in quotes(places):
            assert all(same_answer(one, other) for other in quotes(places))


@given(st.text(max_size=80), st.text(max_size=80))
def test_sameness_is_symmetrical_and_never_fails(one: str, other: str) -> None:
    assert same_answer(one, other) == same_answer(other, one)
    assert same_answer(one, one)
