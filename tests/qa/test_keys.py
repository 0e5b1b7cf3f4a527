"""API keys are made, listed and revoked on the command line; they are kept as hashes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa.access import Scope
from qa.errors import InvalidSetting
from qa.keys import InvalidKeyRequest, Key, KeyStore, KeysUnreadable, Refusal
from qa.settings import Settings
from tests.qa.cli_runner import Run

TOKEN = re.compile(r"vb_[0-9a-f]{12}_[0-9a-f]{64}")


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "data")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path / "data", monkeypatch)


def test_a_key_is_made_shown_once_listed_and_revoked(run: Run, keys: KeyStore) -> None:
    made = run("keys", "create", "newsroom", "--scope", "write", "--days", "90")
    assert made.exit_code == 0
    token = made.stdout.strip()
    assert TOKEN.fullmatch(token)
    assert "shown this once" in made.stderr and token not in made.stderr
    found = keys.check(token)
    assert isinstance(found, Key)
    assert (found.name, found.scope, found.per_minute) == ("newsroom", Scope.WRITE, None)
    listed = run("keys", "list").stdout
    assert re.search(rf"{found.id} +write +valid +\S+ +\S+ +newsroom", listed)
    assert token.split("_")[2] not in listed
    revoked = run("keys", "revoke", "newsroom")
    assert revoked.exit_code == 0
    assert keys.check(token) is Refusal.REVOKED
    assert re.search(r"write +revoked", run("keys", "list").stdout)


def test_a_key_may_only_read_unless_it_is_said_otherwise(run: Run, keys: KeyStore) -> None:
    token = run("keys", "create", "embed", "--per-minute", "30").stdout.strip()
    found = keys.check(token)
    assert isinstance(found, Key)
    assert (found.scope, found.per_minute, found.expires_at) == (Scope.READ, 30, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "x", "--scope", "root"),
        ("create", "x", "--days", "0"),
        ("create", "x", "--per-minute", "-1"),
        ("create", ""),
        ("create", " x"),
        ("create", "a\nb"),
        ("create", "\u202ex"),
        ("create", "x" * 101),
        ("revoke", "nobody"),
    ],
    ids=str,
)
def test_what_cannot_be_made_or_revoked(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("keys", *arguments)
    assert result.exit_code in {1, 2}
    assert "Traceback" not in result.output and result.stdout == ""


def test_two_valid_keys_have_two_names(keys: KeyStore) -> None:
    first = keys.create("a", Scope.READ)[0]
    with pytest.raises(InvalidKeyRequest, match="There is a key named 'a'"):
        keys.create("a", Scope.READ)
    keys.revoke(first.id)
    assert keys.create("a", Scope.READ)[0].id != first.id  # the name is free again
    assert [key.refusal(datetime.now(UTC)) for key in keys.all()].count(None) == 1


def test_a_key_expires(keys: KeyStore) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InvalidKeyRequest, match="would have expired"):
        keys.create("late", Scope.READ, expires_at=now - timedelta(seconds=1))
    key = keys.create("soon", Scope.READ, expires_at=now + timedelta(hours=1))[0]
    assert key.refusal(now) is None
    assert key.refusal(now + timedelta(hours=2)) is Refusal.EXPIRED
    assert keys.has_valid()


def test_without_a_file_there_is_no_key(keys: KeyStore) -> None:
    assert keys.all() == [] and not keys.has_valid()
    assert keys.check("vb_" + "0" * 12 + "_" + "0" * 64) is Refusal.UNKNOWN
    assert not keys.path.exists()  # asking makes none


def test_no_two_keys_are_alike(keys: KeyStore) -> None:
    tokens = {keys.create(f"key {i}", Scope.READ)[1] for i in range(50)}
    assert len({token.split("_")[2] for token in tokens}) == 50
    assert all(isinstance(keys.check(token), Key) for token in tokens)


def test_a_damaged_file_is_told(keys: KeyStore, run: Run) -> None:
    keys.create("a", Scope.READ)
    keys.path.write_bytes(b"no database " * 1_000)
    with pytest.raises(KeysUnreadable, match="Restore it from a backup"):
        keys.all()
    assert "cannot be read" in run("keys", "list").stderr


def test_the_setting_that_was_there_before_says_what_to_say_now() -> None:
    with pytest.raises(InvalidSetting, match="Say allow_anonymous = write"):
        Settings.from_environment({"QA_REMOTE_WRITES": "true"})


@pytest.mark.parametrize("value", ["yes", "READ", "all", "0"])
def test_what_needs_no_key_is_said_in_one_of_four_words(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidSetting, match="one of none, read, write, admin"):
        Settings(data=tmp_path, allow_anonymous=value)
