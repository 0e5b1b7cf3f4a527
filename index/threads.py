"""FAISS's threads: it is to use one.

A search takes milliseconds, and starting a team of OpenMP threads for it takes longer as soon as
another process has a core; while lists are built, the other cores are for searches. OpenMP keeps
this setting per thread of ours, so whoever calls FAISS says it first.
"""

from __future__ import annotations

import faiss


def use_one() -> None:
    """Let FAISS use one thread for what the calling thread asks of it."""
    faiss.omp_set_num_threads(1)
