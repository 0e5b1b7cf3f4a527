"""The Flask application."""

from __future__ import annotations

from flask import Flask

from index.jobs import JobStore
from qa.assembly import make_pipeline
from qa.pipeline import Pipeline
from qa.settings import Settings
from web import api, errors, guard, headers, library, pages


def create_app(settings: Settings, pipeline: Pipeline | None = None) -> Flask:
    """An application over one library.

    Args:
        pipeline: what answers; made from the settings if None. Models are loaded by its
            ``warm_up()``, which is the caller's to call.
    """
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["settings"] = settings
    app.extensions["pipeline"] = pipeline or make_pipeline(settings)
    app.extensions["jobs"] = JobStore(settings.data)
    guard.register(app)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(library.blueprint)
    app.register_blueprint(pages.blueprint)
    errors.register(app)
    headers.register(app)
    return app
