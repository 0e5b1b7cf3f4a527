"""EM and F1 against cases worked out by hand from the official definition; files of all kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.squad import Example, NotSquad, exact, f1, load, load_sets, normalise
from tests.benchmarks.squad_files import article, qa, write

NEWS = article(
    "Foreign_ministry",
    ("Nechaev denied it.", [qa("a", "Who?", "Nechaev", "Nechaev"), qa("b", "When?")]),
)


def test_normalisation_drops_case_punctuation_and_articles() -> None:
    assert normalise('The  "Foreign" Ministry, an office.') == "foreign ministry office"


def test_f1_is_over_bags_of_words() -> None:
    # two of three predicted words are right, two of four gold words are found
    assert f1("deputy director Nechaev", ["Ivan Nechaev deputy head"]) == pytest.approx(4 / 7)


def test_a_word_counts_as_often_as_both_have_it() -> None:
    # one "no" of two: precision 1/2, recall 1/2
    assert f1("no no", ["no never"]) == pytest.approx(1 / 2)


def test_best_gold_answer_counts() -> None:
    assert f1("Nechaev", ["the ministry", "Nechaev"]) == 1.0
    assert exact("nechaev.", ["the ministry", "Nechaev"]) == 1.0


def test_no_answer_is_only_equal_to_no_answer() -> None:
    assert (exact("", []), f1("", [])) == (1.0, 1.0)
    assert (exact("Nechaev", []), f1("Nechaev", [])) == (0.0, 0.0)
    assert f1("", ["Nechaev"]) == 0.0


def test_a_gold_answer_of_which_nothing_remains_does_not_count() -> None:
    assert (exact("a", ["The", "Nechaev"]), f1("a", ["The", "Nechaev"])) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["set.json", "set.json.gz", "set"])
@pytest.mark.parametrize("zipped", [False, True])
def test_files_are_read_plain_and_gzipped_whatever_their_name(
    tmp_path: Path, name: str, zipped: bool
) -> None:
    answerable, unanswerable = load(write(tmp_path / name, NEWS, zipped=zipped))
    assert (answerable.id, answerable.answers) == ("a", ("Nechaev",))
    assert (unanswerable.context, unanswerable.answers) == ("Nechaev denied it.", ())
    assert answerable.title == "Foreign_ministry"


def test_a_numeric_id_becomes_the_text_that_a_predictions_file_has(tmp_path: Path) -> None:
    file = write(tmp_path / "set.json", article("T", ("It rained.", [qa(7, "What?", "rained")])))
    assert [example.id for example in load(file)] == ["7"]


def test_half_a_character_becomes_a_question_mark_and_moves_nothing(tmp_path: Path) -> None:
    rain = article("T\ud800", ("It \ud800 rained.", [qa("a", "Why \udfff?", "rained \ud800")]))
    loaded = load(write(tmp_path / "set.json", rain))[0]
    assert loaded == Example("a", "Why ??", "It ? rained.", ("rained ?",), "T?")


def test_an_empty_answer_is_none(tmp_path: Path) -> None:
    file = write(tmp_path / "set.json", article("T", ("It rained.", [qa("a", "What?", " ")])))
    assert load(file)[0].answers == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b'{"id": 1}\n{"id": 2}\n', "line 2"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"\x1f\x8bnot really", "cannot be read"),
        (b"[]", "the top level is no object but []"),
        (b'{"version": "1.1"}', "the top level has no 'data'"),
        (b'{"data": {}}', "'data' of the top level is no list but {}"),
        (b'{"data": [{"title": "T"}]}', "data[0] has no 'paragraphs'"),
        (b'{"data": [{"paragraphs": [{"qas": []}]}]}', "data[0].paragraphs[0] has no 'context'"),
        (
            json.dumps(
                {"data": [article("T", ("It rained.", [{"id": "a", "question": "What?"}]))]}
            ).encode(),
            "data[0].paragraphs[0].qas[0] has no 'answers'",
        ),
        (
            json.dumps(
                {"data": [article("T", ("It rained.", [{"question": "What?", "answers": []}]))]}
            ).encode(),
            "data[0].paragraphs[0].qas[0] has no 'id'",
        ),
    ],
)
def test_what_is_no_squad_file_is_refused_with_the_place(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "set.json"
    file.write_bytes(content)
    with pytest.raises(NotSquad) as refused:
        load(file)
    assert str(file) in refused.value.message
    assert said in refused.value.message


def test_sets_are_named_after_their_files(tmp_path: Path) -> None:
    other = article("U", ("It snowed.", [qa("c", "What?", "snowed")]))
    files = [write(tmp_path / "one.dev.json.gz", NEWS), write(tmp_path / "two.json", other)]
    assert list(load_sets(files)) == ["one.dev", "two"]


def test_files_of_one_name_are_named_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = article("U", ("It snowed.", [qa("c", "What?", "snowed")]))
    files = [write(tmp_path / "dev.json", NEWS), write(tmp_path / "b" / "dev.json", other)]
    assert list(load_sets(files)) == [str(file) for file in files]


def test_an_id_that_two_questions_have_is_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / "one.json", NEWS), write(tmp_path / "two.json", NEWS)]
    with pytest.raises(NotSquad) as refused:
        load_sets(files)
    for part in ("'a'", str(files[0]), str(files[1])):
        assert part in refused.value.message
