"""What the views need of the application that they run in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import cast

from flask import current_app

from index.job_runner import JobRunner
from index.jobs import Jobs
from index.removed import RemovedDocuments
from qa.conversations import ConversationStore
from qa.feedback import FeedbackStore
from qa.pipeline import Pipeline
from qa.settings import Settings


def pipeline() -> Pipeline:
    return cast(Pipeline, current_app.extensions["pipeline"])


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def jobs() -> Jobs:
    return cast(Jobs, current_app.extensions["jobs"])


def conversations() -> ConversationStore:
    return cast(ConversationStore, current_app.extensions["conversations"])


def feedback() -> FeedbackStore:
    return cast(FeedbackStore, current_app.extensions["feedback"])


def answering() -> ThreadPoolExecutor:
    """For answers whose request tells of their stages meanwhile."""
    return cast(ThreadPoolExecutor, current_app.extensions["answering"])


def removed() -> RemovedDocuments:
    return cast(RemovedDocuments, current_app.extensions["removed"])


def wake_runner() -> None:
    """Let the runner of this process look for new jobs at once; another's finds them by itself."""
    runner: JobRunner | None = current_app.extensions.get("runner")
    if runner is not None:
        runner.wake()
