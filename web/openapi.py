"""The OpenAPI document: made from the operations and their models, none of it by hand."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from index.documents import LARGEST_ID
from qa.settings import Settings
from qa.version import VERSION
from web import guard, limits, problems
from web.errors import MIMETYPE as PROBLEM
from web.operations import FORM, Operation, operation_of
from web.schemas.base import Problem, Query

_JSON = "application/json"
_REFERENCE = "#/components/schemas/{model}"
_TAGS = {
    "Asking": "Questions, searches, and why there is no answer.",
    "Documents": "What the library holds, and where a citation stands.",
    "Library": "Bringing documents in and taking them out.",
    "Jobs": "What the library is being changed by.",
    "Conversations": "Questions that are kept with their answers.",
    "Feedback": "Judgements on answers.",
    "Service": "What is served, and whether it is sound.",
}
_PARAMETER = re.compile(r"<(?:([^<>]*):)?(\w+)>")  # with its converter, where it has one
_PARAMETERS = {
    "document_id": "Id of a document.",
    "job_id": "Id of a job.",
    "conversation_id": "Id of a conversation.",
}
_DESCRIPTION = (
    "Answers questions from a library of documents: verbatim spans, each with the place it is "
    "from. Offsets are half open and count Unicode code points. Every response has the header "
    "X-Request-ID. Errors are problem details (RFC 9457)."
)
# Enumerations of the same name; pydantic would tell them apart by their modules.
_RENAMED = {
    "index__jobs__Kind": "JobKind",
    "qa__reporting__Kind": "ReportingKind",
    "index__jobs__State": "JobState",
    "index__anchors__State": "CitationState",
}
_EVERYWHERE = (
    "key-expired",
    "key-revoked",
    "key-needed",
    "not-allowed",
    "misdirected",
    "invalid-request",
    "too-many-requests",
    "server-fault",
    "library-unusable",
)
_OF_BODIES = ("malformed-request", "too-large", "wrong-media-type")


def operations(app: Flask) -> Iterator[tuple[str, Rule, Operation, str]]:
    """Method, rule, operation and description of all that is documented, in order of the tags."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        described = operation_of(view)
        if described is not None:
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found.append((method, rule, described, inspect.getdoc(view) or ""))
    order = list(_TAGS)
    yield from sorted(found, key=lambda one: order.index(one[2].tag))


def document(app: Flask) -> dict[str, Any]:
    """The document of OpenAPI 3.1; made once."""
    made: dict[str, Any] | None = app.extensions.get("openapi")
    if made is None:
        made = app.extensions["openapi"] = _document(app)
    return made


def path_of(rule: Rule) -> str:
    """``/documents/<int:document_id>`` as ``/documents/{document_id}``."""
    return _PARAMETER.sub(r"{\2}", rule.rule)


def _document(app: Flask) -> dict[str, Any]:
    schemas, references = _schemas(app)
    paths: dict[str, dict[str, Any]] = {}
    for method, rule, described, text in operations(app):
        item = _operation(method, rule, described, text, references)
        paths.setdefault(path_of(rule), {})[method.lower()] = item
    return {
        "openapi": "3.1.0",
        "info": {"title": "Verbatim", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key. On this machine none is needed by default.",
                }
            },
        },
    }


def _schemas(app: Flask) -> tuple[dict[str, Any], dict[Any, dict[str, Any]]]:
    """All schemas by name, and a reference to that of each model."""
    models: dict[type[BaseModel], None] = {Problem: None}
    for _, _, described, _ in operations(app):
        models |= dict.fromkeys(described.returns.values())
        models |= dict.fromkeys([described.query] + ([described.body] if described.body else []))
    wanted = [(model, "validation") for model in models]
    by_model, made = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
    made = _limited(_renamed(made), app.extensions["settings"])
    references = {model: _renamed(schema) for (model, _), schema in by_model.items()}
    queries = {_name(references[model]) for model in models if issubclass(model, Query)}
    schemas = {name: made["$defs"][name] for name in sorted(made["$defs"])}
    references |= {
        model: schemas[_name(reference)]
        for model, reference in references.items()
        if _name(reference) in queries
    }
    return {name: schema for name, schema in schemas.items() if name not in queries}, references


def _renamed(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            _RENAMED.get(key, key): _renamed(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))  # the name once more
        }
    if isinstance(schema, list):
        return [_renamed(value) for value in schema]
    if isinstance(schema, str) and schema.startswith("#/"):
        stem, name = schema.rsplit("/", 1)
        return f"{stem}/{_RENAMED.get(name, name)}"
    return schema


def _limited(schema: Any, settings: Settings) -> Any:
    """With the limits that are settings in the place of their names."""
    if isinstance(schema, dict):
        told = {key: _limited(value, settings) for key, value in schema.items()}
        for key in [key for key in told if key.startswith("x-")]:
            told[key.removeprefix("x-")] = getattr(settings, told.pop(key))
        return told
    return [_limited(value, settings) for value in schema] if isinstance(schema, list) else schema


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[-1]


def _operation(
    method: str,
    rule: Rule,
    described: Operation,
    text: str,
    references: Mapping[type[BaseModel], Any],
) -> dict[str, Any]:
    path = path_of(rule)
    scope = guard.needed(method, path).name.lower()
    made: dict[str, Any] = {
        "operationId": rule.endpoint.rsplit(".", 1)[-1],
        "tags": [described.tag],
        "summary": described.summary,
        "description": " ".join(text.split()),
        "security": [{}, {"key": []}],
        "x-scope": scope,
    }
    if parameters := list(_parameters(rule, described, references)):
        made["parameters"] = parameters
    if described.body is not None:
        made["requestBody"] = _body(described, references[described.body])
    asks = path in limits.ASKING
    made["responses"] = _successes(described, references) | _problems(described, asks=asks)
    return made


def _parameters(
    rule: Rule, described: Operation, references: Mapping[type[BaseModel], Any]
) -> Iterator[dict[str, Any]]:
    for converter, name in _PARAMETER.findall(rule.rule):
        number = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS[name],
            "schema": number if converter else {"type": "string", "minLength": 1},
        }
    schema = references[described.query]
    for name, value in schema.get("properties", {}).items():
        about = {key: value[key] for key in value if key not in {"title", "description"}}
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": value.get("description", ""),
            "schema": _without_null(about),
        }
    if described.tagged:
        yield {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "The ETag of a response that the caller holds: 304 if it still holds.",
            "schema": {"type": "string"},
        }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not given is not null: it is not there."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {key: schema[key] for key in schema if key not in {"anyOf", "default"}}
    if schema.get("default") is not None:
        rest["default"] = schema["default"]
    return rest if not kinds else {**kinds[0], **rest}


def _body(described: Operation, reference: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {_JSON: {"schema": reference}}
    if described.example.body is not None:
        content[_JSON]["examples"] = {"example": {"value": described.example.body}}
    if described.form:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        content[FORM] = {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "array", "items": file, "minItems": 1}},
                "required": ["file"],
            }
        }
    return {"required": True, "content": content}


def _successes(
    described: Operation, references: Mapping[type[BaseModel], Any]
) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for status, model in described.returns.items():
        made[str(status)] = {
            "description": inspect.cleandoc(model.__doc__ or ""),
            "content": {_JSON: {"schema": references[model]}},
        }
        if HTTPStatus.ACCEPTED in described.returns:
            job = {"description": "Where the job is told.", "schema": {"type": "string"}}
            made[str(status)]["headers"] = {"Location": job}
    for media, holds in described.media.items():
        schema = {} if media == _JSON else {"type": "string", "description": holds}
        response = made.setdefault("200", {"description": holds, "content": {}})
        response["content"][media] = {"schema": schema}
    if described.tagged:
        tag = {"description": "Changes when the response does.", "schema": {"type": "string"}}
        made["200"]["headers"] = {"ETag": tag}
        made["304"] = {"description": "What the caller holds is still so."}
    return made


def _problems(described: Operation, *, asks: bool) -> dict[str, dict[str, Any]]:
    names = [*_EVERYWHERE, *described.problems]
    names += _OF_BODIES if described.body is not None else ()
    names += ["overloaded"] if asks else ()
    by_status: dict[int, list[problems.Kind]] = {}
    for name in dict.fromkeys(names):
        kind = problems.KINDS[name]
        by_status.setdefault(kind.status.value, []).append(kind)
    return {
        str(status): {
            "description": "; ".join(f"{kind.name}: {kind.title}" for kind in kinds),
            "content": {PROBLEM: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
        }
        for status, kinds in sorted(by_status.items())
    }
