"""``qa index add``, ``sync`` and ``rebuild``: what brings texts into the library."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event

import click
from rich.progress import Progress, track

from index.folders import files_under
from index.indexing import Indexer
from index.outcomes import Indexed, Outcome
from index.syncing import Plan, Syncer
from index.urls import is_url
from qa.assembly import (
    make_embedder,
    make_indexer,
    make_ray_indexer,
    make_retriever,
    make_store,
    make_syncer,
    raw_url_source,
    url_source,
)
from qa.cli.paths import FilledPath
from qa.cli.progress import standard_error
from qa.render import printable
from qa.settings import Settings

_NAMES_TOLD = 5  # of files that are passed over


@click.command()
@click.argument("paths", nargs=-1, required=True, type=FilledPath(readable=False))
@click.option(
    "--ray",
    metavar="ADDRESS",
    help="Load and embed on a Ray cluster: `local`, `auto`, HOST:PORT; see docs/ray.md.",
)
@click.pass_obj
def add(settings: Settings, paths: tuple[str, ...], ray: str | None) -> None:
    """Add files, folders of files, and URLs; what changed is updated, the rest is left alone.

    \b
    Example:
      python -m qa index add seeds/ notes.md https://example.org/article.html
      python -m qa index add ~/archive --ray 10.0.0.5:6379
    """
    unknown: list[Path] = []
    files = files_under([Path(path) for path in paths if not is_url(path)], unknown.append)
    urls = [path for path in paths if is_url(path)]
    if not files and not urls:
        raise click.ClickException(f"No files of a known format in {', '.join(paths)}.")
    if ray is None:
        indexer = open_indexer(settings, create=True)
        sources = [indexer.file(path) for path in files]
        sources += [url_source(settings, url) for url in urls]
        counts = _count(_tracked(indexer.bring(sources), "Indexing", len(sources)))
    else:
        indexer, counts = _bring_by_ray(settings, ray, files, urls)
    _leave_current(settings, indexer)
    click.echo(_summary(counts))
    if unknown:
        click.echo(_passed_over(unknown), err=True)
    if counts[Outcome.FAILED]:
        raise SystemExit(1)


@click.command()
@click.argument("folder", type=FilledPath(path_type=Path))
@click.option("--watch", is_flag=True, help="Go on as files change, until Ctrl+C.")
@click.option("--allow-empty", is_flag=True, help="An empty folder empties what came from it.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.pass_obj
def sync(settings: Settings, folder: Path, watch: bool, allow_empty: bool, dry_run: bool) -> None:
    """Make the library equal a folder: add, update, rename, remove. Other documents stay.

    \b
    Example:
      python -m qa index sync ~/articles
      python -m qa index sync ~/articles --watch
    """
    store = make_store(settings, create=True)
    syncer = make_syncer(settings, store, make_embedder(settings), folder)
    if dry_run:
        _tell_plan(syncer.plan(allow_empty=allow_empty))
        return
    counts = _sync(syncer, allow_empty=allow_empty)
    _leave_current(settings, syncer.indexer)
    click.echo(_summary(counts))
    if watch:
        _watch(settings, syncer)
    elif counts[Outcome.FAILED]:
        raise SystemExit(1)


@click.command()
@click.pass_obj
def rebuild(settings: Settings) -> None:
    """Cut and embed all stored documents anew, with the settings of now.

    Questions are answered from the old index until the new one is complete. A rebuild that was
    broken off goes on where it was.

    \b
    Example:
      QA_PASSAGE_TOKENS=200 python -m qa index rebuild
    """
    from index.rebuilding import rebuild as rebuild_all

    indexer = open_indexer(settings)
    documents, _ = indexer.store.count()
    with Progress(console=standard_error(), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Rebuilding", total=documents)
        for _ in rebuild_all(indexer):
            progress.advance(task)
    _leave_current(settings, indexer)
    click.echo(f"rebuilt {documents:,} documents, generation {indexer.store.generation()}")


def _bring_by_ray(
    settings: Settings, address: str, files: Sequence[Path], urls: Sequence[str]
) -> tuple[Indexer, Counter[Outcome]]:
    from index.ray_loading.bringing import file_source

    indexer = make_ray_indexer(settings, make_store(settings, create=True), address)
    sources = [file_source(path, indexer.limits) for path in files]
    sources += [raw_url_source(settings, url) for url in urls]
    return indexer, _count(_tracked(indexer.bring_raw(sources), "Indexing by Ray", len(sources)))


def _tracked(outcomes: Iterable[Indexed], what: str, total: int) -> Iterable[Indexed]:
    return track(
        outcomes,
        what,
        total=total,
        console=standard_error(),
        disable=not sys.stderr.isatty(),
    )


def _sync(syncer: Syncer, *, allow_empty: bool) -> Counter[Outcome]:
    """Sync once, with a progress bar."""
    unchanged = 0
    with Progress(console=standard_error(), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Comparing", total=None)

        def planned(plan: Plan) -> None:
            nonlocal unchanged
            unchanged = plan.unchanged
            progress.update(task, description="Syncing", total=plan.steps)

        def advancing() -> Iterator[Indexed]:
            for indexed in syncer.sync(allow_empty=allow_empty, on_plan=planned):
                progress.advance(task)
                yield indexed

        counts = _count(advancing())
    counts[Outcome.UNCHANGED] += unchanged
    return counts


def _watch(settings: Settings, syncer: Syncer) -> None:
    from index.watching import Watcher

    def tell(indexed: Indexed) -> None:
        click.echo(f"{indexed.outcome}: {printable(indexed.reason or indexed.name)}")

    watcher = Watcher(
        syncer,
        settle_seconds=settings.settle_seconds,
        on_indexed=tell,
        on_trouble=lambda trouble: click.echo(trouble, err=True),
    )
    click.echo(f"Watching {printable(str(syncer.folder))} (Ctrl+C stops)")
    try:
        watcher.run(Event())
    except KeyboardInterrupt:
        _leave_current(settings, syncer.indexer)


def _tell_plan(plan: Plan) -> None:
    for source in plan.changed:
        former = plan.renamed.get(source.name)
        if former is None:
            click.echo(f"would bring in {printable(source.name)}")
        else:
            click.echo(f"would rename {printable(former)} to {printable(source.name)}")
    for origin in plan.gone:
        click.echo(f"would remove {printable(origin)}")
    for failed in plan.failed:
        click.echo(f"failed: {printable(failed.reason)}", err=True)
    click.echo(f"{plan.unchanged:,} unchanged")


def _count(outcomes: Iterable[Indexed]) -> Counter[Outcome]:
    """How many of each outcome; what failed is told at once."""
    counts: Counter[Outcome] = Counter()
    for indexed in outcomes:
        counts[indexed.outcome] += 1
        if indexed.outcome is Outcome.FAILED:
            click.echo(f"failed: {printable(indexed.reason)}", err=True)
        elif indexed.reason:
            click.echo(f"in part: {printable(indexed.reason)}", err=True)
    return counts


def _summary(counts: Counter[Outcome]) -> str:
    told = [f"{counts[outcome]:,} {outcome}" for outcome in Outcome if counts[outcome]]
    return ", ".join(told) or "nothing to do"


def _passed_over(files: Sequence[Path]) -> str:
    names = ", ".join(printable(file.name) for file in files[:_NAMES_TOLD])
    more = len(files) - _NAMES_TOLD
    return f"{len(files):,} passed over: {names}" + (f" and {more:,} more" if more > 0 else "")


def open_indexer(settings: Settings, *, create: bool = False) -> Indexer:
    return make_indexer(settings, make_store(settings, create=create), make_embedder(settings))


def _leave_current(settings: Settings, indexer: Indexer) -> None:
    """Leave a current FAISS cache and a sealed database behind."""
    make_retriever(settings, indexer.store, indexer.embedder).settle()
    indexer.store.settle()
