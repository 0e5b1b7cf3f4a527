"""Brackets are quoted in pairs."""

from __future__ import annotations

import pytest

from qa.whole_brackets import whole_brackets

PAID = "She was paid £612,000 (2022: £748,000), of which (as agreed (by all)) half is due. a) One"


@pytest.mark.parametrize(
    ("quote", "whole"),
    [
        ("£748,000)", "£748,000"),
        ("(2022", "2022"),
        ("(2022: £748,000", "2022: £748,000"),
        ("£612,000 (2022: £748,000", "£612,000 (2022: £748,000)"),
        ("(2022: £748,000)", "(2022: £748,000)"),
        ("£612,000 (2022: £748,000)", "£612,000 (2022: £748,000)"),
        ("by all))", "by all"),
        ("£612,000", "£612,000"),
        ("a)", "a"),
        (")", ""),
    ],
)
def test_a_bracket_is_quoted_with_its_other_half_or_left_out(quote: str, whole: str) -> None:
    start = PAID.index(quote)
    first, last = whole_brackets(PAID, start, start + len(quote))
    assert PAID[first:last] == whole
