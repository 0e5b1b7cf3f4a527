"""Text that would run in a reader's browser (stored cross-site scripting) stays text.

The page builds what it shows from text nodes, and its policy runs no script but files of the
server; `tests/browser` sees that. Here: nothing that a stranger wrote is part of any HTML, and what
is served beside HTML is of a type that no browser takes for a page.
"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.indexing import Indexer
from tests.qa.parts import document
from tests.security.conftest import ASK, upload

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//elsewhere.example/x.js></sCrIpT>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<a href=javascript:alert(1)>Marta</a>",
    "<form action=//elsewhere.example><input name=key>",
    "<meta http-equiv=refresh content='0;url=//elsewhere.example'>",
    "<base href=//elsewhere.example/>",
    "<link rel=stylesheet href=//elsewhere.example/x.css>",
    "<style>*{background:url(//elsewhere.example)}</style>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{ config.items() }}{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "${alert(1)}`${alert(1)}`",
    "<\u200bscript>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<script\x0b>alert(1)</script\x0c>",
    "\u202e<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
_HANDLED = ("onclick", "formaction")


class Active(HTMLParser):
    """What of a page would do something that is not in our own files."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._data = False
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        source = values.get("src") or values.get("href") or ""
        data = values.get("type") in {"application/json", "speculationrules"}
        if tag == "script" and not data and not source.startswith("/static/"):
            self.found.append(f"<script src={source!r}>")
        if tag in {"iframe", "object", "embed", "base", "style", "frame"}:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            low = (value or "").strip().lower()
            if name.startswith("on") or name in {"style", "srcdoc", *_HANDLED}:
                self.found.append(f"<{tag} {name}>")
            if low.startswith(("javascript:", "vbscript:", "//", "data:text")):
                self.found.append(f"<{tag} {name}={low!r}>")

    def handle_data(self, data: str) -> None:
        self.text += data


def active(page: str) -> list[str]:
    parser = Active()
    parser.feed(page)
    parser.close()
    return parser.found


def is_no_page(response: TestResponse) -> bool:
    """Whether no browser takes it for one, whatever stands in it."""
    harmless = {
        "application/json",
        "application/problem+json",
        "application/octet-stream",
        "application/jsonl",
        "text/plain",
    }
    saved = response.headers.get("Content-Disposition", "").startswith("attachment")
    nosniff = response.headers["X-Content-Type-Options"] == "nosniff"
    return nosniff and (response.mimetype in harmless or saved)


def policy_holds(response: TestResponse) -> bool:
    policy = response.headers["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    return (
        directives["default-src"] == "'none'"
        and directives["script-src"] == "'self'"
        and directives["style-src"] == "'self'"
        and directives["base-uri"] == "'none'"
        and directives["frame-ancestors"] == "'none'"
        and "unsafe" not in policy
        and "*" not in policy
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_document(client: FlaskClient, indexer: Indexer, payload: str) -> None:
    """In its title, its source and its text, which first questions are made of."""
    text = f"The mayor {payload} of Bergen, Marta Olsen {payload}, denied the reports of a flood."
    added = indexer.add_document(document(text, f"upload:{payload}", title=payload))
    page = client.get("/")
    assert active(page.text) == []
    assert policy_holds(page)
    for path in ("/api/v1/documents", "/api/v1/documents/3", "/api/v1/status"):
        response = client.get(path)
        assert response.status_code == 200
        assert is_no_page(response) and policy_holds(response)
    stored = client.get("/api/v1/documents/3").get_json()
    assert stored["text"] == text and added
    answer = client.post(ASK, json={"question": f"who denied the reports {payload}?"})
    assert answer.status_code == 200
    assert is_no_page(answer)
    assert is_no_page(client.get("/api/v1/documents/3/original"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_conversation_and_a_judgement(client: FlaskClient, payload: str) -> None:
    begun = client.post("/api/v1/conversations", json={"title": payload})
    path = f"/api/v1/conversations/{begun.get_json()['id']}"
    asked = {"question": f"who opened the bridge? {payload}", "conversation": path[-36:]}
    asked["conversation"] = begun.get_json()["id"]
    assert client.post(ASK, json=asked).status_code == 200
    judged = {"question": payload, "answer": payload, "right": True}
    assert client.post("/api/v1/feedback", json=judged).status_code == 200
    for response in (
        begun,
        client.get(path),
        client.get("/api/v1/conversations", query_string={"search": payload}),
        client.get(f"{path}/export"),
        client.get(f"{path}/export?format=json"),
        client.get("/api/v1/feedback"),
    ):
        assert response.status_code in {200, 201}
        assert is_no_page(response) and policy_holds(response)
    saved = client.get(f"{path}/export")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert active(client.get("/").text) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_an_upload_s_name_and_content(loading: FlaskClient, payload: str) -> None:
    """The original is a page that somebody wrote: it is never opened as one of ours."""
    words = "".join(f"<p>Marta opened the bridge number {i} in the spring.</p>" for i in range(20))
    page = f"<!doctype html><html><body><article>{words}{payload}</article></body></html>"
    name = payload.replace('"', "%22")  # as browsers send it
    job = upload(loading, f"{name}.html", page.encode())
    assert job["state"] == "done"
    for path in ("/api/v1/jobs", f"/api/v1/jobs/{job['id']}", "/api/v1/documents"):
        assert is_no_page(loading.get(path))
    added = loading.get("/api/v1/documents").get_json()["documents"][2:]
    assert len(added) == 1
    for query in ("", "?view", "?view=1", "?view=true"):
        original = loading.get(f"/api/v1/documents/{added[0]['id']}/original{query}")
        assert is_no_page(original)
        if original.status_code == 200:
            assert original.headers["Content-Disposition"].startswith("attachment")
    assert loading.get(f"/api/v1/documents/{added[0]['id']}/original").data == page.encode()
    assert active(loading.get("/").text) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_request(client: FlaskClient, payload: str) -> None:
    """Reflected: in a path, a query, a header, a cookie, a body that is refused."""
    client.set_cookie("language", payload.encode("ascii", "ignore").decode())
    raw = {
        "HTTP_ACCEPT_LANGUAGE": payload.encode().decode("latin-1"),
        "HTTP_REFERER": payload.encode().decode("latin-1"),
        "HTTP_USER_AGENT": payload.encode().decode("latin-1"),
    }
    page = client.get("/", query_string={"language": payload, "q": payload}, environ_overrides=raw)
    assert page.status_code == 200
    assert active(page.text) == []
    assert "alert(1)" not in page.text and "elsewhere.example" not in page.text
    for response in (
        client.get(f"/{payload.replace('/', '')}"),
        client.get(f"/api/v1/documents/{payload.replace('/', '')}"),
        client.get(f"/static/{payload.replace('/', '')}"),
        client.get(f"/problems/{payload.replace('/', '')}"),
        client.post(ASK, json={"question": "who?", payload: payload}),
        client.post(ASK, json={"question": payload, "top_k": payload}),
        client.post(ASK, data=payload.encode(), content_type="application/json"),
        client.post(ASK, data=b"{}", content_type=payload.encode("ascii", "ignore").decode() or "x")
        if payload.isascii() and payload.isprintable()
        else client.post(ASK, data=b"{}", content_type="text/html"),
        client.get("/api/v1/conversations", query_string={"cursor": payload}),
    ):
        assert response.status_code >= 400
        assert is_no_page(response) or active(response.text) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//elsewhere.example",
        "http:javascript:alert(1)",
    ],
)
def test_in_a_url_that_is_no_page(client: FlaskClient, indexer: Indexer, url: str) -> None:
    """The page links to what `original` says only where that is an address of the web."""
    assert client.post("/api/v1/documents", json={"url": url}).status_code == 422 or url[:5] == (
        "http:"
    )
    indexer.add_document(document("Marta opened it.", url, title="Linked"))
    stored = client.get("/api/v1/documents/3").get_json()
    original = stored["original"]
    assert original is None or original.startswith(("http://", "https://")) or original == "file"
