"""The Flask application."""

from __future__ import annotations

from flask import Flask

from index.opening import open_beside, open_jobs
from index.removed import RemovedDocuments
from qa.assembly import make_pipeline
from qa.conversations import ConversationStore
from qa.feedback import FeedbackStore
from qa.pipeline import Pipeline
from qa.settings import Settings
from web import (
    api,
    asking,
    compression,
    conversations,
    errors,
    explaining,
    guard,
    headers,
    health,
    jobs,
    library,
    limits,
    observing,
    openai,
    originals,
    pages,
    reference,
    routing,
    searching,
)


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
    app.extensions["pipeline"] = pipeline = pipeline or make_pipeline(settings)
    app.extensions["answering"] = observing.Carrying(limits.at_a_time(settings), "answering")
    observing.register(app, pipeline)
    app.extensions["removed"] = RemovedDocuments(
        settings.data, beside=open_beside(pipeline.store, "deletions")
    )
    app.extensions["jobs"] = open_jobs(pipeline.store)
    app.extensions["conversations"] = kept = ConversationStore(
        open_beside(pipeline.store, "conversations") or settings.data
    )
    app.extensions["feedback"] = FeedbackStore(kept.database)
    routing.register(app)
    guard.register(app)
    observing.watch(app.extensions["gate"])
    app.register_blueprint(api.blueprint)
    app.register_blueprint(asking.blueprint)
    app.register_blueprint(conversations.blueprint)
    app.register_blueprint(explaining.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(jobs.blueprint)
    app.register_blueprint(library.blueprint)
    app.register_blueprint(originals.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(reference.blueprint)
    app.register_blueprint(searching.blueprint)
    openai.register(app)
    errors.register(app)
    headers.register(app)
    compression.register(app)
    return app
