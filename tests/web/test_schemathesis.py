"""What schemathesis makes of the OpenAPI document, sent to the application.

For each operation requests that fit the document and requests that do not, at random but the same
in every run. No answer is a fault of the server, and each is one that the document allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from index.indexing import Indexer
from index.job_runner import JobRunner
from index.jobs import JobStore
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, MILL, document, double_pipeline
from tests.web.test_library import fetched
from web import limits
from web.app import create_app
from web.operations import FORM

SEED = 20_221_031
# Of each operation. Twice as many bring out 4 more of 100 outcomes (an operation's status and
# kind of problem), each of which a test of its own brings out too.
CASES = {GenerationMode.POSITIVE: 40, GenerationMode.NEGATIVE: 40}
CASES_OF_ASKING = {GenerationMode.POSITIVE: 40, GenerationMode.NEGATIVE: 20}  # which take longest
CASES_AT_LEAST = 1_500
OPERATIONS_AT_LEAST = 30
# A range that ends before it begins; a question of white space that JSON Schema takes for text.
NOT_SAID_BY_A_SCHEMA: dict[str, CheckFunction] = {
    "POST /api/v1/ask": positive_data_acceptance,
    "POST /api/v1/explain": positive_data_acceptance,
    "POST /api/v1/search": positive_data_acceptance,
    "GET /api/v1/documents/{document_id}/text": positive_data_acceptance,
    # A question that cannot be asked gets a problem, and the others get their answers.
    "POST /api/v1/ask/batch": negative_data_rejection,
}

_sent: Counter[str] = Counter()


@dataclass
class Served:
    """An application, and things in it that requests can be about."""

    app: Flask
    indexer: Indexer

    def ids(self) -> dict[str, str]:
        """Of a document, a job and a conversation that there are."""
        while len(self.indexer.store.document_ids()) < 2:
            for number, text in enumerate((BRIDGE, MILL)):
                self.indexer.add_document(document(text, f"/texts/{number}.txt"))
        jobs, kept = self.app.extensions["jobs"], self.app.extensions["conversations"]
        listed, conversations = jobs.all(), kept.find(limit=1).conversations
        return {
            "document_id": str(self.indexer.store.document_ids()[0]),
            "job_id": listed[0].id if listed else "none",
            "conversation_id": (conversations[0] if conversations else kept.create()).id,
        }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("fuzzed") / "data"
    settings = Settings(data=data, passage_tokens=40, overlap_tokens=10)
    store = Store(settings.data, create=True)
    app = create_app(settings, double_pipeline(settings, store))
    runner = JobRunner(
        JobStore(settings.data),
        lambda: make_indexer(settings, store, HashingEmbedder()),
        fetch=fetched,
        poll_seconds=0.05,
    )
    app.extensions["runner"] = runner
    runner.start()
    yield Served(app, make_indexer(settings, store, HashingEmbedder()))
    runner.stop()


@pytest.mark.parametrize("mode", CASES, ids=lambda mode: mode.value)
def test_no_request_brings_out_a_fault_or_an_answer_that_is_not_documented(
    served: Served, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served.app)
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) > OPERATIONS_AT_LEAST
    for operation in found:
        if mode is GenerationMode.POSITIVE or _can_be_wrong(operation):
            _send(served, operation, mode)
    if mode is GenerationMode.POSITIVE:
        assert all(_sent[f"{mode.value} {operation.label}"] for operation in found)


def test_there_were_enough_of_them() -> None:
    if {label.split()[0] for label in _sent} != {mode.value for mode in CASES}:
        pytest.skip("the tests before were not run")
    assert sum(_sent.values()) >= CASES_AT_LEAST


def _can_be_wrong(operation: APIOperation) -> bool:
    """Whether it takes anything but ids, of which every text is one."""
    return bool(operation.body or operation.query or "document_id" in str(operation.path))


def _send(served: Served, operation: APIOperation, mode: GenerationMode) -> None:

    cases = CASES_OF_ASKING if operation.path in limits.ASKING else CASES

    @seed(SEED)
    @hypothesis_settings(
        max_examples=cases[mode],
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a failure is shown as it came: to shrink it takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        number = _sent[f"{mode.value} {operation.label}"]
        _sent[f"{mode.value} {operation.label}"] += 1
        if number % 2 == 0 and mode is GenerationMode.POSITIVE:  # the others are about nothing
            known = served.ids()
            case.path_parameters |= {name: known[name] for name in case.path_parameters or {}}
        response = case.call(headers={"Accept-Encoding": "identity"})
        case.validate_response(response, excluded_checks=_not_checked(case))

    send()


def _not_checked(case: Case) -> list[CheckFunction]:
    left_out = NOT_SAID_BY_A_SCHEMA.get(case.operation.label)
    if case.media_type == FORM:  # whatever was to be no text is text once it is in a form
        return [negative_data_rejection]
    return [left_out] if left_out else []
