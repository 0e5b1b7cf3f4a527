"""What travels is small, and the same."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "path", ["/", "/static/js/main.js", "/static/css/base.css", "/api/v1/documents"]
)
def test_a_packed_body_is_the_same_body(client: FlaskClient, path: str) -> None:
    with client.get(path) as plain, client.get(path, headers=GZIP) as packed:
        compare(plain, packed)


def compare(plain: TestResponse, packed: TestResponse) -> None:
    assert (
        "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    )
    assert "Content-Encoding" not in plain.headers
    if len(plain.data) < 1_000:
        assert packed.data == plain.data
        return
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)


def test_refused_and_unfit_bodies_stay_as_they_are(client: FlaskClient) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}):
        with client.get("/static/js/main.js", headers=headers) as response:
            assert "Content-Encoding" not in response.headers
    with client.head("/static/js/main.js", headers=GZIP) as head:
        assert "Content-Encoding" not in head.headers
    with client.get("/static/js/main.js", headers={**GZIP, "Range": "bytes=0-9"}) as partial:
        assert (partial.status_code, len(partial.data)) == (206, 10)


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/static/js/main.js", headers=GZIP) as first:
        tag = first.headers["ETag"]
    with client.get("/static/js/main.js", headers={**GZIP, "If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")
