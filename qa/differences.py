"""Answers that other sources give to the same question.

A candidate's confidence falls with every rival (`lead` in `qa.confidence`), which is right where
one answer is wanted, and hides the other side where sources differ. Here each source is asked
alone: its candidates have no rivals but each other. What it says best counts as another answer
if it is one of the same measure as the best answer: a number of the same unit, or a date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qa.agreement import Meaning, meaning
from qa.confidence import FEATURES, Calibrator, features
from qa.ranking import Candidate, Scored, drop_overlaps

_LARGER_AT_MOST = 100  # times; the dead of one ferry and the budget of a ministry are no rivals
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


def differing(
    best: Scored, alone: Sequence[Scored], *, min_confidence: float, min_margin: float
) -> list[Scored]:
    """What other sources say instead of ``best``: the best of each that is of its measure.

    Args:
        alone: as `by_source` returns them.
        min_confidence: of a candidate among those of its source.
        min_margin: logits above the no-answer logit.
    """
    measured = _measured(best)
    voices = {best.candidate.retrieved.passage.voice}
    found: list[Scored] = []
    for item in alone:
        voice = item.candidate.retrieved.passage.voice
        if item.confidence < min_confidence or item.candidate.margin < min_margin:
            continue
        said = _measured(item)
        if voice in voices or not _same_measure(measured, said):
            continue
        voices.add(voice)
        if not measured.meets(said):
            found.append(item)
    return found


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
