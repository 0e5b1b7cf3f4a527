"""Makes the library equal a folder tree."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from index.errors import FolderVanished, UnreadableDocument
from index.folders import is_reached, is_wanted, walk
from index.indexing import Indexer, Source
from index.loaders import hash_file
from index.outcomes import Indexed, Outcome


@dataclass(slots=True)
class Plan:
    """What a folder tree and the library have of each other.

    Attributes:
        hashes: of the changed files, by name.
        renamed: new name to former name.
        unchanged: how many files the library has as they are.
        failed: files that could not be read; what the library has of them stays.
    """

    changed: list[Source] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    failed: list[Indexed] = field(default_factory=list)

    @property
    def steps(self) -> int:
        return len(self.changed) + len(self.gone) + len(self.failed)


class Syncer:
    """Keeps the documents of one folder tree in the library, and no others of it.

    Documents from elsewhere are left alone. One process syncs a folder at a time.
    """

    def __init__(self, indexer: Indexer, folder: Path) -> None:
        self.indexer = indexer
        self.folder = folder.resolve()
        name = f"sync-{sha256(os.fsencode(self.folder)).hexdigest()[:12]}.lock"
        self._lock = name

    def sync(
        self, *, allow_empty: bool = False, on_plan: Callable[[Plan], None] = lambda _: None
    ) -> Iterator[Indexed]:
        """Add what is new, update what changed, rename, remove what is gone.

        Args:
            allow_empty: go on when the folder holds no file, which would remove all of them.
            on_plan: told what is to be done, before it is.

        Raises:
            FolderVanished: there is no such folder, or it is empty though the library has
                documents of it: more likely a disk that is not there than a wish.
            LibraryBusy: another process is syncing the folder.
        """
        with self.indexer.store.alone(self._lock, f"syncing {self.folder}"):
            plan = self.plan(allow_empty=allow_empty)
            on_plan(plan)
            yield from self._carry_out(plan)

    def sync_paths(self, paths: Iterable[Path]) -> Iterator[Indexed]:
        """The same for single files of the tree, present or gone."""
        with self.indexer.store.alone(self._lock, f"syncing {self.folder}"):
            self._check_folder()
            plan, known = Plan(), self._known()
            named = dict.fromkeys(paths)
            wanted = [p for p in named if is_wanted(p) and is_reached(p, self.folder)]
            self._compare([p for p in wanted if _is_there(str(p))], known, plan)
            gone = [str(p) for p in named if str(p) in known]
            new = set(plan.hashes.values())
            gone += [origin for origin, former in known.items() if former in new]
            plan.gone = [origin for origin in dict.fromkeys(gone) if not _is_there(origin)]
            self._find_renames(plan, known)
            yield from self._carry_out(plan)

    def plan(self, *, allow_empty: bool = False) -> Plan:
        """Compare the tree with the library, by the SHA-256 of each file."""
        self._check_folder()
        plan, known, blind = Plan(), self._known(), list[Path]()

        def unlisted(folder: Path, reason: str) -> None:
            blind.append(folder)
            plan.failed.append(
                Indexed(str(folder), Outcome.FAILED, f"{folder} cannot be listed: {reason}")
            )

        found = list(walk(self.folder, unlisted))
        self._check_folder()
        if not found and known and not allow_empty:
            raise FolderVanished(
                f"{self.folder} holds no files, but the library has {len(known):,} of it. "
                "Nothing was removed. If they are to go: index sync --allow-empty"
            )
        self._compare(found, known, plan)
        present = {str(path) for path in found}
        plan.gone = [
            origin
            for origin in known
            if origin not in present
            and not any(Path(origin).is_relative_to(b) for b in blind)
            and not _is_there(origin)
        ]
        self._find_renames(plan, known)
        return plan

    def _known(self) -> dict[str, str]:
        return self.indexer.store.origins_under(str(self.folder))

    def _check_folder(self) -> None:
        if not self.folder.is_dir():
            raise FolderVanished(
                f"There is no folder {self.folder}. Nothing was removed from the library."
            )

    def _compare(self, paths: Sequence[Path], known: dict[str, str], plan: Plan) -> None:
        for path in paths:
            try:
                present = hash_file(path, self.indexer.limits)
            except UnreadableDocument as error:
                plan.failed.append(Indexed(str(path), Outcome.FAILED, str(error)))
                continue
            if known.get(str(path)) == present:
                plan.unchanged += 1
            else:
                plan.changed.append(self.indexer.file(path))
                plan.hashes[str(path)] = present

    def _find_renames(self, plan: Plan, known: dict[str, str]) -> None:
        """A new file with the bytes of one that is gone is that one, under another name."""
        by_hash: dict[str, list[str]] = defaultdict(list)
        for origin in plan.gone:
            by_hash[known[origin]].append(origin)
        for place, source in enumerate(plan.changed):
            formers = by_hash[plan.hashes[source.name]]
            if source.name in known or not formers:
                continue
            file = Path(source.name)  # of copies, the one that has kept its name
            former = min(formers, key=lambda origin: Path(origin).name != file.name)
            formers.remove(former)
            plan.renamed[source.name] = former
            plan.changed[place] = self.indexer.file(file, former)
        renamed = set(plan.renamed.values())
        plan.gone = [origin for origin in plan.gone if origin not in renamed]

    def _carry_out(self, plan: Plan) -> Iterator[Indexed]:
        yield from plan.failed
        for indexed in self.indexer.bring(plan.changed):
            if indexed.outcome is Outcome.FAILED:
                plan.gone += filter(None, [plan.renamed.get(indexed.name)])
                yield self._forget_former(indexed, plan)
            else:
                yield indexed
        self._check_folder()
        yield from self.indexer.remove_origins(o for o in plan.gone if not _is_there(o))

    def _forget_former(self, failed: Indexed, plan: Plan) -> Indexed:
        """A file whose new content cannot be read does not go on answering with the old one.

        If its bytes are no longer those that were found, somebody is writing to it: a later
        sync will see what it becomes.
        """
        try:
            same = hash_file(Path(failed.name), self.indexer.limits) == plan.hashes[failed.name]
        except UnreadableDocument:
            same = False
        if same and list(self.indexer.remove_origins([failed.name])):
            return replace(failed, reason=f"{failed.reason} (its former text was removed)")
        return failed


def _is_there(origin: str) -> bool:
    """Whether it is a file, and no link leads to it; yes where that cannot be told."""
    try:
        return stat.S_ISREG(os.lstat(origin).st_mode) and os.path.realpath(origin) == origin
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # nothing is removed on a guess
