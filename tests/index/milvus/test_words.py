"""Milvus is asked for the words that FTS5 would find, and weighs them alike."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from index.documents import Filters
from index.lexical import any_of, terms, weight
from index.milvus import schema, words
from index.milvus.weighing import Words, bm25
from index.milvus.weighing import weight as weight_of
from tests.conftest import SEEDS
from tests.index.libraries import put

STRANGE = (
    "Ağrı Dağı, ÆRØ; naïve cafés — İstanbul's technologies; possibly incredibly apologised "
    "don't foo_bar x² ½ 東京 Ångström e\N{COMBINING ACUTE ACCENT}t\N{COMBINING ACUTE ACCENT} "
    "Straße ſtone psychologically assembly generalizations a\x00b"
)


def test_words_are_those_of_fts5():
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.iterdir())] + [STRANGE]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE f USING fts5"
            " (text, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        connection.executemany("INSERT INTO f VALUES (?)", [(text,) for text in texts])
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab (f, 'row')")
        expected = dict(connection.execute("SELECT term, cnt FROM v"))
    assert Counter(stem for text in texts for stem in words.stems(text)) == expected


def test_terms_are_ascii_letters_and_digits_whatever_the_words():
    made = words.terms_of("Ağrı Dağı", STRANGE).split()
    assert all(one.isascii() and one.isalnum() for one in made)
    assert words.term(("agri", "dagi")) not in made, "the two differ by a letter without a dot"
    assert words.term(words.phrase("Ağrı Dağı")) in made
    assert "technolog" in made


def test_only_pairs_of_telling_words_are_terms():
    made = words.terms_of("", "the Danube flows to the sea").split()
    assert words.term(("danub", "flow")) in made
    assert words.term(("the", "danub")) not in made
    assert len(made) == 6 + 1


def test_a_passage_weighs_what_fts5_says(store):
    put(
        store, "The Rhine flows north and flows on. The Danube flows east. Lake Garda is deep. Sea."
    )
    asked = terms("where does the Danube flow, and flow")
    counts = {one: store.holding(one) for one in (*asked.words, *asked.pairs)}
    held = {one: n for one, n in counts.items() if n}
    expected = dict(store.lexical(any_of(held), 10, Filters()))
    entries = store.search_entries(range(1, 5))
    texts = {entry.id: Words.of(entry.title, entry.text) for entry in entries}
    weights = {words.phrase(one.strip('"')): weight(n, 4) for one, n in held.items()}
    mean = sum(map(len, texts.values())) / 4
    found = {number: bm25(text, weights, mean) for number, text in texts.items()}
    assert {n: s for n, s in found.items() if s is not None} == pytest.approx(expected)


@pytest.mark.parametrize(("holding", "times", "length"), [(1, 1, 1.0), (3, 4, 0.5), (90, 2, 2.0)])
def test_a_weight_is_told_from_the_score_of_one_passage(holding, times, length):
    """By Lucene's formula, which Milvus uses."""
    import math

    frequency = math.log(1 + (100 - holding + 0.5) / (holding + 0.5))
    score = frequency * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length))
    assert weight_of(score, times, length) == pytest.approx(weight(holding, 100))


def test_filters_are_data_and_nothing_else():
    hostile = '"] or id > 0 or source in ["\\\n\x00'
    made = schema.expression(Filters(sources=(hostile,), document_ids=(7,), date_to="2022-08-11"))
    quoted = (
        '"\\"] or id > 0 or source in [\\"\\\\\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}'
    )
    assert made == (
        f'document_id in [7] and (source in [{quoted}", {quoted}!/"] or '
        f'(source >= {quoted}!/" and source < {quoted}!0")) and date <= "2022-08-11"'
    )
    assert schema.expression(Filters()) == ""
    assert schema.plain("half \ud800 pair") == "half ? pair"
    assert len(schema.plain("é" * 60_000).encode()) <= 65_535
