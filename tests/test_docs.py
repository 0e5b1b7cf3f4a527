"""What the docs say is what the code does."""

from __future__ import annotations

import importlib.util

from tests.conftest import ROOT


def test_settings_page_is_current() -> None:
    spec = importlib.util.spec_from_file_location("page", ROOT / "docs" / "make_settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert written == module.page(), "run: python docs/make_settings.py"
