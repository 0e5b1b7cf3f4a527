"""Question to answer set: resolve, retrieve, read, rank, group, cite."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.documents import Filters, RetrievedPassage, StoredDocument
from index.retrieval import Retrieval, Retriever
from index.store import Store
from qa.agreement import group
from qa.answers import Answer, AnswerSet, Citation, Question, Reason, Timing
from qa.citations import cite
from qa.confidence import Calibrator
from qa.conversation import resolve
from qa.errors import InvalidQuestion, QuestionTooLong
from qa.ranking import Scored, candidates, drop_overlaps
from qa.reader import Reader
from qa.settings import Settings


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
        self, question: Question, top_k: int | None = None, filters: Filters | None = None
    ) -> AnswerSet:
        """Answer one question; see `answer_batch`."""
        return next(self.answer_batch([question], top_k, filters))

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
        limit = self._limit(top_k)
        for question in questions:
            yield self._answer(self.checked(question), limit, filters)

    def _answer(self, question: Question, limit: int, filters: Filters | None) -> AnswerSet:
        started = time.perf_counter()
        searched = resolve(question)
        # One snapshot from the search to the citations: a document that changes meanwhile is
        # cited as it was read.
        with self.retriever.searching(searched, limit, filters) as retrieval:
            retrieved_at = time.perf_counter()
            scored = self._read(question.text, retrieval.passages)
            answers = self._answers(scored)
        finished = time.perf_counter()
        return AnswerSet(
            question=question.text,
            searched=searched,
            generation=retrieval.generation,
            answers=answers,
            passages=retrieval.passages[: self.settings.passages_shown],
            took_ms=Timing(
                *(
                    round(1000 * seconds, 1)
                    for seconds in (
                        retrieved_at - started,
                        finished - retrieved_at,
                        finished - started,
                    )
                )
            ),
            reason=None if answers else _reason(retrieval),
        )

    def _read(self, question: str, passages: Sequence[RetrievedPassage]) -> list[Scored]:
        readings = self.reader.read(question, [item.passage.text for item in passages])
        found = candidates(question, passages, readings)
        return drop_overlaps(self.calibrator.score(question, found))

    def _answers(self, scored: Sequence[Scored]) -> tuple[Answer, ...]:
        """The groups whose best place is confident enough, as answers."""
        sure = [item for item in scored if item.confidence >= self.settings.min_confidence]
        documents: dict[int, StoredDocument] = {}
        answers: list[Answer] = []
        for places in group(sure)[: self.settings.answers_shown]:
            citations = [c for place in places if (c := self._cite(place, documents)) is not None]
            if citations:
                best = citations[0]
                answers.append(Answer(best.quote, best.confidence, tuple(citations)))
        return tuple(answers)

    def _cite(self, place: Scored, documents: dict[int, StoredDocument]) -> Citation | None:
        """A citation checked against the stored text; None if it is not what the reader saw."""
        candidate = place.candidate
        document_id = candidate.retrieved.passage.document_id
        if document_id not in documents:
            documents[document_id] = self.store.document(document_id)
        return cite(documents[document_id], candidate.span, candidate.quote, place.confidence)

    def _limit(self, top_k: int | None) -> int:
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


def _reason(retrieval: Retrieval) -> Reason:
    if not retrieval.indexed:
        return Reason.LIBRARY_EMPTY
    if not retrieval.searchable:
        return Reason.FILTERED_OUT
    return Reason.BELOW_THRESHOLD if retrieval.passages else Reason.NOTHING_RETRIEVED
