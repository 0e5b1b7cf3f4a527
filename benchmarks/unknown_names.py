"""How often questions name somebody whom no document mentions, where they can be answered and not.

    python -m benchmarks.unknown_names FILE... [--contexts FILE...]

All contexts of the SQuAD files FILE, and of ``--contexts``, are the documents. Counted are the
questions of FILE in which `qa.unknown_names` finds a name that none of them holds: of those that
have an answer, of those that have none, and of the former once more as if the contexts with the
answer were not there. The logarithm of such a share over the first is what the name says against
an answer. Those who wrote these questions had the context before them, and its names; who asks a
library has not, so `qa.unknown_names` lets it say less.

No model runs: the ten contexts that share most with a question, rare words weighing more, stand
for those that would be read.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import click
from rich.progress import track

from benchmarks.squad import load
from qa.unknown_names import unknown_names
from qa.words import stems

READ = 10


class Contexts:
    """Texts by the words that they hold."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = list(dict.fromkeys(texts))
        self._holding: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self.texts):
            for stem in set(stems(text)):
                self._holding[stem].append(number)

    def unknown(self, question: str, without: Collection[str] = ()) -> bool:
        """Whether the question names somebody whom no text mentions.

        Args:
            without: texts that are not there.
        """
        gone = {number for number, text in enumerate(self.texts) if text in without}
        shared: Counter[int] = Counter()
        for stem in set(stems(question)):
            holding = self._holding.get(stem, [])
            for number in holding:
                shared[number] += math.log(len(self.texts) / len(holding))
        ranked = [number for number, _ in shared.most_common() if number not in gone]
        read = [self.texts[number] for number in ranked[:READ]]

        def is_known(word: str) -> bool:
            return any(set(self._holding.get(stem, [])) - gone for stem in stems(word))

        return bool(unknown_names(question, read, is_known).names)


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--contexts", multiple=True, type=click.Path(exists=True, path_type=Path))
def main(files: tuple[Path, ...], contexts: tuple[Path, ...]) -> None:
    asked = [example for file in files for example in load(file)]
    documents = Contexts(e.context for e in (*asked, *(e for f in contexts for e in load(f))))
    counts: dict[str, list[bool]] = defaultdict(list)
    for example in track(asked, "Looking for names"):
        kind = "answerable" if example.answers else "unanswerable"
        counts[kind].append(documents.unknown(example.question))
        if example.answers:
            counts["deleted"].append(documents.unknown(example.question, {example.context}))
    share = {kind: sum(found) / len(found) for kind, found in counts.items()}
    for kind, found in counts.items():
        line = f"{kind:14}{sum(found):5} of {len(found):5} ({share[kind]:.2%})"
        if share[kind] and share.get("answerable"):
            line += f", log-odds {math.log(share[kind] / share['answerable']):.1f}"
        click.echo(line)


if __name__ == "__main__":
    main()
