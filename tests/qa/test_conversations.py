"""Conversations are kept: through writers at once, deletions, and documents that have gone."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from index.errors import SchemaTooNew
from index.indexing import Indexer
from index.opening import open_beside, open_store
from index.store import Store
from qa import conversations
from qa.answers import Question, Turn
from qa.calibration import examples
from qa.conversation_database import FILE_NAME, ConversationDatabase, ConversationsUnreadable
from qa.conversation_export import escaped, to_document, to_markdown
from qa.conversations import ConversationStore, UnknownConversation, folded, mark_gone
from qa.feedback import FeedbackStore, Judgement
from qa.render import to_json
from qa.settings import Settings
from tests.conftest import ROOT
from tests.qa.parts import BRIDGE, MILL, document, double_pipeline

WHO = "Who opened the harbour bridge?"


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConversationStore]:
    """On either engine."""
    if request.param == "sqlite":
        yield ConversationStore(tmp_path / "kept")
        return
    url = request.getfixturevalue("postgres_url")
    store = open_store(tmp_path / "data", database_url=url, database_seconds=30, create=True)
    yield ConversationStore(open_beside(store, "conversations") or tmp_path)
    store.close()


@pytest.fixture
def in_a_file(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "kept")


def answer_set(question: str = WHO, *answers: str) -> dict[str, Any]:
    """What the API would say, as far as a conversation looks at it."""
    sentence = {"start": 0, "end": 9, "text": f"It was {answers[0] if answers else ''}."}
    place = {"document_id": 1, "source": "/texts/bridge.txt", "title": "Bridges", "date": None}
    citation = {**place, "start": 7, "end": 9, "quote": "x", "sentence": sentence}
    return {
        "question": question,
        "searched": question,
        "answers": [{"text": a, "confidence": 0.5, "citations": [dict(citation)]} for a in answers],
    }


def test_a_conversation_has_its_turns_in_order(kept: ConversationStore) -> None:
    made = kept.create()
    assert (made.title, made.turns) == ("", 0)
    assert kept.append(made.id, WHO, answer_set(WHO, "Marta", "Otto")) == 1
    assert kept.append(made.id, "And when?", answer_set("And when?")) == 2
    first, second = kept.turns(made.id)
    assert (first.number, first.question, second.question) == (1, WHO, "And when?")
    assert first.answer_set == answer_set(WHO, "Marta", "Otto")
    assert kept.get(made.id).title == WHO
    assert kept.history(made.id, 10) == (Turn(WHO, "Marta"), Turn("And when?", ""))
    assert kept.history(made.id, 1) == (Turn("And when?", ""),)
    assert [turn.number for turn in kept.turns(made.id, before=2)] == [1]
    assert [turn.number for turn in kept.turns(made.id, limit=1)] == [2]


def test_another_store_of_the_folder_sees_the_same(in_a_file: ConversationStore) -> None:
    kept = in_a_file
    assert isinstance(kept.database, ConversationDatabase)
    made = kept.create("Bridges")
    kept.append(made.id, WHO, answer_set())
    again = ConversationStore(kept.database.folder)
    assert again.turns(made.id) == kept.turns(made.id)
    with again.database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_list_is_paged_and_the_latest_comes_first(kept: ConversationStore) -> None:
    made = [kept.create(f"Number {number}").id for number in range(5)]
    kept.append(made[1], WHO, answer_set())
    page = kept.find(limit=3)
    assert [item.id for item in page.conversations] == [made[1], made[4], made[3]]
    kept.append(made[0], WHO, answer_set())  # it moves up: what follows is still complete
    rest = kept.find(cursor=page.next, limit=3)
    assert [item.id for item in rest.conversations] == [made[2]]
    assert rest.next is None
    assert kept.find(limit=5).next is None


def test_renaming_keeps_the_name_and_the_place(kept: ConversationStore) -> None:
    first, second = kept.create().id, kept.create().id
    assert kept.rename(first, "  A\u202e bridge\n in\x00 Oslo ").title == "A bridge in Oslo"
    kept.append(second, WHO, answer_set())
    assert [item.id for item in kept.find().conversations] == [second, first]
    kept.append(first, WHO, answer_set())
    assert kept.get(first).title == "A bridge in Oslo"
    assert len(kept.rename(first, "x" * 500).title) == conversations.TITLE_AT_MOST


def test_search_finds_words_of_questions_answers_and_titles(kept: ConversationStore) -> None:
    bridge, mill = kept.create().id, kept.create().id
    kept.append(bridge, WHO, answer_set(WHO, "Märta STRÖM"))
    kept.append(mill, "What burned down?", answer_set("What burned down?"))
    for words, found in (
        ("harbour", [bridge]),
        ("marta strom", [bridge]),
        ("BRIDGES", [bridge]),
        ("burned harbour", []),
        ("%", []),
        ("", [mill, bridge]),
    ):
        assert [item.id for item in kept.find(words).conversations] == found, words
    kept.rename(mill, "Über Mühlen")
    assert [item.id for item in kept.find("uber MÜHLEN").conversations] == [mill]


def test_folding_forgets_case_accents_and_width() -> None:
    assert folded("ÉCOLE Straße ＡＢ") == "ecole strasse ab"


NEXT_CHANGES: dict[str, Callable[[ConversationStore, str], object]] = {
    "create": lambda kept, _: kept.create(),
    "append": lambda kept, other: kept.append(other, WHO, answer_set()),
    "rename": lambda kept, other: kept.rename(other, "Bridges"),
}


@pytest.mark.parametrize("next_change", NEXT_CHANGES.values(), ids=NEXT_CHANGES)
def test_a_deletion_can_be_undone_and_is_then_final(
    kept: ConversationStore,
    monkeypatch: pytest.MonkeyPatch,
    next_change: Callable[[ConversationStore, str], object],
) -> None:
    made, other = kept.create().id, kept.create().id
    kept.append(made, "a most secret question", answer_set())
    judged = FeedbackStore(kept.database)
    judged.give(Judgement("a most secret question", "Otto", right=True, conversation=made, turn=1))
    judged.give(Judgement(WHO, "Marta", right=True))
    kept.delete(made)
    assert [line["question"] for line in judged.lines()] == [WHO]
    assert [each.id for each in kept.find().conversations] == [other]
    for call in (kept.get, kept.delete, kept.turns):
        with pytest.raises(UnknownConversation):
            call(made)
    with pytest.raises(UnknownConversation):
        kept.append(made, WHO, answer_set())
    assert kept.restore(made).turns == 1
    assert len(list(judged.lines())) == 2
    monkeypatch.setattr(conversations, "UNDO_SECONDS", -60)
    kept.delete(made)
    next_change(kept, other)
    with pytest.raises(UnknownConversation):
        kept.restore(made)
    with kept.database.reading() as connection:
        left = connection.execute("SELECT count(*) FROM turns WHERE question LIKE 'a most%'")
        assert left.fetchone() == (0,)
    if isinstance(kept.database, ConversationDatabase):
        files = [path.read_bytes() for path in kept.database.folder.iterdir()]
        assert len(files) >= 2
        assert not any(b"most secret" in content for content in files)


def test_unknown_ids_are_named(kept: ConversationStore) -> None:
    with pytest.raises(UnknownConversation, match="'nobody'"):
        kept.get("nobody")
    with pytest.raises(UnknownConversation):
        kept.history("nobody", 5)


def test_threads_at_once_lose_nothing(kept: ConversationStore) -> None:
    made = kept.create().id
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: _append_and_close(kept, made, n), range(20)))
    assert [turn.number for turn in kept.turns(made)] == list(range(1, 21))


def _append_and_close(kept: ConversationStore, made: str, number: int) -> None:
    kept.append(made, f"question {number}", answer_set())
    if isinstance(kept.database, ConversationDatabase):
        kept.database.close()


def test_writers_at_once_lose_nothing(in_a_file: ConversationStore) -> None:
    kept = in_a_file
    assert isinstance(kept.database, ConversationDatabase)
    made = kept.create().id
    folder = kept.database.folder

    def write(name: str) -> None:
        store = ConversationStore(folder)
        for number in range(10):
            store.append(made, f"{name} {number}", answer_set())
        store.database.close()

    threads = [threading.Thread(target=write, args=(f"thread {n}",)) for n in range(4)]
    script = (
        "import sys; from pathlib import Path; from qa.conversations import ConversationStore\n"
        "store = ConversationStore(Path(sys.argv[1]))\n"
        "for n in range(10): store.append(sys.argv[2], f'process {n}', {'answers': []})\n"
    )
    command = [sys.executable, "-c", script, str(folder), made]
    with subprocess.Popen(command, cwd=ROOT) as process:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert process.returncode == 0
    turns = kept.turns(made)
    assert [turn.number for turn in turns] == list(range(1, 51))
    assert len({turn.question for turn in turns}) == 50


def test_stores_that_begin_at_once_make_one_file(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def begin() -> None:
        try:
            store = ConversationStore(tmp_path)
            store.create()
            store.database.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(ConversationStore(tmp_path).find().conversations) == 8


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(ConversationsUnreadable, match=FILE_NAME):
        ConversationStore(tmp_path).find()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    ConversationStore(tmp_path).create()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SchemaTooNew, match="99"):
        ConversationStore(tmp_path).find()


def test_citations_whose_document_is_gone_are_marked_and_stay_readable(
    kept: ConversationStore, settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE))
    result = to_json(double_pipeline(settings, store).answer(Question(WHO)))
    made = kept.create()
    kept.append(made.id, WHO, result)

    def citation() -> dict[str, Any]:
        [turn] = mark_gone(kept.turns(made.id), store)
        found: dict[str, Any] = turn.answer_set["answers"][0]["citations"][0]
        return found

    assert citation()["gone"] is False
    indexer.remove("/texts/bridge.txt")
    assert (citation()["gone"], citation()["quote"]) == (True, "Marta")
    turns = mark_gone(kept.turns(made.id), store)
    assert "no longer in the library" in to_markdown(kept.get(made.id), turns)
    indexer.add_document(document(BRIDGE, "/elsewhere/bridge.txt"))
    assert citation()["gone"] is False  # the same text elsewhere: the page finds it
    indexer.remove("/elsewhere/bridge.txt")
    assert citation()["gone"] is True
    indexer.add_document(document(f"{BRIDGE} and so on."))
    assert citation()["gone"] is False  # another text in its place: the page says what became


def test_passages_that_were_only_looked_at_go_with_their_document(
    kept: ConversationStore, settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE))
    indexer.add_document(document(MILL, "/texts/mill.txt"))
    made = kept.create()
    asked = double_pipeline(settings, store).answer(Question("Who opened the mill?"))
    kept.append(made.id, asked.question, to_json(asked))

    def sources() -> set[str]:
        [turn] = mark_gone(kept.turns(made.id), store)
        return {passage["source"] for passage in turn.answer_set["passages"]}

    assert sources() == {"/texts/bridge.txt", "/texts/mill.txt"}
    indexer.remove("/texts/bridge.txt")
    assert sources() == {"/texts/mill.txt"}


def test_markdown_holds_every_citation_and_runs_nothing(kept: ConversationStore) -> None:
    made = kept.create()
    result = answer_set(WHO, "<script>alert(1)</script>")
    result["answers"][0]["citations"][0]["sentence"]["text"] = (
        "# A\n\n- *b* [c](d) <img src=x> `e`\n1. f"
    )
    kept.append(made.id, WHO, result)
    kept.append(made.id, "Why?", answer_set("Why?") | {"reason": "below_threshold"})
    text = to_markdown(kept.get(made.id), kept.turns(made.id))
    assert text.startswith(f"# {WHO}\n\n## {WHO}\n\n**\\<script\\>alert(1)\\</script\\>** (50% ")
    quoted = "> \\# A\n> "
    quoted += "\\- \\*b\\* \\[c\\](d) \\<img src=x\\> \\`e\\`\n> 1\\. f\n>\n> \\[1\\] Bridges, "
    assert quoted in text
    assert "bridge.txt, characters 7 to 9" in text
    assert "**These documents do not say.** No passage that was read" in text
    assert escaped("2022) and = - +") == "2022\\) and = - +"


def test_markdown_names_a_member_with_the_file_that_holds_it(kept: ConversationStore) -> None:
    made = kept.create()
    result = answer_set(WHO, "Marta")
    result["answers"][0]["citations"][0]["source"] = "/texts/all.zip!/tips.csv!/2"
    kept.append(made.id, WHO, result)
    text = to_markdown(kept.get(made.id), kept.turns(made.id))
    assert "Bridges, all.zip, tips.csv, 2, characters 7 to 9" in text


def test_json_holds_everything(kept: ConversationStore) -> None:
    made = kept.create("Bridges")
    kept.append(made.id, WHO, answer_set(WHO, "Marta"))
    value = to_document(kept.get(made.id), kept.turns(made.id))
    assert value["title"] == "Bridges"
    assert value["turns"][0]["answer_set"] == answer_set(WHO, "Marta")


def test_a_judgement_is_replaced_and_taken_back(kept: ConversationStore) -> None:
    feedback = FeedbackStore(kept.database)
    made = kept.create().id
    feedback.give(Judgement(WHO, "Marta", True, made, 1, {"confidence": 0.9}))
    feedback.give(Judgement(WHO, "Marta", False, made, 1, {"confidence": 0.9}))
    feedback.give(Judgement(WHO, None, True))
    feedback.give(Judgement(WHO, "Otto", True, made, 1))
    feedback.give(Judgement(WHO, "Otto", None, made, 1))
    first, second = feedback.lines()
    assert (first["question"], first["answer"], first["right"]) == (WHO, "Marta", False)
    assert first["confidence"] == 0.9 and first["given_at"]
    assert (second["answer"], second["right"]) == ("", True)
    assert feedback.of_conversation(made) == [(1, "Marta", False)]
    kept.delete(made)
    assert feedback.clear() == 2
    assert list(feedback.lines()) == []


def test_judgements_calibrate(kept: ConversationStore) -> None:
    feedback = FeedbackStore(kept.database)
    feedback.give(Judgement("And when did she?", "in spring", True, "x", 1, {"searched": WHO}))
    feedback.give(Judgement(WHO, "Otto", False))
    feedback.give(Judgement("Where is the moon?", None, True))
    feedback.give(Judgement("Who is Marta?", None, False))
    lines = [json.dumps(line) for line in feedback.lines()]
    assert json.loads(lines[0])["asked"] == "And when did she?"
    right, wrong, declined, missed = examples(lines, "feedback.jsonl")
    assert (right.question, right.judge("in spring"), right.judge("Otto")) == (WHO, True, False)
    assert (wrong.judge("Otto"), wrong.judge("Marta")) == (False, None)
    assert declined.judge("behind the clouds") is False
    assert missed.judge("a mayor") is None
