"""Which texts tell of the same story: those that share names and lie near each other in meaning."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from index.documents import Passage
from index.embedding import Vectors
from index.id_bits import Ids
from qa.letters import CAPITAL, SMALL
from qa.names import NO_NAMES
from qa.question_words import names_in, topic_of
from qa.ranking import Candidate
from qa.rivals import tells_of_another
from qa.words import plain, stems

VectorsOf = Callable[[Sequence[int]], tuple[Ids, Vectors]]  # of passages, by their ids

_SHARED_AT_LEAST = 2
_MOST_WORDS = 0.6
# Cosines of the two passages that are nearest, by how much speaks for one story besides.
_NEAR_WITH_NAMES = 0.35
_NEAR_WITH_A_NAME = 0.42
_NEAR_ALONE = 0.5
_CAPITAL = re.compile(rf"\b[{CAPITAL}][^\W\d_]{{2,}}")
_SMALL = re.compile(rf"\b[{SMALL}][^\W\d_]{{2,}}")
# A capital that no sentence begins with; a letter and a comma or another word stand before it.
_NAME_WORD = re.compile(rf"(?<=[\w,;] )[{CAPITAL}][^\W\d_]{{2,}}")


def same_story(
    question: str,
    best: Candidate,
    passages: Sequence[Passage],
    vectors: VectorsOf | None = None,
) -> frozenset[int]:
    """The documents that tell of what the question asks about, as far as they were read.

    They name somebody whom the question names, or hold all words of a question that names nobody,
    or share names with the document of the ``best`` answer; and they are about the same. Texts of
    nobody are of one story only if they are much the same. What names another in the place of
    whom the question names is of another story, however near.

    Args:
        vectors: tells how near passages are; without it names alone decide.
    """
    read = {passage.id: passage for passage in (*passages, best.retrieved.passage)}
    texts: dict[int, list[str]] = defaultdict(list)
    for passage in read.values():
        texts[passage.document_id] += [passage.title, passage.text]
    whole = {document: ". ".join(parts) for document, parts in texts.items()}
    asked = [frozenset(stems(name)) for name in names_in(question)]
    told = frozenset(stems(topic_of(question)))
    known = frozenset().union(*map(_surely_names, whole.values()))
    names = {document: known & _capitals(text) for document, text in whole.items()}
    home = best.retrieved.passage.document_id
    shared = {document: len(names[home] & own) for document, own in names.items()}
    named = {
        document
        for document, text in whole.items()
        if _names_any(asked, text)
        or _tells(told, text, shared[document])
        or shared[document] >= _SHARED_AT_LEAST
    }
    strangers = _strangers(question, home, whole)
    near = _nearest(home, list(read.values()), vectors) if vectors else {}
    if home not in near:
        # Where nobody is named there is nobody whom another story would leave out.
        return frozenset(named if asked or names[home] else whole) - strangers
    return frozenset(
        document
        for document in whole
        if document not in strangers
        and near[document] >= _near_enough(document in named, bool(shared[document]))
    )


def _strangers(question: str, home: int, texts: Mapping[int, str]) -> frozenset[int]:
    """Texts that name another where the text ``home`` names whom the question asks about."""
    asked = names_in(question)
    return frozenset(
        document
        for document, text in texts.items()
        if document != home and tells_of_another(asked, texts[home], text)
    )


def _near_enough(named: bool, shares: bool) -> float:
    """The least cosine of two texts of one story."""
    if named:
        return _NEAR_WITH_NAMES
    return _NEAR_WITH_A_NAME if shares else _NEAR_ALONE


def _nearest(home: int, read: Sequence[Passage], vectors: VectorsOf) -> dict[int, float]:
    """The cosine of the two nearest passages of each document and of ``home``, if they are
    known."""
    ids, rows = vectors([passage.id for passage in read])
    row = {int(passage_id): number for number, passage_id in enumerate(ids)}
    known = [passage for passage in read if passage.id in row]
    own = [row[passage.id] for passage in known if passage.document_id == home]
    if not own:
        return {}
    near: dict[int, float] = dict.fromkeys((p.document_id for p in read), -1.0)
    cosines = (rows @ rows[own].T).max(axis=1)
    for passage in known:
        cosine = float(cosines[row[passage.id]])
        near[passage.document_id] = max(near[passage.document_id], cosine)
    return near


def _tells(asked: frozenset[str], text: str, shared: int) -> bool:
    """Whether a text holds all words of the question, or most where it shares a name as well."""
    held = len(asked & frozenset(stems(text)))
    return held > 0 and held >= (_MOST_WORDS if shared else 1.0) * len(asked)


def _names_any(names: Sequence[frozenset[str]], text: str) -> bool:
    held = frozenset(stems(text)) if names else frozenset()
    return any(name <= held for name in names)


@lru_cache(maxsize=256)
def _surely_names(text: str) -> frozenset[str]:
    """Words of names in a text, but for those that only begin a sentence."""
    return frozenset(map(plain, _NAME_WORD.findall(text))) - NO_NAMES


@lru_cache(maxsize=256)
def _capitals(text: str) -> frozenset[str]:
    """Words that may be names there: not "Steering failed" where it is "the steering" elsewhere."""
    may_be = frozenset(map(plain, _CAPITAL.findall(text)))
    return may_be - (frozenset(map(plain, _SMALL.findall(text))) - _surely_names(text))
