"""The sets of events: their gold answers are slices, and they are what they say they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.event_sets import EVENTS, Events, load
from index.copies import COPY_AT_LEAST, resemblance
from qa.reporting import Kind

TUNING = Path(__file__).parent.parent.parent / "training" / "data" / "events.json.gz"


@pytest.fixture(scope="module", params=[EVENTS, TUNING], ids=["measured", "tuning"])
def events(request: pytest.FixtureRequest) -> Events:
    return load(request.param)


def test_gold_answers_and_speakers_are_slices(events: Events) -> None:
    for row in events.questions:
        assert bool(row["gold"]) == (row["kind"] != "unanswerable"), row["id"]
        for place in (place for places in row["gold"] for place in places):
            for span in filter(None, (place, place.get("speaker"))):
                text = events.articles[span["document"]]
                assert text[span["start"] : span["end"]] == span["text"], row["id"]
                assert span["document"].startswith(row["event"])
        assert row.get("verb_kind") in {None, *Kind}


def test_known_attributions_are_slices(events: Events) -> None:
    assert len(events.attributions) >= 50
    for row in events.attributions:
        text = events.articles[row["document"]]
        for span in (row, row["speaker"], row["verb"]):
            assert span is None or text[span["start"] : span["end"]] == span["text"], row
        assert row["kind"] in {None, *Kind}


def test_there_are_enough_questions_of_every_kind(events: Events) -> None:
    asked = events.items()
    assert len({item.id for item in asked}) == len(asked) >= 140
    kinds = Counter(item.kind for item in asked)
    assert all(kinds[k] >= 20 for k in ("fact", "attribution", "conflict", "follow-up"))
    assert kinds["unanswerable"] >= 20
    for item in asked:
        assert (item.kind == "follow-up") == bool(item.history)
        assert item.kind != "conflict" or len(item.gold) >= 2


def test_every_event_has_five_sources_and_a_near_copy(events: Events) -> None:
    by_event: dict[str, dict[str, str]] = {}
    for name, text in events.articles.items():
        by_event.setdefault(name.split("/")[0], {})[Path(name).stem] = text
    assert len(by_event) >= 8
    for texts in by_event.values():
        assert sorted(name[3:] for name in texts) == sorted(
            ["blog", "copy", "correction", "local", "official", "wire"]
        )
        for name, text in texts.items():
            assert 100 <= len(text.split()) <= 500, name
            copied = resemblance(texts["01_wire"], (), text, ()) >= COPY_AT_LEAST
            assert copied == (name in {"01_wire", "06_copy"}), name


def test_the_two_sets_share_no_event() -> None:
    events = [{row["event"] for row in load(path).questions} for path in (EVENTS, TUNING)]
    assert not events[0] & events[1]
