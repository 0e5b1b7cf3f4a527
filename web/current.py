"""What the views need of the application that they run in."""

from __future__ import annotations

from typing import cast

from flask import current_app

from qa.pipeline import Pipeline


def pipeline() -> Pipeline:
    return cast(Pipeline, current_app.extensions["pipeline"])
