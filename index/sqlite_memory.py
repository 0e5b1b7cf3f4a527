"""Tells SQLite not to count the memory that it uses.

Each piece that it takes or gives back is counted under one lock for the whole process, so threads
that search side by side wait for each other, and take as long as one. Nothing here reads the
count.

SQLite is told before it starts, which is when Python's `sqlite3` is imported, and Python has no
call for it: https://sqlite.org/c3ref/c_config_covering_index_scan.html (SQLITE_CONFIG_MEMSTATUS).
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from importlib.util import find_spec

_MEMSTATUS = 9
_OK = 0


def stop_counting() -> bool:
    """Whether it is not counted from now on.

    It is where SQLite runs already, where Python brings one of its own that cannot be called, and
    where it was not tried: on other systems than Linux.
    """
    module = find_spec("_sqlite3")
    if sys.platform != "linux" or module is None or module.origin is None:
        return False
    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(module.origin).sqlite3_config(_MEMSTATUS, 0) == _OK)
    return False


UNCOUNTED = stop_counting()
