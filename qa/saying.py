"""What a question is answered with: answers, or where the sources stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.documents import RetrievedPassage
from qa.agreement import same_answer
from qa.answers import Answer, Relation, Standpoint
from qa.asked_types import AnswerType, asked_type
from qa.bearing import Likeness
from qa.citations import Citer
from qa.confidence import Calibrator
from qa.conversation import Resolved
from qa.differences import by_source
from qa.findings import find
from qa.question_words import asks_for_several
from qa.ranking import Candidate, Scored
from qa.reporting import Kind, asked_kind, in_other_words, is_yes_no
from qa.standpoints import about_others, standpoints
from qa.yes_no import what_sources_say

Search = Callable[[str], Sequence[RetrievedPassage]]


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader found, with its confidence, best first; ``kept`` has no overlaps."""

    scored: list[Scored]
    kept: list[Scored]

    @property
    def candidates(self) -> list[Candidate]:
        return [item.candidate for item in self.scored]


@dataclass(frozen=True, slots=True)
class Said:
    """The answers and their relation; ``positions`` are one for each where they are those."""

    answers: tuple[Answer, ...]
    relation: Relation = Relation.ONE
    positions: tuple[Standpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Sayer:
    """Answers one question from what was read, within one snapshot of the store.

    Attributes:
        min_confidence: of an answer.
        shown: most answers.
        search: finds as many passages again with another query.
        likeness: how near texts are to a question in meaning.
    """

    citer: Citer
    calibrator: Calibrator
    min_confidence: float
    shown: int
    search: Search
    likeness: Likeness

    def say(self, asked: Resolved, passages: Sequence[RetrievedPassage], read: Read) -> Said:
        if is_yes_no(asked.resolved):
            if about_others(asked.resolved, passages):
                return Said(())
            if taken := self._what_sources_say(asked, passages, read):
                return taken
        found = find(
            asked,
            read.kept,
            read.candidates,
            self.citer,
            self.calibrator,
            min_confidence=self.min_confidence,
        )
        several = asks_for_several(asked.resolved)
        given = (self._answer(places, several) for places in found.groups[: self.shown])
        answers = tuple(answer for answer in given if answer)
        kind = asked_kind(asked.resolved)
        stands = asked_type(asked.resolved) in {AnswerType.WHO, AnswerType.OPEN}  # not "why"
        if not answers and kind and stands and not about_others(asked.resolved, passages):
            return self._taken(asked, passages, read, kind) or Said(())
        if answers and kind and (all_who := self._all_who(asked, passages, read, kind, answers)):
            return all_who
        lists = any(answer.members for answer in answers)
        return Said(answers, Relation.LIST if lists else found.relation)

    def _all_who(
        self,
        asked: Resolved,
        passages: Sequence[RetrievedPassage],
        read: Read,
        kind: Kind,
        answers: Sequence[Answer],
    ) -> Said | None:
        """Of "who confirmed": all who did, where the first answer is one of several; it stays
        first."""
        if asked_type(asked.resolved) is not AnswerType.WHO:
            return None
        said = self._taken(asked, passages, read, kind)
        if said is None or len(said.answers) < 2:
            return None
        first = [same_answer(answer.text, answers[0].text) for answer in said.answers]
        if not any(first):
            return None
        order = sorted(range(len(first)), key=lambda number: not first[number])
        return Said(
            tuple(said.answers[number] for number in order),
            said.relation,
            tuple(said.positions[number] for number in order),
        )

    def _taken(
        self,
        asked: Resolved,
        passages: Sequence[RetrievedPassage],
        read: Read,
        kind: Kind,
    ) -> Said | None:
        """Who denies, of a question by such a verb, if anybody does.

        Looked for also where it says that they reject or dismiss it.
        """
        taken = standpoints(
            asked.resolved,
            _with(passages, self.search(in_other_words(asked.resolved, kind))),
            by_source(asked.resolved, read.candidates, self.calibrator),
            self.citer,
            self.likeness,
            min_confidence=self.min_confidence,
            kind=kind,
        )
        who = asked_type(asked.resolved) is AnswerType.WHO
        cited = [self.citer.speaker(s) if who else s.citation for s in taken]
        answers = [Answer(c.quote, c.confidence, (c,)) for c in cited]
        return Said(tuple(answers), Relation.POSITIONS, taken) if taken else None

    def _what_sources_say(
        self, asked: Resolved, passages: Sequence[RetrievedPassage], read: Read
    ) -> Said | None:
        """Of a question that asks whether something is so; if they speak to it."""
        taken = what_sources_say(
            asked.resolved,
            passages,
            by_source(asked.resolved, read.candidates, self.calibrator),
            self.citer,
            self.likeness,
            min_confidence=self.min_confidence,
        )
        answers = [Answer(s.citation.quote, s.citation.confidence, (s.citation,)) for s in taken]
        return Said(tuple(answers), Relation.POSITIONS, taken) if taken else None

    def _answer(self, places: Sequence[Scored], several: bool) -> Answer | None:
        found = (self.citer.cite(place) for place in places)
        citations = tuple(citation for citation in found if citation is not None)
        if not citations:
            return None
        first = citations[0]
        members = self.citer.members(first) if several else ()
        return Answer(first.quote, first.confidence, citations, members)


def _with(
    passages: Sequence[RetrievedPassage], more: Sequence[RetrievedPassage]
) -> list[RetrievedPassage]:
    known = {item.passage.id for item in passages}
    return [*passages, *(item for item in more if item.passage.id not in known)]
