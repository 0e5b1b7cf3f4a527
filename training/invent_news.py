"""Write invented news of several outlets, with questions about who said what.

    python -m training.invent_news --out training/data/invented.train.json.gz

The words are in ``training/data/invented.json``; the same seed gives the same file, in SQuAD 2.0's
format. Each event is told by a few outlets that quote some of the same people and give some of
its numbers differently. Every answer is the slice that it claims. Training data only: no figure
is ever reported on it, and it shares no event, name list or template with ``training/data/news``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from training.squad_file import save

WORDS = Path(__file__).parent / "data" / "invented.json"

# {s} the speaker, {p} what was said; the question's verb phrase follows "who" and takes {p}.
_SAID = {
    "denied": (
        ["{s} denied that {p}", "{s} rejected reports that {p}", "{s} dismissed claims that {p}",
         "It was not true that {p}, {s} insisted", "{s} called it a lie that {p}",
         "“It is false that {p},” said {s}", "There is no truth in the story that {p}, {s} said",
         "{s} strongly denied reports that {p}", "Asked whether {p}, {s} said no"],
        ["denied that {p}", "rejected the claim that {p}", "said it was not true that {p}",
         "disputed that {p}", "dismissed reports that {p}", "contradicted reports that {p}"],
        "deny",
    ),
    "confirmed": (
        ["{s} confirmed that {p}", "{s} said it was true that {p}", "“Yes, {p},” {s} confirmed",
         "{s} confirmed reports that {p}", "{s} backed up the account that {p}",
         "It is correct that {p}, {s} told reporters", "{s} later verified that {p}"],
        ["confirmed that {p}", "said it was true that {p}", "verified that {p}",
         "confirmed reports that {p}"],
        "confirm",
    ),
    "admitted": (
        ["{s} admitted that {p}", "{s} acknowledged that {p}", "{s} conceded that {p}",
         "“I have to admit that {p},” {s} said", "Under questioning, {s} admitted {p}",
         "{s} had to concede that {p}", "{s} apologised and acknowledged that {p}"],
        ["admitted that {p}", "acknowledged that {p}", "conceded that {p}", "owned up that {p}"],
        "admit",
    ),
    "claimed": (
        ["{s} claimed that {p}", "{s} alleged that {p}", "{s} maintained that {p}",
         "According to {s}, {p}", "{s} asserted that {p}", "“It is plain that {p},” said {s}",
         "{s}, without giving proof, claimed that {p}", "In the view of {s}, {p}",
         "“I know that {p},” {s} told the station"],
        ["claimed that {p}", "alleged that {p}", "says that {p}", "asserted that {p}",
         "maintains that {p}", "said {p}", "thinks that {p}"],
        "claim",
    ),
    "warned": (
        ["{s} warned that {p}", "{s} cautioned that {p}", "“Be careful: {p},” {s} warned",
         "{s} sounded the alarm, saying that {p}", "In a sharp warning, {s} said that {p}"],
        ["warned that {p}", "cautioned that {p}", "gave a warning that {p}", "fears that {p}"],
        "warn of",
    ),
    "predicted": (
        ["{s} predicted that {p}", "{s} expected that {p}", "{s} forecast that {p}",
         "“I am certain: {p},” said {s}", "{s} was sure that {p}"],
        ["predicted that {p}", "expects that {p}", "forecast that {p}", "believes that {p}"],
        "predict",
    ),
    "promised": (
        ["{s} promised to {p}", "{s} pledged to {p}", "{s} vowed to {p}",
         "{s} undertook to {p}", "{s} gave a promise to {p}"],
        ["promised to {p}", "pledged to {p}", "vowed to {p}", "said they would {p}"],
        "promise to do",
    ),
    "accused": (
        ["{s} accused {o} of {p}", "{s} blamed {o} for {p}", "{s} charged {o} with {p}",
         "{s} said that {o} was guilty of {p}"],
        ["accused {o} of {p}", "blamed {o} for {p}", "said {o} was guilty of {p}"],
        "accuse",
    ),
    "declined": (
        ["{s} would not say whether {p}", "{s} declined to comment on whether {p}",
         "{s} refused to say if {p}", "Asked if {p}, {s} gave no answer"],
        ["would not say whether {p}", "declined to comment on whether {p}",
         "refused to say if {p}"],
        "decline to comment on",
    ),
}  # fmt: skip
_PAST_KINDS = ("denied", "confirmed", "admitted", "claimed", "declined")
_COUNT_TEXTS = (
    "{s} put the number of {n} {v} at {x}.",
    "According to {s}, {x} {n} were {v}.",
    "{s} spoke of {x} {n} {v}.",
    "The figure given by {s} was {x} {n} {v}.",
    "{s} said that {x} {n} had been {v}.",
    "By the count of {s}, there were {x} {n} {v}.",
)
_COUNT_QUESTIONS = (
    "According to {s}, how many {n} were {v}?",
    "How many {n} were {v} according to {s}?",
    "What number of {n} {v} did {s} give?",
    "how many {n} {v} {s}",
    "How many {n} did {s} say were {v}?",
)


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    family: str
    role: str
    org: str
    age: int

    def introduced(self, chance: random.Random) -> tuple[str, str]:
        """The first mention, and the part of it that answers "who"."""
        of = "" if self.role.split()[0] in ("head", "leader") else f" of {self.org}"
        text = chance.choice(
            [
                f"{self.name}, the {self.role},",
                f"{self.role} {self.name}",
                f"the {self.role}, {self.name},",
                f"{self.name}, {self.role}{of},",
                f"{self.name}, {self.age}, the {self.role},",
                f"{self.name}",
            ]
        )
        return text, self.name

    def again(self, chance: random.Random) -> tuple[str, str]:
        name = chance.choice([self.family, self.family, self.name])
        return name, name


@dataclass(frozen=True, slots=True)
class Statement:
    """``told`` and ``asked`` say the same in other words; ``target`` is who was accused."""

    kind: str
    speaker: Person
    told: str
    asked: Sequence[str]
    target: str = ""


@dataclass(slots=True)
class Article:
    """Grows sentence by sentence; keeps where the answers stand."""

    text: str = ""
    met: set[str] = field(default_factory=set)
    qas: list[dict] = field(default_factory=list)

    def add(self, sentence: str, marks: dict[str, str]) -> dict[str, int]:
        """Append a sentence; for each mark the place where its words begin."""
        sentence = sentence[0].upper() + sentence[1:]
        base = len(self.text)
        places = {}
        for name, words in marks.items():
            at = sentence.lower().find(words.lower())
            if at >= 0:
                places[name] = base + at
        self.text += sentence
        return places

    def ask(self, question: str, words: str | None, at: int | None, tag: str) -> None:
        answers = []
        if words is not None:
            if at is None:
                return
            answers = [{"text": self.text[at : at + len(words)], "answer_start": at}]
            if answers[0]["text"].lower() != words.lower():
                raise ValueError(f"{words!r} does not stand at {at} in {self.text!r}")
        self.qas.append(
            {
                "id": f"{tag}-{len(self.qas)}",
                "question": question,
                "is_impossible": not answers,
                "answers": answers,
            }
        )


class Event:
    """What happened, who spoke, and which numbers were given."""

    def __init__(self, words: dict, domain: dict, chance: random.Random, tag: str) -> None:
        self.words, self.domain, self.chance, self.tag = words, domain, chance, tag
        place = chance.choice(words["place"])
        self.names = [name.replace("{place}", place) for name in domain["event"]]
        roles = chance.sample(domain["roles"], 6)
        self.people = [
            Person(f"{given} {family}", family, role, chance.choice(domain["orgs"]),
                   chance.randint(27, 78))
            for given, family, role in zip(
                chance.sample(words["given"], 6), chance.sample(words["family"], 6), roles,
                strict=True,
            )
        ]  # fmt: skip
        self.statements = self._statements()
        self.counts = [
            (noun, done, chance.choice([7, 40, 300, 2_000, 15_000]))
            for noun, done, _ in domain["counts"]
        ]
        self.day = chance.choice(words["closed"].split(":")[1].split("|"))

    def _speaker(self) -> Person:
        return self.chance.choice(self.people)

    def _statements(self) -> list[Statement]:
        chance, made = self.chance, []
        for told in chance.sample(self.domain["past"], 4):
            kinds = chance.sample(_PAST_KINDS, chance.choice([1, 2, 2]))
            speakers = chance.sample(self.people, len(kinds))
            for kind, speaker in zip(kinds, speakers, strict=True):
                made.append(Statement(kind, speaker, chance.choice(told), told))
        for told in chance.sample(self.domain["future"], 2):
            kind = chance.choice(["warned", "predicted", "denied"])
            made.append(Statement(kind, self._speaker(), chance.choice(told), told))
        for told in chance.sample(self.domain["will"], 2):
            made.append(Statement("promised", self._speaker(), told, [told]))
        accused = chance.choice([*self.domain["orgs"]])
        fault = chance.choice(self.domain["fault"])
        made.append(Statement("accused", self._speaker(), fault, [fault], accused))
        return made

    def article(self, number: int) -> Article:
        """One outlet's account: some of the statements, some numbers, in any order."""
        chance = self.chance
        article = Article()
        outlet = chance.choice(self.words["outlet"])
        name = chance.choice(self.names)
        article.text = chance.choice(
            [
                f"{outlet} - ",
                f"{name[0].upper()}{name[1:]}: what is known\n\n",
                "",
                f"By {outlet} staff\n\n",
                f"{chance.choice(self.people).family} under pressure after {name}\n\n",
            ]
        )
        article.add(f"There was more news on {self.day} about {name}. ", {})
        told = chance.sample(self.statements, min(len(self.statements), chance.randint(3, 6)))
        parts: list[Callable[[], None]] = [
            lambda s=statement: self._tell(article, s, told) for statement in told
        ]
        for count in chance.sample(self.counts, chance.randint(1, 2)):
            parts.append(lambda c=count: self._count(article, c))
        for extra in chance.sample(self.words["extras"], chance.randint(1, 3)):
            parts.append(lambda e=extra: article.add(e, {}) and None)
        chance.shuffle(parts)
        for part in parts:
            part()
            article.text += chance.choice([" ", " ", "\n\n"])
        article.text = article.text.rstrip()
        self._near_misses(article, told)
        kept = chance.sample(article.qas, min(len(article.qas), 12))
        article.qas = [{**qa, "id": f"{self.tag}-{number}-{i}"} for i, qa in enumerate(kept)]
        return article

    def _mention(self, article: Article, person: Person) -> tuple[str, str]:
        if person.name in article.met:
            return person.again(self.chance)
        article.met.add(person.name)
        return person.introduced(self.chance)

    def _tell(self, article: Article, told: Statement, all_told: Sequence[Statement]) -> None:
        chance = self.chance
        patterns, asked, verb = _SAID[told.kind]
        mention, answer = self._mention(article, told.speaker)
        pattern = chance.choice(patterns)
        sentence = pattern.format(s=mention, p=told.told, o=told.target)
        sentence = sentence.replace(",,", ",").removesuffix(",") + "."
        places = article.add(sentence, {"who": answer, "what": told.told, "whom": told.target})
        question = chance.choice(asked).format(p=chance.choice(told.asked), o=told.target)
        article.ask(f"{chance.choice(['Who', 'who', 'Who'])} {question}{self._mark()}", answer,
                    places.get("who"), self.tag)  # fmt: skip
        ambiguous = [s for s in all_told if s.kind == told.kind and s.speaker == told.speaker]
        if len(ambiguous) == 1 and told.kind != "accused":
            article.ask(
                f"What did {chance.choice([told.speaker.name, told.speaker.family])} {verb}"
                f"{self._mark()}", told.told, places.get("what"), self.tag,
            )  # fmt: skip
        elif told.kind == "accused":
            article.ask(f"Whom did {told.speaker.family} {verb}{self._mark()}",
                        told.target, places.get("whom"), self.tag)  # fmt: skip
            article.ask(f"What did {told.speaker.name} accuse {told.target} of{self._mark()}",
                        told.told, places.get("what"), self.tag)  # fmt: skip

    def _count(self, article: Article, count: tuple[str, str, int]) -> None:
        chance = self.chance
        noun, done, size = count
        sources = chance.sample([*self.domain["orgs"], *self.people], chance.choice([1, 2, 2]))
        numbers = chance.sample(range(max(3, size // 2), size * 2), len(sources))
        for source, number in zip(sources, numbers, strict=True):
            digits = f"{number:,}" if chance.random() < 0.8 else str(number)
            if isinstance(source, Person):
                text, who = self._mention(article, source)
                text = text.removesuffix(",") if text.count(",") == 1 else text
            else:
                text = who = source
            sentence = chance.choice(_COUNT_TEXTS).format(s=text, n=noun, v=done, x=digits)
            places = article.add(sentence.replace(",,", ",").replace(",.", "."), {"x": digits})
            article.text += " "
            question = chance.choice(_COUNT_QUESTIONS).format(s=who, n=noun, v=done)
            article.ask(question, digits, places.get("x"), self.tag)
            if len(sources) == 1 and chance.random() < 0.5:
                article.ask(f"How many {noun} were {done}?", digits, places.get("x"), self.tag)
        absent = [p for p in self.people if p not in sources]
        other = chance.choice(absent)
        if chance.random() < 0.5:
            question = chance.choice(_COUNT_QUESTIONS).format(s=other.name, n=noun, v=done)
            article.ask(question, None, None, self.tag)

    def _near_misses(self, article: Article, told: Sequence[Statement]) -> None:
        """Another verb, another speaker or another matter than the article tells of."""
        chance = self.chance
        opposite = {"denied": "confirmed", "confirmed": "denied", "admitted": "denied",
                    "declined": "admitted", "warned": "denied", "predicted": "denied"}  # fmt: skip
        for statement in told:
            kinds = {s.kind for s in told if s.asked == statement.asked}
            swapped = opposite.get(statement.kind)
            if swapped and swapped not in kinds and not ({"claimed"} & kinds):
                asked = chance.choice(_SAID[swapped][1])
                article.ask(
                    f"Who {asked.format(p=chance.choice(statement.asked))}{self._mark()}",
                    None, None, self.tag,
                )  # fmt: skip
        for statement in chance.sample(self.statements, 2):
            if not any(s.asked == statement.asked for s in told):
                asked = chance.choice(_SAID[statement.kind][1])
                words = asked.format(p=chance.choice(statement.asked), o=statement.target)
                article.ask(f"Who {words}{self._mark()}", None, None, self.tag)
        person, kind = self._speaker(), chance.choice(list(_SAID))
        if not any(s.speaker == person and s.kind == kind for s in told):
            article.ask(f"What did {person.name} {_SAID[kind][2]}{self._mark()}",
                        None, None, self.tag)  # fmt: skip

    def _mark(self) -> str:
        return self.chance.choice(["?", "?", ""])


def invent(events: int, outlets: int, seed: int) -> dict:
    """A SQuAD 2.0 data set: an event is an entry of ``data``, an article is a paragraph."""
    words = json.loads(WORDS.read_text("utf-8"))
    chance = random.Random(seed)
    data = []
    for number in range(events):
        event = Event(words, words["domains"][number % len(words["domains"])], chance,
                      f"invented-{number}")  # fmt: skip
        articles = [event.article(i) for i in range(outlets)]
        paragraphs = [{"context": a.text, "qas": a.qas} for a in articles]
        data.append({"title": event.names[0], "paragraphs": paragraphs})
    return {"version": "invented-1", "data": data}


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--events", type=int, default=120, show_default=True)
@click.option("--outlets", type=int, default=4, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(out: Path, events: int, outlets: int, seed: int) -> None:
    made = invent(events, outlets, seed)
    save(out, made)
    qas = [qa for event in made["data"] for p in event["paragraphs"] for qa in p["qas"]]
    never = sum(qa["is_impossible"] for qa in qas)
    click.echo(f"{events * outlets} articles, {len(qas)} questions, {never} of them unanswerable")


if __name__ == "__main__":
    main()
