"""Places that say the same are one answer."""

from __future__ import annotations

from qa.agreement import group
from tests.qa.parts import quotes, retrieved, scored

TEXT = retrieved("Otto, the Otto Lang; THE OTTO! otto lang. Ötto")


def test_the_same_answer_is_one_group_with_all_its_places() -> None:
    elsewhere = retrieved("It was Otto.", document_id=2)
    groups = group([scored(TEXT, "Otto", 0.9), scored(elsewhere, "Otto", 0.8)])
    assert [quotes(places) for places in groups] == [["Otto", "Otto"]]
    assert [p.candidate.retrieved.passage.document_id for p in groups[0]] == [1, 2]


def test_case_accents_articles_and_punctuation_do_not_make_two_answers() -> None:
    same = [scored(TEXT, quote, 0.9) for quote in ("Otto", "THE OTTO!", "Ötto")]
    assert [quotes(places) for places in group(same)] == [["Otto", "THE OTTO!", "Ötto"]]


def test_groups_keep_the_order_of_their_best_place() -> None:
    ordered = [scored(TEXT, q, 0.9) for q in ("Otto Lang", "Otto", "otto lang", "THE OTTO")]
    assert [quotes(places) for places in group(ordered)] == [
        ["Otto Lang", "otto lang"],
        ["Otto", "THE OTTO"],
    ]


def test_nothing_makes_no_groups() -> None:
    assert group([]) == []
