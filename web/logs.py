"""Request ids, and logs that machines read: one line of JSON on standard error for each event.

A line never holds what users wrote, unless ``log_text`` is set: of an event's arguments only
numbers, members of enumerations and folders of this server are filled in, and of an exception its
type and where it was raised, but not its message. All that is not ASCII is escaped, so that no
name of a document can end a line, begin another, or turn its direction.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SIGNAL = re.compile(r"SIG[A-Z]{2,8}")
_FRAMES_AT_MOST = 30
_WITHHELD = "…"
_OURS = ("index", "qa", "web")

_request_id: ContextVar[str] = ContextVar("request_id", default="")

_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def request_id() -> str:
    """The id of the request that is being answered; empty where there is none."""
    return _request_id.get()


def take_request_id(given: str | None) -> str:
    """Begin a request: its id is what the client gave it, if that is a safe one; else a new one."""
    taken = given if given and _SAFE_ID.fullmatch(given) else secrets.token_hex(16)
    _request_id.set(taken)
    return taken


def end_request() -> None:
    _request_id.set("")


class JsonLines(logging.Formatter):
    """A record as a line of JSON; see the module.

    Args:
        text: whether what users wrote may be told.
    """

    def __init__(self, *, text: bool) -> None:
        super().__init__()
        self.text = text

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": self._event(record),
            "logger": record.name,
            "process": record.process,
        }
        if asked := request_id():
            line["request_id"] = asked
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = self._error(record.exc_info)
        return json.dumps(line, default=str)

    def _event(self, record: logging.LogRecord) -> str:
        if self.text:
            return record.getMessage()
        if not record.args:  # gunicorn puts what a client sent into its words at once
            said = record.getMessage()
            return said.partition(": ")[0] if record.name.startswith("gunicorn") else said
        args = record.args
        if isinstance(args, dict):
            known: Any = {name: _harmless(value) for name, value in args.items()}
        else:
            known = tuple(_harmless(value) for value in args)
        try:
            return str(str(record.msg) % known)
        except (TypeError, ValueError):  # a number was wanted where we have withheld a text
            return str(record.msg)

    def _error(self, info: _ErrorInfo) -> dict[str, Any]:
        kind, error, trace = info
        frames = traceback.extract_tb(trace)[-_FRAMES_AT_MOST:]
        told: dict[str, Any] = {
            "type": kind.__name__,
            "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if self.text:
            told["message"] = str(error)
        elif reason := _system_reason(error):
            told["message"] = reason
        return told


def configure(level: str, *, text: bool) -> None:
    """Let all that this process logs go to standard error as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(text=text))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_quieter(level))
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    threading.excepthook = _thread_failed


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        log.error("A thread failed.", exc_info=failed.exc_value)


def for_gunicorn(level: str, *, text: bool) -> dict[str, Any]:
    """gunicorn's ``logconfig_dict``: the same for the process that starts the others."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "web.logs.JsonLines", "text": text}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": _quieter(level), "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {
                "level": _quieter(level),
                "propagate": True,
            },
            "gunicorn.access": {"level": "CRITICAL", "propagate": False},
        },
    }


def _quieter(level: str) -> str:
    """For libraries: what they do is of no interest while it goes well."""
    return "ERROR" if level == "error" else "WARNING"


def _harmless(value: Any) -> Any:
    """A value that no user wrote, as it is; anything else as a mark that something stood there."""
    if isinstance(value, (bool, int, float, PurePath)) or value is None:
        return value
    if isinstance(value, str) and _SIGNAL.fullmatch(value):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseException):
        return _system_reason(value) or type(value).__name__
    return _WITHHELD


def _system_reason(error: BaseException) -> str:
    """What the operating system says of it, which names no file."""
    return str(error.strerror or "") if isinstance(error, OSError) else ""
