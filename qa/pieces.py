"""A text's tokens put together from those of its words, which are remembered.

The tokenizer of a BERT-shaped model looks at nothing beyond white space: what stands between two
blanks has the same tokens in every text. Texts of one language share most of such pieces, so the
tokenizer is asked for the rest alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from tokenizers import Encoding, Tokenizer

from qa.windows import Ints, Tokens, paragraph_numbers

KEPT = 30_000  # pieces; some 500 bytes each
_LONGEST = 50  # characters of a piece that is kept

# Of a piece's tokens the ids, starts, ends and word numbers, then how many words it has.
_Numbers = tuple[int, ...]
_Piece = tuple[_Numbers, _Numbers, _Numbers, _Numbers, int]


class Pieces:
    """Cuts texts into tokens as ``tokenizer`` does; may be used by several threads.

    Args:
        tokenizer: splits at blanks and line ends at the latest; neither cuts off nor fills up.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, _Piece] = {}

    def tokens(self, text: str) -> Tokens:
        parts = text.replace("\n", " ").split(" ")
        try:
            found = list(map(self._known.__getitem__, parts))
        except KeyError:
            found = self._with_new(parts)
        ids, starts, ends, words, many = zip(*found, strict=True)
        counts = _array(map(len, ids), len(parts))
        total = int(counts.sum())
        places = np.repeat(_before(_array(map(len, parts), len(parts)) + 1), counts)
        starts_at = _array(chain.from_iterable(starts), total) + places
        return Tokens(
            _array(chain.from_iterable(ids), total),
            starts_at,
            _array(chain.from_iterable(ends), total) + places,
            _array(chain.from_iterable(words), total)
            + np.repeat(_before(_array(many, len(parts))), counts),
            paragraph_numbers(text, starts_at),
        )

    def _with_new(self, parts: Sequence[str]) -> list[_Piece]:
        known = self._known
        new = list({part for part in parts if part not in known})
        # In one batch: `encode` keeps the interpreter's lock, and the other threads waiting.
        encoded = self._tokenizer.encode_batch(new, add_special_tokens=False)
        made = {part: _piece(encoding) for part, encoding in zip(new, encoded, strict=True)}
        found = [made[part] if part in made else known[part] for part in parts]
        if len(known) + len(made) > KEPT:
            self._known = known = {}  # a new one: another thread may still look into the old
        known.update((part, piece) for part, piece in made.items() if len(part) <= _LONGEST)
        return found


def _piece(encoding: Encoding) -> _Piece:
    words = tuple(word or 0 for word in encoding.word_ids)  # None is for tokens that are added
    starts, ends = zip(*encoding.offsets, strict=True) if words else ((), ())
    return tuple(encoding.ids), starts, ends, words, words[-1] + 1 if words else 0


def _array(values: Iterable[int], count: int) -> Ints:
    return np.fromiter(values, np.int64, count)


def _before(sizes: Ints) -> Ints:
    """For each the sum of those before it."""
    return np.cumsum(sizes) - sizes
