"""Invented events told by several sources: who says what, where they differ, follow-ups.

    python -m benchmarks.events [--details]

Eight events of six articles each (tests/data/events), in one fresh library, with the default
settings. Reported are, each with what it was measured on:

- answers at rank 1: facts and attributions, right as in `benchmarks.seed_questions`: the first
  answer is or holds a gold answer and its first citation's sentence is where it is said
- conflict questions that show at least two of the different gold answers
- follow-ups with their history, against the same questions written out in full
- self-contained questions asked again with a history: how many are lost by it
- near copies: pairs that the library takes for one voice, and answers that count one twice
- attributions: speaker, verb and kind that `qa.attribution` finds at places where they are known
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from benchmarks.squad import f1, normalise
from index.documents import Span
from index.store import Store
from qa.agreement import same_answer
from qa.answers import Answer, AnswerSet, Citation, Question, Turn
from qa.assembly import make_indexer, make_pipeline
from qa.attribution import attribute
from qa.pipeline import Pipeline
from qa.settings import Settings

ROOT = Path(__file__).parent.parent
EVENTS = ROOT / "tests" / "data" / "events"
SELF_CONTAINED = ("fact", "attribution")


@dataclass(frozen=True)
class Place:
    """Where a gold answer stands; ``document`` is the path below the folder of the events."""

    document: str
    span: Span
    text: str


@dataclass(frozen=True)
class Item:
    """A question with its gold answers, each with all places that give it."""

    id: str
    event: str
    kind: str
    question: str
    history: tuple[Turn, ...]
    full: str
    gold: tuple[tuple[Place, ...], ...]
    by_sentence: bool

    def right(self, result: AnswerSet) -> bool:
        """The first answer is one of the gold answers, cited where it is said."""
        return result.answered and bool(self.found(result.answers[:1], first_citation=True))

    def found(self, answers: Sequence[Answer], *, first_citation: bool = False) -> set[int]:
        """Which of the gold answers are among ``answers``."""
        return {
            number
            for number, places in enumerate(self.gold)
            for answer in answers
            for citation in (answer.citations[:1] if first_citation else answer.citations)
            if any(self._matches(citation, place) for place in places)
        }

    def _matches(self, citation: Citation, place: Place) -> bool:
        cited = Span(citation.sentence.start, citation.sentence.end)
        if document_of(citation.source) != place.document or not cited.overlaps(place.span):
            return False
        return self.by_sentence or says(citation.quote, place.text)


def says(quote: str, gold: str) -> bool:
    """Whether the quote gives the gold answer: much the same words, or it holds them."""
    contained = f" {normalise(gold)} " in f" {normalise(quote)} "
    return contained or f1(quote, [gold]) >= 0.5 or same_answer(quote, gold)


def document_of(source: str) -> str:
    return "/".join(PurePath(source).parts[-2:])


def items() -> list[Item]:
    """The questions, in the order of the file."""
    return [
        Item(
            row["id"],
            row["event"],
            row["kind"],
            row["question"],
            tuple(Turn(turn["question"], turn["answer"]) for turn in row.get("history", ())),
            row.get("full", row["question"]),
            tuple(
                tuple(Place(p["document"], Span(p["start"], p["end"]), p["text"]) for p in places)
                for places in row["gold"]
            ),
            row.get("match") == "sentence",
        )
        for row in map(json.loads, (EVENTS / "questions.jsonl").read_text("utf-8").splitlines())
    ]


def articles() -> list[Path]:
    return sorted(EVENTS.glob("*/*.txt"))


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
    in_full = sum(item.right(result) for item, result in pairs)
    wrong = [(i, r) for (i, _), r in zip(pairs, results, strict=True) if not i.right(r)]
    right = len(pairs) - len(wrong)
    click.echo(f"{'follow-ups written out:':32}{share(in_full, len(pairs))}")
    click.echo(f"{'follow-ups with a history:':32}{share(right, len(pairs))}")
    click.echo(f"{'  of those written out:':32}{share(right, in_full)}")
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


def attributions(*, details: bool) -> None:
    """Speakers at known places; a pronoun is right, as is the name it stands for."""
    rows = [json.loads(s) for s in (EVENTS / "attributions.jsonl").read_text("utf-8").splitlines()]
    right = {"speaker": 0, "verb": 0, "kind": 0}
    for row in rows:
        text = (EVENTS / row["document"]).read_text("utf-8")
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
def main(details: bool) -> None:
    asked = items()
    attributions(details=details)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder))
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        indexer = make_indexer(settings, store, pipeline.retriever.embedder)
        list(indexer.add(articles()))
        results = first_answers(pipeline, asked, details=details)
        follow_ups(pipeline, asked, results, details=details)
        with_history(pipeline, asked, results)
        near_copies(store, results)
        store.close()


if __name__ == "__main__":
    main()
