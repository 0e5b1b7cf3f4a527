"""Keys, conversations and judgements go where the library goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.document_store import DocumentStore
from index.opening import open_beside
from qa.access import Scope
from qa.assembly import make_store
from qa.belongings import carry
from qa.conversations import ConversationStore
from qa.feedback import FeedbackStore, Judgement
from qa.keys import Key, Refusal, open_keys
from qa.settings import Settings

Place = tuple[Settings, DocumentStore]


@pytest.fixture
def places(tmp_path: Path, postgres_url: str) -> Iterator[list[Place]]:
    """SQLite, PostgreSQL, and SQLite again."""
    one = Settings(data=tmp_path / "data")
    two = replace(one, store="milvus", milvus_uri="http://m:1", database_url=postgres_url)
    with ExitStack() as stack:
        yield [
            (s, stack.enter_context(closing(make_store(s, create=True))))
            for s in (one, two, replace(one, data=tmp_path / "back"))
        ]


def conversations(place: Place) -> ConversationStore:
    return ConversationStore(open_beside(place[1], "conversations") or place[0].data)


def told(place: Place) -> list[tuple]:
    """All conversations with their turns and judgements, the latest first."""
    store = conversations(place)
    feedback = FeedbackStore(store.database)
    return [
        (summary, store.turns(summary.id), feedback.of_conversation(summary.id))
        for summary in store.find().conversations
    ]


def test_they_go_to_postgresql_and_back(places: list[Place]) -> None:
    source, middle, back = places
    key, token = open_keys(*source).create("ours", Scope.READ, per_minute=7)
    lost, old = open_keys(*source).create("lost", Scope.WRITE)
    open_keys(*source).revoke("lost")
    store = conversations(source)
    first, second, gone = (store.create(title) for title in ("", "Zwei", "Gone"))
    store.append(first.id, "Who slept?", {"answers": [{"text": "Otto", "citations": []}]})
    store.append(second.id, "What burned?", {"answers": []})
    store.append(first.id, "And who else?", {"answers": []})
    store.delete(gone.id)
    FeedbackStore(store.database).give(Judgement("Who slept?", "Otto", True, first.id, 1))
    for _ in range(2):  # the second time nothing changes
        carry(source, middle)
        carry(middle, back)
        for place in (middle, back):
            assert told(place) == told(source)
            revoked = replace(lost, revoked_at=_revoked(source))
            assert set(open_keys(*place).all()) == {key, revoked}
            assert open_keys(*place).check(token) == key
            assert open_keys(*place).check(old) is Refusal.REVOKED


def _revoked(place: Place) -> str | None:
    [key] = [key for key in open_keys(*place).all() if key.name == "lost"]
    return key.revoked_at


def test_what_came_since_comes_along(places: list[Place]) -> None:
    source, middle, _ = places
    _, token = open_keys(*source).create("ours", Scope.READ)
    store = conversations(source)
    talk = store.create("Talk")
    store.append(talk.id, "Who slept?", {"answers": []})
    carry(source, middle)
    assert isinstance(open_keys(*middle).check(token), Key)
    store.append(talk.id, "And then?", {"answers": []})
    open_keys(*source).revoke("ours")
    carry(source, middle)
    assert [len(turns) for _, turns, _ in told(middle)] == [2]
    assert open_keys(*middle).check(token) is Refusal.REVOKED


def test_where_nobody_talked_nothing_is_made(places: list[Place]) -> None:
    source, middle, back = places
    carry(source, back)
    assert not list(back[0].data.glob("conversations*"))
    assert not list(back[0].data.glob("keys*"))
    carry(source, middle)
    assert told(middle) == []
