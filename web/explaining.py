"""Why a question got no answer, or not the one expected."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from qa import render_explanation
from qa.explain import explain as explained
from qa.requests import ExplainRequest
from web.current import pipeline
from web.operations import Example, Operation, operation
from web.schemas.explaining import Explanation

blueprint = Blueprint("explaining", __name__)


@blueprint.post("/api/v1/explain")
@operation(
    Operation(
        tag="Asking",
        summary="Explain an answer that is missing",
        body=ExplainRequest,
        returns={200: Explanation},
        problems=("invalid-filter", "question-too-long", "library-damaged", "library-unusable"),
        example=Example(body={"question": "who denied the volunteer reports?", "expect": "fake"}),
    )
)
def explain(body: ExplainRequest) -> dict[str, Any]:
    """Asks, and says what became of the words that were expected: which of the stages did not pass
    them on."""
    question, filters = body.to_question(), body.to_filters()
    return render_explanation.to_json(
        explained(pipeline(), question, body.expect, body.top_k, filters)
    )
