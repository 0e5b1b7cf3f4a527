"""What full-text search is asked, what it weighs, and how it is fused with dense search."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Filters
from index.embedded_search import EmbeddedSearch
from index.full_text import FullText
from index.lexical import STOP_WORDS, match_expression, most, rarest, terms
from index.retrieval import Retriever, fuse
from index.store import Store
from tests.index.libraries import EMBEDDER, put
from tests.index.texts import THOROUGH, hostile_texts

PHRASES = st.dictionaries(st.text("abc", min_size=1), st.integers(1, 1_000), min_size=1)


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("Where does the Rhine flow?", '"rhine" OR "flow"'),
        ('" OR NEAR( * - : ^', '"near"'),
        ("rhine* -danube text:elbe ^oder", '"rhine" OR "danube" OR "text" OR "elbe" OR "oder"'),
        ('say "hello" AND NOT {x}', '"say" OR "hello" OR "x"'),
        ("Rhine rhine RHINE", '"rhine"'),
        ("What is it?", '"what" OR "is" OR "it"'),
        ("Żółć 北京", '"żółć" OR "北京"'),
        ("", ""),
        (' \n"*()^:-', ""),
    ],
)
def test_match_expression(query, expression):
    assert match_expression(query) == expression


def test_a_long_query_is_cut_to_its_first_telling_words():
    words = [f"w{number}" for number in range(100)]
    assert match_expression(f"the {' '.join(words)}") == " OR ".join(f'"{w}"' for w in words[:32])


@THOROUGH
@given(st.one_of(st.text(), hostile_texts, st.sampled_from(sorted(STOP_WORDS))))
def test_a_match_expression_holds_nothing_but_quoted_words(query):
    assert re.fullmatch(r'("\w[^"\s]*"( OR "\w[^"\s]*")*)?', match_expression(query))


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("Who was the Prime Minister of Peru?", ('"prime minister"',)),
        ("new york city", ('"new york"', '"york city"')),
        ("York new, new York", ('"york new"', '"new new"', '"new york"')),
        ("Peru", ()),
        ("What is it?", ()),
        ("", ()),
    ],
)
def test_telling_words_that_stand_side_by_side_are_pairs(query, pairs):
    assert terms(query).pairs == pairs


@THOROUGH
@given(st.one_of(st.text(), hostile_texts))
def test_pairs_are_of_words_that_are_asked_for(query):
    asked = terms(query)
    assert len(asked.words) <= 32
    for pair in asked.pairs:
        assert {f'"{word}"' for word in pair.strip('"').split(" ")} <= set(asked.words)


def test_the_rarest_phrases_are_those_that_fit():
    counts = {"a": 50, "b": 3, "c": 40, "d": 3}
    assert rarest(counts, 100) == ("b", "d", "c", "a")
    assert rarest(counts, 95) == ("b", "d", "c")
    assert rarest(counts, 6) == ("b", "d")
    assert rarest(counts, 1) == ("b",)


@given(PHRASES, st.integers(1, 2_000))
def test_the_rarest_stay_within_the_bound_unless_the_first_is_beyond_it(counts, rows):
    chosen = rarest(counts, rows)
    assert counts[chosen[0]] == min(counts.values())
    assert len(chosen) == 1 or sum(counts[phrase] for phrase in chosen) <= rows


def test_bm25_stays_below_the_most_that_it_can_be(store: Store):
    put(store, "Notes. Rhine rhine rhine rhine rhine. Lake Como. Lake Garda. The Elbe.")
    for phrase, count in (('"rhine"', 1), ('"lake"', 2)):
        assert store.holding(phrase) == count
        [(_, best), *_] = store.lexical(phrase, 1, Filters())
        greatest = most({phrase: count}, 5)
        assert 0.3 * greatest < best < greatest
    assert most({'"rhine"': 1, '"lake"': 2}, 5) == pytest.approx(
        2.2 * (math.log(4.5 / 1.5) + math.log(3.5 / 2.5))
    )


def test_what_stands_in_half_of_all_passages_weighs_next_to_nothing():
    assert 0 < most({"a": 5}, 10) < 1e-5
    assert most({"a": 11}, 10) == pytest.approx(2.2e-6), "a damaged table may count too many"


def lexical_ids(store: Store, **named: object) -> list[int]:
    found = store.lexical('"lake" OR "garda" OR "deep"', 10, Filters(), **named)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    return [passage_id for passage_id, _ in found]


def test_a_narrower_expression_leaves_out_but_weighs_by_all_words(store: Store):
    put(store, "Notes. Lake Garda is deep. Lake Como is a lake. The sea is deep. Garda.")
    every = store.lexical('"lake" OR "garda" OR "deep"', 10, Filters())
    assert [passage_id for passage_id, _ in every] == lexical_ids(store)
    assert set(dict(every)) == {2, 3, 4, 5}
    narrow = store.lexical('"lake" OR "garda" OR "deep"', 10, Filters(), narrower='"garda"')
    assert narrow == [(i, score) for i, score in every if i in {2, 5}]
    assert set(lexical_ids(store, narrower='"garda"', also=[4, 1, 99])) == {2, 4, 5}


def test_what_is_weighed_in_any_case_is_beyond_the_limit(store: Store):
    put(store, "Notes. Lake Garda is deep. Lake Como is a lake. The sea is deep. Garda.")
    best, *others = lexical_ids(store)
    found = store.lexical('"lake" OR "garda" OR "deep"', 1, Filters(), also=[others[-1]])
    assert [passage_id for passage_id, _ in found] == [best, others[-1]]


def test_filters_hold_for_what_is_weighed_in_any_case(store: Store):
    put(store, "Notes. Lake Garda.", "/a.txt")
    lakes = put(store, "Notes. Lake Como. Lake Nemi.", "/b.txt")
    found = store.lexical('"lake"', 1, Filters(document_ids=(lakes,)), also=[2, 4, 5])
    assert {passage_id for passage_id, _ in found} == {4, 5}


COSINES = {1: 0.9, 2: 0.5, 3: 0.1}


def test_fused_scores_are_a_convex_combination():
    assert fuse(COSINES, {2: 4.0, 3: 6.0}, 8.0, 0.4) == [
        (2, pytest.approx(0.4 * 0.5 + 0.6 * 0.5)),
        (3, pytest.approx(0.4 * 0.1 + 0.6 * 0.75)),
        (1, pytest.approx(0.4 * 0.9)),
    ]


def test_one_side_alone_keeps_its_order():
    assert [i for i, _ in fuse(COSINES, {}, 0.0, 0.45)] == [1, 2, 3]
    assert [i for i, _ in fuse(COSINES, {1: 1.0, 2: 2.0, 3: 3.0}, 4.0, 0.0)] == [3, 2, 1]
    assert fuse({}, {}, 0.0, 0.45) == []


def test_equal_scores_are_ordered_by_id_whatever_rounding_did():
    assert [i for i, _ in fuse({7: 0.1 + 0.2, 4: 0.3, 9: 0.3}, {}, 0.0, 1.0)] == [4, 7, 9]


def searcher(store: Store, lexical_rows: int, candidates: int = 10) -> Retriever:
    return Retriever(
        store,
        EMBEDDER,
        EmbeddedSearch(
            store,
            EMBEDDER,
            lexical_rows=lexical_rows,
            exact_passages=1_000,
            recall=1.0,
        ),
        candidates=candidates,
        dense_weight=0.0,
    )


def found_by(retriever: Retriever, query: str, filters: Filters | None = None) -> list[str]:
    return [item.passage.text for item in retriever.search(query, 3, filters).passages]


@pytest.fixture
def lakes(store: Store) -> Store:
    put(store, "Notes. " + " ".join(f"Lake {n} is a deep lake." for n in range(20)))
    put(store, "Notes. " + " ".join(f"River {n} flows." for n in range(60)), "/rivers.txt")
    return store


def test_common_words_are_left_out_where_rare_ones_remain(lakes: Store):
    put(lakes, "Notes. Garda is a deep lake. Garda town. Garda.", "/garda.txt")
    few, all_ = searcher(lakes, 5), searcher(lakes, 10_000)
    asked = "how deep is lake garda"
    assert found_by(few, asked) == ["Garda is a deep lake.", "Garda.", "Garda town."]
    assert few.search(asked, 3) == all_.search(asked, 3), "weighed by the common words as well"
    assert lakes.lexical('"garda" OR "lake"', 50, Filters(), narrower='"garda"') != lakes.lexical(
        '"garda" OR "lake"', 50, Filters()
    )


def test_only_passages_with_a_rare_word_are_proposed(lakes: Store, monkeypatch):
    put(lakes, "Notes. Garda is a deep lake. Garda town. Garda.", "/garda.txt")
    asked = []
    original = lakes.lexical

    def lexical(*values, **named):
        asked.append((values[0], named["narrower"]))
        return original(*values, **named)

    monkeypatch.setattr(lakes, "lexical", lexical)
    for rows in (5, 50, 10_000):
        searcher(lakes, rows).search("lake garda", 3)
    every = '"lake" OR "garda"'
    assert asked == [(every, '"garda"'), (every, None), (every, None)]


def test_a_count_goes_no_further_than_it_is_asked_to(lakes: Store):
    assert [lakes.holding('"lake"', at_most) for at_most in (None, 50, 20, 7)] == [20, 20, 20, 7]


@pytest.mark.parametrize("listed", [90, 30])
def test_the_commonest_words_weigh_nothing_where_their_lists_are_too_long(
    lakes: Store, monkeypatch, listed
):
    """Of "river" 60 passages are listed, of "lake" 20, of "garda" 1."""
    put(lakes, "Notes. Garda has no river.", "/garda.txt")
    monkeypatch.setattr("index.full_text._LISTED_PER_ROW", listed)
    counted: list[tuple[str, int | None, int]] = []
    holding = lakes.holding

    def noted(phrase: str, at_most: int | None) -> int:
        count = holding(phrase, at_most)
        counted.append((phrase, at_most, count))
        return count

    monkeypatch.setattr(lakes, "holding", noted)
    with lakes.snapshot():
        weighed = FullText(lakes, lexical_rows=1).weigh("lake river garda", 5, Filters(), (), 82)
    with_river = most({"river": 61, "lake": 20, "garda": 1}, 82)
    without = most({"lake": 20, "garda": 1}, 82)
    assert weighed.greatest == pytest.approx(with_river if listed == 90 else without)
    assert ('"river"', listed + 1, min(61, listed + 1)) in counted
    assert len(weighed.bm25) == 1


def test_words_whose_lists_are_all_too_long_are_told_apart_by_whole_counts(
    lakes: Store, monkeypatch
):
    monkeypatch.setattr("index.full_text._LISTED_PER_ROW", 3)
    with lakes.snapshot():
        weighed = FullText(lakes, lexical_rows=1).weigh("river lake", 5, Filters(), (), 81)
    assert weighed.greatest == pytest.approx(most({"lake": 20}, 81))
    texts = [lakes.passages([passage_id])[passage_id].text for passage_id in weighed.bm25]
    assert {text.startswith("Lake") for text in texts} == {True}


def test_words_that_are_all_common_are_searched_for_all_the_same(lakes: Store):
    found = found_by(searcher(lakes, 5), "deep lake")
    assert [text.startswith("Lake") for text in found] == [True] * 3


def test_what_passes_a_filter_is_found_by_its_common_words(lakes: Store):
    como = put(lakes, "What is this. Lake Como.", "/como.txt")
    put(lakes, "Notes. Garda.", "/garda.txt")
    retriever = searcher(lakes, 5, candidates=1)  # dense search returns the other passage
    found = found_by(retriever, "what is this lake garda", Filters(document_ids=(como,)))
    assert found == ["Lake Como.", "What is this."]


def test_a_question_without_words_is_searched_by_its_meaning_alone(store: Store):
    put(store, "Lake Garda. The sea.")
    found = searcher(store, 100).search("?!", 5).passages
    assert len(found) == 2
    assert [item.bm25 for item in found] == [None, None]


def test_words_are_counted_once_until_the_library_changes(store, monkeypatch):
    counted: list[str] = []
    holding = store.holding

    def noted(phrase: str, at_most: int | None) -> int:
        counted.append(phrase)
        return holding(phrase, at_most)

    monkeypatch.setattr(store, "holding", noted)
    full_text = FullText(store, lexical_rows=100)

    def greatest(indexed: int) -> float:
        with store.snapshot():
            return full_text.weigh("Rhine Danube", 5, Filters(), (), indexed).greatest

    put(store, "the Rhine")
    first = greatest(1)
    assert len(counted) == 3  # two words and their pair
    assert greatest(1) == first
    assert len(counted) == 3
    put(store, "the Danube", "/b.txt")
    assert greatest(2) > first
    assert len(counted) == 6
