"""The packaged model, and what it refuses."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from index.errors import ModelMissing
from qa.assembly import make_reader
from qa.errors import QuestionTooLong
from qa.reader import OnnxReader, Reading
from qa.settings import Settings

LIMITS = {
    "max_tokens": 384,
    "max_question_tokens": 128,
    "stride_tokens": 96,
    "max_answer_tokens": 30,
    "spans_per_passage": 3,
    "threads": 1,
}
FILLER = "The valley was quiet and nothing of note took place there. "
FACT = "The bridge was built in 1932 by Anna Berg."
QUESTION = "Who built the bridge?"


def test_limits_that_leave_no_room_for_a_passage_are_refused() -> None:
    with pytest.raises(ValueError, match=r"max_tokens=227.*max_question_tokens=128.*=96"):
        OnnxReader(Path("anywhere"), **(LIMITS | {"max_tokens": 227}))
    OnnxReader(Path("anywhere"), **(LIMITS | {"max_tokens": 228}))


def test_missing_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelMissing) as caught:
        OnnxReader(tmp_path, **LIMITS).warm_up()
    assert str(tmp_path / "model.onnx") in str(caught.value)


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(ModelMissing) as caught:
        OnnxReader(tmp_path, **LIMITS).read("Who?", ["Anna."])
    assert str(tmp_path / "tokenizer.json") in str(caught.value)


def test_a_reader_is_named_for_its_folder(tmp_path: Path) -> None:
    assert OnnxReader(tmp_path / "small", **LIMITS).name == "small"


@pytest.fixture(scope="session")
def reader() -> OnnxReader:
    made = make_reader(Settings(threads=1))
    assert isinstance(made, OnnxReader)
    made.warm_up()
    return made


def best(reader: OnnxReader, passage: str, question: str = QUESTION) -> str:
    span = reader.read(question, [passage])[0].spans[0]
    return passage[span.passage_start : span.passage_end]


@pytest.mark.models
def test_a_simple_question_is_answered(reader: OnnxReader) -> None:
    reading = reader.read(QUESTION, [FACT])[0]
    assert best(reader, FACT) == "Anna Berg"
    assert reading.spans[0].logit > reading.no_answer_logit


@pytest.mark.models
def test_a_passage_that_does_not_say_is_told_from_one_that_does(reader: OnnxReader) -> None:
    """By the margin over no answer; the calibration says which margin is enough."""
    silent = ["Otto was born in Oslo and never left.", FILLER]
    said, *others = reader.read(QUESTION, [FACT, *silent])
    margin = said.spans[0].logit - said.no_answer_logit
    assert all(margin > other.spans[0].logit - other.no_answer_logit + 3 for other in others)


@pytest.mark.models
@pytest.mark.parametrize("before", [0, 40, 120])
def test_an_answer_at_the_end_of_a_long_passage_is_found(reader: OnnxReader, before: int) -> None:
    passage = FILLER * before + FACT
    if before == 120:
        assert len(reader._loaded().tokenizer.encode(passage).ids) > 1_000
    span = reader.read(QUESTION, [passage])[0].spans[0]
    assert span.passage_start == len(FILLER) * before + FACT.index("Anna")
    assert span.passage_end == len(passage) - 1


@pytest.mark.models
def test_an_answer_in_every_part_of_a_long_passage_is_found(reader: OnnxReader) -> None:
    for place in (10, 20, 25, 30, 50):
        passage = FILLER * place + FACT + " " + FILLER * (60 - place)
        assert best(reader, passage) == "Anna Berg"


@pytest.mark.models
@pytest.mark.parametrize(
    "before",
    [
        "👩‍👩‍👧‍👦 🇺🇦 😀 ",
        "Cafe\u0301 z\u0338a\u0301lgo\u0323\u0302 ",
        "Straße ﬁ ½ İstanbul ",
        "\u200b\ufeff\xa0 ",
        "橋は静かだった。",
    ],
)
def test_offsets_are_code_points_whatever_stands_before(reader: OnnxReader, before: str) -> None:
    assert best(reader, before + FACT) == "Anna Berg"


@pytest.mark.models
@pytest.mark.parametrize("name", ["Nam\u0323\u0300", "Yo\u0323\u0300q\u0303"])
def test_a_span_does_not_end_between_a_letter_and_its_mark(reader: OnnxReader, name: str) -> None:
    assert best(reader, f"The bridge was built by {name}") == name


@pytest.mark.models
def test_spans_are_slices_that_do_not_overlap_best_first(reader: OnnxReader) -> None:
    passage = "Anna Berg and her brother Otto Lang, of Oslo, built the bridge in 1932."
    spans = reader.read(QUESTION, [passage])[0].spans
    assert 1 < len(spans) <= 3
    assert [s.logit for s in spans] == sorted((s.logit for s in spans), reverse=True)
    places = sorted((span.passage_start, span.passage_end) for span in spans)
    assert all(0 <= start < end <= len(passage) for start, end in places)
    assert all(a[1] <= b[0] for a, b in pairwise(places))


@pytest.mark.models
def test_a_passage_is_read_as_if_it_were_alone(reader: OnnxReader) -> None:
    """To the last bit: nothing that is read beside it has a part in it."""
    passages = [FACT, FILLER + FACT, "In 1950 Otto Lang built the bridge over the Ilz.", FACT]
    alone = [reader.read(QUESTION, [passage])[0] for passage in passages]
    assert reader.read(QUESTION, passages) == alone


@pytest.mark.models
def test_a_passage_is_cut_into_tokens_once(reader: OnnxReader) -> None:
    text = FILLER * 3 + FACT
    first = reader.read(QUESTION, [text])
    before = reader._tokens.cache_info()
    assert reader.read(QUESTION, [text]) == first
    after = reader._tokens.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
    assert reader.read("Who sold the bridge to whom?", [text]) != first


@pytest.mark.models
def test_threads_read_what_one_thread_reads(reader: OnnxReader) -> None:
    passages = [FILLER * n + FACT for n in range(12)]
    several = make_reader(Settings(threads=4))
    assert several.read(QUESTION, passages) == reader.read(QUESTION, passages)


@pytest.mark.models
def test_a_text_that_stands_there_twice_is_read_once(
    reader: OnnxReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reading = reader._reading

    def counted(session: Any, question_ids: list[int], passage: str) -> Reading:
        read.append(passage)
        return reading(session, question_ids, passage)

    monkeypatch.setattr(reader, "_reading", counted)
    first, second, third = reader.read(QUESTION, [FACT, FILLER, FACT])
    assert first == third != second
    assert sorted(read) == sorted([FACT, FILLER])


@pytest.mark.models
def test_the_same_passage_is_read_the_same_wherever_it_stands(reader: OnnxReader) -> None:
    first, _, third = reader.read(QUESTION, [FACT, FILLER, FACT])
    assert first == third


@pytest.mark.models
def test_no_span_reaches_across_paragraphs(reader: OnnxReader) -> None:
    text = "Photo: 112.ua\nNorth Korea has rejected the accusations.\nIt said so in New York."
    for question in ("Who rejected the accusations?", "Where did it say so?", "Whose photo?"):
        spans = reader.read(question, [text])[0].spans
        assert spans
        assert not any("\n" in text[s.passage_start : s.passage_end] for s in spans)


@pytest.mark.models
def test_a_span_may_reach_across_the_lines_of_one_wrapped_paragraph(reader: OnnxReader) -> None:
    text = (
        "The old harbour bridge in the north of the town was opened by Marta\n"
        "Olsen in the spring of 1923, after the war had kept the builders from\n"
        "their work for many years and money had been short for even longer."
    )
    best = reader.read("Who opened the harbour bridge?", [text])[0].spans[0]
    assert text[best.passage_start : best.passage_end] == "Marta\nOlsen"


@pytest.mark.models
def test_nothing_to_read_gives_nothing(reader: OnnxReader) -> None:
    assert reader.read(QUESTION, []) == []
    empty, full = reader.read(QUESTION, ["", FACT])
    assert empty.spans == ()
    assert full.spans


@pytest.mark.models
def test_a_question_of_too_many_tokens_is_refused_with_both_counts(reader: OnnxReader) -> None:
    assert reader.read("why " * 128, [FACT])
    with pytest.raises(QuestionTooLong, match=r"129 tokens.*128"):
        reader.read("why " * 129, [FACT])


@pytest.fixture
def reader_of_two_threads() -> OnnxReader:
    made = make_reader(Settings(threads=2))
    assert isinstance(made, OnnxReader)
    return made


@pytest.mark.models
@pytest.mark.parametrize("filling", [0, 10, 60])
def test_threads_that_share_one_passage_read_what_one_thread_reads(
    reader: OnnxReader, reader_of_two_threads: OnnxReader, filling: int
) -> None:
    passage = FILLER * filling + FACT + " " + FILLER * filling
    assert reader_of_two_threads.read(QUESTION, [passage]) == reader.read(QUESTION, [passage])
    assert reader_of_two_threads._shared is not None and reader._shared is None


@pytest.mark.models
def test_threads_share_a_passage_only_where_they_have_nothing_else_to_do(
    reader_of_two_threads: OnnxReader,
) -> None:
    reader_of_two_threads.read(QUESTION, [FACT, FILLER])
    with reader_of_two_threads._reading_now:  # somebody else's question
        reader_of_two_threads.read(QUESTION, [FACT])
    assert reader_of_two_threads._shared is None
    reader_of_two_threads.read(QUESTION, [FACT, FACT])
    assert reader_of_two_threads._shared is not None
