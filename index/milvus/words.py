"""The words of a passage as FTS5's ``porter unicode61 remove_diacritics 2`` sees them.

Milvus is given them stemmed, as plain ASCII terms that every analyser leaves whole: so both
engines search for the same, and what Milvus proposes can be weighed on the client by FTS5's
formula.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from index.lexical import STOP_WORDS

Phrase = tuple[str, ...]
"""Stems that stand side by side."""

_TOKEN = re.compile(r"[^\W_]+")
_STEMMED_FROM = 3  # bytes; FTS5 passes shorter and longer words on as they are
_STEMMED_TO = 64
_MEASURED = re.compile("[aeiouy][^aeiouy]")  # a vowel and then a consonant: Porter's m > 0
_PLAIN = re.compile(r"[a-z0-9]{1,24}")
_HASHED_BYTES = 10
_DIACRITICS = range(0x300, 0x370)


class _Folding(dict[int, str]):
    """Of each character what FTS5 compares: in lower case, Latin letters without diacritics."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = character.casefold()
        if len(folded) != 1:
            folded = character.lower()
        base = unicodedata.normalize("NFD", folded)[:1]
        if base.isascii() and base.isalpha():
            folded = base
        elif code in _DIACRITICS:
            folded = ""
        self[code] = folded
        return folded


_FOLDED = _Folding()
_local = threading.local()


def stems(text: str) -> list[str]:
    """The stem of each word, in the order of the text."""
    return [_stem(word) for word in _words(text)]


def phrase(text: str) -> Phrase:
    return tuple(stems(text))


def terms_of(title: str, text: str) -> str:
    """What Milvus indexes of a passage: its stems, and its pairs of telling neighbours."""
    return " ".join(term for part in (title, text) for term in _terms(part))


def terms(phrases: Sequence[Phrase]) -> list[str]:
    """What Milvus is asked for: each phrase as a term; a longer one as its pairs."""
    return [
        made
        for one in phrases
        for made in ([term(one)] if len(one) < 3 else [term(pair) for pair in pairwise(one)])
    ]


def term(one: Phrase) -> str:
    """ASCII letters and digits, whatever the words are."""
    if len(one) == 1 and _PLAIN.fullmatch(one[0]):
        return one[0]
    return _hashed(one)


@lru_cache(maxsize=100_000)
def _hashed(one: Phrase) -> str:
    digest = hashlib.sha256(" ".join(one).encode("utf-8", "replace")).hexdigest()
    return f"h{digest[: 2 * _HASHED_BYTES]}{len(one)}"


def _terms(text: str) -> Iterator[str]:
    words = _words(text)
    found = [_stem(word) for word in words]
    yield from (term((stem,)) for stem in found)
    telling = [word not in STOP_WORDS for word in words]
    for at, pair in enumerate(pairwise(found)):
        if telling[at] and telling[at + 1]:
            yield term(pair)


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower() if text.isascii() else text.translate(_FOLDED))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    encoded = word.encode("utf-8", "replace")
    if not _STEMMED_FROM <= len(encoded) <= _STEMMED_TO:
        return word
    # FTS5 stems bytes, and takes each that is no letter of ASCII for a consonant.
    stem = str(_stemmer().stemWord(encoded.decode("latin-1")))
    # It has two of the later additions to Porter's algorithm.
    if stem.endswith("logi") and _MEASURED.search(stem[:-4]):
        stem = stem[:-1]
    elif stem.endswith("bli") and _MEASURED.search(stem[:-3]):
        stem = str(_stemmer().stemWord(stem[:-1] + "e"))
    return stem.encode("latin-1").decode("utf-8", "replace")


def _stemmer() -> Any:
    """One per thread: it keeps state."""
    if not hasattr(_local, "stemmer"):
        import Stemmer

        _local.stemmer = Stemmer.Stemmer("porter", 0)
    return _local.stemmer
