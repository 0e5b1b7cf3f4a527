"""Files of all formats that are read, and of some that are not, made here byte by byte."""

from __future__ import annotations

from pathlib import Path

from index.loaders import Limits
from tests.index.formats.archives import archive_files
from tests.index.formats.expected import Expected, Wanted
from tests.index.formats.mails import mail_files
from tests.index.formats.packages import package_files
from tests.index.formats.pages import html_files
from tests.index.formats.pdfs import pdf_files
from tests.index.formats.tables import table_files
from tests.index.formats.texts import text_files

__all__ = ["LIMITS", "Expected", "Wanted", "all_files", "make_folder"]

# What the reasons in `Expected` are written for.
LIMITS = Limits(
    max_file_bytes=25_000_000,
    max_text_characters=1_000_000,
    max_pages=1_000,
    max_members=1_000,
    max_expanded_bytes=50_000_000,
    max_seconds=60.0,
    max_memory_bytes=1_000_000_000,
)


def all_files() -> list[Expected]:
    makers = (text_files, html_files, pdf_files, package_files, mail_files, table_files)
    return [file for maker in (*makers, archive_files) for file in maker()]


def make_folder(folder: Path) -> list[Expected]:
    """Write every file into ``folder``, which need not exist; what each should give."""
    folder.mkdir(parents=True, exist_ok=True)
    files = all_files()
    for file in files:
        (folder / file.name).write_bytes(file.data)
    return files
