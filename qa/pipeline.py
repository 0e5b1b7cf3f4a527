"""Question to answer set: resolve, retrieve, read, rank, group, cite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.documents import Filters, RetrievedPassage
from index.retrieval import Retrieval, Retriever
from index.store import Store
from qa.answers import Answer, AnswerSet, Question, Reason, Relation, Standpoint, Timing
from qa.citations import Citer
from qa.confidence import Calibrator
from qa.conversation import Resolved, follow_up
from qa.differences import by_source
from qa.errors import InvalidQuestion, QuestionTooLong
from qa.findings import find
from qa.ranking import Candidate, Scored, candidates, drop_overlaps
from qa.reader import Reader, Reading
from qa.reporting import Kind, asked_kind, is_yes_no
from qa.searching import searching
from qa.settings import Settings
from qa.standpoints import about_others, standpoints
from qa.times import suggested_filters

OnRetrieved = Callable[[str, Retrieval], None]


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader found, with its confidence, best first; ``kept`` has no overlaps."""

    scored: list[Scored]
    kept: list[Scored]

    @property
    def candidates(self) -> list[Candidate]:
        return [item.candidate for item in self.scored]


@dataclass(frozen=True, slots=True)
class Examined:
    """An answer set with what it was made from: the passages that were read, what was found."""

    asked: Resolved
    passages: tuple[RetrievedPassage, ...]
    read: Read
    result: AnswerSet


@dataclass(frozen=True, slots=True)
class _Said:
    answers: tuple[Answer, ...]
    relation: Relation = Relation.ONE
    positions: tuple[Standpoint, ...] = ()


class Pipeline:
    """Answers questions from one library."""

    def __init__(
        self,
        store: Store,
        retriever: Retriever,
        reader: Reader,
        calibrator: Calibrator,
        settings: Settings,
    ) -> None:
        self.store = store
        self.retriever = retriever
        self.reader = reader
        self.calibrator = calibrator
        self.settings = settings
        if settings.min_confidence < 0:
            self.settings = replace(settings, min_confidence=calibrator.threshold)

    def warm_up(self) -> None:
        """Load all models; after this a question costs no more than any other."""
        self.retriever.warm_up()
        self.reader.warm_up()

    def answer(
        self,
        question: Question,
        top_k: int | None = None,
        filters: Filters | None = None,
        on_retrieved: OnRetrieved | None = None,
    ) -> AnswerSet:
        """Answer one question; see `answer_batch`.

        Args:
            on_retrieved: called before the reader reads, with what was searched for and found.
        """
        limit = self.limit(top_k)
        return self.examine(self.checked(question), limit, filters, on_retrieved).result

    def answer_batch(
        self,
        questions: Sequence[Question],
        top_k: int | None = None,
        filters: Filters | None = None,
    ) -> Iterator[AnswerSet]:
        """Answer questions one after the other.

        Args:
            top_k: how many passages are read; None takes the setting.

        Raises:
            InvalidQuestion: empty, too long, or too many turns of history; or a bad ``top_k``.
        """
        limit = self.limit(top_k)
        for question in questions:
            yield self.examine(self.checked(question), limit, filters).result

    def examine(
        self,
        question: Question,
        limit: int,
        filters: Filters | None = None,
        on_retrieved: OnRetrieved | None = None,
    ) -> Examined:
        """Answer a question that was `checked`, and keep what led to the answer."""
        started = time.perf_counter()
        asked = follow_up(question)
        # One snapshot from the search to the citations: a document that changes meanwhile is
        # cited as it was read.
        with searching(self.retriever, asked, limit, filters) as retrieval:
            retrieved_at = time.perf_counter()
            if on_retrieved is not None:
                on_retrieved(asked.resolved, retrieval)
            read = self.read(asked, retrieval.passages)
            said = self._said(asked, retrieval.passages, read)
        dates = [item.passage.date for item in retrieval.passages]
        finished = time.perf_counter()
        result = AnswerSet(
            question=question.text,
            searched=asked.resolved,
            generation=retrieval.generation,
            answers=said.answers,
            passages=retrieval.passages[: self.settings.passages_shown],
            took_ms=_timing(started, retrieved_at, finished),
            reason=None if said.answers else _reason(retrieval),
            relation=said.relation,
            positions=said.positions,
            suggested_filters=suggested_filters(asked.resolved, dates),
        )
        return Examined(asked, retrieval.passages, read, result)

    def read(self, asked: Resolved, passages: Sequence[RetrievedPassage]) -> Read:
        """All that the reader finds in the passages, and how sure it is."""
        found = candidates(asked.resolved, passages, self._readings(asked, passages))
        scored = self.calibrator.score(asked.resolved, found)
        scored.sort(key=lambda item: -item.confidence)
        return Read(scored, drop_overlaps(scored))

    def _readings(self, asked: Resolved, passages: Sequence[RetrievedPassage]) -> Sequence[Reading]:
        texts = [item.passage.text for item in passages]
        try:
            return self.reader.read(asked.resolved, texts)
        except QuestionTooLong:
            if not asked.changed:
                raise
            return self.reader.read(asked.raw, texts)  # it is we who made it longer

    def _said(self, asked: Resolved, passages: Sequence[RetrievedPassage], read: Read) -> _Said:
        citer = Citer(self.store)
        if is_yes_no(asked.resolved):
            if about_others(asked.resolved, passages):
                return _Said(())
            if taken := self._taken(asked, passages, read, citer):
                return taken
        found = find(
            asked,
            read.kept,
            read.candidates,
            citer,
            self.calibrator,
            min_confidence=self.settings.min_confidence,
        )
        shown = found.groups[: self.settings.answers_shown]
        answers = [answer for places in shown if (answer := _answer(places, citer))]
        kind = asked_kind(asked.resolved)
        if not answers and kind and not about_others(asked.resolved, passages):
            return self._taken(asked, passages, read, citer, kind) or _Said(())
        return _Said(tuple(answers), found.relation)

    def _taken(
        self,
        asked: Resolved,
        passages: Sequence[RetrievedPassage],
        read: Read,
        citer: Citer,
        kind: Kind | None = None,
    ) -> _Said | None:
        """Where the sources stand, if they do."""
        taken = standpoints(
            asked.resolved,
            passages,
            by_source(asked.resolved, read.candidates, self.calibrator),
            citer,
            min_confidence=self.settings.min_confidence,
            kind=kind,
        )
        answers = [Answer(s.citation.quote, s.citation.confidence, (s.citation,)) for s in taken]
        return _Said(tuple(answers), Relation.POSITIONS, taken) if taken else None

    def limit(self, top_k: int | None) -> int:
        """How many passages to read; see `answer_batch` for what is refused."""
        if top_k is None:
            return self.settings.passages_read
        if not 1 <= top_k <= self.settings.max_top_k:
            raise InvalidQuestion(
                f"top_k is {top_k}; it must be between 1 and {self.settings.max_top_k}."
            )
        return top_k

    def checked(self, question: Question) -> Question:
        """The question in one line of single spaces; see `answer_batch` for what is refused."""
        text = " ".join(question.text.split())
        most = self.settings.max_question_characters
        if any("\ud800" <= c <= "\udfff" for c in text):
            raise InvalidQuestion("The question holds half a character; send whole ones (UTF-8).")
        if not text:
            raise InvalidQuestion("The question is empty. Ask something in plain words.")
        if len(text) > most:
            raise QuestionTooLong(
                f"The question has {len(text):,} characters; at most {most:,} are allowed."
            )
        if len(question.history) > self.settings.max_history:
            raise InvalidQuestion(
                f"The history has {len(question.history)} turns; "
                f"at most {self.settings.max_history} are allowed."
            )
        return Question(text, question.history)


def _answer(places: Sequence[Scored], citer: Citer) -> Answer | None:
    citations = [citation for place in places if (citation := citer.cite(place)) is not None]
    if not citations:
        return None
    return Answer(citations[0].quote, citations[0].confidence, tuple(citations))


def _timing(started: float, retrieved_at: float, finished: float) -> Timing:
    seconds = (retrieved_at - started, finished - retrieved_at, finished - started)
    return Timing(*(round(1000 * part, 1) for part in seconds))


def _reason(retrieval: Retrieval) -> Reason:
    if not retrieval.indexed:
        return Reason.LIBRARY_EMPTY
    if not retrieval.searchable:
        return Reason.FILTERED_OUT
    return Reason.BELOW_THRESHOLD if retrieval.passages else Reason.NOTHING_RETRIEVED
