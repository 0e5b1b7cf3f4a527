"""The reader: finds the span of a passage that answers a question, or says that none does.

A span's logit is the sum of its start and end logits; the ``[CLS]`` pair is the no-answer logit,
as in SQuAD 2.0 (Rajpurkar et al. 2018; Devlin et al. 2019).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.errors import ModelMissing
from index.lines import paragraphs
from index.parallel import processors, run_each
from qa.errors import QuestionTooLong

Logits = NDArray[np.float32]

_UNREAD: tuple[Logits, Logits] = (np.zeros(0, np.float32), np.zeros(0, np.float32))

MODEL_FILE = "model.onnx"
SPECIAL_TOKENS = 3  # [CLS] question [SEP] passage [SEP]


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A candidate answer: offsets in the passage's text, in code points, and its logit."""

    passage_start: int
    passage_end: int
    logit: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in one passage: spans that do not overlap, best first."""

    spans: tuple[PassageSpan, ...]
    no_answer_logit: float


class Reader(Protocol):
    """Anything that extracts spans; tests use a deterministic one."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str:
        """Tells its weights from others; a calibration belongs to one."""
        ...

    def warm_up(self) -> None: ...

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]: ...


@dataclass(frozen=True, slots=True)
class _Window:
    """A run of a passage's tokens that fits into the model beside the question."""

    passage: int
    ids: list[int]
    offsets: list[tuple[int, int]]
    words: list[int | None]


class OnnxReader:
    """A BERT-shaped span model in ONNX, run by onnxruntime on the CPU.

    Args:
        folder: holds ``model.onnx`` and ``tokenizer.json``.
        max_tokens: longest input in tokens, question and special tokens included.
        max_question_tokens: a longer question raises `QuestionTooLong`.
        stride_tokens: overlap of two windows of one passage.
        max_answer_tokens: longest span in tokens.
        spans_per_passage: how many spans a `Reading` holds at most.
        threads: windows read at a time; 0 means one for each processor.
        model_file: name of the model in ``folder``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_tokens: int,
        max_question_tokens: int,
        stride_tokens: int,
        max_answer_tokens: int,
        spans_per_passage: int,
        threads: int,
        model_file: str = MODEL_FILE,
    ) -> None:
        if max_tokens - max_question_tokens - SPECIAL_TOKENS <= stride_tokens:
            raise ValueError(
                f"max_tokens={max_tokens} leaves no room for a passage beside "
                f"max_question_tokens={max_question_tokens} and stride_tokens={stride_tokens}"
            )
        self.folder = folder
        self.max_tokens = max_tokens
        self.max_question_tokens = max_question_tokens
        self.stride_tokens = stride_tokens
        self.max_answer_tokens = max_answer_tokens
        self.spans_per_passage = spans_per_passage
        self.threads = threads or processors()
        self.model_file = model_file
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None
        self._inputs: set[str] = set()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def version(self) -> str:
        with (self.folder / self.model_file).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]

    def warm_up(self) -> None:
        """Load the weights and run them once. Raises `ModelMissing` if a file is not there."""
        for file in (self.model_file, "tokenizer.json"):
            if not (self.folder / file).is_file():
                raise ModelMissing(f"The reader's file {self.folder / file} does not exist.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Without VNNI instructions int8 products overflow 16 bits, unless told to take more care.
        options.add_session_config_entry("session.x64quantprecision", "1")
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._session = onnxruntime.InferenceSession(
            str(self.folder / self.model_file), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {each.name for each in self._session.get_inputs()}
        self.read("warm up?", ["The reader is warm."])

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read one question against all passages; a `Reading` per passage."""
        if not passages:
            return []
        question_ids = self._question_ids(question)
        found: list[list[PassageSpan]] = [[] for _ in passages]
        no_answer = [np.inf] * len(passages)
        first = len(question_ids) + SPECIAL_TOKENS - 1
        for window, (start, end) in self._run(question_ids, self._windows(question_ids, passages)):
            length = len(window.ids)
            no_answer[window.passage] = min(no_answer[window.passage], float(start[0] + end[0]))
            lines = _paragraph_numbers(passages[window.passage], window.offsets)
            found[window.passage] += self._best_spans(
                window, lines, start[first : first + length], end[first : first + length]
            )
        return [
            Reading(
                tuple(_whole(passage, s) for s in _drop_overlaps(spans, self.spans_per_passage)),
                float(logit),
            )
            for passage, spans, logit in zip(passages, found, no_answer, strict=True)
        ]

    def _loaded(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        if self._session is None or self._tokenizer is None:
            self.warm_up()
        assert self._session is not None and self._tokenizer is not None
        return self._session, self._tokenizer

    def _question_ids(self, question: str) -> list[int]:
        _, tokenizer = self._loaded()
        ids: list[int] = tokenizer.encode(question, add_special_tokens=False).ids
        if len(ids) > self.max_question_tokens:
            raise QuestionTooLong(
                f"The question has {len(ids)} tokens; at most {self.max_question_tokens} "
                "can be read. Ask it in fewer words."
            )
        return ids

    def _windows(self, question_ids: list[int], passages: Sequence[str]) -> list[_Window]:
        _, tokenizer = self._loaded()
        room = self.max_tokens - len(question_ids) - SPECIAL_TOKENS
        encodings = tokenizer.encode_batch(list(passages), add_special_tokens=False)
        return [
            window
            for number, encoding in enumerate(encodings)
            for window in _cut(number, encoding, room, self.stride_tokens)
        ]

    def _run(
        self, question_ids: list[int], windows: Sequence[_Window]
    ) -> list[tuple[_Window, tuple[Logits, Logits]]]:
        """Each window with its logits, several read at a time."""
        logits: list[tuple[Logits, Logits]] = [_UNREAD] * len(windows)

        def work(place: int) -> None:
            logits[place] = self._logits(question_ids, windows[place])

        run_each(work, len(windows), self.threads)
        return list(zip(windows, logits, strict=True))

    def _logits(self, question_ids: list[int], window: _Window) -> tuple[Logits, Logits]:
        """Start and end logits of a window's tokens, question and special tokens included.

        Each window is run by itself: int8 activations share one scale per run, so in a padded
        batch a window's logits would depend on which others happen to stand beside it. It
        costs no time either: nothing is padded.
        """
        session, tokenizer = self._loaded()
        cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        assert cls is not None and sep is not None
        head = [cls, *question_ids, sep]
        ids = np.array([[*head, *window.ids, sep]], dtype=np.int64)
        types = np.zeros_like(ids)
        types[0, len(head) :] = 1
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        starts, ends = session.run(
            ["start_logits", "end_logits"],
            {name: array for name, array in inputs.items() if name in self._inputs},
        )
        return starts[0], ends[0]

    def _best_spans(
        self, window: _Window, lines: NDArray[np.int64], starts: Logits, ends: Logits
    ) -> list[PassageSpan]:
        """The window's best spans by joint logit, of whole words, none across paragraphs."""
        if not window.ids:
            return []
        opens, closes = _word_edges(window.words)
        starts = np.where(opens, starts, -np.inf)
        ends = np.where(closes, ends, -np.inf)
        joint = starts[:, None] + ends[None, :]
        length = np.arange(len(window.ids))[None, :] - np.arange(len(window.ids))[:, None]
        joint[(length < 0) | (length >= self.max_answer_tokens)] = -np.inf
        joint[lines[:, None] != lines[None, :]] = -np.inf
        flat = joint.ravel()
        keep = min(flat.size, 20 * self.spans_per_passage)
        best = np.argpartition(-flat, keep - 1)[:keep]
        best = best[np.argsort(-flat[best], kind="stable")]
        return [
            PassageSpan(window.offsets[i][0], window.offsets[j][1], float(joint[i, j]))
            for i, j in (divmod(int(k), len(window.ids)) for k in best)
            if np.isfinite(joint[i, j])
        ]


def _cut(passage: int, encoding: Encoding, room: int, stride: int) -> list[_Window]:
    """Windows of at most ``room`` tokens, each sharing ``stride`` tokens with the one before."""
    windows = []
    start = 0
    while True:
        stop = min(start + room, len(encoding.ids))
        windows.append(
            _Window(
                passage,
                encoding.ids[start:stop],
                encoding.offsets[start:stop],
                encoding.word_ids[start:stop],
            )
        )
        if stop == len(encoding.ids):
            return windows
        start = stop - stride


def _paragraph_numbers(text: str, offsets: list[tuple[int, int]]) -> NDArray[np.int64]:
    """For each token the number of the paragraph that it stands in."""
    starts = [paragraph.start for paragraph in paragraphs(text)]
    return np.searchsorted(starts, [start for start, _ in offsets], side="right")


def _word_edges(words: list[int | None]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tokens open and which close a word, so that no span cuts one in two."""
    count = len(words)
    opens = [i == 0 or words[i] != words[i - 1] for i in range(count)]
    closes = [i == count - 1 or words[i] != words[i + 1] for i in range(count)]
    return np.array(opens), np.array(closes)


def _drop_overlaps(spans: list[PassageSpan], limit: int) -> list[PassageSpan]:
    kept: list[PassageSpan] = []
    for span in sorted(spans, key=lambda span: -span.logit):
        if len(kept) == limit:
            break
        if all(
            span.passage_end <= other.passage_start or other.passage_end <= span.passage_start
            for other in kept
        ):
            kept.append(span)
    return kept


def _whole(passage: str, span: PassageSpan) -> PassageSpan:
    """With the marks on its last letter: the tokenizer strips them and does not count them in."""
    end = span.passage_end
    while end < len(passage) and unicodedata.category(passage[end]).startswith("M"):
        end += 1
    return replace(span, passage_end=end)
