"""Who is nobody."""

from __future__ import annotations

import pytest

from index.documents import Span
from qa.attribution import attribute
from qa.citations import said_by
from qa.hearsay import is_hearsay, only_reports


@pytest.mark.parametrize("who", ["reports", "Media reports", "some unconfirmed reports", "rumours"])
def test_nobody_is_named(who: str) -> None:
    assert is_hearsay(who) and only_reports(who)


@pytest.mark.parametrize("who", ["the report", "Ada Lind", "a report by Kanal 2", "the auditors"])
def test_somebody_is(who: str) -> None:
    assert not is_hearsay(who)


def test_state_media_are_named_and_only_report() -> None:
    assert only_reports("Russian state media") and not is_hearsay("Russian state media")


def test_hearsay_is_shown_as_nobodys() -> None:
    text = "There have been reports suggesting that Karst will send workers."
    found = attribute(text, Span(text.index("Karst"), len(text) - 1))
    assert found is not None
    assert said_by(text, found) is None
