"""The API's reference: the OpenAPI document, the same as a page, and a page on each problem."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from qa.version import VERSION
from web import openapi, problems, samples
from web.errors import MIMETYPE as PROBLEM
from web.operations import Example
from web.pages import PRODUCT

blueprint = Blueprint("reference", __name__)

_SAMPLE_FILE = "report.txt"
_TELLING_AT_MOST = 10**12


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    response = Response(
        json.dumps(openapi.document(_app()), ensure_ascii=False), mimetype="application/json"
    )
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/docs")
def docs() -> str:
    described = openapi.document(_app())
    tags = described["tags"]
    shown = list(_operations(described))
    return render_template(
        "reference.html",
        product=PRODUCT,
        version=VERSION,
        about=described["info"]["description"],
        tags=[(tag, [one for one in shown if one["tag"] == tag["name"]]) for tag in tags],
        schemas=[
            (name, schema, list(_fields(schema)))
            for name, schema in described["components"]["schemas"].items()
        ],
        kinds=problems.KINDS.values(),
        words=_words,
        coded=_coded,
    )


@blueprint.get("/problems/")
def all_problems() -> str:
    return _problems(list(problems.KINDS.values()))


@blueprint.get(f"{problems.PATH}<name>")
def one_problem(name: str) -> str:
    """What the ``type`` of a problem leads to."""
    kind = problems.KINDS.get(name)
    if kind is None:
        raise NotFound(f"No kind of problem is called {name[:80]!r}. All are listed at /problems/.")
    return _problems([kind])


def _problems(kinds: list[problems.Kind]) -> str:
    return render_template("problems.html", product=PRODUCT, kinds=kinds, path=problems.PATH)


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _operations(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the page says of each operation, taken from the document."""
    examples = {
        (method.lower(), openapi.path_of(rule)): operation.example
        for method, rule, operation, _ in openapi.operations(_app())
    }
    for path, item in described["paths"].items():
        for method, one in item.items():
            content = one.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            yield {
                "id": one["operationId"],
                "tag": one["tags"][0],
                "method": method.upper(),
                "path": path,
                "summary": one["summary"],
                "about": one["description"],
                "scope": one["x-scope"],
                "parameters": one.get("parameters", []),
                "body": schema,
                "fields": list(_fields(_resolved(described, schema))) if schema else [],
                "form": "multipart/form-data" in content,
                "successes": [
                    (status, answer, _returned(answer), _sample(described, answer))
                    for status, answer in one["responses"].items()
                    if status < "400"
                ],
                "problems": [
                    (status, _kinds(answer))
                    for status, answer in one["responses"].items()
                    if status >= "400" and PROBLEM in answer["content"]
                ],
                "curl": list(_calls(method.upper(), path, examples[method, path], content)),
            }


def _kinds(answer: Mapping[str, Any]) -> list[str]:
    return [told.split(":")[0] for told in answer["description"].split("; ")]


def _returned(answer: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(media, value["schema"]) for media, value in answer.get("content", {}).items()]


def _sample(described: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """What its JSON looks like; empty where it has none, or one of any form."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return ""
    value = samples.sample(schema, described["components"]["schemas"])
    return json.dumps(value, ensure_ascii=False, indent=2)


def _resolved(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = described["components"]["schemas"][_name(schema)]
    return found


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Name, schema and whether it is required; those that are come first."""
    required = schema.get("required", [])
    named = schema.get("properties", {}).items()
    for name, value in sorted(named, key=lambda one: one[0] not in required):
        yield name, value, name in required


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _words(schema: Mapping[str, Any]) -> Markup:
    """What a value is, in words, with links to what is said of its parts."""
    if "$ref" in schema:
        name = _name(schema)
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        kinds = Markup(" or ").join(_words(one) for one in schema["anyOf"])
        return Markup(", ").join([kinds, *_limits(schema)])
    if "enum" in schema:
        values = (Markup("<code>{}</code>").format(value) for value in schema["enum"])
        return Markup(", ").join(values)
    kind = {"string": "text", None: "anything"}.get(schema.get("type"), schema.get("type"))
    if kind == "array":
        kind = Markup("list of {}").format(_words(schema.get("items", {})))
    return Markup(", ").join([escape(kind), *_limits(schema)])


def _limits(schema: Mapping[str, Any]) -> list[str]:
    """Those that say more than what a number can be at all."""
    told = {
        "minimum": "from {:,}",
        "maximum": "to {:,}",
        "maxLength": "at most {:,} characters",
        "maxItems": "at most {:,} of them",
    }
    return [
        words.format(schema[key])
        for key, words in told.items()
        if key in schema and schema[key] < _TELLING_AT_MOST
    ]


def _coded(text: str) -> Markup:
    """Text with what stands between backticks set as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def _calls(method: str, path: str, example: Example, content: Mapping[str, Any]) -> Iterator[str]:
    """The example as lines for a shell."""
    address = _quoted(request.host_url.rstrip("/") + filled(path, example))
    if "multipart/form-data" in content:
        yield f"curl -s {address} -F file=@{_SAMPLE_FILE}"
    words = ["curl -s", address]
    if method not in {"GET", "POST"} or (method == "POST" and example.body is None):
        words.insert(1, f"-X {method}")
    if example.body is not None:
        sent = json.dumps(example.body, ensure_ascii=False)
        words.append("\\\n  -H 'Content-Type: application/json'")
        words.append(f"\\\n  -d {shlex.quote(sent)}")
    yield " ".join(words)


def _quoted(address: str) -> str:
    """As one word; a ``$JOB`` in it stays a variable."""
    return f'"{address}"' if "$" in address else shlex.quote(address)


def filled(path: str, example: Example) -> str:
    """The path with the example's parameters."""
    for name, value in example.path.items():
        told = str(value) if str(value).startswith("$") else quote(str(value), safe="")
        path = path.replace(f"{{{name}}}", told)
    return f"{path}?{urlencode(example.query)}" if example.query else path
