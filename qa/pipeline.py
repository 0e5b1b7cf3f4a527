"""Question to answer set: resolve, retrieve, read, rank, group, cite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.document_store import DocumentStore
from index.documents import Filters, RetrievedPassage
from index.embedding import Vectors
from index.retrieval import Retrieval, Retriever
from qa.answers import AnswerSet, Question, Reason, Timing
from qa.asked_speakers import of_the_speaker
from qa.causes import with_causes
from qa.citations import Citer
from qa.confidence import Calibrator
from qa.conversation import Resolved, follow_up
from qa.errors import InvalidQuestion, QuestionTooLong
from qa.ranking import candidates, drop_overlaps
from qa.reader import Reader, Reading
from qa.remembered import Asked, Given, Remembered
from qa.saying import Read, Sayer
from qa.searching import searching
from qa.settings import Settings
from qa.times import suggested_filters
from qa.unknown_names import Unknown, unknown_names
from qa.years import of_the_year

OnRetrieved = Callable[[str, Retrieval], None]


@dataclass(frozen=True, slots=True)
class Examined:
    """An answer set with what it was made from: the passages that were read, what was found."""

    asked: Resolved
    passages: tuple[RetrievedPassage, ...]
    read: Read
    result: AnswerSet


class Pipeline:
    """Answers questions from one library."""

    def __init__(
        self,
        store: DocumentStore,
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
        self._remembered = Remembered(settings.answers_kept)
        self.observers: list[Callable[[AnswerSet], None]] = []  # told of each answer set
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
        return self._told(self._given(self.checked(question), limit, filters, on_retrieved))

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
            yield self._told(self._given(self.checked(question), limit, filters))

    def _given(
        self,
        question: Question,
        limit: int,
        filters: Filters | None,
        on_retrieved: OnRetrieved | None = None,
    ) -> AnswerSet:
        """The answer of `examine`, or the same from memory if the library did not change since."""
        started = time.perf_counter()
        asked = Asked(question, limit, filters, self.settings)
        known = self._remembered.get(self.store.history(), asked) if self._remembered.most else None
        if known is not None:
            if on_retrieved is not None:
                on_retrieved(known.searched, known.retrieval)
            now = time.perf_counter()
            return replace(known.result, took_ms=_timing(started, now, now))
        found: list[tuple[str, str, Retrieval]] = []

        def retrieved(searched: str, retrieval: Retrieval) -> None:
            found.append((self.store.history(), searched, retrieval))  # of the search's snapshot
            if on_retrieved is not None:
                on_retrieved(searched, retrieval)

        result = self.examine(question, limit, filters, retrieved).result
        for state, searched, retrieval in found:
            if result.degraded:
                break
            self._remembered.put(state, asked, Given(searched, retrieval, result))
        return result

    def _told(self, result: AnswerSet) -> AnswerSet:
        for observe in self.observers:
            observe(result)
        return result

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
            unknown = self._unknown_names(asked, retrieval.passages, filters)
            calibrator = self.calibrator.rescaled(1.0, -unknown.against)
            read = self.read(asked, retrieval.passages, calibrator)
            said = self._sayer(calibrator, limit, filters).say(asked, retrieval.passages, read)
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
            unknown_names=unknown.names,
            degraded=retrieval.degraded,
        )
        return Examined(asked, retrieval.passages, read, result)

    def read(
        self,
        asked: Resolved,
        passages: Sequence[RetrievedPassage],
        calibrator: Calibrator | None = None,
    ) -> Read:
        """All that the reader finds in the passages, and how sure it is."""
        readings = self._readings(asked, passages)
        found = candidates(asked.resolved, passages, readings)
        found = with_causes(asked.resolved, passages, readings, found)
        found = of_the_speaker(asked.resolved, of_the_year(asked.resolved, found))
        scored = (calibrator or self.calibrator).score(asked.resolved, found)
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

    def _unknown_names(
        self, asked: Resolved, passages: Sequence[RetrievedPassage], filters: Filters | None
    ) -> Unknown:
        texts = [f"{item.passage.title}. {item.passage.text}" for item in passages]
        return unknown_names(asked.raw, texts, lambda word: self.retriever.holds(word, filters))

    def _sayer(self, calibrator: Calibrator, limit: int, filters: Filters | None) -> Sayer:
        return Sayer(
            Citer(self.store),
            calibrator,
            self.settings.min_confidence,
            self.settings.answers_shown,
            lambda query: self.retriever.search(query, limit, filters).passages,
            self.likeness,
        )

    def likeness(self, question: str, texts: Sequence[str]) -> Vectors:
        """Cosines of the texts with the question."""
        vectors = self.retriever.embedder.embed([question, *texts])
        cosines: Vectors = vectors[1:] @ vectors[0]
        return cosines

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


def _timing(started: float, retrieved_at: float, finished: float) -> Timing:
    seconds = (retrieved_at - started, finished - retrieved_at, finished - started)
    return Timing(*(round(1000 * part, 1) for part in seconds))


def _reason(retrieval: Retrieval) -> Reason:
    if not retrieval.indexed:
        return Reason.LIBRARY_EMPTY
    if not retrieval.searchable:
        return Reason.FILTERED_OUT
    return Reason.BELOW_THRESHOLD if retrieval.passages else Reason.NOTHING_RETRIEVED
