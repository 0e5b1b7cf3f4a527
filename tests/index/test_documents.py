"""Spans and filters refuse what makes no sense."""

from __future__ import annotations

import pytest

from index.documents import Filters, Span
from index.errors import InvalidFilter


@pytest.mark.parametrize(("start", "end"), [(1, 0), (-1, 2), (-2, -1)])
def test_a_reversed_or_negative_span_is_refused(start, end):
    with pytest.raises(ValueError, match=rf"not a span: \[{start}, {end}\)"):
        Span(start, end)


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        *((Span(0, 5), False), (Span(0, 6), True), (Span(6, 7), True), (Span(9, 20), True)),
        *((Span(10, 12), False), (Span(0, 20), True), (Span(5, 5), False)),
    ],
)
def test_spans_overlap_where_they_share_a_character(other, overlaps):
    assert Span(5, 10).overlaps(other) is overlaps
    assert other.overlaps(Span(5, 10)) is overlaps


@pytest.mark.parametrize("date", ["2022-13-40", "20220811", "2022-8-1", "11 August 2022", ""])
@pytest.mark.parametrize("name", ["date_from", "date_to"])
def test_a_filter_that_is_no_date_is_refused(name, date):
    with pytest.raises(InvalidFilter, match=f"{name} is '{date}'; a date looks like"):
        Filters(**{name: date})


def test_a_reversed_range_of_dates_is_refused():
    with pytest.raises(InvalidFilter, match="date_from 2023-01-01 is after date_to 2022-01-01"):
        Filters(date_from="2023-01-01", date_to="2022-01-01")


def test_a_source_that_no_document_can_have_is_refused():
    with pytest.raises(InvalidFilter, match="not valid UTF-8"):
        Filters(sources=("/a.txt", "/\udcff.txt"))


@pytest.mark.parametrize(
    "filters",
    [
        Filters(document_ids=(1,)),
        Filters(sources=("/a.txt",)),
        Filters(date_from="2022-01-01"),
        Filters(date_to="2022-01-01"),
        Filters(date_from="2022-01-01", date_to="2022-01-01"),
    ],
)
def test_a_filter_that_asks_for_something_is_true(filters):
    assert filters


def test_no_filter_is_false():
    assert not Filters()
