"""Where settings come from: a TOML file, and the environment, which goes before it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qa.errors import InvalidSetting

FILE_NAME = "verbatim.toml"
FILE_VARIABLE = "QA_CONFIG"
_PREFIX = "QA_"
_FILE_AT_MOST = 1_000_000  # bytes
_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SECRET = ("database_url", "milvus_token")  # what they hold is never repeated
_LIKE = 0.8  # of 1; how alike a variable's name is to a setting's that was probably meant
_GONE = {
    "remote_writes": "Say allow_anonymous = write, so that everybody who reaches the server may "
    "change the library without a key. See docs/security.md."
}
_WORDS: dict[type[Any], str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotation marks",
}

Kinds = Mapping[str, type[Any]]  # of each setting


def file_of(environment: Mapping[str, str]) -> Path:
    """What ``$QA_CONFIG`` names, else ``verbatim.toml`` in the working folder."""
    return Path(environment.get(FILE_VARIABLE) or FILE_NAME)


def from_file(environment: Mapping[str, str], kinds: Kinds) -> dict[str, Any]:
    """What the file says, if it is there; one that ``$QA_CONFIG`` names has to be.

    A path in it is taken from the folder that the file is in. Raises `InvalidSetting`.
    """
    path = file_of(environment)
    try:
        with path.open("rb") as file:
            text = file.read(_FILE_AT_MOST).decode("utf-8")
        found = tomllib.loads(text)
    except FileNotFoundError as error:
        if FILE_VARIABLE not in environment:
            return {}
        raise InvalidSetting(
            f"{FILE_VARIABLE} is {str(path)!r}, and there is no such file."
        ) from error
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{path} is not TOML: {error}.") from error
    return {name: _typed(path, name, value, kinds) for name, value in found.items()}


def from_variables(environment: Mapping[str, str], kinds: Kinds) -> dict[str, Any]:
    """What the variables ``QA_*`` say. Raises `InvalidSetting`.

    A name that is almost a setting's is refused, for it is a mistake; others are not ours.
    """
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(_PREFIX) or variable == FILE_VARIABLE:
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name in kinds and variable == _variable(name):
            values[name] = _parsed(variable, text, kinds[name])
        elif name in _GONE:
            raise InvalidSetting(f"{variable} is no longer a setting. {_GONE[name]}")
        elif meant := difflib.get_close_matches(name, kinds, 1, _LIKE):
            raise InvalidSetting(
                f"{variable} is no setting. Did you mean {_variable(meant[0])}? "
                "All of them are listed in docs/settings.md."
            )
    return values


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"


def _parsed(variable: str, text: str, kind: type[Any]) -> Any:
    if issubclass(kind, Path):
        return Path(text)
    try:
        return _TRUTH[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError) as error:
        raise InvalidSetting(
            f"{variable} is {text!r}; it must be of type {kind.__name__}."
        ) from error


def _typed(path: Path, name: str, value: Any, kinds: Kinds) -> Any:
    if name in _GONE:
        raise InvalidSetting(f"{path}: {name} is no longer a setting. {_GONE[name]}")
    if name not in kinds:
        meant = difflib.get_close_matches(name, kinds, 1, 0)
        raise InvalidSetting(
            f"{path}: {name} is no setting. Did you mean {meant[0]}? "
            "All of them are listed in docs/settings.md."
        )
    kind = kinds[name]
    if issubclass(kind, Path) and isinstance(value, str):
        return path.parent / Path(value).expanduser()
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        wanted = _WORDS.get(kind, "a path in quotation marks")
        shown = "not shown here" if name in _SECRET else repr(value)
        raise InvalidSetting(f"{path}: {name} is {shown}; it must be {wanted}.")
    return value
