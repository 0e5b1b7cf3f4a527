"""SQuAD files and scores: reading the official JSON, EM and F1 as the official script has them.

Rajpurkar et al. 2016 (v1.1) and 2018 (v2.0): answers are compared in lower case, without
punctuation, articles and extra white space; F1 is over the bags of words that remain. A gold
answer of which nothing remains ("The") does not count, as in evaluate-v2.0.
"""

from __future__ import annotations

import gzip
import json
import re
import string
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import click

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_GZIP_MAGIC = b"\x1f\x8b"

T = TypeVar("T")


class NotSquad(click.ClickException):
    """A file is not official SQuAD JSON; the message says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its context; ``answers`` is empty when the context holds none."""

    id: str
    question: str
    context: str
    answers: tuple[str, ...]
    title: str = ""


def load(path: Path) -> list[Example]:
    """Read a SQuAD v1.1 or v2.0 JSON file, plain or gzipped whatever its name.

    Halves of characters, which nothing can write, become question marks.

    Raises:
        NotSquad: it is something else.
    """
    try:
        dataset = json.loads(_text(path))
    except (OSError, EOFError, zlib.error) as error:
        raise NotSquad(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise NotSquad(f"{path} is not UTF-8: {error}") from error
    except json.JSONDecodeError as error:
        raise NotSquad(f"{path} is not JSON: {error}. Expected official SQuAD JSON.") from error
    try:
        return list(_examples(dataset))
    except _Misshapen as error:
        raise NotSquad(f"{path} is not SQuAD v1.1 or v2.0 JSON: {error}.") from error


def name_of(path: Path) -> str:
    """The name of a set: its file's, without the endings."""
    return path.name.removesuffix(".gz").removesuffix(".json")


def load_sets(paths: Sequence[Path]) -> dict[str, list[Example]]:
    """The examples of each file, by the name of the set.

    Raises:
        NotSquad: a file is no SQuAD file, or two questions have the same id, so that no
            predictions file could tell them apart.
    """
    names = [name_of(path) for path in paths]
    sets: dict[str, list[Example]] = {}
    seen: dict[str, Path] = {}
    for path, name in zip(paths, names, strict=True):
        examples = load(path)
        for example in examples:
            if example.id in seen:
                raise NotSquad(
                    f"Two questions have the id {example.id!r}: one in {seen[example.id]}, "
                    f"one in {path}. Ids must differ over all files."
                )
            seen[example.id] = path
        sets[name if names.count(name) == 1 else str(path)] = examples
    return sets


class _Misshapen(Exception):
    """What is wrong, and where in the file."""


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw.startswith(_GZIP_MAGIC) else raw).decode("utf-8-sig")


def _examples(dataset: Any) -> Iterator[Example]:
    for i, article in enumerate(_field(dataset, "data", list, "the top level")):
        where = f"data[{i}]"
        title = _whole(str(article.get("title") or "")) if isinstance(article, dict) else ""
        for j, paragraph in enumerate(_field(article, "paragraphs", list, where)):
            place = f"{where}.paragraphs[{j}]"
            context = _field(paragraph, "context", str, place)
            for k, qa in enumerate(_field(paragraph, "qas", list, place)):
                yield _example(qa, f"{place}.qas[{k}]", context, title)


def _example(qa: Any, where: str, context: str, title: str) -> Example:
    question = _field(qa, "question", str, where)
    if not isinstance(qa.get("id"), str | int):
        raise _Misshapen(f"{where} has no 'id'")
    if qa.get("is_impossible"):
        return Example(str(qa["id"]), question, context, (), title)
    texts = [
        _field(answer, "text", str, f"{where}.answers[{n}]")
        for n, answer in enumerate(_field(qa, "answers", list, where))
    ]
    golds = tuple(text for text in dict.fromkeys(texts) if text.strip())
    return Example(str(qa["id"]), question, context, golds, title)


def _field(holder: Any, name: str, kind: type[T], where: str) -> T:
    if not isinstance(holder, dict):
        raise _Misshapen(f"{where} is no object but {_shown(holder)}")
    if name not in holder:
        raise _Misshapen(f"{where} has no '{name}'")
    value = holder[name]
    if not isinstance(value, kind):
        expected = "list" if kind is list else "string"
        raise _Misshapen(f"'{name}' of {where} is no {expected} but {_shown(value)}")
    return cast(T, _whole(value)) if isinstance(value, str) else value


def _whole(text: str) -> str:
    """As long as before."""
    return text.encode("utf-8", "replace").decode()


def _shown(value: Any) -> str:
    return json.dumps(value)[:40]


def normalise(answer: str) -> str:
    """The official normalisation of an answer before comparison."""
    plain = answer.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def exact(predicted: str, golds: Sequence[str]) -> float:
    """1.0 if the prediction equals a gold answer; an empty prediction equals no answer."""
    return float(normalise(predicted) in _normalised(golds))


def f1(predicted: str, golds: Sequence[str]) -> float:
    """The best bag-of-words F1 over the gold answers, 0 to 1."""
    words = normalise(predicted).split()
    return max(_f1(words, gold.split()) for gold in _normalised(golds))


def _normalised(golds: Sequence[str]) -> list[str]:
    return [said for gold in golds if (said := normalise(gold))] or [""]


def _f1(predicted: list[str], gold: list[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    common = sum((Counter(predicted) & Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(predicted), common / len(gold)
    return 2 * precision * recall / (precision + recall)
