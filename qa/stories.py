"""Which texts tell of the same story: those that share names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from index.documents import Passage
from qa.names import GENERIC
from qa.question_words import names_in
from qa.ranking import Candidate
from qa.words import plain, stems

_SHARED_AT_LEAST = 2
_MOST_WORDS = 0.6
_CAPITAL = re.compile(r"\b[A-Z][^\W\d_]{2,}")
# A capital that no sentence begins with; a letter and a comma or another word stand before it.
_NAME_WORD = re.compile(r"(?<=[\w,;] )[A-Z][^\W\d_]{2,}")
_TIMES = """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
"""
_NO_NAMES = GENERIC | frozenset(_TIMES.split())


def same_story(question: str, best: Candidate, passages: Sequence[Passage]) -> frozenset[int]:
    """The documents that tell of what the question asks about.

    They name somebody whom the question names, or hold all words of a question that names nobody,
    or share names with the document of the ``best`` answer, as far as both were read.
    """
    read = {passage.id: passage for passage in (*passages, best.retrieved.passage)}
    texts: dict[int, list[str]] = defaultdict(list)
    for passage in read.values():
        texts[passage.document_id] += [passage.title, passage.text]
    whole = {document: ". ".join(parts) for document, parts in texts.items()}
    asked = [frozenset(stems(name)) for name in names_in(question)]
    told = frozenset(stems(question))
    known = frozenset().union(*map(_surely_names, whole.values()))
    names = {document: known & _capitals(text) for document, text in whole.items()}
    own = names[best.retrieved.passage.document_id]
    if not asked and not own:
        return frozenset(whole)  # nobody is named whom another story would leave out
    return frozenset(
        document
        for document, text in whole.items()
        if _names_any(asked, text)
        or _tells(told, text, len(own & names[document]))
        or len(own & names[document]) >= _SHARED_AT_LEAST
    )


def _tells(asked: frozenset[str], text: str, shared: int) -> bool:
    """Whether a text holds all words of the question, or most where it shares a name as well."""
    held = len(asked & frozenset(stems(text)))
    return held >= (_MOST_WORDS if shared else 1.0) * len(asked)


def _names_any(names: Sequence[frozenset[str]], text: str) -> bool:
    held = frozenset(stems(text)) if names else frozenset()
    return any(name <= held for name in names)


@lru_cache(maxsize=256)
def _surely_names(text: str) -> frozenset[str]:
    """Words of names in a text, but for those that only begin a sentence."""
    return frozenset(map(plain, _NAME_WORD.findall(text))) - _NO_NAMES


@lru_cache(maxsize=256)
def _capitals(text: str) -> frozenset[str]:
    return frozenset(map(plain, _CAPITAL.findall(text)))
