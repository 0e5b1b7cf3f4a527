"""What sentences name as a cause, for questions that ask why.

The reader likes what stands beside the event better than its cause: asked what caused a
derailment it answers "the night train". A sentence that says "was caused by", "is to blame" or
"the reason was" tells where the cause stands. What it names is a candidate of its own, as well
liked as what the reader found in it, and somewhat better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents import RetrievedPassage, Span
from index.sentences import sentence_spans
from qa.asked_types import AnswerType, asked_type
from qa.question_words import names_in
from qa.ranking import Candidate
from qa.reader import Reading
from qa.words import stems

LIKED = 4.0  # logits by which a cause that a sentence names as such is liked better
_MOST_WORDS = 18  # what is longer is a story, not a cause
_TOPIC_AT_LEAST = 0.5  # of the question's words in the passage or its title
_DOES = "caus|trigger|spark|start|releas|provok|prompt|ignit|unleash"
_HOW = r"(?: (?:\w+ly|most probably|most likely|at least in part|in part))?"

# What follows is the cause; what stands before, in the sentence, is what it caused.
_AFTER = re.compile(
    rf"\b(?:(?:{_DOES})ed|set off|set in motion|brought (?:about|on|down)){_HOW} by "
    r"|\b(?:due|owing|thanks) to |\bas a result of |\bbecause(?: of)? "
    r"|\b(?:result|stem|follow)(?:s|ed|med|ming|ing)? from "
    r"|\b(?:is|was|are|were) the (?:result|consequence|work) of "
    r"|\bblam(?:e|es|ed|ing) (?:\w+ ){1,6}?on |\b(?:put|lay|laid) the blame on "
    r"|\b(?:attribut|ascrib)(?:e|es|ed|ing) (?:\w+ ){0,6}?to "
    r"|\b(?:put|puts) (?:\w+ ){1,4}?down to |\btraced (?:back )?to "
    r"|\b(?:cause|reason|culprit)s?(?: (?:of|for|behind) [^,.;:]{1,80}?)?"
    rf" (?:is|was|are|were|lay in|lies in){_HOW} (?:that )?"
    rf"|\bwhat (?:failed|gave way|went wrong|did it|set it off|caused it) (?:is|was){_HOW} ",
    re.IGNORECASE,
)
# What stands before is the cause; what follows is what it caused.
_BEFORE = re.compile(
    r" (?:is|was|are|were|be|been)(?: (?:seen|named|given|cited|regarded|considered))?(?: as)?"
    rf"{_HOW} (?:the|a)(?: \w+){{0,2}} (?:cause|reason|culprit|trigger)s?\b"
    r"| (?:is|was|are|were|be|been)(?: \w+ly)? to blame\b"
    rf"| (?:(?:had|has|have|must have|may have|might have|could have) )?(?:\w+ly )?"
    rf"(?:(?:{_DOES})(?:ed|s|es)|set off|led to|leads to|brought (?:about|on|down)|did it)\b"
    r"(?! by\b)",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|never|neither|nor|no|\w+n['’]t)\b[^,;]{0,40}$", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|be|been|being|and|or)\s*$", re.IGNORECASE)
_CAUSE_ENDS = re.compile(
    r"[;:!?]|\.(?:\s|$)|\s[–—-]\s|,|\s(?:and|but) (?:neither|not)\b| and (?:was|were|is|are)\b"
    r"|\s(?:according to|said|says)\b"
)
_CAUSE_BEGINS = re.compile(r"[,;:!?(“\"]\s*|\s[–—-]\s+|\bthat\s+|\b(?:and|but)\s+", re.IGNORECASE)
_FIRST_CLAUSE = re.compile(r"[,;:]\s")
_EMPTY = re.compile(
    r"^(?:(?:it|this|that|they|these|those|he|she|which|who|what|there|one|both|nobody|nothing)"
    r"(?: (?:all|probably|also))?|)$",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^\W*(?:(?:and|but)\s+)?(?:it|this|that|all this|the (?:\w+ )?(?:accident|incident|disaster"
    r"|tragedy|catastrophe|event|crash|fire|blaze|delay|failure|decision|problem))\b",
    re.IGNORECASE,
)
_OF_CAUSING = frozenset(
    stems("cause reason trigger set off led start main why happen failed gave way went wrong")
)


def with_causes(
    question: str,
    retrieved: Sequence[RetrievedPassage],
    readings: Sequence[Reading],
    found: Sequence[Candidate],
) -> list[Candidate]:
    """``found``, and of a question that asks why what sentences about it name as the cause.

    What lies within such a cause, or says the same, is left out in its favour.

    Args:
        readings: belong to ``retrieved`` one by one.
    """
    if asked_type(question) is not AnswerType.REASON:
        return list(found)
    named = [
        _candidate(item, reading, span)
        for item, reading in zip(retrieved, readings, strict=True)
        for span in causes(question, item)
        if reading.spans
    ]
    return [*named, *(c for c in found if not any(c.overlaps(other) for other in named))]


def causes(question: str, retrieved: RetrievedPassage) -> list[Span]:
    """Where the passage names a cause of what ``question`` asks about; offsets in its text."""
    passage = retrieved.passage
    topic = frozenset(stems(question)) - _OF_CAUSING
    held = topic & frozenset(stems(f"{passage.title} {passage.text}"))
    if not topic or len(held) < _TOPIC_AT_LEAST * len(topic):
        return []
    names = frozenset(stems(" ".join(names_in(question))))
    return [
        span
        for sentence in sentence_spans(passage.text)
        for span in _in_sentence(passage.text, sentence, topic - names or topic)
    ]


def _in_sentence(text: str, sentence: Span, topic: frozenset[str]) -> Iterator[Span]:
    for cue in _AFTER.finditer(text, sentence.start, sentence.end):
        before = text[sentence.start : cue.start()]
        inside = f"{before} {cue.group()}"
        if _NEGATED.search(before) or not _caused(inside, topic):
            continue
        end = _CAUSE_ENDS.search(text, cue.end(), sentence.end)
        yield from _whole(text, cue.end(), end.start() if end else sentence.end, topic)
    for cue in _BEFORE.finditer(text, sentence.start, sentence.end):
        before = text[sentence.start : cue.start()]
        if _PASSIVE.search(before) or _NEGATED.search(before + cue.group()):
            continue
        if not _caused(_FIRST_CLAUSE.split(text[cue.end() : sentence.end])[0], topic):
            continue
        begins = [m.end() for m in _CAUSE_BEGINS.finditer(text, sentence.start, cue.start())]
        yield from _whole(text, begins[-1] if begins else sentence.start, cue.start(), topic)


def _caused(effect: str, topic: frozenset[str]) -> bool:
    """Whether what was caused is what the question asks about, or nothing but a word for it."""
    words = frozenset(stems(effect)) - _OF_CAUSING
    return bool(words & topic) or not words or _POINTS_BACK.match(effect) is not None


def _whole(text: str, start: int, end: int, topic: frozenset[str]) -> Iterator[Span]:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    said = text[start:end]
    if _EMPTY.match(said) or len(said.split()) > _MOST_WORDS:
        return
    if frozenset(stems(said)) <= topic:
        return
    yield Span(start, end)


def _candidate(item: RetrievedPassage, reading: Reading, span: Span) -> Candidate:
    passage = item.passage
    touched = [
        read.logit
        for read in reading.spans
        if read.passage_start < span.end and span.start < read.passage_end
    ]
    logit = LIKED + (max(touched) if touched else min(read.logit for read in reading.spans))
    whole = Span(passage.document_start + span.start, passage.document_start + span.end)
    quote = passage.text[span.start : span.end]
    return Candidate(item, whole, quote, logit, logit - reading.no_answer_logit, named=True)
