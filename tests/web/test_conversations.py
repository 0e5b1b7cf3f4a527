"""Conversations and judgements over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from index.indexing import Indexer
from index.store import Store
from qa.conversation_database import FILE_NAME
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document
from tests.web.test_asking import WHO, ask, begun
from tests.web.test_errors import problem
from tests.web.test_guard import client_of

PATH = "/api/v1/conversations"


def listed(client: FlaskClient, **query: Any) -> list[str]:
    value = client.get(PATH, query_string=query).get_json()
    return [item["title"] for item in value["conversations"]]


@pytest.mark.usefixtures("filled")
def test_list_rename_search_delete_and_undo(client: FlaskClient) -> None:
    first, second = begun(client), begun(client, title="Mills")
    ask(client, first)
    assert listed(client) == [WHO, "Mills"]
    assert client.patch(f"{PATH}/{first}", json={"title": "Bridge"}).get_json()["title"] == "Bridge"
    assert listed(client, search="marta") == ["Bridge"]
    assert listed(client, search="harbour mills") == []
    value = client.get(PATH, query_string={"limit": 1}).get_json()
    assert [item["title"] for item in value["conversations"]] == ["Bridge"]
    assert listed(client, cursor=value["next"]) == ["Mills"]
    assert client.delete(f"{PATH}/{second}").get_json()["restorable_seconds"] == 600
    assert listed(client) == ["Bridge"]
    assert "No conversation has the id" in problem(client.get(f"{PATH}/{second}"), 404)
    assert client.post(f"{PATH}/{second}/restore").get_json()["title"] == "Mills"
    assert sorted(listed(client)) == ["Bridge", "Mills"]


@pytest.mark.usefixtures("filled")
def test_long_conversations_are_read_in_parts(client: FlaskClient) -> None:
    conversation = begun(client)
    for _ in range(3):
        ask(client, conversation)
    last = client.get(f"{PATH}/{conversation}?limit=2").get_json()
    assert ([turn["number"] for turn in last["turns"]], last["earlier"]) == ([2, 3], True)
    first = client.get(f"{PATH}/{conversation}?limit=2&before=2").get_json()
    assert ([turn["number"] for turn in first["turns"]], first["earlier"]) == ([1], False)


@pytest.mark.usefixtures("filled")
def test_exports_are_files_that_show_what_has_gone(client: FlaskClient, indexer: Indexer) -> None:
    conversation = begun(client, title="Brücken: <b>/../etc")
    ask(client, conversation)
    indexer.remove("/texts/bridge.txt")
    markdown = client.get(f"{PATH}/{conversation}/export")
    assert markdown.mimetype == "text/markdown"
    disposition = markdown.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and "Br%C3%BCcken-b-etc.md" in disposition
    assert "> the harbour bridge was opened by Marta in the spring." in markdown.text
    assert "no longer in the library" in markdown.text
    assert "<b>" not in markdown.text.replace("\\<b\\>", "")
    value = client.get(f"{PATH}/{conversation}/export?format=json").get_json()
    (citation,) = value["turns"][0]["answer_set"]["answers"][0]["citations"]
    assert (citation["quote"], citation["gone"]) == ("Marta", True)
    assert '"pdf"' in problem(client.get(f"{PATH}/{conversation}/export?format=pdf"), 422)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "?cursor=x", None, 422),
        ("GET", "?cursor=-1", None, 422),
        ("GET", "?limit=0", None, 422),
        ("GET", "?limit=9999999999999999999", None, 422),
        ("POST", "", {"name": "x"}, 422),
        ("POST", "", {"title": "x" * 1001}, 422),
        ("POST", "", [], 422),
        ("PATCH", "/nobody", {"title": "x"}, 404),
        ("PATCH", "/nobody", {}, 422),
        ("PATCH", "/nobody", {"title": ""}, 422),
        ("DELETE", "/nobody", None, 404),
        ("POST", "/nobody/restore", None, 404),
        ("GET", "/nobody/export", None, 404),
        ("GET", "/%00", None, 404),
    ],
)
def test_bad_input_is_said(
    client: FlaskClient, method: str, path: str, body: Any, status: int
) -> None:
    problem(client.open(PATH + path, method=method, json=body), status)


def test_a_title_of_spaces_leaves_the_first_question_to_name_it(client: FlaskClient) -> None:
    conversation = begun(client, title=" \n\u202e ")
    ask(client, conversation)
    assert listed(client) == [WHO]


@pytest.mark.usefixtures("filled")
def test_judgements_are_kept_and_exported_as_lines(client: FlaskClient) -> None:
    conversation = begun(client)
    value = ask(client, conversation)
    [answer] = value["answers"]
    judged = {
        "question": WHO,
        "answer": answer["text"],
        "right": True,
        "conversation": conversation,
        "turn": value["turn"],
        "confidence": answer["confidence"],
        "source": answer["citations"][0]["source"],
        "start": answer["citations"][0]["start"],
        "end": answer["citations"][0]["end"],
    }
    assert client.post("/api/v1/feedback", json=judged).get_json() == {"right": True}
    declined = {"question": "Where is the moon?", "answer": None, "right": False}
    client.post("/api/v1/feedback", json=declined)
    export = client.get("/api/v1/feedback")
    assert export.mimetype == "application/jsonl"
    lines = [json.loads(line) for line in export.text.splitlines()]
    assert [(line["question"], line["answer"], line["right"]) for line in lines] == [
        (WHO, "Marta", True),
        ("Where is the moon?", "", False),
    ]
    assert lines[0]["source"] == "/texts/bridge.txt" and "conversation" not in lines[0]
    read = client.get(f"{PATH}/{conversation}").get_json()
    assert read["feedback"] == [{"turn": 1, "answer": "Marta", "right": True}]
    client.post("/api/v1/feedback", json=judged | {"right": None})
    assert client.delete("/api/v1/feedback").get_json() == {"forgotten": 1}
    assert client.get("/api/v1/feedback").text == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"right": 1},
        {"right": "yes"},
        {"question": ""},
        {"confidence": 2},
        {"more": 1},
        {"turn": "1"},
    ],
    ids=str,
)
def test_a_bad_judgement_is_refused(client: FlaskClient, changed: dict[str, Any]) -> None:
    judged = {"question": WHO, "answer": "Marta", "right": True} | changed
    problem(client.post("/api/v1/feedback", json=judged), 422)


@pytest.mark.usefixtures("filled")
def test_a_judgement_is_on_a_turn_that_there_is(client: FlaskClient) -> None:
    conversation = begun(client)
    ask(client, conversation)
    judged = {"question": WHO, "answer": "Marta", "right": True, "conversation": conversation}
    unknown = client.post("/api/v1/feedback", json=judged | {"conversation": "x", "turn": 1})
    assert problem(unknown, 404) == "No conversation has the id 'x'."
    for turn in (0, 2):
        detail = problem(client.post("/api/v1/feedback", json=judged | {"turn": turn}), 422)
        assert detail == f"turn: The conversation has 1 turn (got {turn})"
    assert client.get("/api/v1/feedback").text == ""
    assert client.post("/api/v1/feedback", json=judged | {"turn": 1}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PATH),
        ("PATCH", f"{PATH}/x"),
        ("DELETE", f"{PATH}/x"),
        ("POST", f"{PATH}/x/restore"),
        ("POST", "/api/v1/feedback"),
        ("DELETE", "/api/v1/feedback"),
    ],
)
def test_another_sites_page_changes_nothing(client: FlaskClient, method: str, path: str) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    problem(client.open(path, method=method, json={"title": "x"}, headers=headers), 403)


def test_another_sites_page_asks_in_no_conversation(client: FlaskClient) -> None:
    body = {"question": WHO, "conversation": begun(client)}
    headers = {"Sec-Fetch-Site": "cross-site"}
    problem(client.post("/api/v1/ask", json=body, headers=headers), 403)


def test_where_all_could_read_them_no_conversation_is_kept(
    settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE))
    remote = client_of(settings, store, host="0.0.0.0", allow_anonymous="read")
    for path in (PATH, f"{PATH}/x", f"{PATH}/x/export", "/api/v1/feedback"):
        assert "of the scope write" in problem(remote.get(path), 401)
    body = {"question": WHO, "conversation": "x"}
    problem(remote.post("/api/v1/ask", json=body), 401)
    assert remote.post("/api/v1/ask", json={"question": WHO}).status_code == 200
    page = remote.get("/").text
    assert "data-keeps" not in page and 'id="conversations"' not in page
    allowed = client_of(settings, store, host="0.0.0.0", allow_anonymous="write")
    assert allowed.get(PATH).status_code == 200


@pytest.mark.usefixtures("filled")
def test_a_damaged_file_of_conversations_leaves_asking_alone(
    client: FlaskClient, settings: Settings
) -> None:
    (settings.data / FILE_NAME).write_bytes(b"no database at all " * 100)
    assert FILE_NAME in problem(client.get(PATH), 503)
    assert client.post("/api/v1/ask", json={"question": WHO}).get_json()["answered"] is True
