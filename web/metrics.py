"""What Prometheus is told; see docs/operations.md for the table.

With several worker processes prometheus_client keeps each one's numbers in files of the folder
``PROMETHEUS_MULTIPROC_DIR``, which `web.gunicorn_conf` makes before this module is imported, and
adds them up when any of them is asked. What the library itself knows is read when asked for.
"""

from __future__ import annotations

import os
from collections import Counter as Counts
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from index.document_store import DocumentStore
from index.jobs import ENDED, Job, Jobs
from qa.answers import AnswerSet

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Seconds: from a search of a small library to a request that waited in a long queue.
_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0)

STAGES = Histogram(
    "verbatim_question_seconds", "Time to answer a question, by stage", ["stage"], buckets=_BUCKETS
)
ANSWERS = Counter("verbatim_answers", "Questions answered, by how the answers relate", ["relation"])
ABSTENTIONS = Counter("verbatim_abstentions", "Questions not answered, by reason", ["reason"])
REQUESTS = Counter("verbatim_requests", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "verbatim_request_seconds", "Time to answer a request, by route", ["route"], buckets=_BUCKETS
)
PROBLEMS = Counter("verbatim_errors", "Requests refused or failed, by kind of problem", ["type"])
IN_FLIGHT = Gauge("verbatim_requests_in_flight", "Requests under way", multiprocess_mode="livesum")
QUESTIONS = Gauge(
    "verbatim_questions",
    "Questions answered and waiting now",
    ["state"],
    multiprocess_mode="livesum",
)
JOBS = Counter("verbatim_jobs", "Jobs that ended, by kind and end", ["kind", "state"])
LOADED = Counter(
    "verbatim_loaded", "Files and URLs that jobs were to load, by outcome", ["outcome"]
)


def count_answer(result: AnswerSet) -> None:
    for stage, milliseconds in (
        ("searching", result.took_ms.retrieve),
        ("reading", result.took_ms.read),
        ("total", result.took_ms.total),
    ):
        STAGES.labels(stage).observe(milliseconds / 1000)
    if result.answers:
        ANSWERS.labels(result.relation.value).inc()
    else:
        ABSTENTIONS.labels(result.reason.value if result.reason else "unknown").inc()


def set_questions(answering: int, waiting: int) -> None:
    """How many this process has under way; Prometheus is told the sum of all processes."""
    QUESTIONS.labels("answering").set(answering)
    QUESTIONS.labels("waiting").set(waiting)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def count_problem(kind: str) -> None:
    PROBLEMS.labels(kind).inc()


def count_job(job: Job) -> None:
    JOBS.labels(job.kind.value, job.state.value).inc()
    for outcome, count in job.counts.items():
        LOADED.labels(outcome).inc(count)


def exposition(store: DocumentStore, jobs: Jobs) -> bytes:
    """All metrics, in Prometheus' text format."""
    if FOLDER_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    known = CollectorRegistry()
    known.register(_Library(store, jobs))
    return counted + generate_latest(known)


class _Library(Collector):
    """What is read from the data folder when it is asked for."""

    def __init__(self, store: DocumentStore, jobs: Jobs) -> None:
        self.store = store
        self.jobs = jobs

    def collect(self) -> Iterator[Metric]:
        with self.store.snapshot():
            documents, passages = self.store.count()
            generation = self.store.generation()
        yield GaugeMetricFamily(
            "verbatim_index_generation", "Grows with each change of the library", generation
        )
        yield GaugeMetricFamily("verbatim_documents", "Documents in the library", documents)
        yield GaugeMetricFamily("verbatim_passages", "Passages in the library", passages)
        yield GaugeMetricFamily(
            "verbatim_library_bytes",
            "Size of the library's database",
            self.store.size(),
        )
        waiting = Counts(job.state.value for job in self.jobs.all() if job.state not in ENDED)
        states = GaugeMetricFamily(
            "verbatim_jobs_waiting", "Jobs that have not ended, by state", labels=["state"]
        )
        for state in ("queued", "running"):
            states.add_metric([state], waiting[state])
        yield states
