"""Words of a question and of a text, made comparable."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

from index.retrieval import STOP_WORDS
from qa.letters import without_marks
from qa.numerals import SIGN

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_ANSWER_PART = re.compile(r"(?<!\w)-?\d+(?:[.,]\d+)*|\w+[+#]*")
_ARTICLES = frozenset({"a", "an", "the"})
_KEPT = 1_000  # texts whose stems are remembered: a question looks at each passage many times


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def stems(text: str) -> list[str]:
    """Snowball stems (Porter 2001) of the words of ``text``, stop words left out."""
    return list(_stems(text))


@lru_cache(maxsize=_KEPT)
def _stems(text: str) -> tuple[str, ...]:
    words = [word for word in _words(text) if word not in STOP_WORDS]
    return tuple(str(stem) for stem in _stemmer().stemWords(words))


def answer_key(text: str) -> str:
    """Two answers with the same key are the same answer: case, accents, articles and
    punctuation do not count, but for signs that tell numbers or names apart (-5, C++)."""
    parts = _ANSWER_PART.findall(SIGN.sub("-", plain(text)).replace("−", "-"))
    return " ".join(part for part in parts if part not in _ARTICLES) or text.strip()


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def plain(text: str) -> str:
    """Lower case, without accents and the marks of notes."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", without_marks(text).casefold())
    # Each character is looked up once, however often it stands there.
    marks = {ord(c): None for c in set(decomposed) if unicodedata.combining(c)}
    return decomposed.translate(marks) if marks else decomposed
