"""The chat page."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.current import pipeline

blueprint = Blueprint("pages", __name__)

PRODUCT = "Verbatim"

# First questions for the texts in seeds/, shown while the library holds them.
_EXAMPLES = {
    "000_24598830d6a6aed1.txt": "who denied the volunteer reports?",
    "003_328438cecb52f855.txt": "What did Korotchenko call North Korean builders?",
    "004_77be087f6c8edd40.txt": "How many troops was Pyongyang said to be sending?",
}


@blueprint.get("/")
def index() -> str:
    return render_template("index.html", product=PRODUCT, suggestions=_suggestions())


def _suggestions() -> list[str]:
    store = pipeline().store
    return [question for name, question in _EXAMPLES.items() if store.has_file(name)]
