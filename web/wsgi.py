"""What gunicorn serves: the application with its models loaded."""

from __future__ import annotations

import sys

from flask import Flask

from index.errors import LibraryError
from qa.keys import check_start
from qa.settings import Settings
from web import background, health, logs
from web.app import create_app

_APP_LOAD_ERROR = 4  # gunicorn stops, instead of trying for ever, on a worker's exit with this


def _ready_app() -> Flask:
    try:
        settings = Settings.from_environment()
        check_start(settings)
        logs.configure(settings.log_level, text=settings.log_text)
        app = create_app(settings)
        app.extensions["pipeline"].warm_up()
        health.models_are_loaded(app)
        background.start(app, settings, app.extensions["pipeline"])
    except LibraryError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(_APP_LOAD_ERROR) from error
    return app


app = _ready_app()
