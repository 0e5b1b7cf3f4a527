"""Answers that other sources give to the same question.

A candidate's confidence falls with every rival (`lead` in `qa.confidence`), which is right where
one answer is wanted, and hides the other side where sources differ. Here each source is asked
alone: its candidates have no rivals but each other. What it says best counts as another answer
if it is one of the same measure as the best answer: a number of the same unit, or a date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from index.documents import Passage
from qa.agreement import Meaning, meaning
from qa.confidence import FEATURES, Calibrator, features
from qa.question_words import names_in
from qa.ranking import Candidate, Scored, drop_overlaps
from qa.words import stems

MIN_CONFIDENCE = 0.1  # among the candidates of a source alone
MIN_MARGIN = -2.0  # logits above no answer
MIN_MARGIN_OF_ONE_UNIT = -9.0
_LARGER_AT_MOST = 20  # times; the dead of one ferry and the budget of a ministry are no rivals
_UNIT_CHARACTERS = 30  # after a number, where its unit stands if the quote leaves it out


def by_source(
    question: str, candidates: Sequence[Candidate], calibrator: Calibrator
) -> list[Scored]:
    """Each candidate with its probability among those of its own source, best first.

    Near copies are one source.
    """
    if not candidates:
        return []
    matrix = features(question, candidates)
    lead = FEATURES.index("lead")
    sources: dict[int, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        sources[candidate.retrieved.passage.voice].append(number)
    for numbers in sources.values():
        alone = features(question, [candidates[number] for number in numbers])
        matrix[numbers, lead] = alone[:, lead]
    scored = map(Scored, candidates, map(float, calibrator.probabilities(matrix)))
    return drop_overlaps(list(scored))


def differing(question: str, best: Scored, alone: Sequence[Scored]) -> list[Scored]:
    """What other sources say instead of ``best``: the best of each that is of its measure.

    Args:
        alone: as `by_source` returns them.
    """
    measured = _measured(best)
    voices = {best.candidate.retrieved.passage.voice}
    found: list[Scored] = []
    for item in alone:
        passage = item.candidate.retrieved.passage
        if passage.voice in voices or item.confidence < MIN_CONFIDENCE:
            continue
        said = _measured(item)
        if item.candidate.margin < _least_margin(measured, said):
            continue
        if not _same_measure(measured, said) or not _about(question, passage):
            continue
        voices.add(passage.voice)
        if not measured.meets(said):
            found.append(item)
    return found


def _least_margin(one: Meaning, other: Meaning) -> float:
    units = one.quantity and other.quantity and one.quantity.units & other.quantity.units
    return MIN_MARGIN_OF_ONE_UNIT if units else MIN_MARGIN


def _about(question: str, passage: Passage) -> bool:
    """Whether it names somebody whom the question names."""
    held = frozenset(stems(f"{passage.title} {passage.text}"))
    names = [frozenset(stems(name)) for name in names_in(question)]
    return not names or any(name <= held for name in names)


def _measured(item: Scored) -> Meaning:
    """What the place says, with the unit that follows it."""
    passage, span = item.candidate.retrieved.passage, item.candidate.span
    said = meaning(item.candidate.quote, passage.date)
    if said.quantity is None or said.quantity.units:
        return said
    end = span.end - passage.document_start
    tail = passage.text[end : end + _UNIT_CHARACTERS].split(".")[0].split(",")[0]
    whole = meaning(item.candidate.quote + tail, passage.date)
    same = whole.quantity is not None and whole.quantity.value == said.quantity.value
    return whole if same else said


def _same_measure(one: Meaning, other: Meaning) -> bool:
    if one.moment and other.moment:
        return True
    if not (one.quantity and other.quantity):
        return False
    small, large = sorted((abs(one.quantity.value), abs(other.quantity.value)))
    units = one.quantity.units, other.quantity.units
    return large <= small * _LARGER_AT_MOST and (not all(units) or bool(units[0] & units[1]))
