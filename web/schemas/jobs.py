"""Jobs: work on the library that outlives the request that asked for it."""

from __future__ import annotations

from pydantic import Field

from index.jobs import Kind, State
from index.outcomes import Outcome
from web.schemas.base import Query, Value

_WAIT = "Seconds that the answer may wait for the job's end, at most 60."
JOB_ID = "^[0-9]{20}-[0-9a-f]{8}$"


class WaitQuery(Query):
    """How long to wait."""

    wait: float = Field(0.0, description=_WAIT, allow_inf_nan=False, ge=0, le=60, examples=[60])


class Item(Value):
    """What became of one file."""

    name: str
    outcome: Outcome
    reason: str = Field(description="Why it failed; else empty.")
    document_ids: list[int]


class JobRow(Value):
    """A job without what became of each file."""

    id: str = Field(pattern=JOB_ID, examples=["20220831120000000000-0a1b2c3d"])
    kind: Kind
    state: State
    created_at: str = Field(description="ISO, in UTC.")
    total: int = Field(description="Files, or documents of a rebuild.", ge=0)
    done: int = Field(ge=0)
    passages: int = Field(description="Stored so far.", ge=0)
    counts: dict[str, int] = Field(
        description="How many of each outcome. “unchanged” is what the library had already: it "
        "was not stored again, and the generation stays.",
    )
    seconds_left: float | None = Field(description="Estimated; null while there is no estimate.")
    started_at: str | None
    ended_at: str | None
    error: str | None = Field(description="Why the job as a whole failed.")
    files: list[str] = Field(description="Names; in the list the first three.")


class Job(JobRow):
    """A job, with what became of each file; the first thousand, failures before others."""

    items: list[Item]


class JobList(Value):
    """The newest first."""

    jobs: list[JobRow]


class Forgotten(Value):
    """It is no longer listed."""

    forgotten: str
