"""Invented events told by several sources: who says what, where they differ, follow-ups.

    python -m benchmarks.events [--details] [--set FOLDER|FILE]

Eight events of six articles each (tests/data/events), in one fresh library, with the default
settings. What there is to tune is tuned on another set, nine events of six articles each
(training/data/events.json.gz); no figure of that one is ever reported.

Reported are, each with what it was measured on:

- answers at rank 1: facts and attributions, right as in `benchmarks.seed_questions`: the first
  answer is or holds a gold answer and its first citation's sentence is where it is said
- conflict questions that show at least two of the different gold answers; fact questions, which
  have one answer, whose sources are said to differ
- follow-ups with their history, against the same questions written out in full
- self-contained questions asked again with a history: how many are lost by it
- near copies: pairs that the library takes for one voice, and answers that count one twice
- attributions: speaker, verb and kind that `qa.attribution` finds at places where they are known
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from benchmarks.event_sets import EVENTS, Events, Item, document_of, load
from index.documents import Span
from index.store import Store
from qa.answers import AnswerSet, Question, Relation, Turn
from qa.assembly import make_indexer, make_pipeline
from qa.attribution import attribute
from qa.pipeline import Pipeline
from qa.settings import Settings

SELF_CONTAINED = ("fact", "attribution")


def strange_history(item: Item, others: Sequence[Item]) -> tuple[Turn, ...]:
    """Two earlier turns: another question about the event, and one about another event."""
    same = [o for o in others if o.event == item.event and o.id != item.id]
    foreign = [o for o in others if o.event != item.event]
    number = sum(map(ord, item.id))
    earlier = (foreign[number % len(foreign)], same[number % len(same)])
    return tuple(Turn(o.question, o.gold[0][0].text) for o in earlier)


def ask(pipeline: Pipeline, questions: Iterable[Question]) -> list[AnswerSet]:
    return list(pipeline.answer_batch(list(questions)))


def first_answers(pipeline: Pipeline, asked: Sequence[Item], *, details: bool) -> list[AnswerSet]:
    """Ask all plainly; report rank 1 by kind, conflicts, and what is declined."""
    results = ask(pipeline, (Question(item.full) for item in asked))
    for kind in ("fact", "attribution"):
        pairs = [(i, r) for i, r in zip(asked, results, strict=True) if i.kind == kind]
        wrong = [(i, r) for i, r in pairs if not i.right(r)]
        click.echo(f"{kind + ' at rank 1:':32}{share(len(pairs) - len(wrong), len(pairs))}")
        shown(wrong, details=details)
    pairs = [(i, r) for i, r in zip(asked, results, strict=True) if i.kind == "conflict"]
    fewer = [(i, r) for i, r in pairs if len(i.found(r.answers)) < 2]
    title = "conflicts with 2 answers shown:"
    click.echo(f"{title:32}{share(len(pairs) - len(fewer), len(pairs))}")
    shown(fewer, details=details)
    facts = [r for i, r in zip(asked, results, strict=True) if i.kind == "fact"]
    differ = sum(result.relation is Relation.DIFFER for result in facts)
    click.echo(f"{'facts shown as differing:':32}{share(differ, len(facts))}")
    pairs = [(i, r) for i, r in zip(asked, results, strict=True) if i.kind == "unanswerable"]
    answered = [(i, r) for i, r in pairs if r.answered]
    click.echo(f"{'unanswerable, declined:':32}{share(len(pairs) - len(answered), len(pairs))}")
    shown(answered, details=details)
    return results


def follow_ups(
    pipeline: Pipeline, asked: Sequence[Item], full: Sequence[AnswerSet], *, details: bool
) -> None:
    """Follow-ups with their history, against the same questions in full."""
    pairs = [(i, r) for i, r in zip(asked, full, strict=True) if i.kind == "follow-up"]
    results = ask(pipeline, (Question(item.question, item.history) for item, _ in pairs))
    in_full = [item.right(result) for item, result in pairs]
    both = sum(i.right(r) and full for (i, _), r, full in zip(pairs, results, in_full, strict=True))
    wrong = [(i, r) for (i, _), r in zip(pairs, results, strict=True) if not i.right(r)]
    right = len(pairs) - len(wrong)
    click.echo(f"{'follow-ups written out:':32}{share(sum(in_full), len(pairs))}")
    click.echo(f"{'follow-ups with a history:':32}{share(right, len(pairs))}")
    click.echo(f"{'  of those written out:':32}{share(both, sum(in_full))}")
    shown(wrong, details=details)


def with_history(pipeline: Pipeline, asked: Sequence[Item], plain: Sequence[AnswerSet]) -> None:
    """Self-contained questions again, with turns before them that they do not lean on."""
    pairs = [(i, r) for i, r in zip(asked, plain, strict=True) if i.kind in SELF_CONTAINED]
    own = [item for item, _ in pairs]
    results = ask(pipeline, (Question(i.question, strange_history(i, own)) for i in own))
    lost = [
        item.id
        for (item, before), after in zip(pairs, results, strict=True)
        if item.right(before) and not item.right(after)
    ]
    changed = sum(
        before.answers != after.answers for (_, before), after in zip(pairs, results, strict=True)
    )
    click.echo(
        f"{'lost by a history:':32}{len(lost)} of {len(pairs)} ({changed} answered otherwise)"
    )


def near_copies(store: Store, results: Sequence[AnswerSet]) -> None:
    """The copies that are known as such, and answers that count one as another source."""
    voices = {document_of(d.source): d.voice for d in store.documents()}
    events = sorted({name.split("/")[0] for name in voices})
    known = [e for e in events if voices[f"{e}/01_wire.txt"] == voices[f"{e}/06_copy.txt"]]
    others = len(voices) - len(set(voices.values())) - len(known)
    both = [
        {document_of(c.source): c.voice for c in answer.citations}
        for result in results
        for answer in result.answers
    ]
    cited = [
        (places[f"{e}/01_wire.txt"], places[f"{e}/06_copy.txt"])
        for places in both
        for e in events
        if {f"{e}/01_wire.txt", f"{e}/06_copy.txt"} <= places.keys()
    ]
    click.echo(f"{'near copies known:':32}{share(len(known), len(events))}, {others} others joined")
    twice = sum(wire != copy for wire, copy in cited)
    click.echo(f"{'answers citing copy and wire:':32}{len(cited)}, {twice} count them as two")


def attributions(events: Events, *, details: bool) -> None:
    """Speakers at known places; a pronoun is right, as is the name it stands for."""
    rows = events.attributions
    right = {"speaker": 0, "verb": 0, "kind": 0}
    for row in rows:
        text = events.articles[row["document"]]
        found = attribute(text, Span(row["start"], row["end"]))
        if row["speaker"] is None or found is None:
            fine = row["speaker"] is None and found is None
            checks = dict.fromkeys(right, fine)
        else:
            gold = {
                name: Span(row[name]["start"], row[name]["end"]) for name in ("speaker", "verb")
            }
            speaker = any(s.overlaps(gold["speaker"]) for s in (found.speaker, found.who))
            checks = {
                "speaker": speaker,
                "verb": speaker and found.verb.overlaps(gold["verb"]),
                "kind": speaker and found.kind == row["kind"],
            }
        for name, fine in checks.items():
            right[name] += fine
        if details and not all(checks.values()):
            click.echo(f"    {row['document']} {row['text']!r} -> {found}")
    for name, count in right.items():
        click.echo(f"{f'attribution, {name}:':32}{share(count, len(rows))}")


def shown(pairs: Sequence[tuple[Item, AnswerSet]], *, details: bool) -> None:
    for item, result in pairs if details else ():
        said = [
            f"{a.text!r} ({a.confidence:.2f}, {document_of(a.citations[0].source)})"
            for a in result.answers[:4]
        ]
        gold = [places[0].text for places in item.gold]
        asked = f"{item.id} {item.question} [{result.searched}]"
        click.echo(f"    {asked} -> {result.relation}: {said}; right: {gold}")


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


@click.command(help=__doc__)
@click.option("--details", is_flag=True, help="Print every question that went wrong.")
@click.option(
    "--set",
    "path",
    type=click.Path(exists=True, path_type=Path),
    default=EVENTS,
    help="The events, a folder or a file.  [default: tests/data/events]",
)
def main(details: bool, path: Path) -> None:
    events = load(path)
    asked = events.items()
    attributions(events, details=details)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder) / "data")
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        indexer = make_indexer(settings, store, pipeline.retriever.embedder)
        list(indexer.add(events.write(Path(folder) / "texts")))
        results = first_answers(pipeline, asked, details=details)
        follow_ups(pipeline, asked, results, details=details)
        with_history(pipeline, asked, results)
        near_copies(store, results)
        store.close()


if __name__ == "__main__":
    main()
