"""Finds Chromium for the browser tests; installs it with apt when that is possible.

    python tests/browser/find_chromium.py

Prints its path. Without one: an error in CI, and elsewhere a word on how to get it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """With apt, as root: the package and what a headless page needs."""
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-dejavu-core"]
    for command in (
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> int:
    if find() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Chromium is missing; installing it with apt-get.", flush=True)
        install()
    path = find()
    if path:
        print(f"Browser tests use {path}.")
        return 0
    print(
        "Browser tests need Chromium. Install it with: sudo apt-get install chromium",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    raise SystemExit(main())
