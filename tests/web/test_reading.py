"""Documents are listed in pages and read in pieces; what has not changed is not sent again."""

from __future__ import annotations

import dataclasses
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from index.indexing import Indexer
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, MILL, document
from tests.web.test_errors import problem
from web.tags import tag_of

LIST = "/api/v1/documents"
TEXT = "/api/v1/documents/1/text"
WIDE = "Zoë 😀 a\u0301 \u202eمرحبا\u202c ﬁn\r\n東京"


@pytest.fixture
def many(indexer: Indexer) -> None:
    for number in range(7):
        indexer.add_document(document(f"{BRIDGE} It is {number}.", f"/texts/{number}.txt"))


def pages(client: FlaskClient, limit: int) -> list[list[int]]:
    listed, cursor = [], None
    while True:
        query = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        value = client.get(LIST, query_string=query).get_json()
        listed.append([row["id"] for row in value["documents"]])
        cursor = value["next"]
        if cursor is None:
            return listed


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (3, [[1, 2, 3], [4, 5, 6], [7]]),
        (7, [[1, 2, 3, 4, 5, 6, 7]]),
        (6, [[1, 2, 3, 4, 5, 6], [7]]),
        (1000, [[1, 2, 3, 4, 5, 6, 7]]),
    ],
)
def test_the_list_comes_in_pages(
    client: FlaskClient, limit: int, expected: list[list[int]]
) -> None:
    assert pages(client, limit) == expected


@pytest.mark.usefixtures("many")
def test_a_page_goes_on_where_the_last_one_ended_though_documents_come_and_go(
    client: FlaskClient, indexer: Indexer
) -> None:
    first = client.get(LIST, query_string={"limit": 3}).get_json()
    indexer.remove("/texts/2.txt")
    indexer.remove("/texts/3.txt")
    indexer.add_document(document(MILL, "/texts/mill.txt"))
    later = client.get(LIST, query_string={"limit": 9, "cursor": first["next"]}).get_json()
    assert [row["id"] for row in first["documents"]] == [1, 2, 3]
    assert [row["id"] for row in later["documents"]] == [5, 6, 7, 8]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "limit=1&limit=2", "cursor=1_0",
              "cursor=-1", "cursor=%D9%A3", "page=2", "limit=", "cursor=99999999999999999999"],
)  # fmt: skip
def test_a_page_that_makes_no_sense_is_422(client: FlaskClient, query: str) -> None:
    detail = problem(client.get(f"{LIST}?{query}"), 422)
    assert detail.startswith(query.split("=")[0])


def test_a_parameter_that_is_sent_twice_is_told_so(client: FlaskClient) -> None:
    detail = problem(client.get(f"{LIST}?limit=1&limit=2"), 422)
    assert detail == 'limit: Is given more than once (got ["1", "2"])'


def test_a_cursor_behind_the_end_is_an_empty_page(client: FlaskClient) -> None:
    value = client.get(f"{LIST}?cursor=999999999999999999").get_json()
    assert (value["documents"], value["next"]) == ([], None)


@given(start=st.integers(0, len(WIDE) + 3), end=st.none() | st.integers(0, len(WIDE) + 3))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_piece_of_a_text_is_its_slice(
    client: FlaskClient, indexer: Indexer, store: Store, start: int, end: int | None
) -> None:
    """In code points, whatever the characters are made of."""
    if not store.document_ids():
        indexer.add_document(document(WIDE))
    text = store.document(1).text
    query = {"start": start} | ({} if end is None else {"end": end})
    response = client.get(TEXT, query_string=query)
    if start > len(text) or (end is not None and end < start):
        assert response.status_code == 422
        return
    value = response.get_json()
    assert value["text"] == text[start:end]
    most = len(text) if end is None else min(end, len(text))
    assert (value["start"], value["end"]) == (start, most)
    assert value["characters"] == len(text)


@pytest.mark.usefixtures("filled")
def test_a_citation_is_what_its_range_holds(client: FlaskClient) -> None:
    asked = client.post("/api/v1/ask", json={"question": "Who opened the harbour bridge?"})
    (citation,) = asked.get_json()["answers"][0]["citations"]
    address = f"/api/v1/documents/{citation['document_id']}/text"
    query = {"start": citation["start"], "end": citation["end"]}
    value = client.get(address, query_string=query).get_json()
    assert value["text"] == citation["quote"]
    assert value["version"] == citation["version"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("start=9999", "start: the text has "),
        ("start=5&end=4", "end: It is before start, which is 5 (got 4)"),
        ("start=-1", "start: "),
        ("end=1.5", "end: "),
        ("begin=1", "begin: "),
    ],
)
def test_a_range_that_is_none_is_422(client: FlaskClient, query: str, said: str) -> None:
    assert problem(client.get(f"{TEXT}?{query}"), 422).startswith(said)


@pytest.mark.parametrize("path", [LIST, "/api/v1/documents/1", TEXT, "/api/v1/status"])
@pytest.mark.usefixtures("filled")
def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, indexer: Indexer, path: str
) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).get_json() == first.get_json()
    indexer.add_document(document(MILL + " Again.", "/texts/new.txt"))
    changed = client.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


@pytest.mark.usefixtures("filled")
def test_a_compressed_response_is_recognised_by_its_tag(client: FlaskClient) -> None:
    packed = client.get("/api/v1/documents/1", headers={"Accept-Encoding": "gzip"})
    held = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get("/api/v1/documents/1", headers=held).status_code == 304


def test_a_library_that_was_put_back_is_another_one(settings: Settings, tmp_path: Path) -> None:
    """The same generation of the same library, and still not the same documents."""
    store = Store(settings.data, create=True)
    make_indexer(settings, store, HashingEmbedder()).add_document(document(BRIDGE))
    store.close()
    other = dataclasses.replace(settings, data=tmp_path / "other")
    shutil.copytree(settings.data, other.data)
    tags, states = set(), set()
    for number, one in enumerate((settings, other)):
        with closing(Store(one.data)) as store:
            added = document(f"{MILL} {number}", "/texts/mill.txt")
            make_indexer(one, store, HashingEmbedder()).add_document(added)
            states.add((store.library_id(), store.generation()))
            tags.add(tag_of(store))
    assert (len(states), len(tags)) == (1, 2)


@pytest.mark.parametrize("number", ["9" * 5_000, str(2**63), "0", "00"])
@pytest.mark.parametrize(
    ("method", "after"), [("GET", ""), ("DELETE", ""), ("GET", "/text"), ("POST", "/restore")]
)
def test_an_id_that_no_document_can_have_is_404_for_every_method(
    client: FlaskClient, number: str, method: str, after: str
) -> None:
    problem(client.open(f"{LIST}/{number}{after}", method=method), 404)
