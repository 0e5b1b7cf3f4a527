"""A real PostgreSQL for the tests: Debian's programs, a cluster of our own in a temporary folder.

    python tests/postgres.py

Finds PostgreSQL's server, and installs it with apt when that is possible. Without one: an error
in CI, and elsewhere a word on how to get it.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

_PACKAGED = Path("/usr/lib/postgresql")  # where Debian puts each version's programs
_OWNER = "postgres"  # made by Debian's package; PostgreSQL refuses to run as root
_USER = "verbatim"
_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 20.0


def find() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest version on this machine."""
    versions = sorted(_PACKAGED.glob("*/bin/initdb"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    for program in [*versions, *([Path(on_path)] if on_path else [])]:
        if program.with_name("postgres").exists():
            return program.parent
    return None


def _version(initdb: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in initdb.parent.parent.name.split(".") if part.isdecimal())


def install() -> None:
    """With apt, as root; the cluster that the package would make is not wanted."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "UCF_FORCE_CONFFOLD": "1"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    wanted = Path("/etc/postgresql-common/createcluster.conf")
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_text("create_main_cluster = false\n")
    for command in (
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", "postgresql"],
    ):
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


class Cluster:
    """A server of its own, reached by a socket only, whose data is gone in the end.

    It is not made to last: fsync is off, so that a test costs no disk.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # In memory, if the tests' other files are (tests/conftest.py). A socket's path is short.
        root = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir=root if len(root) < 40 else "/tmp"))
        self._data = self._folder / "data"
        self._owner = self._account()
        self._server: subprocess.Popen[bytes] | None = None
        self._schemas = 0
        if self._owner is not None:
            os.chown(self._folder, *self._owner)
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            _USER,
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--wal-segsize=1",
        )
        self.start()

    def url(self, database: str = "postgres", **parameters: str) -> str:
        told = "&".join(f"{k}={quote(v, safe='')}" for k, v in parameters.items())
        where = quote(str(self._folder), safe="")
        return f"postgresql://{_USER}@/{database}?host={where}" + (f"&{told}" if told else "")

    def new_schema(self) -> str:
        """The URL of a place of its own in the database, where there is nothing yet."""
        import psycopg

        self._schemas += 1
        name = f"place_{self._schemas}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        connection.close()
        return self.url(options=f"-csearch_path={name}")

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        options = {
            "fsync": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
            "max_connections": "60",
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "autovacuum": "off",
            "jit": "off",
            "max_wal_size": "32MB",
            "min_wal_size": "2MB",
        }
        told = [part for k, v in options.items() for part in ("-c", f"{k}={v}")]
        log = (self._folder / "log").open("ab")
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *told],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self._folder,
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **self._as_owner(),
        )
        log.close()
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: its clients are turned out; SIGQUIT: as if it had been killed."""
        assert self._server is not None
        self._server.send_signal(how)
        self._server.wait(_STOP_SECONDS)

    def remove(self) -> None:
        if self._server is not None and self._server.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if self._server is None or self._server.poll() is not None:
                    raise RuntimeError((self._folder / "log").read_text("utf-8")) from None
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            cwd=self._folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
            **self._as_owner(),
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def _as_owner(self) -> dict[str, int]:
        return {} if self._owner is None else {"user": self._owner[0], "group": self._owner[1]}

    def _account(self) -> tuple[int, int] | None:
        """Whose the server is to be; None: ours."""
        if os.geteuid() != 0:
            return None
        try:
            account = pwd.getpwnam(_OWNER)
        except KeyError:
            account = pwd.getpwnam("nobody")
        return account.pw_uid, account.pw_gid


def _end_with_parent() -> None:
    """Tests that are killed leave no server behind; where the system is not Linux, they may."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)


def main() -> int:
    if find() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("PostgreSQL is missing; installing it with apt-get.", flush=True)
        install()
    programs = find()
    if programs:
        print(f"Tests of PostgreSQL use {programs}.")
        return 0
    print(
        "Tests of PostgreSQL need its server. Install it with: sudo apt-get install postgresql",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    raise SystemExit(main())
