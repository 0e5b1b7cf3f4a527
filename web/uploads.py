"""What a request brings in, as the uploads of a job: files of a form, texts, URLs."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import IO

from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from index.jobs import Upload
from qa.additions import AddRequest
from qa.faults import as_json
from web.body import check_encoding
from web.current import settings

_NAME_AT_MOST = 200
_SUFFIX_AT_MOST = 20


def of_form() -> Iterator[tuple[Upload, IO[bytes]]]:
    """The fields named ``file``; reads none of them yet."""
    check_encoding()
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise BadRequest(_no_file())
    if len(files) > settings().max_upload_files:
        raise RequestEntityTooLarge(
            f"The upload holds {len(files):,} files; "
            f"at most {settings().max_upload_files:,} are taken at once."
        )
    return ((upload, file.stream) for upload, file in zip(_uploads(files), files, strict=True))


def _no_file() -> str:
    """What is wrong with a form, as far as it can be told: a few slips are made again and again."""
    if "boundary" not in request.mimetype_params:
        return (
            "The form cannot be read: Content-Type names no boundary. Leave the header out; "
            "what makes the form sets it."
        )
    if "file" in request.form:
        return 'The field "file" is a text, no file: it needs a file name (of curl: -F file=@PATH).'
    named = [name for name in (*request.files, *request.form) if name != "file"]
    others = f"; it has {as_json(named[0])}" if named else ""
    return f'The form holds no file{others}. Send each as a field named "file".'


def _uploads(files: Sequence[FileStorage]) -> Iterator[Upload]:
    """Two files of one name in one upload are two documents."""
    seen: set[str] = set()
    for file in files:
        name = _unlike(label(file.filename or ""), seen)
        yield Upload(name, f"upload:{name}", file.mimetype or None)


def of_urls(told: Sequence[AddRequest]) -> Iterator[tuple[Upload, None]]:
    for one in told:
        url = one.url or ""
        yield Upload(url, url, title=_plain(one.title or "") or None, date=one.date), None


def of_texts(told: Sequence[AddRequest]) -> Iterator[tuple[Upload, IO[bytes]]]:
    """Two texts of one title in one request are two documents, unless they name a source."""
    seen: set[str] = set()
    for one in told:
        title, text = _plain(one.title or "") or None, one.text or ""
        name = label(title or _plain(text)[:60])
        # A text without a name of its own is another one as soon as a character differs.
        own = name if title else f"{name} ({sha256(text.encode()).hexdigest()[:8]})"
        source = _plain(one.source or "") or f"text:{_unlike(own, seen)}"
        yield Upload(name, source, "text/plain", title, one.date), io.BytesIO(text.encode())


def _unlike(name: str, seen: set[str]) -> str:
    """The name, with a number where it was seen before."""
    path, number = PurePath(name), 1
    while name in seen:
        number += 1
        name = f"{path.stem} ({number}){path.suffix}"  # its suffix tells its format
    seen.add(name)
    return name


def label(name: str) -> str:
    """A file's name as a label: its last part, without what steers a terminal or a reader."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = _plain(last)
    suffix = PurePath(name).suffix  # it tells the format
    if len(name) <= _NAME_AT_MOST or len(suffix) > _SUFFIX_AT_MOST:
        return name[:_NAME_AT_MOST].rstrip() or "unnamed"
    return name[: _NAME_AT_MOST - len(suffix)].rstrip() + suffix


def _plain(words: str) -> str:
    """In one line of single spaces, without what steers a terminal or a reader."""
    kept = "".join(c for c in words if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())
