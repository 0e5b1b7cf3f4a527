"""What can go wrong with a library, each as one exception whose message a user can act on."""

from __future__ import annotations


class LibraryError(Exception):
    """Base of all errors that are the caller's to fix; the message names the value at fault."""


class LibraryMissing(LibraryError):
    """The data folder, or the index in it, does not exist."""


class LibraryBusy(LibraryError):
    """Another process holds the write lock."""


class DiskFull(LibraryError):
    """There is no room to write; what was being written was given up, the rest stands."""


class SchemaTooNew(LibraryError):
    """The data folder was written by a newer version."""


class EmbedderMismatch(LibraryError):
    """The index was built with another embedding model than the one configured."""


class ModelMissing(LibraryError):
    """A model's files are not where the settings say."""


class UnreadableDocument(LibraryError):
    """A file cannot become a document; the message says why."""


class FetchRefused(LibraryError):
    """A URL is not fetched, or its server gives no document; the message says why."""


class DatabaseUnavailable(LibraryError):
    """PostgreSQL cannot be reached, or gave up what it was asked; the message says which."""


class DatabaseLost(DatabaseUnavailable):
    """The connection to it was; what was asked can be asked again."""


class FolderVanished(LibraryError):
    """A folder that is to be synced is not there, or is suddenly empty."""


class RayUnavailable(LibraryError):
    """A Ray cluster cannot be used, or was lost; what was stored is kept."""


class UnknownDocument(LibraryError):
    """No document has the id or source that was asked for."""


class UnknownJob(LibraryError):
    """No job has the id that was asked for."""


class InvalidFilter(LibraryError):
    """A search filter cannot be applied as written."""


class SearchUnavailable(LibraryError):
    """The engine that finds passages cannot be used; the message says why, and what helps."""


class CorruptBackup(LibraryError):
    """An archive is not what was backed up, or no backup at all."""


class CorruptExport(LibraryError):
    """A folder is not what was exported, or no export at all."""


class CorruptIndex(LibraryError):
    """Stored data contradicts itself."""
