"""Where a source stands on a claim: its speaker denies it, confirms it, says or only reports it, or
would not say. Nobody here answers yes or no.

For questions that ask whether something is so `qa.bearing` tells which sentences speak to it; for
those that ask by a verb ("who denied ...?") `positions` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.documents import Span
from index.sentences import sentence_spans
from qa.attribution import Attribution, attribute
from qa.claims import IN_SENTENCE_AT_LEAST, claim_of, is_about, roots, weights_of
from qa.hearsay import is_hearsay, only_reports
from qa.question_words import plainly_asked
from qa.reporting import Kind, alike, denies_without_a_verb, has_verb_of

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_ABOUT_ALONE = 0.25  # a sentence with so much of the claim needs no more around it
_OF_ITS_OWN = 0.35  # of the claim in a sentence that is nobody's but the text's
_BESIDE_THE_BEST = 0.25  # of the most that any sentence holds of the claim
_SAYS_BESIDE_THE_BEST = 0.4  # where it neither denies nor confirms
_NEAREST_OF_ITS_TEXT = 0.25  # of the claim; every source may speak of it in few words
_LIKED_BESIDE = 0.15  # where the words of the claim are there as well
_LIKED = 0.25  # of what the reader finds: so sure that the words of the claim need not be there
_SURE_WEIGHT = 0.5  # beside the shares, which add to 1


class Stance(StrEnum):
    """How a sentence stands to the claim that a question asks about."""

    DENIES = "denies"
    CONFIRMS = "confirms"
    SAYS = "says"
    REPORTS = "reports"
    DECLINES = "declines"


@dataclass(frozen=True, slots=True)
class Position:
    """A stance and who takes it; without an attribution it is the text's own."""

    stance: Stance
    attribution: Attribution | None


@dataclass(frozen=True, slots=True)
class Stand:
    """A sentence with the position it takes.

    Attributes:
        place: the number of the place it is from.
        relevance: how much of the claim it is about, for sorting only.
        share: of the claim's words, the most that any sentence holds.
        far: whether it denies or confirms something in other words than the claim's.
    """

    place: int
    sentence: Span
    position: Position
    relevance: float
    share: float = 0.0
    far: bool = False


# Who denies or confirms has the claim in mind; who merely says something may not.
_BONUS = {
    Stance.DENIES: 0.2,
    Stance.CONFIRMS: 0.2,
    Stance.SAYS: 0.0,
    Stance.REPORTS: 0.0,
    Stance.DECLINES: 0.1,
}
_MALUS = -0.3  # for what nobody is named for
# Not to exclude a thing is not to deny it.
_LEFT_OPEN = re.compile(
    r"\b(?:not|never|cannot|\w+n['’]t)\b(?:\s\w+){0,2}?\s(?:ruled? out|excluded?|deny|denied)\b",
    re.IGNORECASE,
)
_ASKED_BY_NOT = re.compile(r"\W*\w+n['’]t\b", re.IGNORECASE)
# "I take the blame for what was not done" denies nothing.
_BESIDE = re.compile(r"\bwhat [^,.;]*|\bno (?:difference|doubt|matter)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[,;.\n]|\s(?:after|although|but|when|while|despite|before|even though)\s"
)
_TAKES_UP = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject\w*|dismiss\w*|contradict\w*|disput\w*|refut\w*|confirm\w*"
    r"|acknowledg\w*|admit\w*|rebut\w*)\s(?:strongly |firmly )?"
    # "Denied that." takes up what was said before, "denied that it rained" does not.
    r"(?:this|that(?=[.,;!?]|$)|it|these|those|so"
    r"|(?:the|such|those|these|that|this) (?:a )?(?:claim|report|allegation|accusation|charge"
    r"|suggestion|account|version|statement|rumou?r|figure|number)s?)\b(?! \w+ed\b)"
    r"|\b(?:that|this|it) (?:is|was) (?:not (?:true|so|correct)|untrue|false|wrong|nonsense|a lie"
    r"|true|correct|right)\b",
    re.IGNORECASE,
)
_HANDED_ON = 0.8
_HANDED_ON_OVER = 2  # sentences of one paragraph
_CLAUSE_WORDS = 4
_BY_KIND = {
    Kind.DENIES: Stance.DENIES,
    Kind.REJECTS: Stance.DENIES,
    Kind.CONFIRMS: Stance.CONFIRMS,
    Kind.ADMITS: Stance.CONFIRMS,
    Kind.FINDS: Stance.CONFIRMS,
    Kind.REPORTS: Stance.REPORTS,
    Kind.DECLINES: Stance.DECLINES,
}


def takes(kind: Kind, position: Position) -> bool:
    """Whether who denies, of a question by "denied", is meant by it."""
    if _BY_KIND.get(kind) in {Stance.DENIES, Stance.CONFIRMS}:
        return position.stance is _BY_KIND[kind]
    return position.attribution is not None and alike(kind, position.attribution.kind)


def stance_of(
    text: str, sentence: Span, attribution: Attribution | None, question: str
) -> Position:
    """The stance of a sentence about the claim, of which it is known who says it."""
    kind = attribution.kind if attribution else Kind.REPORTS
    stance = _BY_KIND.get(kind, Stance.SAYS)
    if stance in {Stance.DENIES, Stance.DECLINES}:
        return Position(stance, attribution)
    who = text[attribution.who.start : attribution.who.end] if attribution else ""
    if stance is Stance.SAYS and only_reports(who):
        stance = Stance.REPORTS
    said = _BESIDE.sub("", _LEFT_OPEN.sub("", _said(text, sentence, attribution)))
    negated = denies_without_a_verb(said)
    # "Isn't the bank closing?" asks whether it is.
    if negated != denies_without_a_verb(_ASKED_BY_NOT.sub("", plainly_asked(question), count=1)):
        stance = Stance.DENIES
    return Position(stance, attribution)


def _of_kind(text: str, sentence: Span, kind: Kind) -> Position | None:
    """The position of who denies or confirms, of a question by "denied" or "confirmed"."""
    if not has_verb_of(text[sentence.start : sentence.end], kind):
        return None  # to look at each of its words takes a thousand times as long
    attribution = _reporting(text, sentence)
    if attribution is None or not alike(attribution.kind, kind):
        return None
    return Position(_BY_KIND[attribution.kind], attribution)


def _reporting(text: str, sentence: Span) -> Attribution | None:
    """Who denies or confirms something in the sentence."""
    found = (
        attribute(text, Span(word.start(), word.end()))
        for word in _WORD.finditer(text, sentence.start, sentence.end)
    )
    return next((a for a in found if a is not None and a.kind in _BY_KIND), None)


def _attribution(text: str, sentence: Span, asked: frozenset[str]) -> Attribution | None:
    """Who says what the claim's words in the sentence say: who denies or confirms it rather than
    who is only mentioned, else whose verb comes first."""
    found = [
        attribution
        for word in _WORD.finditer(text, sentence.start, sentence.end)
        if asked & roots(word.group())
        and (attribution := attribute(text, Span(word.start(), word.end())))
    ]
    return min(found, key=lambda a: (a.kind not in _BY_KIND, a.verb.start), default=None)


def attributed(
    text: str, sentence: Span, asked: frozenset[str], liked: Span | None, *, answering: bool
) -> Attribution | None:
    """Who says what the sentence says of a claim.

    Args:
        asked: the claim's roots.
        liked: what the reader found in the sentence.
        answering: whether it only says what its speaker thinks of a sentence before it.
    """
    found = _attribution(text, sentence, asked)
    if found is None and answering:
        found = _reporting(text, sentence)
    return attribute(text, liked) if found is None and liked is not None else found


def takes_sides(attribution: Attribution | None) -> bool:
    """Whether somebody denies or confirms."""
    return (
        attribution is not None
        and attribution.kind in _BY_KIND
        and (_BY_KIND[attribution.kind] in {Stance.DENIES, Stance.CONFIRMS})
    )


def positions(
    question: str,
    places: Sequence[tuple[str, Span]],
    read: Sequence[Sequence[tuple[Span, float]]],
    kind: Kind,
) -> list[Stand]:
    """Every sentence in ``places`` that takes a position on the claim, the nearest to it first.

    Of a question by a verb: "who denied ...?". Who denies something is looked at, too, where the
    words of the claim are others, and comes last.

    Args:
        places: texts of documents, each with the passage of it that was retrieved.
        read: for each place what the reader found there, and how sure it is; a sentence with
            something that it likes needs no word of the claim.
        kind: of the verb.
    """
    asked = claim_of(question)
    sentences = [
        (number, text, sentence, roots(text[sentence.start : sentence.end]))
        for number, (text, passage) in enumerate(places)
        for sentence in _sentences(text, passage)
    ]
    weights = weights_of(asked, [words for *_, words in sentences])
    shares = [sum(weights[stem] for stem in asked & words) for *_, words in sentences]
    most = max(shares, default=0.0)
    least = max(IN_SENTENCE_AT_LEAST, _BESIDE_THE_BEST * most)
    found: list[Stand] = []
    nearest = _nearest(sentences, shares)
    shares = handed_on(sentences, shares)
    for (number, text, sentence, _), share in zip(sentences, shares, strict=True):
        liked = _liked(read[number] if read else (), sentence)
        likes = liked is not None and liked[1] >= _LIKED
        if not asked or (share < least and not likes):
            if far := _of_kind(text, sentence, kind):
                found.append(Stand(number, sentence, far, 0.0, far=True))
            continue
        handed = share > 0 and not asked & roots(text[sentence.start : sentence.end])
        if share < _ABOUT_ALONE and not (likes or handed or is_about(text, sentence, asked)):
            continue
        attribution = _attribution(text, sentence, asked)
        if attribution is None and handed:
            attribution = _reporting(text, sentence)
        if attribution is None and liked is not None and likes:
            attribution = attribute(text, liked[0])
        first = share >= max(_NEAREST_OF_ITS_TEXT, nearest[text])
        own = first or likes or (liked is not None and liked[1] >= _LIKED_BESIDE)
        # A headline may be a question.
        if attribution is None and (asks(text, sentence) or not (own or share >= _OF_ITS_OWN)):
            continue
        taken = stance_of(text, sentence, attribution, question)
        sides = taken.stance in {Stance.DENIES, Stance.CONFIRMS} or (first and not attribution)
        if not (sides or likes) and share < _SAYS_BESIDE_THE_BEST * most:
            continue
        sure = _SURE_WEIGHT * liked[1] if liked else 0.0
        found.append(Stand(number, sentence, taken, share + lent(text, taken) + sure, most))
    return sorted(found, key=lambda stand: -stand.relevance)


def lent(text: str, taken: Position) -> float:
    """How much sooner a position is told for its stance; later if nobody is named for it."""
    who = taken.attribution.who if taken.attribution else None
    named = who is not None and not is_hearsay(text[who.start : who.end])
    return _BONUS[taken.stance] if named else _MALUS


def _nearest(
    sentences: Sequence[tuple[int, str, Span, frozenset[str]]], shares: Sequence[float]
) -> dict[str, float]:
    """The most that a sentence of each text holds of the claim."""
    most: dict[str, float] = {}
    for (_, text, *_), share in zip(sentences, shares, strict=True):
        most[text] = max(most.get(text, 0.0), share)
    return most


def handed_on(
    sentences: Sequence[tuple[int, str, Span, frozenset[str]]], shares: Sequence[float]
) -> list[float]:
    """With part of the share of a sentence before for one that only says what it thinks of it
    ("The bank denied this."), or answers it, where it is a question."""
    found = list(shares)
    for at in range(1, len(sentences)):
        own, text, span, _ = sentences[at]
        before = sentences[at - 1]
        if before[0] == own and asks(text, before[2]) and not asks(text, span):
            found[at] = max(found[at], _HANDED_ON * shares[at - 1])
        if not _TAKES_UP.search(text, span.start, span.end):
            continue
        for back in range(1, min(at, _HANDED_ON_OVER) + 1):
            place, _, other, _ = sentences[at - back]
            if place != own or "\n" in text[other.end : span.start]:
                break
            found[at] = max(found[at], _HANDED_ON**back * shares[at - back])
    return found


def asks(text: str, sentence: Span) -> bool:
    """Whether a sentence is a question."""
    return text[sentence.start : sentence.end].rstrip().endswith("?")


def _liked(read: Sequence[tuple[Span, float]], sentence: Span) -> tuple[Span, float] | None:
    """What the reader found in the sentence, and how sure it is."""
    found = [item for item in read if item[0].overlaps(sentence)]
    return max(found, key=lambda item: item[1], default=None)


def _sentences(text: str, passage: Span) -> list[Span]:
    return [
        Span(passage.start + s.start, passage.start + s.end)
        for s in sentence_spans(text[passage.start : passage.end])
    ]


def _said(text: str, sentence: Span, attribution: Attribution | None) -> str:
    """The clause that is attributed: after the verb up to a comma, else what stands before it."""
    if attribution is None:
        return text[sentence.start : sentence.end]
    after = text[min(attribution.verb.end, sentence.end) : sentence.end]
    clause = _CLAUSE_END.split(after.lstrip(" ,:"), maxsplit=1)[0]
    before = text[sentence.start : max(sentence.start, attribution.speaker.start)]
    inverted = attribution.speaker.start >= attribution.verb.end
    short = len(clause.split()) < _CLAUSE_WORDS and _WORD.search(before) is not None
    return before if inverted or short else clause
