"""Why a question got no answer, or not the one expected."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from qa import render_explanation
from qa.explain import explain as explained
from qa.requests import ExplainRequest, parse
from web.body import json_body
from web.current import pipeline

blueprint = Blueprint("explaining", __name__)


@blueprint.post("/api/v1/explain")
def explain() -> dict[str, Any]:
    asked = parse(ExplainRequest, json_body())
    question, filters = asked.to_question(), asked.to_filters()
    return render_explanation.to_json(
        explained(pipeline(), question, asked.expect, asked.top_k, filters)
    )
