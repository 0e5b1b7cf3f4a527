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
from qa.reporting import verb_forms
from qa.words import plain

_WORD = re.compile(r"[^\W_]{2,}")
AGAINST = 2.0  # log-odds that the words of somebody else lose


def of_the_speaker(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; it speaks against those that the text has somebody else say.

    Left alone is what a spokesman may say for those who are asked about, where they are named in
    his paragraph or in the title of the text.
    """
    asked = _asked(question)
    if not asked:
        return list(candidates)
    return [
        replace(c, against=c.against + AGAINST) if _of_another(asked, c) else c for c in candidates
    ]


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


def _of_another(asked: frozenset[str], candidate: Candidate) -> bool:
    passage = candidate.retrieved.passage
    start = candidate.span.start - passage.document_start
    said = attribute(passage.text, Span(start, start + len(candidate.quote)))
    who = name_of(passage.text[said.who.start : said.who.end]) if said else None
    if who is None or not who.distinctive:
        return False
    around = next((p for p in paragraphs(passage.text) if p.start <= start < p.end), None)
    paragraph = passage.text[around.start : around.end] if around else ""
    known = {*who.words, *_words(f"{paragraph} {passage.title}")}
    return not any(spelt_alike(word, other) for word in asked for other in known)
