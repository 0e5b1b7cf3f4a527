"""What `pip install .` installs is all that the packages need."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
PACKAGES = ("index", "qa", "web")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_installed(package: str) -> None:
    found = {
        ".".join(module.parent.relative_to(ROOT).parts)
        for module in (ROOT / package).rglob("__init__.py")
    }
    assert found == {name for name in SETUPTOOLS["packages"] if name.split(".")[0] == package}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_installed(package: str) -> None:
    folder = ROOT / package
    named = {
        path for pattern in SETUPTOOLS["package-data"][package] for path in folder.glob(pattern)
    }
    assert not [path for path in _data_files(folder) if path not in named]


@pytest.mark.parametrize("package", ["index", "qa"])
def test_what_the_client_returns_is_typed_for_its_users(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_what_assistants_need_is_an_extra_and_pinned() -> None:
    extra = SETUPTOOLS["dynamic"]["optional-dependencies"]["mcp"]["file"]
    assert extra == ["requirements-mcp.txt"]
    lines = (ROOT / "requirements-mcp.txt").read_text("utf-8").splitlines()
    [pin] = [line for line in lines if not line.startswith("#")]
    assert pin.startswith("mcp==")
    assert pin in (ROOT / "constraints.txt").read_text("utf-8").splitlines()


def _data_files(folder: Path) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}
    ]
