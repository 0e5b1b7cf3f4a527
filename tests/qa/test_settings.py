"""Where settings come from, and which are refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from qa.errors import InvalidSetting
from qa.settings import Settings, table


def test_without_environment_all_is_default() -> None:
    assert Settings.from_environment({}) == Settings()


def test_variables_take_the_type_of_their_setting() -> None:
    settings = Settings.from_environment(
        {
            "QA_DATA": "/library",
            "QA_EMBEDDER": "/models/other",
            "QA_PASSAGES_READ": "7",
            "QA_MIN_CONFIDENCE": "0.25",
            "UNRELATED": "x",
        }
    )
    assert settings == Settings(
        data=Path("/library"), embedder="/models/other", passages_read=7, min_confidence=0.25
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("YES", True), ("false", False), ("0", False), ("No", False)],
)
def test_truth_is_told_in_several_words(text: str, value: bool) -> None:
    settings = Settings.from_environment({"QA_LOG_TEXT": text, "QA_MARK_FURNITURE": text})
    assert (settings.log_text, settings.mark_furniture) == (value, value)


def test_an_override_goes_before_the_environment_unless_it_is_none() -> None:
    environment = {"QA_DATA": "/library", "QA_PORT": "9000"}
    settings = Settings.from_environment(environment, data=Path("/other"), port=None)
    assert (settings.data, settings.port) == (Path("/other"), 9000)


def test_the_environment_is_the_processes_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PORT", "9001")
    assert Settings.from_environment().port == 9001


@pytest.mark.parametrize(
    ("variable", "value", "kind"),
    [
        ("QA_PORT", "http", "int"),
        ("QA_PORT", "", "int"),
        ("QA_PASSAGES_READ", "2.5", "int"),
        ("QA_MIN_CONFIDENCE", "half", "float"),
        ("QA_LOG_TEXT", "perhaps", "bool"),
        ("QA_MARK_FURNITURE", "", "bool"),
    ],
)
def test_a_variable_of_the_wrong_type_is_named(variable: str, value: str, kind: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{variable} is {value!r}; .* type {kind}"):
        Settings.from_environment({variable: value})


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ({"passage_tokens": 0}, "at least 1"),
        ({"passages_read": 0}, "at least 1"),
        ({"candidates": -3}, "at least 1"),
        ({"answers_shown": 0}, "at least 1"),
        ({"embed_batch": 0}, "at least 1"),
        ({"spans_per_passage": 0}, "at least 1"),
        ({"max_answer_tokens": 0}, "at least 1"),
        ({"lexical_rows": -1}, "at least 0"),
        ({"dense_weight": 1.5}, "between 0 and 1"),
        ({"dense_weight": float("nan")}, "between 0 and 1"),
        ({"threads": -1}, "at least 0"),
        ({"max_history": -1}, "at least 0"),
        ({"passages_shown": -1}, "at least 0"),
        ({"overlap_tokens": -1}, "at least 0"),
        ({"overlap_tokens": 100_000}, "less than passage_tokens"),
        ({"reader_stride": 300}, "max_question_tokens (128)"),
        ({"min_confidence": 1.01}, "between 0 and 1"),
        ({"min_confidence": -0.1}, "between 0 and 1, or -1"),
        ({"min_confidence": float("nan")}, "between 0 and 1"),
        ({"settle_seconds": -1.0}, "at least 0"),
        ({"settle_seconds": float("nan")}, "at least 0"),
        ({"max_load_seconds": float("nan")}, "at least 1"),
        ({"max_file_bytes": 0}, "at least 1"),
        ({"max_upload_files": 0}, "at least 1"),
        ({"max_redirects": -1}, "at least 0"),
        ({"port": 65_536}, "between 0 and 65535"),
        ({"port": -1}, "between 0 and 65535"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_what_does(
    values: dict[str, Any], right: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Settings(**values)
    ((name, value),) = values.items()
    assert str(caught.value).startswith(f"{name} is {value}; ")
    assert right in str(caught.value)


def test_the_edges_are_allowed() -> None:
    low = Settings(min_confidence=0.0, port=0, overlap_tokens=0, threads=0, max_history=0)
    high = Settings(min_confidence=1.0, port=65_535, passage_tokens=60, overlap_tokens=59)
    assert (low.port, high.port) == (0, 65_535)


def test_the_table_tells_of_every_setting() -> None:
    rows = table()
    assert [name for name, _, _ in rows] == [f.name for f in dataclasses.fields(Settings)]
    assert all(default and meaning for _, default, meaning in rows)


def test_the_table_shows_defaults_but_no_path_of_this_machine() -> None:
    rows = {name: default for name, default, _ in table()}
    assert rows["port"] == "8000"
    assert rows["reader"] == "the packaged model"


def test_postgres_needs_milvus_for_its_search() -> None:
    secret = {"database_url": "postgresql://ann:Pa55w0rd@db/library"}
    with pytest.raises(InvalidSetting, match=r"^database_url .* needs store = milvus") as caught:
        Settings(**secret)  # type: ignore[arg-type]
    assert "Pa55w0rd" not in str(caught.value)
    with pytest.raises(InvalidSetting, match=r"^store is 'postgres'; it must be one of"):
        Settings(store="postgres")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    whole = Settings(
        store="milvus",
        milvus_uri="http://localhost:19530",
        milvus_token="Pa55w0rd",
        database_url="postgresql://ann:Pa55w0rd@db/library",
    )
    assert "Pa55w0rd" not in f"{whole} {whole!r}"
    file = tmp_path / "verbatim.toml"
    file.write_text('database_url = ["postgresql://ann:Pa55w0rd@db/library"]\n')
    with pytest.raises(InvalidSetting, match="database_url is not shown here") as caught:
        Settings.from_environment({"QA_CONFIG": str(file)})
    assert "Pa55w0rd" not in str(caught.value)
