"""What one training step sees: windows of tokens, grouped by question.

Made anew in each epoch from `training.prepare`'s data: which part of a context, which other
sentences stand around a short one, how the question is typed, which negative, which near miss.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tokenizers import Tokenizer

from training.prepare import Context, Prepared, Question

QUESTION_TOKENS = 64
_STOP_WORDS = (
    *("the", "a", "an", "of", "did", "do", "does", "is", "are", "was", "were"),
    *("in", "on", "at", "to", "for", "by", "has", "have", "had"),
)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of the questions, 0 to 1, and sizes in tokens; each share is a matter of chance.

    Attributes:
        passage_tokens: a window's passage has at most this many, but for ``long_share`` of them,
            which have at most ``long_tokens``.
        negative: this share of the questions comes with retrieved passages without the answer.
        negatives: so many of them, where there are so many.
        deleted: this share is asked once more of its passage without the answer's sentence.
        near_miss: this share is asked once more, changed into a near miss.
        repeat: how often the questions of a source come in an epoch; 1 if not named.
        repeat_unanswerable: the same for those that annotators found unanswerable.
        alone: this share of the single sentences stays without others around it.
        typed: this share of the questions loses its question mark.
        keywords: this share loses its function words too.
        masked: in half of the windows, this share of the tokens outside the answer is hidden.
    """

    passage_tokens: int = 170
    long_share: float = 0.2
    long_tokens: int = 250
    negative: float = 0.2
    negatives: int = 1
    deleted: float = 0.05
    near_miss: float = 0.25
    repeat: Mapping[str, float] = field(default_factory=dict)
    repeat_unanswerable: Mapping[str, float] = field(default_factory=lambda: {"squad_half": 3.0})
    alone: float = 0.5
    typed: float = 0.25
    keywords: float = 0.1
    masked: float = 0.06


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of one input, and the gold spans, first and last token; none if unanswerable."""

    ids: list[int]
    passage_at: int
    spans: list[tuple[int, int]]


Group = list[Window]


class Sampler:
    """Groups of windows; the first window of a group is the question's own."""

    def __init__(self, data: Prepared, tokenizer: Tokenizer, mixture: Mixture) -> None:
        self.data = data
        self.mixture = mixture
        self._cls, self._sep, self._mask, self._mark = (
            tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", "[MASK]", "?")
        )
        self._stop_words = {tokenizer.token_to_id(word) for word in _STOP_WORDS}
        self._short: dict[str, list[int]] = {}
        for number, context in enumerate(data.contexts):
            if context.short:
                self._short.setdefault(context.source, []).append(number)

    def epoch(self, seed: int) -> Iterator[Group]:
        """All questions in a random order, the same for the same seed."""
        chance = random.Random(seed)
        order = [
            number
            for number, question in enumerate(self.data.questions)
            for _ in range(self._repeats(question, chance))
        ]
        chance.shuffle(order)
        for number in order:
            yield from self._groups(self.data.questions[number], chance)

    def _repeats(self, question: Question, chance: random.Random) -> int:
        mixture = self.mixture
        shares = mixture.repeat if question.spans else mixture.repeat_unanswerable
        times = shares.get(self.data.contexts[question.context].source, 1.0)
        return int(times) + (chance.random() < times % 1)

    def _groups(self, question: Question, chance: random.Random) -> Iterator[Group]:
        context = self.data.contexts[question.context]
        asked = self._as_typed(question.ids, chance)
        ids, spans = self._surrounded(context, question.spans, chance)
        group = [self._window(asked, ids, context.sentences, spans, chance)]
        mixture = self.mixture
        if question.spans and question.negatives and chance.random() < mixture.negative:
            count = min(mixture.negatives, len(question.negatives))
            for number in chance.sample(question.negatives, count):
                other = self.data.contexts[number]
                group.append(self._window(asked, other.ids, other.sentences, [], chance))
        yield group
        if question.spans and not context.short and chance.random() < mixture.deleted:
            left = without_answer(context, question.spans)
            if left:
                yield [self._window(asked, left, [], [], chance)]
        if question.near_misses and chance.random() < mixture.near_miss * (
            0.4 if context.short else 1.0
        ):
            kind = chance.choices(
                list(question.near_misses),
                [0.15 if kind == "negation" else 1.0 for kind in question.near_misses],
            )[0]
            if kind != "negation" or chance.random() < 0.25:
                changed = self._as_typed(question.near_misses[kind], chance)
                yield [self._window(changed, ids, context.sentences, [], chance, spans)]

    def _as_typed(self, ids: list[int], chance: random.Random) -> list[int]:
        """As users type: without its question mark, or as keywords."""
        drawn = chance.random()
        mixture = self.mixture
        if drawn < mixture.typed + mixture.keywords and ids and ids[-1] == self._mark:
            ids = ids[:-1]
        if drawn < mixture.keywords:
            ids = [i for i in ids if i not in self._stop_words] or ids
        return ids[:QUESTION_TOKENS]

    def _surrounded(
        self, context: Context, spans: Sequence[tuple[int, int]], chance: random.Random
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """A single sentence among up to four others of its source."""
        if not context.short or chance.random() < self.mixture.alone:
            return context.ids, list(spans)
        others = chance.choices(self._short[context.source], k=chance.randint(1, 4))
        texts = [self.data.contexts[number].ids for number in others]
        place = chance.randint(0, len(texts))
        before = [i for ids in texts[:place] for i in ids]
        after = [i for ids in texts[place:] for i in ids]
        moved = [(start + len(before), end + len(before)) for start, end in spans]
        return [*before, *context.ids, *after], moved

    def _window(
        self,
        question: list[int],
        ids: list[int],
        sentences: Sequence[int],
        spans: Sequence[tuple[int, int]],
        chance: random.Random,
        around: Sequence[tuple[int, int]] = (),
    ) -> Window:
        """Cut around a gold span, or for a near miss around what was one."""
        mixture = self.mixture
        longest = (
            mixture.long_tokens if chance.random() < mixture.long_share else mixture.passage_tokens
        )
        kept = list(spans or around)
        begin = cut(len(ids), longest, sentences, chance.choice(kept) if kept else None, chance)
        piece = ids[begin : begin + longest]
        inside = [(s - begin, e - begin) for s, e in spans if s >= begin and e < begin + longest]
        piece, question = self._hidden(piece, question, inside, chance)
        head = [self._cls, *question, self._sep]
        return Window(
            [*head, *piece, self._sep],
            len(head),
            [(s + len(head), e + len(head)) for s, e in inside],
        )

    def _hidden(
        self,
        piece: list[int],
        question: list[int],
        spans: Sequence[tuple[int, int]],
        chance: random.Random,
    ) -> tuple[list[int], list[int]]:
        share = self.mixture.masked
        if not share or chance.random() < 0.5:
            return piece, question
        piece, question = list(piece), list(question)
        for i in range(len(piece)):
            if chance.random() < share and not any(s - 1 <= i <= e + 1 for s, e in spans):
                piece[i] = self._mask
        if spans and len(question) > 4 and chance.random() < 0.5:
            question[chance.randrange(1, len(question))] = self._mask
        return piece, question


def cut(
    length: int,
    longest: int,
    sentences: Sequence[int],
    span: tuple[int, int] | None,
    chance: random.Random,
) -> int:
    """Where a window of at most ``longest`` tokens begins: it holds the span, where there is
    one that fits, and opens with a sentence, where one opens at a place that allows it."""
    if length <= longest:
        return 0
    lowest, highest = 0, length - longest
    if span is not None:
        lowest, highest = max(0, span[1] + 1 - longest), min(highest, span[0])
    if lowest > highest:
        return lowest
    fitting = [opening for opening in sentences if lowest <= opening <= highest]
    return chance.choice(fitting) if fitting else chance.randint(lowest, highest)


def without_answer(context: Context, spans: Sequence[tuple[int, int]]) -> list[int] | None:
    """The context without the sentences of the answer; None if it still holds the words."""
    edges = [*context.sentences, len(context.ids)]
    left: list[int] = []
    for start, end in pairwise(edges):
        if not any(s < end and e >= start for s, e in spans):
            left += context.ids[start:end]
    text = " ".join(map(str, left))
    answers = [" ".join(map(str, context.ids[s : e + 1])) for s, e in spans]
    if not left or any(answer in text for answer in answers):
        return None
    return left
