"""The reader: finds the span of a passage that answers a question, or says that none does.

A span's logit is the sum of its start and end logits; the ``[CLS]`` pair is the no-answer logit,
as in SQuAD 2.0 (Rajpurkar et al. 2018; Devlin et al. 2019).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from index.errors import ModelMissing
from index.onnx_session import session_options
from index.parallel import Presence, processors, run_each
from qa.errors import QuestionTooLong
from qa.spans import Logits, PassageSpan, best_spans, drop_overlaps, whole
from qa.windows import Tokens, Window, tokens, windows

__all__ = ["MODEL_FILE", "OnnxReader", "PassageSpan", "Reader", "Reading"]

MODEL_FILE = "model.onnx"
TOKENS_KEPT = 2_000  # passages; some 8 kB each
SPECIAL_TOKENS = 3  # [CLS] question [SEP] passage [SEP]
# A window is some 60 small products, and at each the threads wait for each other: more of them
# should stop paying soon. Measured with two; four is a guess.
MOST_THREADS_ON_ONE = 4


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
class _Model:
    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    inputs: frozenset[str]
    cls: int
    sep: int


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
        self._model: _Model | None = None
        self._shared: onnxruntime.InferenceSession | None = None
        self._shared_lock = Lock()
        self._reading_now = Presence()
        # By the text itself: whatever becomes of the library, the same text has these tokens.
        self._tokens = lru_cache(maxsize=TOKENS_KEPT)(self._encoded)

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def version(self) -> str:
        with (self.folder / self.model_file).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]

    def warm_up(self) -> None:
        """Load the weights and run them once. Raises `ModelMissing` if a file is not there."""
        for file in (self.model_file, "tokenizer.json"):
            if not (self.folder / file).is_file():
                raise ModelMissing(f"The reader's file {self.folder / file} does not exist.")
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        session = self._session(threads=1)
        inputs = frozenset(each.name for each in session.get_inputs())
        cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        assert cls is not None and sep is not None
        self._model = _Model(session, tokenizer, inputs, cls, sep)
        self._reading(session, self._question_ids("warm up?"), "The reader is warm.")

    def _session(self, threads: int) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(
            str(self.folder / self.model_file),
            session_options(threads),
            providers=["CPUExecutionProvider"],
        )

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read one question against all passages; a `Reading` per passage.

        Each passage is read by itself, from its tokens to its spans, and on one thread: what is
        found in it does not depend on what is read beside it, nothing is padded, and no thread
        waits for another. A text that stands there twice is read once. Where there is but one to
        read, and nothing else is read meanwhile, the threads share its work.
        """
        if not passages:
            return []
        question_ids = self._question_ids(question)
        # The longest first, so that no thread is left with a long one when the others are done.
        texts = sorted(dict.fromkeys(passages), key=len, reverse=True)
        readings: dict[str, Reading] = {}
        with self._reading_now as present:
            alone = len(texts) == 1 and present == 1 and self.threads > 1
            session = self._shared_session() if alone else self._loaded().session

            def work(place: int) -> None:
                readings[texts[place]] = self._reading(session, question_ids, texts[place])

            run_each(work, len(texts), self.threads)
        return [readings[text] for text in passages]

    def _shared_session(self) -> onnxruntime.InferenceSession:
        """One whose threads work on one window together; loaded when first wanted (50 MB)."""
        with self._shared_lock:
            if self._shared is None:
                self._shared = self._session(min(self.threads, MOST_THREADS_ON_ONE))
            return self._shared

    def _loaded(self) -> _Model:
        if self._model is None:
            self.warm_up()
        assert self._model is not None
        return self._model

    def _question_ids(self, question: str) -> list[int]:
        ids: list[int] = self._loaded().tokenizer.encode(question, add_special_tokens=False).ids
        if len(ids) > self.max_question_tokens:
            raise QuestionTooLong(
                f"The question has {len(ids)} tokens; at most {self.max_question_tokens} "
                "can be read. Ask it in fewer words."
            )
        return ids

    def _reading(
        self, session: onnxruntime.InferenceSession, question_ids: list[int], passage: str
    ) -> Reading:
        spans: list[PassageSpan] = []
        no_answer = float("inf")
        first = len(question_ids) + SPECIAL_TOKENS - 1
        for window in self._windows(question_ids, passage):
            start, end = self._logits(session, question_ids, window)
            no_answer = min(no_answer, float(start[0] + end[0]))
            spans += best_spans(
                window,
                start[first : first + len(window)],
                end[first : first + len(window)],
                max_tokens=self.max_answer_tokens,
                count=self.spans_per_passage,
            )
        kept = drop_overlaps(spans, self.spans_per_passage)
        return Reading(tuple(whole(passage, span) for span in kept), no_answer)

    def _windows(self, question_ids: list[int], passage: str) -> list[Window]:
        room = self.max_tokens - len(question_ids) - SPECIAL_TOKENS
        return list(windows(self._tokens(passage), room, self.stride_tokens))

    def _encoded(self, passage: str) -> Tokens:
        # A batch of one: `encode` keeps the interpreter's lock, and the other threads waiting.
        encoded = self._loaded().tokenizer.encode_batch([passage], add_special_tokens=False)
        return tokens(passage, encoded[0])

    def _logits(
        self, session: onnxruntime.InferenceSession, question_ids: list[int], window: Window
    ) -> tuple[Logits, Logits]:
        """Start and end logits of a window's tokens, question and special tokens included.

        Each window is run by itself: int8 activations share one scale per run, so in a padded
        batch a window's logits would depend on which others happen to stand beside it.
        """
        model = self._loaded()
        head = [model.cls, *question_ids, model.sep]
        ids = np.concatenate([head, window.ids, [model.sep]])[None]
        types = np.zeros_like(ids)
        types[0, len(head) :] = 1
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        starts, ends = session.run(
            ["start_logits", "end_logits"],
            {name: array for name, array in inputs.items() if name in model.inputs},
        )
        return starts[0], ends[0]
