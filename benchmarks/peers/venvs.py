"""Make the peers' environments, each with the versions that it was tried with.

    python -m benchmarks.peers.venvs FOLDER

They need some 1.5 GB each and are made once. On Linux, PyPI's torch brings CUDA's libraries along,
which are as much again and idle here; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
leaves them out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

HERE = Path(__file__).parent
PEERS = ("haystack", "txtai")


def python(folder: Path, peer: str) -> Path:
    return folder / peer / "bin" / "python"


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    for peer in PEERS:
        subprocess.run([sys.executable, "-m", "venv", folder / peer], check=True)
        listed = HERE / f"requirements-{peer}.txt"
        command = [python(folder, peer), "-m", "pip", "install", "--quiet", "-r", listed]
        subprocess.run(command, check=True)
        click.echo(f"{peer}: {folder / peer}")


if __name__ == "__main__":
    main()
