"""The development set: its gold answers are slices, and it is what it says it is."""

from __future__ import annotations

import json
from collections import Counter

from benchmarks.events import EVENTS, articles, items
from index.copies import COPY_AT_LEAST, resemblance
from qa.reporting import Kind


def test_gold_answers_and_speakers_are_slices() -> None:
    texts = {f"{p.parent.name}/{p.name}": p.read_text("utf-8") for p in articles()}
    for line in (EVENTS / "questions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        assert bool(row["gold"]) == (row["kind"] != "unanswerable"), row["id"]
        for place in (place for places in row["gold"] for place in places):
            for span in filter(None, (place, place.get("speaker"))):
                text = texts[span["document"]]
                assert text[span["start"] : span["end"]] == span["text"], row["id"]
                assert span["document"].startswith(row["event"])
        assert row.get("verb_kind") in {None, *Kind}


def test_there_are_enough_questions_of_every_kind() -> None:
    asked = items()
    assert len({item.id for item in asked}) == len(asked) >= 140
    kinds = Counter(item.kind for item in asked)
    assert all(kinds[k] >= 20 for k in ("fact", "attribution", "conflict", "follow-up"))
    assert kinds["unanswerable"] >= 20
    for item in asked:
        assert (item.kind == "follow-up") == bool(item.history)
        assert item.kind != "conflict" or len(item.gold) >= 2


def test_every_event_has_five_sources_and_a_near_copy() -> None:
    by_event: dict[str, dict[str, str]] = {}
    for path in articles():
        by_event.setdefault(path.parent.name, {})[path.stem] = path.read_text("utf-8")
    assert len(by_event) >= 8
    for texts in by_event.values():
        assert sorted(name[3:] for name in texts) == sorted(
            ["blog", "copy", "correction", "local", "official", "wire"]
        )
        for name, text in texts.items():
            assert 150 <= len(text.split()) <= 500, name
            copied = resemblance(texts["01_wire"], (), text, ()) >= COPY_AT_LEAST
            assert copied == (name in {"01_wire", "06_copy"}), name
