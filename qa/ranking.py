"""From readings to candidate answers: offsets in the document, no overlaps, best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.documents import Passage, RetrievedPassage, Span
from index.head import tells_of_a_thing
from qa.answer_types import may_answer, place_of
from qa.asked_types import AnswerType, asked_type
from qa.dates import moment
from qa.labels import after_label
from qa.names import name_of
from qa.reader import Reading
from qa.reporting import is_yes_no
from qa.whole_addresses import whole_address
from qa.whole_brackets import whole_brackets
from qa.whole_numbers import whole_number
from qa.whole_units import whole_unit
from qa.words import stems

_DATELINE_WITHIN = 250  # characters from the begin of a text
_OF_THE_TEXT = re.compile(
    r"\b(?:publish|post|writ|wrote|report|article|dated|updat|edit|correct)", re.IGNORECASE
)
_AFTER_DATELINE = re.compile(r"\s*(?:\([^()\n]{1,60}\)\s*)?[-–—]+\s|\s*(?:\n|$)")
_NOTE = re.compile(
    r"\W*(?:update[ds]?|edit(?:ed)?|correct(?:ion|ed)|amended|note)\W{1,3}(?:on )?", re.IGNORECASE
)
_OPENS_A_DATE = re.compile(r"(?:on|by|since|from)\s+", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?](?!\w)|\n")
_ABOUT_A_QUESTION = re.compile(r"\b(?:ask|question|wonder|wanted to know)", re.IGNORECASE)
_TO_ANOTHER_DAY = re.compile(
    r"\s*[-–—]+\s*(?:\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
)
_GOES_ON = re.compile(
    r"(?<=[^\W\d_]{3})[.!?] (?=(?:he|she|it|they|his|her|the|a)\b)", re.IGNORECASE
)
_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)
_DENIES = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|nowhere|neither|nor|without|cannot)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may be the answer, with all that its confidence is judged by.

    Attributes:
        span: offsets in the document's text.
        quote: the characters that the reader saw there.
        margin: the span's logit less the passage's no-answer logit.
        unfit: the best margin of what was read beside it and cannot be the answer, if any.
        named: whether its sentence names it as the cause that is asked for; see `qa.causes`.
        against: log-odds that it loses beside what the calibration knows; see `qa.years`.
    """

    retrieved: RetrievedPassage
    span: Span
    quote: str
    logit: float
    margin: float
    unfit: float | None = None
    named: bool = False
    against: float = 0.0

    def overlaps(self, other: Candidate) -> bool:
        """Whether both hold some character of one document."""
        own, others = self.retrieved.passage, other.retrieved.passage
        return own.document_id == others.document_id and self.span.overlaps(other.span)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and the probability that it is right."""

    candidate: Candidate
    confidence: float


def candidates(
    question: str, retrieved: Sequence[RetrievedPassage], readings: Sequence[Reading]
) -> list[Candidate]:
    """One candidate per span that says something which the question does not, and may answer it.

    Args:
        readings: belong to ``retrieved`` one by one.
    """
    asked = frozenset(stems(question))
    found: list[Candidate] = []
    unfit: list[float] = []
    for item, reading in zip(retrieved, readings, strict=True):
        passage = item.passage
        for read in reading.spans:
            start, end = _quoted(question, passage.text, read.passage_start, read.passage_end)
            if start == end:
                continue
            quote = passage.text[start:end]
            span = Span(passage.document_start + start, passage.document_start + end)
            if _echoes(asked, question, quote) or _is_asked(question, passage.text, end):
                continue
            margin = read.logit - reading.no_answer_logit
            fits = may_answer(question, place_of(passage.text, start, end))
            if fits and not _is_dateline(question, passage, span.start, quote):
                found.append(Candidate(item, span, quote, read.logit, margin))
            else:
                unfit.append(margin)
    return [replace(c, unfit=max(unfit)) for c in found] if unfit else found


def _quoted(question: str, text: str, start: int, end: int) -> tuple[int, int]:
    """What is quoted of a span that was read: whole numbers, no label; empty if nothing is left."""
    start, end = whole_number(text, start, end)
    start, end = whole_address(text, start, end)
    end = whole_unit(text, start, end)
    end = _name_alone(question, text, start, end)
    return whole_brackets(text, after_label(question, text, start, end), end)


def _name_alone(question: str, text: str, start: int, end: int) -> int:
    """Where the name ends of which a quote holds the next sentence's begin: "Ada Lind. | She"."""
    if asked_type(question) is not AnswerType.WHO:
        return end
    goes_on = _GOES_ON.search(text, start, end)
    named = goes_on is not None and name_of(text[start : goes_on.start()]) is not None
    return goes_on.start() if goes_on and named else end


def _is_dateline(question: str, passage: Passage, start: int, quote: str) -> bool:
    """The day on which the article was written or changed, where an article says that."""
    if _OF_THE_TEXT.search(question):
        return False
    day = moment(quote)
    if day is not None and _is_dated_note(passage, start, quote):
        return True
    if start > _DATELINE_WITHIN:
        return False
    if day is None or None in (day.year, day.month, day.day):
        return False
    end = start - passage.document_start + len(quote)
    ends_line = _AFTER_DATELINE.match(passage.text, end) is not None
    if ends_line and tells_of_a_thing(_before_in_line(passage.text, end, quote)):
        return False  # "Deadline: 30 September 2024"
    if passage.date == f"{day.year:04}-{day.month:02}-{day.day:02}":
        return True
    line = passage.text[passage.text.rfind("\n", 0, end) + 1 : end]
    if line.count("(") > line.count(")") or _TO_ANOTHER_DAY.match(passage.text, end):
        return False  # "(12 March 1871 - 4 November 1948)"
    return ends_line


def _is_dated_note(passage: Passage, start: int, quote: str) -> bool:
    """ "Update, | 7 March |: The plant was not raided."."""
    start -= passage.document_start
    before = passage.text[passage.text.rfind("\n", 0, start) + 1 : start]
    after = passage.text[start + len(quote) : start + len(quote) + 1]
    return after in {":", "]", ")"} and _NOTE.fullmatch(before) is not None


def _before_in_line(text: str, end: int, quote: str) -> str:
    """What stands before a date in its line, the "on" that its quote opens with among it."""
    opening = _OPENS_A_DATE.match(quote)
    start = end - len(quote) + (opening.end() if opening else 0)
    return text[text.rfind("\n", 0, start) + 1 : start]


def _is_asked(question: str, text: str, end: int) -> bool:
    """Whether the text only asks it there, as the headings of a list of questions do."""
    stop = _SENTENCE_ENDS.search(text, end - 1)  # the quote may end its sentence
    return stop is not None and stop.group() == "?" and not _ABOUT_A_QUESTION.search(question)


def _echoes(asked: frozenset[str], question: str, quote: str) -> bool:
    """Whether a quote only repeats the question, or is all pronouns and the like.

    A question that offers a choice ("A or B?") holds its answer. So does one that asks if a thing
    is so, but for the "not" of the answer.
    """
    if not asked.issuperset(stems(quote)) or _CHOICE.search(question):
        return False
    denies = is_yes_no(question) and _DENIES.search(quote) and not _DENIES.search(question)
    return not denies


def drop_overlaps(scored: Sequence[Scored]) -> list[Scored]:
    """Best first; of spans that overlap in one document only the best is kept."""
    kept: list[Scored] = []
    for item in sorted(scored, key=lambda item: -item.confidence):
        if not any(item.candidate.overlaps(other.candidate) for other in kept):
            kept.append(item)
    return kept
