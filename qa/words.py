"""Words of a question and of a text, made comparable."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

from index.retrieval import STOP_WORDS

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_ARTICLES = frozenset({"a", "an", "the"})


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def stems(text: str) -> list[str]:
    """Snowball stems (Porter 2001) of the words of ``text``, stop words left out."""
    words = [word for word in _words(text) if word not in STOP_WORDS]
    return [str(stem) for stem in _stemmer().stemWords(words)]


def answer_key(text: str) -> str:
    """Two answers with the same key are the same answer: case, accents, punctuation and
    articles do not count."""
    return " ".join(word for word in _words(text) if word not in _ARTICLES) or text.strip()


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _WORD.findall(plain.replace("’", "'"))
