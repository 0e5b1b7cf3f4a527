"""Whose words a question asks for, and places that the text attributes to somebody else.

Asked what the Rotary Club said of a fountain, a reader likes what the manager of the hotel said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents import Span
from index.lines import paragraphs
from qa.attribution import attribute
from qa.names import NO_NAMES, name_of, spelt_alike
from qa.question_words import WORD, names_in, plainly_asked, subject_of
from qa.ranking import Candidate
from qa.reporting import TELLING, verb_forms
from qa.words import plain

_WHO_SAYS = re.compile(r"\W*who (?:has |had |have |also )?(?P<verb>[^\W\d_]+)")
_WORD = re.compile(r"[^\W_]{2,}")
# Log-odds that a place loses, as counted on 51 questions of the development sets: said by whom is
# asked about (rather more likely right than the calibration knows), by nobody, by somebody else.
AGAINST_OWN, AGAINST_NOBODYS, AGAINST = -0.5, 1.0, 2.0
AGAINST_SPOKEN_OF = 1.0  # of "who said?", on 356 questions: somebody of whom something is said


def of_the_speaker(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; it speaks for those that the text has the asked one say, and against others.

    Of "Who said that it burned?" it speaks against those of whom it is only said: the first of "The
    mill of Ada Lind burned, said Otto Berg".

    Left alone is what a spokesman may say for those who are asked about, where they are named in
    his paragraph or in the title of the text.
    """
    if asks_who_says(question):
        return [replace(c, against=c.against + _against_speaker(c)) for c in candidates]
    asked = _asked(question)
    if not asked:
        return list(candidates)
    return [replace(c, against=c.against + _against(asked, c)) for c in candidates]


def asks_who_says(question: str) -> bool:
    """Whether the question asks by a verb that only reports: "who denied", not "who found"."""
    match = _WHO_SAYS.match(plainly_asked(question).lower())
    form = verb_forms().get(match["verb"]) if match else None
    return form is not None and form.lemma not in TELLING


def _against_speaker(candidate: Candidate) -> float:
    passage = candidate.retrieved.passage
    start = candidate.span.start - passage.document_start
    own = Span(start, start + len(candidate.quote))
    said = attribute(passage.text, own)
    if said is None:
        return 0.0
    speaks = said.who.overlaps(own) or said.speaker.overlaps(own)
    return 0.0 if speaks else AGAINST_SPOKEN_OF


def _asked(question: str) -> frozenset[str]:
    """The words of the name whose saying is asked for; none if the question asks for none."""
    question = plainly_asked(question)
    if question[:4].lower() != "what":
        return frozenset()
    subject = subject_of(question)
    if subject is None:
        return frozenset()
    following = WORD.search(question, question.index(subject) + len(subject))
    if following is None or following.group().lower() not in verb_forms():
        return frozenset()
    return _words(" ".join(names_in(f"did {subject}")))


def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(plain(name))) - NO_NAMES


def _against(asked: frozenset[str], candidate: Candidate) -> float:
    passage = candidate.retrieved.passage
    start = candidate.span.start - passage.document_start
    said = attribute(passage.text, Span(start, start + len(candidate.quote)))
    if said is None:
        return 0.0 if _names(asked, _words(passage.title)) else AGAINST_NOBODYS
    who = name_of(passage.text[said.who.start : said.who.end])
    if who is None or not who.distinctive:
        return 0.0
    if _names(asked, frozenset(who.words)):
        return AGAINST_OWN
    around = next((p for p in paragraphs(passage.text) if p.start <= start < p.end), None)
    paragraph = passage.text[around.start : around.end] if around else ""
    return 0.0 if _names(asked, _words(f"{paragraph} {passage.title}")) else AGAINST


def _names(asked: frozenset[str], words: frozenset[str]) -> bool:
    return any(spelt_alike(word, other) for word in asked for other in words)
