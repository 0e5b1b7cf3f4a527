"""Everything that can be read of a file, by the loader of each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from index.errors import UnreadableDocument
from index.loaders import docx, eml, epub, html, jsons, markdown, pdf, plain, table
from index.loaders.formats import (
    SUFFIXES,
    Format,
    declared_charset,
    expected,
    recognise,
    suffix_of,
)
from index.loaders.limits import Budget, FileRefused, Limits
from index.loaders.loaded import Loaded, Member, Part
from index.loaders.names import Labels
from index.loaders.package import Package
from index.text import printable

_DEEPEST = 2  # archives, and mails with attachments, within each other
_TYPES_OF_PARTS = "[Content_Types].xml"
_OTHER_PACKAGES = (
    ((_TYPES_OF_PARTS, "xl/workbook.xml"), "an Excel workbook"),
    ((_TYPES_OF_PARTS, "ppt/presentation.xml"), "a PowerPoint presentation"),
    (("mimetype", "content.xml"), "an OpenDocument file"),
    (("AndroidManifest.xml", "classes.dex"), "an Android program"),
    (("META-INF/MANIFEST.MF",), "a Java program"),
)
_READ_WHEN_ATTACHED = {
    "message/rfc822",
    "application/pdf",
    "application/epub+zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_TEXTS_WHEN_ATTACHED = {"text/plain", "text/html", "text/csv", "text/markdown"}
_FOLDERS_OF_SYSTEMS = {"__MACOSX"}

_File = tuple[str, str | None, Callable[[], bytes]]  # name, declared type, content


def extract(data: bytes, name: str, declared: str | None, limits: Limits) -> Iterator[Member]:
    """The documents of a file; a member that cannot be read does not stop the others.

    Args:
        name: a hint for the format.
        declared: the value of a ``Content-Type`` header.

    Raises:
        UnreadableDocument: nothing of the file can be read.
    """
    yield from _Extraction(limits).members(data, name, declared, ())


class _Extraction:
    """One file, with the budget that all its members share."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._budget = Budget(limits)

    def members(
        self, data: bytes, name: str, declared: str | None, path: tuple[str, ...], depth: int = 0
    ) -> Iterator[Member]:
        """The file itself, its records, or what is packed into it."""
        found = recognise(data, name, declared)
        charset = declared_charset(declared)
        if found is Format.ZIP:
            yield from self._package(Package(data, self._budget), path, depth)
        elif found is Format.EML:
            mail, attachments = eml.load(data, self._limits)
            yield self._member(path, mail)
            readable = (
                (a.name, a.declared, partial(bytes, a.content))
                for a in attachments
                if _is_read_when_attached(a)
            )
            yield from self._contained(readable, path, depth)
        else:
            labels = Labels()
            for label, content in self._parts(found, data, name, declared, charset):
                inner = (*path, labels.unique(label)) if label else path
                yield self._member(inner, content)

    def _parts(
        self, found: Format, data: bytes, name: str, declared: str | None, charset: str | None
    ) -> Iterable[Part]:
        if found is Format.CSV:
            return table.load(data, charset, self._limits)
        if found is Format.JSON:
            try:
                return jsons.load(data, charset, self._limits)
            except jsons.NotJson:
                if expected(name, declared) is Format.JSON:
                    raise
                found = Format.PLAIN  # it only begins and ends like JSON
        if found is Format.PDF:
            return pdf.load(data, self._limits)
        text_loaders = {
            Format.PLAIN: plain.load,
            Format.MARKDOWN: markdown.load,
            Format.HTML: html.load,
        }
        return [("", text_loaders[found](data, charset))]

    def _package(self, package: Package, path: tuple[str, ...], depth: int) -> Iterator[Member]:
        if package.holds((_TYPES_OF_PARTS,)) and package.holds_like(docx.MAIN_PART):
            yield self._member(path, docx.load(package, self._limits))
        elif package.holds((epub.CONTAINER,)):
            yield self._member(path, epub.load(package, self._limits))
        else:
            for inside, what in _OTHER_PACKAGES:
                if package.holds(inside):
                    raise UnreadableDocument(f"it seems to be {what}, which is not read")
            files = (
                (name, None, partial(package.read, info))
                for name, info in package.members()
                if _is_wanted(name)
            )
            yield from self._contained(files, path, depth)

    def _contained(
        self, files: Iterable[_File], path: tuple[str, ...], depth: int
    ) -> Iterator[Member]:
        labels = Labels()
        for name, declared, content in files:
            inner = (*path, labels.unique(name))
            try:
                if depth >= _DEEPEST:
                    raise UnreadableDocument(
                        f"it is packed more than {_DEEPEST} archives deep, which is not read"
                    )
                yield from self.members(content(), name, declared, inner, depth + 1)
            except (FileRefused, MemoryError):
                raise
            except UnreadableDocument as error:
                yield self._member(inner, str(error))
            except Exception as error:  # what strangers write finds every gap of a parser
                yield self._member(inner, unexpected(error))

    def _member(self, path: tuple[str, ...], content: Loaded | str) -> Member:
        self._budget.take_document()
        if isinstance(content, Loaded) and not content.pages:  # a PDF's are counted already
            content = replace(content, text=printable(content.text))
        return Member(path, content)


def unexpected(error: Exception) -> str:
    """The reason where a parser failed in a way that it does not document."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply to be read"
    return f"its format could not be parsed ({type(error).__name__})"


def _is_read_when_attached(part: eml.Attachment) -> bool:
    """By its name's ending or its type; of a text, that it has no other ending: "README"."""
    ending = suffix_of(part.name)
    if not ending and part.media_type in _TEXTS_WHEN_ATTACHED:
        return True
    return ending in SUFFIXES or part.media_type in _READ_WHEN_ATTACHED


def _is_wanted(name: str) -> bool:
    """Whether a walk through a folder would find it: of a known ending, and not hidden."""
    parts = name.replace("\\", "/").split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return suffix_of(name) in SUFFIXES and not hidden and parts[0] not in _FOLDERS_OF_SYSTEMS
