"""docs/operations.md and docs/deploy/: each command is run as it stands, and says what it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEEDS
from tests.web.servers import free_port

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
DEPLOY = ROOT / "docs" / "deploy"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 120


@dataclass
class Command:
    """A command of the page and what the page shows of its output; ``…`` stands for anything."""

    text: str
    shown: list[str] = field(default_factory=list)

    def matches(self, output: str) -> bool:
        patterns = [".*".join(map(re.escape, line.split("…"))) for line in self.shown]
        lines = output.splitlines()
        return len(lines) == len(patterns) and all(
            re.fullmatch(pattern, line) for pattern, line in zip(patterns, lines, strict=True)
        )


def commands() -> list[Command]:
    found: list[Command] = []
    for language, block in BLOCK.findall(PAGE):
        if language != "console":
            continue
        document = False  # whether we are in a here-document
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:]))
                document = "<<'END'" in line
            elif document:
                found[-1].text += f"\n{line}"
                document = line != "END"
            else:
                found[-1].shown.append(line)
    return found


class Shell:
    """Runs the page's commands in a folder of their own, and its server beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = str(free_port())
        self.server: subprocess.Popen[str] | None = None
        binaries = folder / "bin"
        binaries.mkdir()
        (binaries / "python").symlink_to(sys.executable)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
        self.environment = kept | {
            "PATH": f"{binaries}:{kept['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]]),
            "QA_DATA": "data",
            "QA_PORT": self.port,
            "TMPDIR": str(folder),
        }
        (folder / "seeds").symlink_to(SEEDS)

    def run(self, command: Command) -> str:
        text = command.text.replace("8000", self.port)
        if text == "python -m qa serve":
            return self._serve(text)
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.stdout.replace(self.port, "8000")

    def _serve(self, text: str) -> str:
        self.stop()
        with (self.folder / "server.log").open("w") as log:
            self.server = subprocess.Popen(
                ["bash", "-c", f"exec {text}"],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.server.stdout is not None
        return self.server.stdout.readline().replace(self.port, "8000")

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            assert self.server.wait(SECONDS) == 0
            assert self.server.stdout is not None
            self.server.stdout.close()
            self.server = None


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.stop()


@pytest.mark.models
@pytest.mark.usefixtures("socket_enabled")
def test_each_command_of_the_page_does_what_the_page_shows(shell: Shell) -> None:
    assert len(commands()) >= 12
    for command in commands():
        output = shell.run(command)
        assert command.matches(output), f"{command.text}\nprinted:\n{output}"


@pytest.mark.parametrize("module", re.findall(r"`python -m (benchmarks\.\w+)`", PAGE))
def test_each_measure_that_is_named_can_be_called(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_lines_of_the_log_are_what_is_logged() -> None:
    (block,) = [text for language, text in BLOCK.findall(PAGE) if language == "json"]
    lines = [json.loads(line) for line in block.splitlines()]
    assert all({"time", "level", "event", "logger", "process"} <= line.keys() for line in lines)


def test_the_table_of_metrics_is_complete() -> None:
    from web import metrics

    told = set(re.findall(r"`(verbatim_\w+)`", PAGE))
    source = Path(metrics.__file__).read_text("utf-8")
    counters = re.findall(r'Counter\(\s*"(verbatim_\w+)"', source)
    others = set(re.findall(r'"(verbatim_\w+)"', source)) - set(counters)
    assert told == others | {f"{name}_total" for name in counters}


def test_the_kinds_of_problem_that_are_named_exist() -> None:
    from web.problems import KINDS

    assert set(re.findall(r'errors_total\{type="([\w-]+)"\}', PAGE)) <= KINDS.keys()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_the_settings_that_are_named_exist() -> None:
    from qa.settings import table

    names = {name for name, _, _ in table()}
    for name in re.findall(r"`(max_\w+|log_\w+|graceful_\w+|workers)`", PAGE):
        assert name in names


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("verbatim*.*")))
def test_systemd_finds_nothing_wrong_with_a_unit(unit: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    for path in DEPLOY.glob("verbatim*.*"):
        text = path.read_text("utf-8").replace("/opt/verbatim/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text.replace("User=verbatim\n", ""))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / unit)], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "verbatim" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_a_unit_gives_the_server_longer_than_its_answers_get() -> None:
    from qa.settings import Settings

    text = (DEPLOY / "verbatim.service").read_text("utf-8")
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(seconds) > Settings().graceful_seconds + 5


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, continued lines joined."""
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def test_the_containerfile_is_made_of_instructions() -> None:
    known = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL"}
    known |= {"HEALTHCHECK", "ENTRYPOINT", "CMD", "ARG"}
    words = [word for word, _ in instructions()]
    assert words[0] == "FROM"
    assert set(words) <= known
    assert words.index("USER") < words.index("ENTRYPOINT")  # it does not run as root


def test_what_the_containerfile_copies_is_there_and_is_all_that_is_needed() -> None:
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY"]
    names = {name for names in copied for name in names}
    assert all((ROOT / name).exists() for name in names)
    assert {"index", "qa", "web", "requirements.txt", "constraints.txt"} <= names


def test_the_containers_settings_and_commands_exist() -> None:
    from qa.cli import main
    from qa.settings import table

    names = {name for name, _, _ in table()}
    (variables,) = [rest for word, rest in instructions() if word == "ENV"]
    assert {v[3:].lower() for v in re.findall(r"QA_\w+", variables)} <= names
    (entry,) = [json.loads(rest) for word, rest in instructions() if word == "ENTRYPOINT"]
    (command,) = [json.loads(rest) for word, rest in instructions() if word == "CMD"]
    assert (entry, command) == (["python", "-m", "qa"], ["serve"])
    assert main.get_command(None, "serve") is not None  # type: ignore[arg-type]
