"""Answers that were given, as long as the library is what it was when they were given."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from index.documents import Filters
from index.retrieval import Retrieval
from qa.answers import AnswerSet, Question
from qa.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """All that an answer depends on besides the library and the models."""

    question: Question
    limit: int
    filters: Filters | None
    settings: Settings


@dataclass(frozen=True, slots=True)
class Given:
    """What was searched for, what was found, and the answer."""

    searched: str
    retrieval: Retrieval
    result: AnswerSet


class Remembered:
    """The latest answers of one state of the library.

    The state is the token that the store gives to each generation: no change leads to an old one,
    nor does a library that is put back to an earlier state get on to the same.

    Args:
        most: as many are kept; the one that was not asked for longest goes first.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._state = ""
        self._given: OrderedDict[Asked, Given] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, state: str, asked: Asked) -> Given | None:
        with self._lock:
            if not state or state != self._state:
                return None
            given = self._given.get(asked)
            if given is not None:
                self._given.move_to_end(asked)
            return given

    def put(self, state: str, asked: Asked, given: Given) -> None:
        """Remember it, and forget what was said of another state."""
        if not state or not self.most:
            return
        with self._lock:
            if state != self._state:
                self._given.clear()
                self._state = state
            self._given[asked] = given
            self._given.move_to_end(asked)
            while len(self._given) > self.most:
                self._given.popitem(last=False)

    def __len__(self) -> int:
        return len(self._given)
