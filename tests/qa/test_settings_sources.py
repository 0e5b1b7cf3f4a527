"""Settings from a TOML file: what it says, what goes before it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.errors import InvalidSetting
from qa.settings import Settings


def _written(folder: Path, text: str, name: str = "verbatim.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_file_of_the_working_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _written(tmp_path, 'passages_read = 7\nrecall = 0.9\nembedder = "other"\nlog_text = true\n')
    settings = Settings.from_environment({})
    assert settings == Settings(passages_read=7, recall=0.9, embedder="other", log_text=True)


def test_a_named_file_takes_the_place_of_the_working_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _written(tmp_path, "port = 9001\npassages_read = 3\n")
    named = _written(tmp_path, "port = 9002\n", "named.toml")
    assert Settings.from_environment({"QA_CONFIG": str(named)}) == Settings(port=9002)


def test_options_go_before_variables_and_these_before_the_file(tmp_path: Path) -> None:
    named = _written(tmp_path, "port = 1\nthreads = 1\npassages_read = 1\n")
    environment = {"QA_CONFIG": str(named), "QA_PORT": "2", "QA_THREADS": "2"}
    settings = Settings.from_environment(environment, port=3)
    assert (settings.port, settings.threads, settings.passages_read) == (3, 2, 1)


def test_a_path_is_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    named = _written(tmp_path, 'data = "library"\nreader = "/models/reader"\n')
    settings = Settings.from_environment({"QA_CONFIG": str(named)})
    assert (settings.data, settings.reader) == (tmp_path / "library", Path("/models/reader"))


def test_a_whole_number_will_do_for_a_fraction(tmp_path: Path) -> None:
    named = _written(tmp_path, "settle_seconds = 2\n")
    assert Settings.from_environment({"QA_CONFIG": str(named)}).settle_seconds == 2.0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("passage_read = 7", "passage_read is no setting. Did you mean passages_read?"),
        ("[server]\nport = 1", "server is no setting. Did you mean"),
        ('port = "8000"', "port is '8000'; it must be a whole number."),
        ("port = 80.5", "port is 80.5; it must be a whole number."),
        ("port = true", "port is True; it must be a whole number."),
        ("recall = false", "recall is False; it must be a number."),
        ("log_text = 1", "log_text is 1; it must be true or false."),
        ("data = 1", "data is 1; it must be a path in quotation marks."),
        ("embedder = 1", "embedder is 1; it must be a text in quotation marks."),
        ("passages_read = 0", "passages_read is 0; it must be at least 1."),
        ("recall = nan", "recall is nan; it must be between 0 and 1."),
        ('log_level = "loud"', "log_level is 'loud'; it must be one of debug, info"),
        ("port 8000", "is not TOML"),
    ],
)
def test_a_bad_line_is_refused_with_the_file_the_name_and_the_value(
    tmp_path: Path, line: str, complaint: str
) -> None:
    named = _written(tmp_path, line)
    with pytest.raises(InvalidSetting) as caught:
        Settings.from_environment({"QA_CONFIG": str(named)})
    assert str(caught.value).startswith(str(named))
    assert complaint in str(caught.value)


def test_a_bad_value_of_the_environment_is_not_laid_to_the_file(tmp_path: Path) -> None:
    named = _written(tmp_path, "passages_read = 7\n")
    with pytest.raises(InvalidSetting) as caught:
        Settings.from_environment({"QA_CONFIG": str(named), "QA_PASSAGES_READ": "0"})
    assert "toml" not in str(caught.value)


def test_a_named_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path, complaint in ((tmp_path / "none.toml", "no such file"), (tmp_path, "cannot be read")):
        with pytest.raises(InvalidSetting, match=complaint):
            Settings.from_environment({"QA_CONFIG": str(path)})


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b'embedder = "\xff"')
    with pytest.raises(InvalidSetting, match="is not TOML"):
        Settings.from_environment({"QA_CONFIG": str(tmp_path / "bad.toml")})


def test_a_variable_that_is_almost_a_setting_is_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"QA_PASSAGE_READ is no setting. .* QA_PASSAGES_READ"):
        Settings.from_environment({"QA_PASSAGE_READ": "7"})


def test_a_variable_of_somebody_else_is_passed_over() -> None:
    assert Settings.from_environment({"QA_TEAM_MAILBOX": "x", "QA": "y"}) == Settings()
