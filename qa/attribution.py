"""Who says it: the speaker of a statement and the verb that attributes it, as slices of the text.

Rules of thumb over the words around a statement, no parser: a reporting verb outside quotation
marks, its subject before or after it, and what lies in its reach. Where the text says nothing of a
speaker, or says it in a way that is not known here, nobody is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.documents import Span
from index.lines import paragraphs
from index.sentences import sentence_spans
from qa import antecedents, speakers
from qa.cue_sentence import Cue
from qa.cues import cues
from qa.quotations import quotations
from qa.reporting import Kind
from qa.transcripts import turn_at
from qa.words import plain

_REACH = 1_200  # characters of the paragraph that are looked at, before and after
_FIRST_PERSON = frozenset({"i", "we"})
_BESIDE = 40  # characters after a quotation
_EARLIER = 700  # of the paragraph before it


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who a statement is attributed to; every span is a slice of the document's text.

    Attributes:
        verb: a verb, or what stands for one: "according to", "claim".
        indirect: in the author's words; False for words in quotation marks.
        named: where the speaker is named, if ``speaker`` is a pronoun and that can be told.
    """

    speaker: Span
    verb: Span
    kind: Kind
    indirect: bool
    named: Span | None = None

    @property
    def who(self) -> Span:
        """What to show: the name rather than "he"."""
        return self.named or self.speaker


@dataclass(frozen=True, slots=True)
class _Region:
    """A paragraph, cut short where it is long, and the one before it.

    Attributes:
        paragraph: where the paragraph of the statement begins.
    """

    text: str
    paragraph: int
    sentences: tuple[Span, ...]
    quotations: tuple[Span, ...]
    cues: tuple[Cue, ...]


def attribute(text: str, span: Span) -> Attribution | None:
    """Who the statement at ``span`` is attributed to; None if the text itself makes it.

    A span that is a speaker ("who denied ...?" is answered by one) is attributed to itself. In a
    transcript what nobody else is said to have said is said by whoever speaks.
    """
    found = _in_words(text, span)
    if found and plain(text[found.who.start : found.who.end]) not in _FIRST_PERSON:
        return found
    turn = turn_at(text, span.start)
    if turn is None:
        return found
    if found is not None:
        return replace(found, named=turn.who)
    return Attribution(turn.who, turn.colon, Kind.SAYS, indirect=False)


def _in_words(text: str, span: Span) -> Attribution | None:
    start, paragraph, end = _bounds(text, span)
    region = _region(text[start:end], paragraph - start)
    inside = Span(
        min(max(span.start - start, 0), len(region.text)),
        min(max(span.end - start, 0), len(region.text)),
    )
    quoted = next((q for q in region.quotations if _holds(q, inside)), None)
    cue = (
        _spoken_by(region, inside)
        or (_closing(region, quoted) if quoted else None)
        or _covering(region, inside)
        or (_continued(region, quoted) if quoted else None)
    )
    if cue is None:
        return None
    named = _antecedent(region, cue)
    return Attribution(
        _shift(cue.speaker, start),
        _shift(cue.verb, start),
        cue.kind,
        quoted is None,
        _shift(named, start) if named else None,
    )


def _bounds(text: str, span: Span) -> tuple[int, int, int]:
    """Where the paragraph before, the paragraph itself, and its end are."""
    least, most = max(0, span.start - _REACH), min(len(text), span.end + _REACH)
    around = text[least:most]
    inside = span.start - least
    begin, end = 0, len(around)
    for paragraph in paragraphs(around):
        if paragraph.start <= inside:
            begin = paragraph.start
        if paragraph.end >= span.end - least:
            end = paragraph.end
            break
    begin += least
    return max(0, begin - _EARLIER), begin, min(most, max(least + end, span.end))


@lru_cache(maxsize=64)
def _region(text: str, paragraph: int) -> _Region:
    sentences = sentence_spans(text)
    quoted = quotations(text)
    found = [cue for sentence in sentences for cue in cues(text, sentence, quoted)]
    return _Region(text, paragraph, tuple(sentences), tuple(quoted), tuple(found))


def _spoken_by(region: _Region, span: Span) -> Cue | None:
    """The cue whose speaker the span is."""
    found = [
        cue
        for cue in region.cues
        if _overlap(cue.speaker, span) * 2 > min(_length(cue.speaker), _length(span))
        and (span.end <= cue.verb.start or span.start >= cue.verb.end)
    ]
    return min(found, key=lambda cue: abs(cue.verb.start - span.end), default=None)


def _closing(region: _Region, quoted: Span) -> Cue | None:
    """The cue that a quotation leads to: 'The firm denies it: "It holds," | its mayor wrote.'."""
    if region.text[quoted.end - 2 : quoted.end - 1] not in {",", "?", "!"}:
        return None
    found = [
        cue
        for cue in region.cues
        if cue.direct
        and quoted.end <= min(cue.verb.start, cue.speaker.start) <= quoted.end + _BESIDE
        and cue.reaches(quoted)
        and not any(quoted.end <= q.start < cue.verb.start for q in region.quotations)
    ]
    return min(found, key=lambda cue: cue.verb.start, default=None)


def _covering(region: _Region, span: Span) -> Cue | None:
    """The cue in whose reach the span lies; the innermost where several do."""
    found = [cue for cue in region.cues if cue.reaches(span)]
    return min(found, key=lambda cue: _depth(cue, span), default=None)


def _depth(cue: Cue, span: Span) -> tuple[bool, int]:
    """ "X said that A, according to Y" is said by X; "X said that, according to Y, A" by Y."""
    return cue.loose and cue.verb.start > span.start, _distance(cue.verb, span)


def _continued(region: _Region, quoted: Span) -> Cue | None:
    """The speaker of a quotation that only goes on here: named earlier in the paragraph, or in the
    one before if the quotation opens this one."""
    if region.text[: quoted.start].rstrip().endswith(":"):
        return None  # what stands before the colon says it, in a way that is not known
    earlier = [
        cue
        for cue in region.cues
        if region.paragraph <= cue.verb.start and cue.verb.end <= quoted.start
    ]
    if not earlier and not region.text[region.paragraph : quoted.start].strip():
        earlier = [cue for cue in region.cues if cue.verb.end <= quoted.start]
    if not earlier:
        return None
    last = earlier[-1]
    # "..., the report says, which he called unfair": the sentence's own speaker goes on.
    first = [cue for cue in earlier if cue.sentence == last.sentence and cue.direct]
    return first[-1] if first else last


def _antecedent(region: _Region, cue: Cue) -> Span | None:
    """Who "he" is: the last speaker or subject before the sentence that is no pronoun, or who a
    sentence without either ends with."""
    if not speakers.is_pronoun(region.text[cue.speaker.start : cue.speaker.end]):
        return None
    candidates = [other.speaker for other in region.cues if other.verb.end <= cue.speaker.start]
    for sentence in region.sentences:
        if sentence.start > cue.speaker.start:
            break
        if any(q.start <= sentence.start < q.end for q in region.quotations):
            continue
        candidates += antecedents.addressed(region.text, sentence.start, sentence.end)
        if sentence.end > cue.speaker.start:
            break
        if subject := speakers.leading(region.text, sentence.start, sentence.end):
            candidates.append(subject)
        elif titled := speakers.at_the_end(region.text, sentence.start, sentence.end):
            candidates.append(titled)
    named = [
        span
        for span in candidates
        if span.end <= cue.speaker.start and not _stands_for_another(region, span)
    ]
    said = region.text[cue.speaker.start : cue.speaker.end].lower()
    return _person(region, named) if said in {"he", "she"} else max(named, default=None)


def _stands_for_another(region: _Region, span: Span) -> bool:
    word = plain(region.text[span.start : span.end])
    return speakers.is_pronoun(word) or word in _FIRST_PERSON


def _person(region: _Region, named: Sequence[Span]) -> Span | None:
    """The last one, unless that is a thing and a person's name stands before it: "Ada Lind came.
    A window was broken. She said"."""
    last = max(named, default=None)
    if last is None or antecedents.may_be_person(region.text, last):
        return last
    names = [span for span in named if antecedents.is_bare_name(region.text, span)]
    return max(names, default=last)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _length(span: Span) -> int:
    return span.end - span.start


def _distance(verb: Span, span: Span) -> int:
    return span.start - verb.end if verb.end <= span.start else verb.start - span.start


def _shift(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by)
