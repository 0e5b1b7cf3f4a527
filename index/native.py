"""What FAISS's native code is told, and what it leaves behind."""

from __future__ import annotations

import ctypes
from contextlib import suppress

import faiss


def use_one_thread() -> None:
    """Let FAISS use one thread for what the calling thread asks of it.

    A search takes milliseconds, and starting a team of OpenMP threads for it takes longer as soon
    as another process has a core; while lists are built, the other cores are for searches. OpenMP
    keeps this setting per thread of ours, so whoever calls FAISS says it first.
    """
    faiss.omp_set_num_threads(1)


def return_freed_memory() -> None:
    """Let the C library give the system what was freed; glibc alone can, others need not.

    Lists are thousands of blocks: freed, they would stay with the process.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
