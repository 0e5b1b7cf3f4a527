"""What the tests of answering build from: places in texts, and pipelines over doubles."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.documents import Document, Passage, RetrievedPassage, Span
from index.folders import files_under
from index.outcomes import Outcome
from index.store import Store
from qa.answers import AnswerSet
from qa.assembly import make_embedder, make_indexer, make_pipeline, make_retriever
from qa.confidence import FEATURES, Calibrator
from qa.pipeline import Pipeline
from qa.ranking import Candidate, Scored
from qa.settings import Settings
from tests.conftest import SEEDS
from tests.doubles import CapitalReader, HashingEmbedder

# In lower case: the double of the reader answers with the first capitalised word.
BRIDGE = "the harbour bridge was opened by Marta in the spring."
BRIDGE_AGAIN = "as all of Oslo knows, the harbour bridge was opened by Marta."
MILL = "The old mill burned down while Otto slept."


def margin_calibrator() -> Calibrator:
    """A probability of one half where the reader likes a span as much as no answer."""
    count = len(FEATURES)
    weights = np.array([float(name == "margin") for name in FEATURES])
    return Calibrator(np.zeros(count), np.ones(count), weights, 0.0)


def double_pipeline(
    settings: Settings, store: Store, embedder: HashingEmbedder | None = None
) -> Pipeline:
    retriever = make_retriever(settings, store, embedder or HashingEmbedder())
    return Pipeline(store, retriever, CapitalReader(), margin_calibrator(), settings)


def index_seeds(folder: Path) -> None:
    """Index the five texts of seeds/ into ``folder`` with the real model."""
    store = Store(folder, create=True)
    settings = Settings(data=folder)
    indexer = make_indexer(settings, store, make_embedder(settings))
    outcomes = {indexed.outcome for indexed in indexer.add(files_under([SEEDS]))}
    assert outcomes == {Outcome.ADDED}
    store.settle()
    store.close()


def copied_pipeline(library: Path, folder: Path) -> Pipeline:
    """A copy of this library in ``folder``, read with the real models."""
    shutil.copytree(library, folder)
    return make_pipeline(Settings(data=folder))


def document(
    text: str,
    source: str = "/texts/bridge.txt",
    title: str = "A title",
    date: str | None = None,
    furniture: tuple[Span, ...] = (),
) -> Document:
    return Document(source, title, text, "text/plain", date, furniture)


def retrieved(
    text: str,
    *,
    document_id: int = 1,
    offset: int = 0,
    score: float = 0.03,
    cosine: float = 0.5,
    date: str | None = None,
) -> RetrievedPassage:
    """A passage that stands at ``offset`` of its document."""
    passage = Passage(
        id=100 * document_id + offset,
        document_id=document_id,
        title="A title",
        source=f"/texts/{document_id}.txt",
        date=date,
        document_start=offset,
        document_end=offset + len(text),
        text=text,
    )
    return RetrievedPassage(passage, score, cosine, None)


def candidate(item: RetrievedPassage, quote: str, margin: float = 0.0) -> Candidate:
    """The first place of ``quote`` in the passage."""
    start = item.passage.document_start + item.passage.text.index(quote)
    return Candidate(item, Span(start, start + len(quote)), quote, margin, margin)


def scored(item: RetrievedPassage, quote: str, confidence: float) -> Scored:
    return Scored(candidate(item, quote), confidence)


def assert_verbatim(result: AnswerSet, store: Store) -> None:
    """Every quote and every sentence is the slice of the stored text that it says it is."""
    for answer in result.answers:
        assert answer.text == answer.citations[0].quote
        for citation in answer.citations:
            text = store.document(citation.document_id).text
            sentence = citation.sentence
            assert text[citation.document_start : citation.document_end] == citation.quote
            assert text[sentence.start : sentence.end] == sentence.text
            assert sentence.start <= citation.document_start
            assert citation.document_end <= sentence.end
            if said := citation.attribution:
                for piece in (said.speaker, said.verb):
                    assert text[piece.start : piece.end] == piece.text
    for standpoint in result.positions:
        text = store.document(standpoint.citation.document_id).text
        if who := standpoint.who:
            assert text[who.start : who.end] == who.text


def quotes(items: Sequence[Scored]) -> list[str]:
    return [item.candidate.quote for item in items]
