"""Files come in, change, fail and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.documents import Document, Span
from index.errors import EmbedderMismatch, UnknownDocument, UnreadableDocument
from index.indexing import Indexer, Outcome, files_under
from index.retrieval import Retriever
from index.store import Store
from tests.conftest import SEEDS
from tests.doubles import HashingEmbedder
from tests.index.libraries import everything, passage_texts

STORY = "The Rhine flows north.\n\nLeave a Reply\n\nThe Danube flows east."


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def outcomes(indexer: Indexer, *paths: Path) -> list[Outcome]:
    return [indexed.outcome for indexed in indexer.add(paths)]


def indexer_with(store: Store, embedder: HashingEmbedder, passage_tokens: int = 40) -> Indexer:
    return Indexer(
        store,
        embedder,
        passage_tokens=passage_tokens,
        overlap_tokens=0,
        max_file_bytes=10_000,
    )


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return write(tmp_path / "story.txt", STORY)


def test_a_file_is_added_with_its_furniture_left_out(indexer, store, embedder, story):
    assert outcomes(indexer, story) == [Outcome.ADDED]
    (summary,) = store.documents()
    assert (summary.source, summary.passages) == (str(story), 2)
    assert store.document(summary.id).text == STORY
    assert embedder.embedded == ["The Rhine flows north.", "The Danube flows east."]
    assert passage_texts(store, summary.id) == embedder.embedded


def test_an_unchanged_file_is_not_embedded_again(indexer, store, embedder, story):
    list(indexer.add([story]))
    embedded, before = list(embedder.embedded), everything(store.folder)
    assert outcomes(indexer, story, story) == [Outcome.UNCHANGED] * 2
    assert embedder.embedded == embedded
    assert everything(store.folder) == before


def test_a_changed_file_replaces_its_document(indexer, store, story):
    list(indexer.add([story]))
    (before,) = store.documents()
    write(story, "The Elbe flows north-west.")
    assert outcomes(indexer, story) == [Outcome.UPDATED]
    (after,) = store.documents()
    assert after.id == before.id
    assert passage_texts(store, after.id) == ["The Elbe flows north-west."]


def test_a_changed_date_alone_is_a_change(indexer):
    document = Document("/a.txt", "Rivers", STORY, "text/plain")
    dated = Document("/a.txt", "Rivers", STORY, "text/plain", "2022-08-11")
    assert indexer.add_document(document) == Outcome.ADDED
    assert indexer.add_document(dated) == Outcome.UPDATED
    assert indexer.add_document(dated) == Outcome.UNCHANGED


def test_a_file_that_fails_does_not_stop_the_others(indexer, store, story, tmp_path):
    empty, missing = write(tmp_path / "empty.md", " "), tmp_path / "none.html"
    done = list(indexer.add([empty, missing, story]))
    assert [indexed.outcome for indexed in done] == ["failed", "failed", "added"]
    assert done[0].reason == f"{empty}: it holds no text"
    assert done[1].reason == f"{missing}: it cannot be read: No such file or directory"
    assert done[2].reason == ""
    assert [indexed.path for indexed in done] == [empty, missing, story]
    assert store.count() == (1, 2)


def test_a_file_that_became_unreadable_keeps_its_document(indexer, store, story):
    list(indexer.add([story]))
    write(story, "")
    assert outcomes(indexer, story) == [Outcome.FAILED]
    assert store.count() == (1, 2)


def test_a_file_of_furniture_alone_is_a_document_without_passages(indexer, store, tmp_path):
    path = write(tmp_path / "empty.txt", "Leave a Reply\n\nPost a Comment")
    assert outcomes(indexer, path) == [Outcome.ADDED]
    assert store.count() == (1, 0)


def test_a_document_is_removed_by_its_source_or_a_path_to_it(
    indexer, store, story, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in (str(story), "story.txt", "./story.txt", "../" + tmp_path.name + "/story.txt"):
        list(indexer.add([Path("story.txt")]))
        (known,) = store.documents()
        story.unlink()
        assert indexer.remove(name) == known.id
        assert store.count() == (0, 0)
        write(story, STORY)


def test_removing_an_unknown_source(indexer, store, story):
    list(indexer.add([story]))
    with pytest.raises(UnknownDocument, match=r"No document has the source 'other\.txt'"):
        indexer.remove("other.txt")
    assert store.count() == (1, 2)


def test_rebuilding_with_other_sizes_keeps_documents_and_changes_passages(store, embedder):
    list(indexer_with(store, embedder, passage_tokens=200).add(sorted(SEEDS.iterdir())))
    before = {summary.id: summary for summary in store.documents()}
    stored = {i: store.document(i) for i in before}
    generation, seen = store.generation(), []
    small = indexer_with(store, embedder, passage_tokens=30)
    small.rebuild(lambda document: seen.append(document.source))
    after = {summary.id: summary for summary in store.documents()}
    assert store.generation() == generation + 1
    assert seen == [summary.source for summary in before.values()]
    assert after.keys() == before.keys()
    for i, summary in after.items():
        assert summary.passages > before[i].passages
        assert store.document(i).text == stored[i].text
        assert store.document(i).content_hash == stored[i].content_hash
        assert all(embedder.count_tokens(text) <= 30 for text in passage_texts(store, i))
    assert {indexed.outcome for indexed in small.add(SEEDS.iterdir())} == {Outcome.UNCHANGED}


def test_rebuilding_marks_the_furniture_anew(indexer, store):
    indexer.add_document(Document("/a.txt", "Rivers", STORY, "text/plain"))
    (summary,) = store.documents()
    assert "Leave a Reply" in " ".join(passage_texts(store, summary.id))
    indexer.rebuild(lambda _: None)
    start = STORY.index("Leave")
    assert store.document(summary.id).furniture == (Span(start, start + len("Leave a Reply")),)
    assert passage_texts(store, summary.id) == STORY.split("\n\nLeave a Reply\n\n")


def test_a_rebuild_that_fails_changes_nothing(indexer, store, story):
    list(indexer.add([story]))
    before = everything(store.folder)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexer.rebuild(interrupt)
    assert everything(store.folder) == before


def test_another_embedder_needs_a_rebuild(indexer, store, story, tmp_path):
    list(indexer.add([story]))
    other = HashingEmbedder("other", dimension=32)
    changed = indexer_with(store, other)
    second = write(tmp_path / "second.txt", "The Elbe flows north.")
    before = everything(store.folder)
    with pytest.raises(EmbedderMismatch, match="the settings say other"):
        list(changed.add([second]))
    assert everything(store.folder) == before
    changed.rebuild(lambda _: None)
    assert store.embedder() == ("other", 32)
    assert outcomes(changed, second) == [Outcome.ADDED]
    retriever = Retriever(store, other, candidates=5, rank_constant=60)
    assert retriever.search("elbe", 1).passages[0].passage.text == "The Elbe flows north."


def test_files_under_folders_are_those_of_a_known_format(tmp_path):
    for name in ("b.txt", "a.MD", "sub/c.html", "d.pdf", ".hidden.txt", ".git/e.txt", "README"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write(path, "Text.")
    (tmp_path / "folder.txt").mkdir()
    assert files_under([tmp_path]) == [tmp_path / name for name in ("a.MD", "b.txt", "sub/c.html")]
    assert files_under([tmp_path / ".git"]) == [tmp_path / ".git" / "e.txt"]


def test_files_that_are_named_are_kept_whatever_they_are(tmp_path):
    named = [write(tmp_path / name, "Text.") for name in ("z.pdf", ".hidden.txt", "a.txt")]
    assert files_under(named) == named


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(UnreadableDocument, match=f"{tmp_path}/none does not exist"):
        files_under([tmp_path, tmp_path / "none"])
