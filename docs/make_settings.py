"""Writes docs/settings.md from the settings themselves: ``python docs/make_settings.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from qa.settings import table

HEAD = """# Settings

Each is an environment variable: `passages_read` is set by `QA_PASSAGES_READ=20`. Or it stands in
a TOML file, `verbatim.toml` in the working folder or the one that `QA_CONFIG` names:

```toml
passages_read = 20
data = "library"    # `data` and `reader` are taken from the folder of this file
log_level = "warning"
```

An option of a command goes before the environment, the environment before the file, the file
before the default. In the file a name that is no setting is refused with what would be right, of
the variables `QA_…` one that is almost a setting's; a value of another type always.

This page is written by `python docs/make_settings.py`; a test fails when it is not current.

| setting | default | meaning |
| --- | --- | --- |
"""


def page() -> str:
    return HEAD + "".join(
        f"| `{name}` | `{default}` | {meaning} |\n" for name, default, meaning in table()
    )


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(page(), "utf-8")
