"""What gunicorn serves: the application with its models loaded."""

from __future__ import annotations

import sys

from flask import Flask

from index.errors import LibraryError
from qa.settings import Settings
from web import background
from web.app import create_app

_APP_LOAD_ERROR = 4  # gunicorn stops, instead of trying for ever, on a worker's exit with this


def _ready_app() -> Flask:
    try:
        settings = Settings.from_environment()
        app = create_app(settings)
        app.extensions["pipeline"].warm_up()
        background.start(app, settings, app.extensions["pipeline"])
    except LibraryError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(_APP_LOAD_ERROR) from error
    return app


app = _ready_app()
