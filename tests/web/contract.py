"""Holds a response of the API to what the OpenAPI document says of it."""

from __future__ import annotations

import dataclasses
import gzip
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from web import openapi
from web.operations import operation_of
from web.problems import KINDS, PATH
from web.schemas.base import Problem

PROBLEM = "application/problem+json"
BESIDE = {"/api/v1/openapi.json"}  # what describes the rest

_documents: dict[Hashable, dict[str, Any]] = {}


def check(app: Flask, response: TestResponse, *, provoked: bool = False) -> None:
    """Fail where the response is none that the document allows.

    Args:
        provoked: the test has broken something, so that any problem may come.
    """
    request = response.request
    if not request.path.startswith("/api/") or request.method in {"HEAD", "OPTIONS"}:
        return
    if response.status_code >= 400:
        problem = Problem.model_validate_json(_body(response))
        assert response.mimetype == PROBLEM
        assert problem.status == response.status_code
    rule = _rule(app, request.path, request.method)
    if rule is None or request.path in BESIDE:
        return
    described = operation_of(app.view_functions[rule.endpoint])
    assert described is not None, f"{rule.rule} is not documented"
    path = openapi.path_of(rule)
    told = _document(app)["paths"][path][request.method.lower()]["responses"]
    if response.status_code >= 400:
        name = problem.type.removeprefix(PATH)
        assert name in KINDS
        if not provoked:
            answer = told.get(str(response.status_code))
            assert answer is not None, f"{response.status_code} of {path} is not documented"
            assert name in answer["description"], f"{name} of {path} is not documented"
        return
    assert str(response.status_code) in told, f"{response.status_code} of {path}"
    if response.status_code == 304:
        assert "ETag" in response.headers
        assert not response.data
    elif response.mimetype in described.media:
        return
    else:
        assert response.mimetype == "application/json"
        described.returns[response.status_code].model_validate_json(_body(response))


def _document(app: Flask) -> dict[str, Any]:
    """That of the application, made once for all that are set up alike: it takes a while."""
    settings = dataclasses.replace(app.extensions["settings"], data=Path())
    rules = tuple(
        (rule.rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()
    )
    key = settings, rules
    if key not in _documents:
        _documents[key] = openapi.document(app)
    return _documents[key]


def _body(response: TestResponse) -> bytes:
    packed = response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(response.data) if packed else response.data


def _rule(app: Flask, path: str, method: str) -> Rule | None:
    try:
        return app.url_map.bind("localhost").match(path, method, return_rule=True)[0]
    except HTTPException:
        return None
