"""Why a question got no answer, or not the one expected."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qa.explain import Stage
from web.schemas.base import Value


class PassageRanks(Value):
    """The passage of a place; a rank is null where that search did not return it."""

    start: int
    end: int
    fused_rank: int | None
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float | None
    bm25: float | None
    read: bool = Field(description="Whether the reader read it.")


class OwnSpan(Value):
    """What the reader found in the place."""

    start: int
    end: int
    text: str
    confidence: float
    margin: float


class OtherSpan(Value):
    """What was preferred."""

    document_id: int
    title: str
    start: int
    end: int
    text: str
    confidence: float


class Candidate(OtherSpan):
    """What the reader found."""

    margin: float
    shown: bool


class Place(Value):
    """Where the library holds the expected text, and what became of it."""

    document_id: int
    title: str
    source: str
    date: str | None
    start: int
    end: int
    text: str
    stage: Stage
    message: str = Field(description="The same in a sentence.")
    passage: PassageRanks | None
    span: OwnSpan | None
    lost_to: OtherSpan | None


class Explanation(Value):
    """What became of a question, and of the answer that was expected."""

    question: str
    searched: str
    expect: str | None
    generation: int
    threshold: float = Field(description="The confidence that an answer needs.")
    verdict: (
        Stage
        | Literal[
            "answered",
            "not_in_library",
            "library_empty",
            "nothing_retrieved",
        ]
    ) = Field(description="The stage of the first place; without “expect” what became of it all.")
    message: str = Field(description="The same in a sentence.")
    places: list[Place] = Field(description="The one that came furthest first; at most ten.")
    candidates: list[Candidate] = Field(description="Best first; at most ten.")
