"""``qa ask``: one question, and a file of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from index.store import Store
from qa.cli.filtering import filters_of
from qa.render import NO_ANSWER
from tests.qa.cli_runner import Run

WHO = "Who opened the harbour bridge?"


@pytest.fixture(autouse=True)
def _filled(run: Run, texts: Path) -> None:
    assert run("index", "add", texts).exit_code == 0


def test_an_archive_is_asked_by_its_name(run: Run, texts: Path) -> None:
    archive = shutil.make_archive(str(texts.parent / "all"), "zip", texts)
    for name in ("bridge.txt", "mill.txt"):
        (texts / name).unlink()
    run("index", "sync", texts, "--allow-empty")
    run("index", "add", archive)
    assert "Marta" in run("ask", WHO, "--source", archive).stdout
    assert "No document passes" in run("ask", WHO, "--source", texts).stdout
    told = run("explain", WHO, "--expect", "Marta", "--source", archive).stdout
    assert "filters" not in told


def rows(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def batch(*lines: object) -> str:
    return "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines)


def test_an_answer_is_shown_in_its_sentence_with_its_place(run: Run) -> None:
    result = run("ask", WHO)
    assert result.exit_code == 0
    assert "1. Marta" in result.stdout
    assert "the harbour bridge was opened by Marta in the spring." in result.stdout
    assert "bridge.txt [33:38]" in result.stdout


def test_to_decline_is_no_failure(run: Run) -> None:
    result = run("ask", "Where is the moon?")
    assert result.exit_code == 0
    assert NO_ANSWER in result.stdout


def test_json_is_one_answer_set(run: Run) -> None:
    result = run("ask", "--json", WHO)
    value = json.loads(result.stdout)
    assert value["answers"][0]["text"] == "Marta"
    citation = value["answers"][0]["citations"][0]
    store = Store(run.data)
    text = store.document(citation["document_id"]).text
    store.close()
    assert text[citation["start"] : citation["end"]] == citation["quote"] == "Marta"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", "  "), "The question is empty"),
        (("ask", "x" * 1_001), "1,001 characters"),
        (("ask", WHO, "--top-k", 0), "top_k is 0"),
        (("ask", WHO, "--from", "31.8.2022"), "date_from is '31.8.2022'"),
        (("ask", WHO, "--to", "2022-13-01"), "date_to is '2022-13-01'"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [(), (WHO, "--batch", "-", "--json"), ("--batch", "-"), ("--top-k", "x", WHO)]
)
def test_arguments_that_do_not_go_together_are_not_understood(
    run: Run, arguments: tuple[str, ...]
) -> None:
    assert run("ask", *arguments, stdin="{}").exit_code == 2


def test_filters_limit_the_search(run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(texts)
    for arguments, answered in (
        (("--document", 1), True),
        (("--document", 2), False),
        (("--source", "bridge.txt"), True),
        (("--source", texts / "mill.txt"), False),
        (("--document", 2, "--document", 1), True),
        (("--from", "2022-01-01"), False),
    ):
        value = json.loads(run("ask", "--json", WHO, *arguments).stdout)
        assert value["answered"] is answered, arguments


@pytest.mark.parametrize("source", ["upload:report.txt", "text:notes", "https://tarn.example/a"])
def test_a_source_that_is_no_path_is_meant_as_it_is(source: str) -> None:
    assert filters_of((), (source,), None, None).has_source(source)


def test_a_batch_answers_every_line_under_its_id(run: Run) -> None:
    lines = batch(
        {"id": "q1", "question": WHO},
        "",
        {"id": 7, "question": "Where is the moon?"},
        {"question": WHO, "answers": ["Marta"]},
    )
    result = run("ask", "--json", "--batch", "-", stdin=lines)
    assert result.exit_code == 0
    assert [(row["id"], row["answered"]) for row in rows(result.stdout)] == [
        ("q1", True),
        (7, False),
        (4, True),
    ]
    assert result.stderr == "3 answered or declined, 0 failed.\n"


def test_a_batch_is_read_from_a_file_with_or_without_a_byte_order_mark(
    run: Run, tmp_path: Path
) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        file = tmp_path / f"{encoding}.jsonl"
        file.write_text(batch({"id": "ä", "question": WHO}), encoding)
        result = run("ask", "--json", "--batch", file)
        assert [(row["id"], row["answered"]) for row in rows(result.stdout)] == [("ä", True)]


@pytest.mark.parametrize(
    ("bad", "identifier", "message"),
    [
        ('{"id": "bad", "question"', 2, "Line 2 is not JSON"),
        ('{"id": "bad"}', "bad", "Line 2: question: Field required"),
        ('{"id": "bad", "question": 5}', "bad", "question: Must be a text (got 5)"),
        ('{"id": "bad", "question": " "}', "bad", "The question is empty"),
        ('{"id": "bad", "question": "x", "top_k": 0}', "bad", "top_k is 0"),
        (
            '{"id": "bad", "question": "x", "date_from": "now"}',
            "bad",
            'date_from: Must be a day, such as 2022-08-31 (got "now")',
        ),
        ('{"id": "bad", "question": "x", "sources": []}', "bad", "sources: Is empty"),
        ('["who?"]', 2, "Line 2: the request"),
        ('{"id": "bad", "question": "\\ud800"}', "bad", "surrogate"),
        ('{"id": 1.5, "question": "x"}', 1.5, "id: Must be a text or a whole number (got 1.5)"),
        ('{"id": "\\ud800"}', "\ud800", "question: Field required"),
        ('{"id": ' + "9" * 5_000 + "}", 2, "Line 2 is not JSON"),
        ("[" * 200_000, 2, "Line 2 is not JSON"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "backslashreplace").decode(),
)
def test_a_bad_line_gets_an_error_and_the_others_their_answers(
    run: Run, bad: str, identifier: object, message: str
) -> None:
    good = {"id": "good", "question": WHO}
    result = run("ask", "--json", "--batch", "-", stdin=batch(good, bad, good))
    assert result.exit_code == 1
    before, error, after = rows(result.stdout)
    assert before["answered"] and after["answered"]
    assert set(error) == {"id", "error"}
    assert error["id"] == identifier
    assert message in error["error"]
    assert result.stderr == "2 answered or declined, 1 failed.\n"


def test_a_line_that_is_not_utf_8_gets_an_error(run: Run) -> None:
    good = batch({"id": "good", "question": WHO}).encode()
    bad = b'{"id": "bad", "question": "Zo\xeb?"}\n'
    result = run("ask", "--json", "--batch", "-", stdin=good + bad + good)
    assert result.exit_code == 1
    assert ["error" in row for row in rows(result.stdout)] == [False, True, False]


@pytest.mark.parametrize(
    "history",
    [
        [{"question": WHO, "answer": "Marta Dahl"}],
        [{"question": WHO, "citations": [{"sentence": {"text": "It was Marta Dahl."}}]}],
    ],
)
def test_a_line_of_a_batch_may_bring_its_history(run: Run, history: list[Any]) -> None:
    line = {"id": 1, "question": "When did she open it?", "history": history}
    (row,) = rows(run("ask", "--json", "--batch", "-", stdin=batch(line)).stdout)
    assert row["searched"] == "When did Marta Dahl open the harbour bridge?"


def test_an_earlier_question_may_be_a_bare_string(run: Run) -> None:
    line = {"id": 1, "question": "And in May?", "history": [WHO]}
    (row,) = rows(run("ask", "--json", "--batch", "-", stdin=batch(line)).stdout)
    assert row["searched"] == "Who opened the harbour bridge in May?"


def test_what_a_line_says_goes_before_what_the_command_says(run: Run) -> None:
    lines = batch(
        {"id": "line", "question": WHO, "document_ids": [1]}, {"id": "command", "question": WHO}
    )
    result = run("ask", "--json", "--batch", "-", "--document", 2, stdin=lines)
    assert [(r["id"], r["answered"]) for r in rows(result.stdout)] == [
        ("line", True),
        ("command", False),
    ]


def test_a_batch_of_nothing_is_done_at_once(run: Run) -> None:
    result = run("ask", "--json", "--batch", "-", stdin="\n\n")
    assert (result.exit_code, result.stdout) == (0, "")
