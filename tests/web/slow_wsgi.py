"""An application over the library in ``QA_DATA`` whose reader waits for a file: for servers that
are stopped, or asked by many, while an answer is under way."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from index.store import Store
from qa.reader import Reading
from qa.settings import Settings
from tests.doubles import CapitalReader
from tests.qa.parts import double_pipeline
from web import background, health, logs
from web.app import create_app


class WaitingReader(CapitalReader):
    """Says by the file ``reading`` that it has begun, and ends once there is ``release``."""

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        folder = Path(os.environ["SLOW_FOLDER"])
        if "slowly" in question:
            (folder / "reading").touch()
            while not (folder / "release").exists():
                time.sleep(0.02)
        return super().read(question, passages)


settings = Settings.from_environment()
logs.configure(settings.log_level, text=settings.log_text)
pipeline = double_pipeline(settings, Store(settings.data))
pipeline.reader = WaitingReader()
app = create_app(settings, pipeline)
pipeline.warm_up()
health.models_are_loaded(app)
background.start(app, settings, pipeline)
