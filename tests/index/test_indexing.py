"""Files come in, change, fail and go."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from index.documents import Document, Origin
from index.errors import CorruptIndex, DiskFull, EmbedderMismatch, UnknownDocument
from index.indexing import Indexer, Source, site
from index.loaders import LoadedFile
from index.outcomes import Indexed, Outcome
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.libraries import damage, everything, indexer_of, passage_texts

STORY = "The Rhine flows north.\n\nLeave a Reply\n\nThe Danube flows east."


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def outcomes(indexer: Indexer, *paths: Path) -> list[Outcome]:
    return [indexed.outcome for indexed in indexer.add(paths)]


def file_of(origin: str, *documents: Document, sha256: str = "0" * 64) -> Source:
    """A file that holds several documents, as an archive does."""
    return Source(origin, lambda: LoadedFile(Origin(origin, sha256), documents, ()))


def member(origin: str, name: str, text: str) -> Document:
    return Document(f"{origin}!/{name}", name, text, "text/plain")


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
    done = [indexer.add_document(each).outcome for each in (document, dated, dated)]
    assert done == [Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED]


def test_a_file_that_fails_does_not_stop_the_others(indexer, store, story, tmp_path):
    empty, missing = write(tmp_path / "empty.md", " "), tmp_path / "none.html"
    done = list(indexer.add([empty, missing, story]))
    assert [indexed.outcome for indexed in done] == ["failed", "failed", "added"]
    assert done[0].reason == f"{empty}: it holds no text"
    assert done[1].reason == f"{missing}: it cannot be read: No such file or directory"
    assert done[2].reason == ""
    assert [indexed.name for indexed in done] == [str(empty), str(missing), str(story)]
    assert (done[2].passages, done[2].ids) == (2, (1,))
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
        assert indexer.remove(name) == [known.id]
        assert store.count() == (0, 0)
        write(story, STORY)


def test_removing_an_unknown_source(indexer, store, story):
    list(indexer.add([story]))
    with pytest.raises(UnknownDocument, match=r"No document has the source 'other\.txt'"):
        indexer.remove("other.txt")
    assert store.count() == (1, 2)


def test_all_documents_of_a_file_are_removed_by_its_path(indexer, store, story, tmp_path):
    origin = str(tmp_path / "all.zip")
    texts = [member(origin, name, f"It is {name}.") for name in "abc"]
    (added,) = indexer.bring([file_of(origin, *texts)])
    list(indexer.add([story]))
    assert indexer.remove(origin) == list(added.ids)
    assert [summary.source for summary in store.documents()] == [str(story)]


def test_a_mail_is_removed_with_what_was_attached_to_it(indexer, store, tmp_path):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "jane@example.org", "Plans"
    mail.set_content("See below.")
    mail.add_attachment("The bridge costs five million.", filename="plans.txt")
    path = tmp_path / "mail.eml"
    path.write_bytes(mail.as_bytes())
    (added,) = indexer.add([path])
    assert len(added.ids) == 2
    assert indexer.remove(f"{path}!/plans.txt") == [added.ids[1]]
    (path.with_suffix(".txt")).write_bytes(mail.as_bytes())
    (added,) = indexer.add([path.with_suffix(".txt")])
    assert indexer.remove(str(path.with_suffix(".txt"))) == list(added.ids)
    assert [summary.source for summary in store.documents()] == [str(path)]


def test_a_removed_document_needs_no_embedder(store, embedder, story):
    list(indexer_of(store, embedder).add([story]))
    other = indexer_of(store, HashingEmbedder("other", 32))
    assert list(other.remove_origins([str(story), "/none.txt"])) == [
        Indexed(str(story), Outcome.REMOVED)
    ]
    assert store.count() == (0, 0)


def test_the_members_of_a_file_are_compared_one_by_one(indexer, store, embedder):
    first = [member("/all.zip", name, f"It is {name}.") for name in "abc"]
    (added,) = indexer.bring([file_of("/all.zip", *first)])
    assert (added.outcome, added.passages) == (Outcome.ADDED, 3)
    embedder.embedded.clear()
    second = [first[0], member("/all.zip", "b", "It is new."), member("/all.zip", "d", "Added.")]
    (updated,) = indexer.bring([file_of("/all.zip", *second)])
    assert updated.outcome == Outcome.UPDATED
    assert updated.ids[:2] == added.ids[:2]
    assert [summary.title for summary in store.documents()] == ["a", "b", "d"]
    assert sorted(embedder.embedded) == ["Added.", "It is new."]
    assert store.generation() == 2


def test_a_renamed_file_keeps_its_ids_and_embeds_nothing(indexer, store, embedder):
    texts = [(name, f"It is {name}.") for name in "abc"]
    (added,) = indexer.bring([file_of("/old.zip", *(member("/old.zip", *text) for text in texts))])
    embedder.embedded.clear()
    renamed = file_of("/new.zip", *(member("/new.zip", *text) for text in texts))
    source = Source(renamed.name, renamed.load, renamed_from="/old.zip")
    (done,) = indexer.bring([source])
    assert (done.outcome, done.ids) == (Outcome.RENAMED, added.ids)
    assert embedder.embedded == []
    assert [summary.source for summary in store.documents()] == [f"/new.zip!/{n}" for n in "abc"]
    assert store.of_origin("/old.zip") == {}


def test_a_file_that_comes_twice_is_what_came_last(indexer, store):
    first, second = (
        file_of("/a.txt", Document("/a.txt", "A", text, "text/plain")) for text in ("One.", "Two.")
    )
    assert [done.outcome for done in indexer.bring([first, second])] == ["added", "updated"]
    assert [store.document(d.id).text for d in store.documents()] == ["Two."]


def test_exact_copies_are_embedded_once(indexer, embedder, tmp_path):
    paths = [write(tmp_path / f"{number}.txt", STORY) for number in range(3)]
    assert outcomes(indexer, *paths) == [Outcome.ADDED] * 3
    assert sorted(embedder.embedded) == ["The Danube flows east.", "The Rhine flows north."]


def test_files_are_committed_in_batches_and_told_once_they_are(indexer, store, monkeypatch):
    monkeypatch.setattr("index.indexing._BATCH_PASSAGES", 3)
    documents = [
        Document(f"/{n}.txt", "T", f"Sentence number {n}.", "text/plain") for n in range(7)
    ]
    held = []
    for indexed in indexer.bring(file_of(d.source, d) for d in documents):
        assert store.find(indexed.name) is not None
        held.append(store.count()[0])
    assert held == [3, 3, 3, 6, 6, 6, 7]
    assert store.generation() == 3


def test_one_file_that_cannot_be_stored_does_not_leave_its_batch_half_stored(
    indexer, store, embedder, monkeypatch
):
    documents = [Document(f"/{n}.txt", "T", f"Number {n}.", "text/plain") for n in range(3)]
    put = Store._put

    def failing(*arguments: object) -> int:
        if arguments[1].document.source == "/2.txt":
            raise DiskFull("no room")
        return put(*arguments)

    monkeypatch.setattr(Store, "_put", failing)
    with pytest.raises(DiskFull):
        list(indexer.bring(file_of(d.source, d) for d in documents))
    assert store.count() == (0, 0)
    assert store.generation() == 0


def test_another_embedder_is_refused(store, embedder, story, tmp_path):
    list(indexer_of(store, embedder).add([story]))
    second = write(tmp_path / "second.txt", "The Elbe flows north.")
    before = everything(store.folder)
    with pytest.raises(EmbedderMismatch, match="the settings say other"):
        list(indexer_of(store, HashingEmbedder("other", 32)).add([second]))
    assert everything(store.folder) == before


def pages(count: int, first: int = 0) -> list[Document]:
    """Pages of one site: the same line at the top of each, above a text of its own."""
    return [
        Document(
            f"https://example.org/{number}",
            f"Page {number}",
            f"The Example Herald, independent since 1901\n\n{_own(number)}",
            "text/plain",
        )
        for number in range(first, first + count)
    ]


def _own(number: int) -> str:
    words = [f"{chr(97 + (number * 7 + n * 3) % 26)}{number}w{n}" for n in range(14)]
    return f"It says {' '.join(words)}."


def bring(indexer: Indexer, documents: list[Document]) -> None:
    list(indexer.bring(file_of(d.source, d) for d in documents))


def searched(store: Store) -> str:
    return "\n".join(text for d in store.documents() for text in passage_texts(store, d.id))


def test_a_line_that_proves_to_be_its_sites_is_no_longer_searched(indexer, store):
    bring(indexer, pages(2))
    assert searched(store).count("Herald") == 2
    bring(indexer, pages(1, first=2))
    assert "Herald" not in searched(store)
    assert searched(store).count("It says") == 3
    bring(indexer, pages(1, first=3))
    assert "Herald" not in searched(store)


def test_a_line_that_proves_to_be_its_sites_is_taken_from_all_of_a_large_batch(indexer, store):
    """The store notes only some of the documents that share a line."""
    bring(indexer, pages(60))
    assert store.count()[0] == 60
    assert "Herald" not in searched(store)


def test_marking_anew_embeds_only_what_is_new(indexer, embedder):
    bring(indexer, pages(2))
    embedder.embedded.clear()
    bring(indexer, pages(1, first=2))
    assert len(embedder.embedded) == 4  # the third page as it came, and three without the line
    embedder.embedded.clear()
    bring(indexer, pages(1, first=3))
    assert embedder.embedded == [_own(3)]


def test_a_damaged_document_does_not_keep_others_of_its_site_out(indexer, store):
    bring(indexer, pages(2))
    damage(store.folder, "UPDATE documents SET title = 'x' WHERE id = 1")
    indexer.store = Store(store.folder)  # one that has not read it yet
    bring(indexer, pages(1, first=2))
    assert store.count()[0] == 3
    with pytest.raises(CorruptIndex):
        indexer.store.document(1)
    assert "Herald" not in "".join(passage_texts(store, 2) + passage_texts(store, 3))
    indexer.store.close()


def test_where_nothing_tells_whose_page_it_is_no_line_is_a_sites(indexer, store):
    documents = [Document(f"upload:{d.title}.txt", d.title, d.text, "text/plain") for d in pages(5)]
    bring(indexer, documents)
    assert searched(store).count("Herald") == 5


def test_furniture_is_searched_if_the_setting_says_so(store, embedder, story):
    indexer = indexer_of(store, embedder, mark_furniture=False)
    list(indexer.add([story]))
    bring(indexer, pages(4))
    assert "Leave a Reply" in searched(store)
    assert searched(store).count("Herald") == 4


@pytest.mark.parametrize(
    ("source", "whose"),
    [
        ("https://www.example.org/a/b?c", "example.org"),
        ("http://EXAMPLE.org:8080/", "example.org"),
        ("/home/otto/a.txt", "/home/otto"),
        ("/home/otto/a.zip!/b/c.txt", "/home/otto/a.zip!/b"),
        ("upload:a.txt", ""),
        ("text:a/b", ""),
        ("http://[", ""),
        ("text: see http://[::1", ""),
    ],
)
def test_a_site_is_a_host_or_a_folder(source, whose):
    assert site(source) == whose
